using System.Collections.Immutable;
using System.Globalization;
using Spectre.Console.Rendering;
using Synthwave.Telemetry.Journal;

namespace Synthwave.Commands.Live;

/// <summary>One request as lines: what it is and what was decided, and a bar for each call. Pure.</summary>
internal static class LiveRequest
{
    private const int RoleCells = 10;
    private const int UpstreamCells = 16;
    private const int TimeCells = 8;
    private const int LongestBar = 44;
    private const int ShortestBar = 8;

    /// <summary>Calls of one request that are drawn.</summary>
    private const int MostCalls = 8;

    private const char Waits = '·';
    private const char Writes = '━';

    /// <param name="entry">Running or over.</param>
    /// <param name="width">Of the terminal, cells.</param>
    /// <param name="withCalls">Whether the calls are drawn.</param>
    /// <param name="upstreams">What is known of those that are called, for calls that run; empty = nothing.</param>
    public static List<IRenderable> Lines(JournalEntry entry, int width, bool withCalls, ImmutableArray<LiveUpstream> upstreams)
    {
        var lines = new List<IRenderable> { Head(entry, width).Line };
        if (!withCalls)
        {
            return lines;
        }

        var bar = Math.Clamp(width - 2 - RoleCells - UpstreamCells - TimeCells - 26, ShortestBar, LongestBar);
        var drawn = entry.Calls.Take(MostCalls).Select(c => (Call: c, Usual: c.Outcome == "running" ? UsualOf(c, upstreams) : null)).ToList();

        // A bar that grows towards the usual time shows progress where an answer comes in one piece.
        var span = Math.Max(1, drawn.Select(static d => d.Call.StartMs + Math.Max(d.Call.ElapsedMs, d.Usual ?? 0)).Append(entry.Outcome == "running" ? entry.ElapsedMs : 1).Max());
        lines.AddRange(drawn.Select(d => Call(d.Call, d.Usual, bar, span, width).Line));
        if (Math.Max(0, entry.Calls.Length - MostCalls) + (entry.CallsLeftOut ?? 0) is > 0 and var more)
        {
            lines.Add(new LiveText(width).Add(string.Create(CultureInfo.InvariantCulture, $"  … and {more} more calls"), LiveStyles.Dim).Line);
        }

        return lines;
    }

    private static LiveText Head(JournalEntry entry, int width)
    {
        var isRunning = entry.Outcome == "running";
        var head = new LiveText(width)
            .Add(isRunning ? "> " : entry.Outcome is "success" ? "+ " : "! ", LiveStyles.Of(entry.Outcome))
            .Column(LiveText.Duration(entry.ElapsedMs), TimeCells)
            .Add(entry.Profile ?? entry.Path, LiveStyles.Strong)
            .Add(entry.Dialect is null or "chat" ? "" : $" ({entry.Dialect})", LiveStyles.Dim);
        foreach (var part in isRunning ? [entry.Phase] : Story(entry))
        {
            head.Add("  ").Add(part, part == entry.Outcome ? LiveStyles.Of(entry.Outcome) : LiveStyles.Plain);
        }

        return head;
    }

    /// <summary>What came of a request that is over.</summary>
    private static IEnumerable<string> Story(JournalEntry entry)
    {
        if (entry.Outcome != "success")
        {
            yield return entry.Outcome;
        }

        if (entry is { Status: >= 400 } or { ErrorCode: not null })
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{entry.Status} {entry.ErrorCode}").Trim();
        }

        if (entry.Decision is { } decision)
        {
            yield return decision.Replace('_', ' ');
        }

        if (entry is { Verdict: { } verdict, Outcome: not "failed" })
        {
            yield return $"verdict {verdict}";
        }

        if (Writer(entry) is { } writer)
        {
            yield return $"{writer} wrote";
        }

        if (entry is { Drafts: { } drafts, Generators: { } generators })
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{drafts} of {generators} drafts");
        }

        foreach (var step in entry.Degraded)
        {
            yield return step.Replace('_', ' ');
        }

        if (entry.Usage is { } usage)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{usage.PromptTokens} in, {usage.CompletionTokens} out");
        }

        if (entry.CostUsd is { } cost)
        {
            yield return LiveText.Money(cost);
        }
    }

    /// <summary>Whose text became the answer; null = nobody's, or it cannot be told.</summary>
    private static string? Writer(JournalEntry entry) =>
        entry.Outcome is "failed" or "cancelled" || entry.Verdict is not null ? null
        : entry.Calls.LastOrDefault(static c => c is { Outcome: "success", Role: not ("generator" or "voter") })?.Upstream;

    /// <summary>What half of the upstream's calls take; null = it is not known. A second sample has the upstream's name and a number.</summary>
    private static double? UsualOf(JournalCall call, ImmutableArray<LiveUpstream> upstreams) =>
        (upstreams.FirstOrDefault(u => u.Name == call.Upstream) ?? upstreams.FirstOrDefault(u => call.Upstream.StartsWith($"{u.Name}#", StringComparison.Ordinal)))?.UsualMs;

    private static LiveText Call(JournalCall call, double? usual, int cells, double span, int width)
    {
        var style = LiveStyles.Of(call.Outcome);
        return new LiveText(width).Add("  ").Column(Role(call), RoleCells, LiveStyles.Dim).Column(call.Upstream, UpstreamCells)
            .Add(Bar(call, cells, span), style).Add(" ")
            .Column(LiveText.Duration(call.ElapsedMs), TimeCells)
            .Add(Remark(call, usual), call.Outcome is "success" or "running" ? LiveStyles.Dim : style);
    }

    /// <summary>From its start a dotted line until the first byte, then a drawn one.</summary>
    private static string Bar(JournalCall call, int cells, double span)
    {
        var from = Cell(call.StartMs);
        var to = Math.Max(from + 1, Cell(call.StartMs + call.ElapsedMs));
        var first = call.FirstContentMs ?? call.FirstByteMs;
        var written = first is { } at ? Math.Clamp(Cell(call.StartMs + at), from, to - 1) : to;
        return new string(' ', from) + new string(Waits, written - from) + new string(Writes, to - written) + new string(' ', Math.Max(0, cells - to));

        int Cell(double milliseconds) => (int)Math.Clamp(milliseconds / span * cells, 0, cells - 1);
    }

    private static string Remark(JournalCall call, double? usual)
    {
        var wait = usual is { } milliseconds && call.FirstContentMs is null ? $"usually {LiveText.Duration(milliseconds)}" : "";
        var tokens = call.Usage is { } usage ? string.Create(CultureInfo.InvariantCulture, $"{usage.CompletionTokens} {(usage.CompletionTokens == 1 ? "token" : "tokens")}") : "";
        var attempts = call.Attempts > 1 ? string.Create(CultureInfo.InvariantCulture, $"attempt {call.Attempts}") : "";
        string[] parts = [call.Reason?.Replace('_', ' ') ?? "", wait, tokens, call.CostUsd is { } cost ? LiveText.Money(cost) : "", attempts];
        return string.Join(", ", parts.Where(static p => p.Length > 0));
    }

    private static string Role(JournalCall call) => call.Hedge ? "hedge" : call.Role switch
    {
        "generator" => "draft",
        "synthesizer" => "synthesis",
        "voter" => "vote",
        _ => "answer",
    };
}
