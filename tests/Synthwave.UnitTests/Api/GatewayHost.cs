using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Synthwave.Api.Admission;
using Synthwave.Api.Answers;
using Synthwave.Api.Dialects.Messages;
using Synthwave.Api.Dialects.Responses;
using Synthwave.Api.Endpoints;
using Synthwave.Api.Routes;
using Synthwave.Chat;
using Synthwave.Configuration;
using Synthwave.Hosting;
using Synthwave.Routing.Names;
using Synthwave.Strategies.Passthrough;
using Synthwave.Telemetry.Journal;
using Synthwave.Telemetry.Logging;
using Synthwave.Telemetry.Metrics;
using Synthwave.Telemetry.Reports;
using Synthwave.Upstreams.Health;

namespace Synthwave.UnitTests.Api;

/// <summary>The pipeline and the quiet endpoints on a real socket, with a few routes that misbehave on request.</summary>
internal sealed class GatewayHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly LoggingSetup _logging;
    private readonly MemoryStream _log = new();

    private GatewayHost(WebApplication app, LoggingSetup logging, MemoryStream log, GatewayMetrics metrics)
    {
        (_app, _logging, _log, Metrics) = (app, logging, log, metrics);
        Client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(app.Urls.Single()) };
    }

    public HttpClient Client { get; }

    public GatewayMetrics Metrics { get; }

    public static async Task<GatewayHost> StartAsync(
        ServerConfig? server = null, GatewayConfig? config = null, IHealthStates? health = null, ModelNames? names = null, Dictionary<string, string>? environment = null)
    {
        var settings = server ?? new ServerConfig();
        var log = new MemoryStream();
        var logging = LoggingSetup.Create(new JsonLogOutput(log, TimeProvider.System), LogThreshold.Debug, TimeProvider.System);
        var metrics = new GatewayMetrics(TimeProvider.System);
        var builder = WebApplication.CreateSlimBuilder();
        logging.AddTo(builder.Logging);
        builder.Services.AddSingleton(metrics).AddSingleton(TimeProvider.System).AddSingleton<ShutdownSignal>().AddSingleton<RequestJournal>().AddRouting();
        builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(k =>
        {
            k.AddServerHeader = false;
            k.RequestHeaderEncodingSelector = _ => Encoding.Latin1;
        });
        var app = builder.Build();
        app.UseGateway(() => settings, name => environment?.GetValueOrDefault(name));
        app.MapMetrics(metrics).MapHealth(() => config, () => health, () => [], () => false).MapModels(() => names, DateTimeOffset.FromUnixTimeSeconds(1234)).MapOpenApi().MapStoredResponses(new ResponseStore(TimeProvider.System));
        app.MapPost("/v1/messages", (RequestDelegate)(context => ErrorWriter.WriteAsync(context, new GatewayError(400, "some_code", "told")))).WithTraits(MessagesDialect.Traits);
        app.MapPost("/bug", (RequestDelegate)(context =>
        {
            context.Response.Headers["X-Leftover"] = "1";
            throw new InvalidOperationException("secret detail");
        }));
        app.MapPost("/half", (RequestDelegate)(async context =>
        {
            await context.Response.WriteAsync("{\"half\":");
            await context.Response.Body.FlushAsync();
            throw new InvalidOperationException("secret detail");
        }));
        app.MapPost("/gone", (RequestDelegate)(context => Task.Delay(Timeout.Infinite, context.RequestAborted)));
        app.MapPost("/error/{status:int}", (RequestDelegate)(context => ErrorWriter.WriteAsync(
            context,
            new GatewayError(int.Parse((string)context.Request.RouteValues["status"]!, System.Globalization.CultureInfo.InvariantCulture), "some_code", "told") { RetryAfter = TimeSpan.FromSeconds(1.2) })));
        app.MapPost("/dispatch", (RequestDelegate)(context =>
        {
            var record = context.Features.Get<RequestRecord>()!;
            record.Report = new DispatchReport(record.RequestId, record.StartedAt) { Profile = "p", Strategy = PassthroughKind.Instance, Outcome = DispatchOutcome.Success };
            ReportHeaders.Write(context.Response.Headers, record.Report, ReportStage.Complete);
            return WholeAnswer.WriteAsync(context, 200, WholeAnswer.Json, "{}"u8.ToArray());
        }));
        await app.StartAsync();
        return new GatewayHost(app, logging, log, metrics);
    }

    /// <summary>Sends bytes as they are and returns all that comes back until the server closes.</summary>
    public async Task<string> SendRawAsync(byte[] request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, Client.BaseAddress!.Port);
        await client.GetStream().WriteAsync(request);
        using var reader = new StreamReader(client.GetStream(), Encoding.Latin1);
        return await reader.ReadToEndAsync();
    }

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value).Should().BeTrue();
        }

        return await Client.SendAsync(request);
    }

    /// <summary>Stops the gateway and returns its log.</summary>
    public async Task<string> StopAsync()
    {
        await _app.StopAsync();
        await _logging.DisposeAsync();
        return Encoding.UTF8.GetString(_log.ToArray());
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
        await _logging.DisposeAsync();
        Metrics.Dispose();
        await _log.DisposeAsync();
    }
}
