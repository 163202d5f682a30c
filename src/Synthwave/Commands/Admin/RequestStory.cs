using System.Globalization;
using System.Text;
using Synthwave.Commands.Lines;
using Synthwave.Telemetry.Journal;

namespace Synthwave.Commands.Admin;

/// <summary>The story of one request: what it was, who was asked and what came of it, how the time passed, what it cost, and what to do about what failed. Pure.</summary>
internal static class RequestStory
{
    private const int Columns = 40;

    public static string Tell(JournalEntry entry)
    {
        var text = new StringBuilder();
        var name = PlainText.Of(entry.ClientRequestId) is { Length: > 0 } own ? $" (the client calls it {own})" : "";
        Line(text, $"Request {PlainText.Of(entry.RequestId)}{name}");
        Line(text, $"{PlainText.Of(entry.Method)} {PlainText.Of(entry.Path)}, received {entry.ReceivedAt.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)}Z");
        text.Append('\n');
        Line(text, Ending(entry));
        if (Choice(entry) is { } choice)
        {
            Line(text, choice);
        }

        foreach (var call in entry.Calls)
        {
            Line(text, $"- {CallStory.Tell(call)}");
        }

        if (entry.CallsLeftOut is { } more)
        {
            Line(text, string.Create(CultureInfo.InvariantCulture, $"- and {more} calls more."));
        }

        if (Cost(entry) is { } cost)
        {
            Line(text, cost);
        }

        Timeline(text, entry);
        var advice = entry.Calls.Select(CallStory.Advice).OfType<string>().Distinct(StringComparer.Ordinal).ToList();
        if (advice.Count > 0)
        {
            Line(text, "\nWhat to do");
            advice.ForEach(a => Line(text, $"- {a}"));
        }

        return text.ToString();
    }

    /// <summary>Milliseconds below a second, else seconds.</summary>
    public static string Seconds(double milliseconds) => milliseconds < 1000
        ? string.Create(CultureInfo.InvariantCulture, $"{milliseconds:0} ms")
        : string.Create(CultureInfo.InvariantCulture, $"{milliseconds / 1000:0.0} s");

    private static void Line(StringBuilder text, string line) => text.Append(line).Append('\n');

    private static string Ending(JournalEntry entry)
    {
        var profile = entry.Profile is null ? "No profile was chosen" : $"The profile {PlainText.Of(entry.Profile)} ({PlainText.Of(entry.Strategy ?? "not decided")}) took it";
        var first = entry.FirstContentMs is { } at ? $" Its first words were there after {Seconds(at)}." : "";
        if (entry.Status is not { } status)
        {
            return $"{profile}. It runs since {Seconds(entry.ElapsedMs)}: {PlainText.Of(entry.Phase)}.{first}";
        }

        var end = entry.Outcome switch
        {
            "success" => "was answered",
            "degraded" => "was answered with less than was configured",
            "cancelled" => "was given up by the client",
            _ => $"failed{(entry.ErrorCode is { } code ? $" with {PlainText.Of(code)}" : "")}",
        };
        return string.Create(CultureInfo.InvariantCulture, $"{profile}. It {end} after {Seconds(entry.ElapsedMs)} (HTTP {status}).{first}");
    }

    private static string? Choice(JournalEntry entry)
    {
        var parts = new List<string>();
        if (entry is { Generators: { } asked, Drafts: { } drafts })
        {
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"{drafts} of {asked} generators gave a draft that could be used."));
        }

        if (entry.Decision is { } decision)
        {
            parts.Add($"{DecisionWords.Of(decision)}.");
        }

        if (entry.FallbackReason is { } reason and not "none")
        {
            parts.Add($"The usual way was left because of {PlainText.Of(reason)}.");
        }

        if (entry.Verdict is { } verdict)
        {
            parts.Add($"The vote was {PlainText.Of(verdict)}.");
        }

        foreach (var step in entry.Degraded)
        {
            parts.Add($"A cap was met by doing less ({PlainText.Of(step)}).");
        }

        return parts.Count > 0 ? string.Join(' ', parts) : null;
    }

    private static string? Cost(JournalEntry entry)
    {
        var usage = entry.Usage is { } tokens
            ? string.Create(CultureInfo.InvariantCulture, $"All calls together used {tokens.PromptTokens} prompt and {tokens.CompletionTokens} completion tokens{(entry.UsageComplete ? "" : " as far as is known")}")
            : null;
        var cost = entry.CostUsd is { } usd ? string.Create(CultureInfo.InvariantCulture, $"${usd:0.######}") : null;
        return (usage, cost) switch
        {
            (null, null) => null,
            (null, _) => $"It cost {cost}.",
            (_, null) => $"{usage}; the cost is not known.",
            _ => $"{usage} and cost {cost}.",
        };
    }

    private static void Timeline(StringBuilder text, JournalEntry entry)
    {
        if (entry.Calls.IsEmpty)
        {
            return;
        }

        var total = Math.Max(1, Math.Max(entry.ElapsedMs, entry.Calls.Max(static c => c.StartMs + c.ElapsedMs)));
        var width = entry.Calls.Max(static c => c.Upstream.Length);
        Line(text, $"\n{new string(' ', 14 + width)}0{Seconds(total).PadLeft(Columns - 1)}");
        foreach (var call in entry.Calls)
        {
            var from = Math.Clamp((int)(call.StartMs * Columns / total), 0, Columns - 1);
            var to = Math.Clamp((int)Math.Ceiling((call.StartMs + call.ElapsedMs) * Columns / total), from + 1, Columns);
            var bar = new string(' ', from) + new string(call.Outcome is "success" ? '━' : call.Outcome is "running" ? '┅' : '╌', to - from) + new string(' ', Columns - to);
            Line(text, $"{PlainText.Of(call.Role),-12} {PlainText.Of(call.Upstream).PadRight(width)} {bar}  {Seconds(call.ElapsedMs),7}  {PlainText.Of(call.Reason ?? call.Outcome)}");
        }
    }
}
