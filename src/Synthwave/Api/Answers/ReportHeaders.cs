using System.Buffers;
using System.Globalization;
using System.Text;
using Synthwave.Telemetry.Reports;

namespace Synthwave.Api.Answers;

/// <summary>When headers are written: a header whose value can still change is not sent.</summary>
internal enum ReportStage
{
    /// <summary>A stream's head leaves before its strategy has settled on a model.</summary>
    StreamHead,

    /// <summary>A stream's head leaves with its first content: how the answer comes about is settled, what it costs is not.</summary>
    StreamCommitted,

    /// <summary>A JSON answer or an error: everything is known.</summary>
    Complete,
}

/// <summary>Writes a report as <c>X-MetaModel-*</c> headers. What is unknown has no header.</summary>
internal static class ReportHeaders
{
    public const string RequestId = "X-MetaModel-Request-Id";
    public const string TokenizerUpstream = "X-MetaModel-Tokenizer-Upstream";

    /// <summary>Longest value, bytes.</summary>
    public const int MaxValueLength = 1024;

    /// <summary>What browsers may read: everything the gateway says in headers.</summary>
    public static readonly string[] Exposed =
    [
        RequestId, "X-Request-Id", "OpenAI-Request-Id",
        "X-MetaModel-Profile", "X-MetaModel-Generators", "X-MetaModel-Quorum", "X-MetaModel-Fallback-Reason", "X-MetaModel-Fastpath",
        "X-MetaModel-Compacted-N", "X-MetaModel-Prompt-Tokens-In", "X-MetaModel-Prompt-Tokens-Out", "X-MetaModel-Tools-Tokens",
        "X-MetaModel-Draft-Lengths", "X-MetaModel-Draft-Hashes", "X-MetaModel-Synth-Decision", "X-MetaModel-Degraded",
        "X-MetaModel-Failed-Generators", "X-MetaModel-Cascade-Tried", "X-MetaModel-Cascade-Winner", "X-MetaModel-Cascade-Exhausted",
        "X-MetaModel-Cascade-Last-Detail", "X-MetaModel-Cascade-Last-Status", "X-MetaModel-Cascade-Attempts", "X-MetaModel-Voters",
        "X-MetaModel-Vote-Failures", "X-MetaModel-Vote-Unparseable", "X-MetaModel-Verdict", "X-MetaModel-Multimodal-Path",
        "X-MetaModel-Multimodal-Upstream", "X-MetaModel-Multimodal-Attempts", "X-MetaModel-Vision-Path", "X-MetaModel-Vision-Describe-Chars",
        TokenizerUpstream, "X-MetaModel-Rescued", "X-MetaModel-Degrade-Step", "X-MetaModel-Cost-Usd",
        "Retry-After", "x-should-retry", "WWW-Authenticate", "Allow",
    ];

    private const string Moa = "moa";
    private const string Cascade = "cascade";
    private const string Voting = "voting";
    private const string Passthrough = "passthrough";

    // Visible ASCII but for the escape itself and the separator of lists.
    private static readonly SearchValues<char> Plain =
        SearchValues.Create([.. Enumerable.Range('!', '~' - '!' + 1).Select(c => (char)c).Where(c => c is not ('%' or ','))]);

    /// <summary>The three names of one id, on every POST answer.</summary>
    public static void WriteRequestId(IHeaderDictionary headers, string id)
    {
        headers[RequestId] = id;
        headers["X-Request-Id"] = id;
        headers["OpenAI-Request-Id"] = id;
    }

    public static bool IsRequestId(string name) =>
        name.Equals(RequestId, StringComparison.OrdinalIgnoreCase)
        || name.Equals("X-Request-Id", StringComparison.OrdinalIgnoreCase)
        || name.Equals("OpenAI-Request-Id", StringComparison.OrdinalIgnoreCase)
        || name.Equals("request-id", StringComparison.OrdinalIgnoreCase);

