using System.Globalization;
using System.Text;
using Synthwave.Commands.Admin;
using Synthwave.Commands.Lines;
using Synthwave.Telemetry.Journal;

namespace Synthwave.Commands;

/// <summary><c>synthwave requests</c>: the running and the last finished requests of a gateway, as a table or as JSON.</summary>
internal static class RequestsCommand
{
    private static readonly string[] Titles = ["RECEIVED", "REQUEST", "DIALECT", "PROFILE", "OUTCOME", "STATUS", "TOTAL", "FIRST", "TOKENS", "COST", "WHY"];

    private static readonly int[] Figures = [.. new[] { "TOTAL", "FIRST", "TOKENS", "COST" }.Select(static t => Array.IndexOf(Titles, t))];

    /// <summary>Exit code: 0, or 1 with the reason on <paramref name="error"/>.</summary>
    public static async Task<int> RunAsync(AdminClient client, RequestsArguments arguments, TextWriter output, TextWriter error, CancellationToken cancellationToken)
    {
        var path = $"requests{Query(arguments)}";
        if (arguments.Json)
        {
            var (body, failure) = await client.GetAsync(path, cancellationToken);
            await (body is null ? error.WriteLineAsync($"synthwave: {failure}") : output.WriteLineAsync(Encoding.UTF8.GetString(body)));
            return body is null ? ExitCodes.Failed : ExitCodes.Ok;
        }

        // A filter is about how requests ended, so what still runs is shown only without one. It is asked for first: a request that ends meanwhile is not missed.
        var isAll = arguments is { Outcome: null, Upstream: null, Since: null, Profile: null };
        var (live, problem) = isAll ? await client.GetAsync("live", JournalJson.Default.LiveRequests, cancellationToken) : (new LiveRequests(default, []), null);
        var (page, pageProblem) = live is null ? default : await client.GetAsync(path, JournalJson.Default.JournalPage, cancellationToken);
        if (live is null || page is null)
        {
            await error.WriteLineAsync($"synthwave: {problem ?? pageProblem}");
            return ExitCodes.Failed;
        }

        await output.WriteAsync(Table([.. live.Without(page.Requests).Reverse(), .. page.Requests]));
        return ExitCodes.Ok;
    }

    /// <summary>The requests as columns; a line that says so where there are none.</summary>
    public static string Table(IReadOnlyList<JournalEntry> requests)
    {
        if (requests.Count == 0)
        {
            return "No requests yet.\n";
        }

        return TextTable.Write(requests.Select(Row).Prepend(Titles), Figures);
    }

    private static string[] Row(JournalEntry entry) =>
    [
        entry.ReceivedAt.ToLocalTime().ToString("HH:mm:ss", CultureInfo.InvariantCulture),
        entry.RequestId,
        entry.Dialect ?? "",
        entry.Profile ?? "-",
        entry.Status is null ? entry.Phase : entry.Outcome,
        entry.Status?.ToString(CultureInfo.InvariantCulture) ?? "",
        RequestStory.Seconds(entry.ElapsedMs),
        entry.FirstContentMs is { } first ? RequestStory.Seconds(first) : "",
        entry.Usage is { } usage ? string.Create(CultureInfo.InvariantCulture, $"{usage.PromptTokens}+{usage.CompletionTokens}") : "",
        entry.CostUsd is { } cost ? string.Create(CultureInfo.InvariantCulture, $"${cost:0.######}") : "",
        entry.ErrorCode ?? entry.FallbackReason switch
        {
            null or "none" => entry.Decision ?? "",
            var reason => reason,
        },
    ];

    private static string Query(RequestsArguments arguments)
    {
        (string Name, string? Value)[] said =
        [
            ("profile", arguments.Profile), ("outcome", arguments.Outcome), ("upstream", arguments.Upstream), ("since", arguments.Since), ("limit", arguments.Limit?.ToString(CultureInfo.InvariantCulture)),
        ];
        var query = string.Join('&', said.Where(static s => s.Value is not null).Select(static s => $"{s.Name}={Uri.EscapeDataString(s.Value!)}"));
        return query.Length > 0 ? $"?{query}" : "";
    }
}

/// <summary>What was said on the command line; null = not said.</summary>
internal sealed record RequestsArguments(string? Profile, string? Outcome, string? Upstream, string? Since, int? Limit, bool Json);
