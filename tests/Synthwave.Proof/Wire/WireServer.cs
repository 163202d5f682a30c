using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Synthwave.Simulation.Items;

namespace Synthwave.Proof.Wire;

/// <summary>Sends drawn replies byte by byte as drawn. What a model says and how depends on the seed, the model and the request's number, so that a run can be repeated. Disposing stops it.</summary>
internal sealed partial class WireServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ulong _seed;

    private WireServer(WebApplication app, ulong seed)
    {
        _app = app;
        _seed = seed;
    }

    public string BaseUrl => $"{_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()}/v1";

    public static string Prompt(long request) => string.Create(CultureInfo.InvariantCulture, $"Request #{request}. Tell me something.");

    public static async Task<WireServer> StartAsync(ulong seed)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var server = new WireServer(app, seed);
        app.Run(server.ReplyAsync);
        await app.StartAsync();
        return server;
    }

    /// <summary>What a model says to a request that offers tools or not.</summary>
    public WireAnswer Answer(string model, long request, bool mayCall) => WireAnswer.Draw(Draw($"{model} says", request), model, request, mayCall);

    /// <summary>How it is sent.</summary>
    public WireReply Reply(string model, long request, bool mayCall, bool streamed) => WireGrammar.Draw(Draw($"{model} sends", request), Answer(model, request, mayCall), streamed);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [GeneratedRegex(@"Request #(?<number>\d+)\.", RegexOptions.CultureInvariant)]
    private static partial Regex Numbers { get; }

    private Random Draw(string what, long request) => new(unchecked((int)ItemDraw.Named(_seed, string.Create(CultureInfo.InvariantCulture, $"{what} {request}"))));

    private async Task ReplyAsync(HttpContext context)
    {
        var aborted = context.RequestAborted;
        if (!HttpMethods.IsPost(context.Request.Method))
        {
            await context.Response.WriteAsync("""{"object":"list","data":[]}""", aborted);
            return;
        }

        using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
        var text = await reader.ReadToEndAsync(aborted);
        using var body = JsonDocument.Parse(text);
        var root = body.RootElement;
        var number = long.Parse(Numbers.Match(text).Groups["number"].ValueSpan, CultureInfo.InvariantCulture);
        var streamed = root.TryGetProperty("stream", out var stream) && stream.ValueKind is JsonValueKind.True;
        await SendAsync(context, Reply(root.GetProperty("model").GetString()!, number, root.TryGetProperty("tools", out _), streamed), aborted);
    }

    private static async Task SendAsync(HttpContext context, WireReply reply, CancellationToken aborted)
    {
        context.Response.StatusCode = reply.Status;
        context.Response.ContentType = reply.ContentType;
        if (reply.Encoding is { } encoding)
        {
            context.Response.Headers.ContentEncoding = encoding;
        }

        context.Features.Get<IHttpResponseBodyFeature>()!.DisableBuffering();
        var from = 0;
        foreach (var to in reply.Pauses.Where(p => p < reply.Body.Length).Append(reply.Body.Length).ToImmutableArray())
        {
            await context.Response.Body.WriteAsync(reply.Body.AsMemory(from, to - from), aborted);
            await context.Response.Body.FlushAsync(aborted);
            from = to;
            await Task.Yield();
        }

        switch (reply.End)
        {
            case WireEnd.Reset:
                context.Abort();
                break;
            case WireEnd.Silence:
                await Task.Delay(Timeout.Infinite, aborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                break;
            default:
                break;
        }
    }
}