    /// <summary>Writes all that is known and settled at <paramref name="stage"/>, request ids included.</summary>
    public static void Write(IHeaderDictionary headers, DispatchReport report, ReportStage stage)
    {
        WriteRequestId(headers, report.RequestId);
        Name(headers, "X-MetaModel-Profile", report.Profile);
        WritePrompt(headers, report, stage);
        if (report.Media is { } media)
        {
            WriteMedia(headers, media, stage);
        }

        switch (report.Strategy)
        {
            case Passthrough:
                Number(headers, "X-MetaModel-Generators", report.Generators ?? 1);
                Number(headers, "X-MetaModel-Quorum", report.Quorum ?? 1);
                headers["X-MetaModel-Fallback-Reason"] = report.FallbackReason ?? "none";
                break;
            case Moa when stage != ReportStage.StreamHead:
                WriteMoa(headers, report);
                break;
            case Cascade when stage != ReportStage.StreamHead:
                WriteCascade(headers, report);
                break;
            case Voting when stage != ReportStage.StreamHead:
                WriteVotes(headers, report);
                break;
        }

        if (stage != ReportStage.StreamHead)
        {
            WriteAnswer(headers, report, stage);
        }
    }

    /// <summary>A name as it stands in a header: visible ASCII, the rest (and <c>%</c>, <c>,</c>) percent-encoded as UTF-8.</summary>
    public static string Encode(string name)
    {
        if (name.AsSpan().IndexOfAnyExcept(Plain) < 0)
        {
            return name;
        }

        var encoded = new StringBuilder(name.Length + 16);
        Span<byte> utf8 = stackalloc byte[4];
        foreach (var rune in name.EnumerateRunes())
        {
            if (rune.IsBmp && Plain.Contains((char)rune.Value))
            {
                encoded.Append((char)rune.Value);
                continue;
            }

            foreach (var b in utf8[..rune.EncodeToUtf8(utf8)])
            {
                encoded.Append('%').Append(b.ToString("X2", CultureInfo.InvariantCulture));
            }
        }

        return encoded.ToString();
    }

    /// <summary>A header whose value is one name (<see cref="TokenizerUpstream"/>).</summary>
    public static void Name(IHeaderDictionary headers, string header, string? name)
    {
        if (name is not null)
        {
            headers[header] = Bounded(Encode(name));
        }
    }

    private static void WritePrompt(IHeaderDictionary headers, DispatchReport report, ReportStage stage)
    {
        var isMoa = report.Strategy == Moa;
        var isVoting = report.Strategy == Voting;
        Number(headers, "X-MetaModel-Prompt-Tokens-In", report.PromptTokensIn);
        Number(headers, "X-MetaModel-Tools-Tokens", isVoting ? 0 : report.ToolsTokens);

        // Only an ensemble compacts, and it does so before its first call.
        if (!isMoa && report.Strategy is not null)
        {
            Number(headers, "X-MetaModel-Compacted-N", report.CompactedN ?? 0);
            Number(headers, "X-MetaModel-Prompt-Tokens-Out", report.PromptTokensOut ?? report.PromptTokensIn);
        }
        else if (stage != ReportStage.StreamHead)
        {
            Number(headers, "X-MetaModel-Compacted-N", report.CompactedN);
            Number(headers, "X-MetaModel-Prompt-Tokens-Out", report.PromptTokensOut);
        }
    }

    private static void WriteMoa(IHeaderDictionary headers, DispatchReport report)
    {
        Number(headers, "X-MetaModel-Generators", report.Generators);
        Number(headers, "X-MetaModel-Quorum", report.Quorum);
        if (report.FailedGenerators.Count > 0)
        {
            headers["X-MetaModel-Degraded"] = "true";
            headers["X-MetaModel-Failed-Generators"] = List(report.FailedGenerators, static f => $"{Encode(f.Key)}:{f.Value}");
        }

        if (report.Outcome == DispatchOutcome.Failed)
        {
            return;
        }

        Label(headers, "X-MetaModel-Fallback-Reason", report.FallbackReason);
        Label(headers, "X-MetaModel-Synth-Decision", report.Decision);
        Label(headers, "X-MetaModel-Fastpath", report.Fastpath switch { true => "true", false => "false", null => null });
        if (report.DraftLengths.Count > 0)
        {
            headers["X-MetaModel-Draft-Lengths"] = List(report.DraftLengths, static d => d.Value.ToString(CultureInfo.InvariantCulture));
            headers["X-MetaModel-Draft-Hashes"] = List(report.DraftHashes, static h => h);
        }
    }

