using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Synthwave.Simulation;
using Synthwave.TestKit;

namespace Synthwave.ClientTests.Node;

/// <summary>
/// Tells a script in another process what the simulated models see, and moves their clock.
/// <code>
/// GET  /calls?model=m      the bodies of the chat calls to m
/// GET  /aborted?model=m    answers as soon as the caller of every call to m has gone
/// GET  /claude/calls       the bodies of the calls to an Anthropic model, which is served below /claude/v1
/// POST /tick               moves the clock to the next token as soon as a model waits for one
/// </code>
/// </summary>
internal sealed class Witness : IAsyncDisposable
{
    private readonly WebApplication _app;

    private Witness(WebApplication app)
    {
        _app = app;
        Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
    }

    public Uri Address { get; }

    public static async Task<Witness> StartAsync(SimulatedServer models, ManualTimeProvider clock)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore();
        builder.Services.AddRoutingCore();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.UseRouting();
        app.MapGet("/calls", http =>
        {
            JsonNode?[] bodies = [.. CallsTo(models, http).Select(call => JsonNode.Parse(call.BodyText))];
            return http.Response.WriteAsync(new JsonArray(bodies).ToJsonString(), http.RequestAborted);
        });
        app.MapGet("/aborted", async http =>
        {
            var calls = CallsTo(models, http);
            await WhenAbortedAsync(calls).WaitAsync(http.RequestAborted);
            await http.Response.WriteAsync($"{calls.Count}", http.RequestAborted);
        });
        app.MapPost("/tick", async http =>
        {
            await clock.WhenTimersAsync(1, http.RequestAborted);
            clock.AdvanceToNextTimer();
        });
        new SearchingClaude().Map(app);
        await app.StartAsync();
        return new(app);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static Task<DateTimeOffset[]> WhenAbortedAsync(IEnumerable<RecordedRequest> calls) => Task.WhenAll(calls.Select(call => call.Aborted));

    private static List<RecordedRequest> CallsTo(SimulatedServer models, HttpContext http)
    {
        var model = http.Request.Query["model"].ToString();
        return [.. models.ChatCalls.Where(call => call.Model == model)];
    }
}
