using System.Text;
using Spectre.Console;
using Synthwave.Api.Endpoints.Admin;
using Synthwave.Commands.Admin;
using Synthwave.Commands.Live;
using Synthwave.Telemetry.Journal;

namespace Synthwave.Commands;

/// <summary><c>synthwave top</c>: the live view of another process's gateway, until it is stopped. A gateway that is gone is said to be, and asked again.</summary>
/// <param name="client">Asks the gateway.</param>
/// <param name="time">The clock between two pictures.</param>
internal sealed class TopCommand(AdminClient client, TimeProvider time)
{
    private LiveSnapshot _last = new() { Address = client.Address };

    /// <summary>Draws until <paramref name="stop"/>; 0 in any case.</summary>
    public async Task<int> WatchAsync(IAnsiConsole console, CancellationToken stop)
    {
        await new LiveTerminal(console, time).RunAsync(async cancellationToken => await ReadAsync(cancellationToken), stop);
        return ExitCodes.Ok;
    }

    /// <summary>Prints one picture; 1 where the gateway cannot be asked.</summary>
    public async Task<int> PrintAsync(IAnsiConsole console, TextWriter error, CancellationToken cancellationToken)
    {
        var snapshot = await ReadAsync(cancellationToken);
        if (snapshot.Trouble is { } trouble)
        {
            await error.WriteLineAsync($"synthwave: {trouble}");
            return ExitCodes.Failed;
        }

        console.Write(LiveView.Of(snapshot, console.Profile.Width, int.MaxValue));
        return ExitCodes.Ok;
    }

    /// <summary>Prints the gateway's answers as one JSON object with <c>live</c>, <c>requests</c> and <c>upstreams</c>; 1 where it cannot be asked.</summary>
    public async Task<int> PrintJsonAsync(TextWriter output, TextWriter error, CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        foreach (var (name, path) in new[] { ("live", "live"), ("requests", Recent), ("upstreams", "upstreams") })
        {
            var (body, problem) = await client.GetAsync(path, cancellationToken);
            if (body is null)
            {
                await error.WriteLineAsync($"synthwave: {problem}");
                return ExitCodes.Failed;
            }

            text.Append(text.Length == 0 ? "{" : ",").Append('"').Append(name).Append("\":").Append(Encoding.UTF8.GetString(body));
        }

        await output.WriteLineAsync(text.Append('}').ToString());
        return ExitCodes.Ok;
    }

    private static string Recent => $"requests?limit={LiveSnapshot.MostFinished}";

    private async Task<LiveSnapshot> ReadAsync(CancellationToken cancellationToken)
    {
        var (live, problem) = await client.GetAsync("live", JournalJson.Default.LiveRequests, cancellationToken);
        var (recent, recentProblem) = live is null ? default : await client.GetAsync(Recent, JournalJson.Default.JournalPage, cancellationToken);
        var (upstreams, upstreamProblem) = recent is null ? default : await client.GetAsync("upstreams", AdminJson.Default.UpstreamStatuses, cancellationToken);
        return _last = upstreams is null
            ? _last with { Running = [], Trouble = problem ?? recentProblem ?? upstreamProblem }
            : new LiveSnapshot { Address = client.Address, Running = live!.Without(recent!.Requests), Finished = recent.Requests, Upstreams = [.. upstreams.Upstreams.Select(LiveUpstream.Of)] };
    }
}
