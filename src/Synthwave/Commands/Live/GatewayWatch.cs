using System.Collections.Immutable;
using Spectre.Console;
using Synthwave.Hosting;
using Synthwave.Telemetry.Journal;
using Synthwave.Upstreams.Health;
using Synthwave.Upstreams.Learned;

namespace Synthwave.Commands.Live;

/// <summary>Shows the gateway of this process. Reads only while it draws: a gateway nobody watches pays nothing.</summary>
internal static class GatewayWatch
{
    /// <summary>Draws until the gateway stops. A terminal that goes away ends the view and nothing else.</summary>
    public static async Task RunAsync(WebApplication app, IAnsiConsole console, TextWriter error)
    {
        var journal = app.Services.GetRequiredService<RequestJournal>();
        var host = app.Services.GetRequiredService<RuntimeHost>();
        var health = app.Services.GetRequiredService<IHealthStates>();
        var address = string.Join(", ", app.Urls);
        try
        {
            await new LiveTerminal(console, app.Services.GetRequiredService<TimeProvider>()).RunAsync(
                _ => ValueTask.FromResult(new LiveSnapshot
                {
                    Address = address,
                    Running = journal.Live(),
                    Finished = journal.Finished(JournalFilter.None, LiveSnapshot.MostFinished),
                    Upstreams = Upstreams(host, health),
                }),
                app.Lifetime.ApplicationStopping);
        }
        catch (IOException e)
        {
            await error.WriteLineAsync($"synthwave: the live view ended, the gateway goes on: {e.Message}");
        }
    }

    private static ImmutableArray<LiveUpstream> Upstreams(RuntimeHost host, IHealthStates health)
    {
        var states = health.Current.ToDictionary(static h => h.Upstream, static h => h.State, StringComparer.Ordinal);
        return [.. host.Current.Upstreams.All.Select(u => LiveUpstream.Of(u, states.GetValueOrDefault(u.Config.Name, HealthState.Unknown)))];
    }
}