    private static void WriteCascade(IHeaderDictionary headers, DispatchReport report)
    {
        headers["X-MetaModel-Cascade-Tried"] = List(report.CascadeTried, Encode);
        Name(headers, "X-MetaModel-Cascade-Winner", report.CascadeWinner);
        if (report.CascadeAttempts.Count > 0)
        {
            headers["X-MetaModel-Cascade-Attempts"] = List(report.CascadeAttempts, static a => $"{Encode(a.Key)}:{a.Value}");
        }

        if (report is { CascadeWinner: null, CascadeLastDetail: { } detail })
        {
            Number(headers, "X-MetaModel-Cascade-Exhausted", report.CascadeTried.Count);
            headers["X-MetaModel-Cascade-Last-Detail"] = Text(detail);
            headers["X-MetaModel-Cascade-Last-Status"] = report.CascadeLastStatus?.ToString(CultureInfo.InvariantCulture) ?? "";
        }
    }

    private static void WriteVotes(IHeaderDictionary headers, DispatchReport report)
    {
        if (report.Votes is not { } votes)
        {
            return;
        }

        Number(headers, "X-MetaModel-Voters", votes.Votes.Count);
        Number(headers, "X-MetaModel-Vote-Failures", votes.Failures);
        Number(headers, "X-MetaModel-Vote-Unparseable", votes.Unparseable);
        if (report.Outcome != DispatchOutcome.Failed)
        {
            headers["X-MetaModel-Verdict"] = ReportLabels.YesNo(votes.VerdictYes);
        }
    }

    private static void WriteMedia(IHeaderDictionary headers, MediaReport media, ReportStage stage)
    {
        if (media.DescribeChars is { } chars)
        {
            headers["X-MetaModel-Vision-Path"] = "describe_then_moa";
            Number(headers, "X-MetaModel-Vision-Describe-Chars", chars);
            return;
        }

        headers["X-MetaModel-Multimodal-Path"] = media.Path;
        if (stage == ReportStage.StreamHead)
        {
            return;
        }

        Name(headers, "X-MetaModel-Multimodal-Upstream", media.Upstream);
        headers["X-MetaModel-Multimodal-Attempts"] = List(media.Attempts, static a => $"{Encode(a.Key)}:{a.Value}");
    }

    private static void WriteAnswer(IHeaderDictionary headers, DispatchReport report, ReportStage stage)
    {
        if (report.Rescued)
        {
            headers["X-MetaModel-Rescued"] = "true";
        }

        if (report.Degraded.Count > 0)
        {
            headers["X-MetaModel-Degrade-Step"] = List(report.Degraded, static d => d);
        }

        if (stage == ReportStage.Complete && report.Outcome is DispatchOutcome.Success or DispatchOutcome.Degraded && report.CostUsd is { } cost)
        {
            headers["X-MetaModel-Cost-Usd"] = cost.ToString("0.############", CultureInfo.InvariantCulture);
        }
    }

    private static void Number(IHeaderDictionary headers, string name, int? value)
    {
        if (value is { } known)
        {
            headers[name] = known.ToString(CultureInfo.InvariantCulture);
        }
    }

    private static void Label(IHeaderDictionary headers, string name, string? value)
    {
        if (value is not null)
        {
            headers[name] = value;
        }
    }

    // A list is cut between items, never inside one.
    private static string List<T>(IReadOnlyList<T> items, Func<T, string> write)
    {
        if (items.Count == 1)
        {
            return Bounded(write(items[0]));
        }

        var list = new StringBuilder();
        for (var i = 0; i < items.Count; i++)
        {
            var item = write(items[i]);
            if (list.Length + item.Length + 1 > MaxValueLength)
            {
                break;
            }

            list.Append(i == 0 ? "" : ",").Append(item);
        }

        return list.ToString();
    }

    // Text keeps its blanks; characters that a header cannot carry become question marks.
    private static string Text(string text) => Bounded(string.Create(text.Length, text, static (target, source) =>
    {
        for (var i = 0; i < source.Length; i++)
        {
            target[i] = source[i] is >= ' ' and <= '~' ? source[i] : '?';
        }
    }).Trim());

    private static string Bounded(string value)
    {
        if (value.Length <= MaxValueLength)
        {
            return value;
        }

        // The cut must not go through an escape.
        var end = value.LastIndexOf('%', MaxValueLength - 1, 3) is >= MaxValueLength - 2 and var escape ? escape : MaxValueLength;
        return value[..end];
    }
}
