using Spectre.Console;
using Synthwave.Api.Endpoints.Admin;
using Synthwave.Telemetry.Journal;

namespace Synthwave.Commands.Live;

/// <summary>Shows the gateway of this process. Reads only while it draws: a gateway nobody watches pays nothing.</summary>
internal static class GatewayWatch
{
    /// <summary>Draws until the gateway stops. A terminal that goes away, or a picture that cannot be drawn, ends the view and nothing else.</summary>
    public static async Task RunAsync(WebApplication app, IAnsiConsole console, TextWriter error)
    {
        var journal = app.Services.GetRequiredService<RequestJournal>();
        var admin = app.Services.GetRequiredService<AdminEndpoints>();
        var address = string.Join(", ", app.Urls);
        try
        {
            await new LiveTerminal(console, app.Services.GetRequiredService<TimeProvider>()).RunAsync(
                _ => ValueTask.FromResult(Look()), app.Lifetime.ApplicationStopping);
        }
        catch (Exception e)
        {
            await error.WriteLineAsync($"synthwave: the live view ended, the gateway goes on: {e.Message}");
        }

        LiveSnapshot Look()
        {
            var live = new LiveRequests(default, journal.Live());
            var finished = journal.Finished(JournalFilter.None, LiveSnapshot.MostFinished);
            return new()
            {
                Address = address,
                Running = live.Without(finished),
                Finished = finished,
                Upstreams = [.. admin.Upstreams().Upstreams.Select(LiveUpstream.Of)],
            };
        }
    }
}
