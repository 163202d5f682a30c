using System.Globalization;
using Synthwave.Routing;
using Synthwave.Telemetry.Reports;

namespace Synthwave.Api.Answers;

/// <summary>Writes a report as <c>X-MetaModel-*</c> headers: what every request has, and what its strategy tells of itself (<see cref="StrategyKind"/>).</summary>
internal static class ReportHeaders
{
    public const string RequestId = "X-MetaModel-Request-Id";
    public const string TokenizerUpstream = "X-MetaModel-Tokenizer-Upstream";

    /// <summary>What browsers may read: everything the gateway says in headers.</summary>
    public static readonly string[] Exposed =
    [
        RequestId, "X-Request-Id", "OpenAI-Request-Id",
        "X-MetaModel-Profile", "X-MetaModel-Compacted-N", "X-MetaModel-Prompt-Tokens-In", "X-MetaModel-Prompt-Tokens-Out", "X-MetaModel-Tools-Tokens",
        .. StrategyRegistry.Kinds.SelectMany(static k => k.Headers).Distinct(StringComparer.Ordinal),
        "X-MetaModel-Multimodal-Path", "X-MetaModel-Multimodal-Upstream", "X-MetaModel-Multimodal-Attempts", "X-MetaModel-Vision-Path",
        "X-MetaModel-Vision-Describe-Chars", TokenizerUpstream, "X-MetaModel-Rescued", "X-MetaModel-Degrade-Step", "X-MetaModel-Ignored", "X-MetaModel-Clamped",
        "X-MetaModel-Cost-Usd",
        "Retry-After", "x-should-retry", "WWW-Authenticate", "Allow",
    ];

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
        var writer = new ReportHeaderWriter(headers);
        writer.Name("X-MetaModel-Profile", report.Profile);
        WritePrompt(writer, report, stage);
        // A member that is asked now may yet give way to another.
        WriteNames(writer, "X-MetaModel-Ignored", stage is ReportStage.StreamHead ? report.Ignored : report.AllIgnored());
        WriteNames(writer, "X-MetaModel-Clamped", report.Clamped);
        if (report.Media is { } media)
        {
            WriteMedia(writer, media, stage);
        }

        report.Strategy?.WriteHeaders(writer, report, stage);
        if (stage != ReportStage.StreamHead)
        {
            WriteAnswer(writer, report, stage);
        }
    }

    private static void WritePrompt(ReportHeaderWriter headers, DispatchReport report, ReportStage stage)
    {
        headers.Number("X-MetaModel-Prompt-Tokens-In", report.PromptTokensIn);
        headers.Number("X-MetaModel-Tools-Tokens", report.Strategy is { IgnoresTools: true } ? 0 : report.ToolsTokens);
        if (report.Strategy is { Compacts: false })
        {
            headers.Number("X-MetaModel-Compacted-N", report.CompactedN ?? 0);
            headers.Number("X-MetaModel-Prompt-Tokens-Out", report.PromptTokensOut ?? report.PromptTokensIn);
        }
        else if (stage != ReportStage.StreamHead)
        {
            headers.Number("X-MetaModel-Compacted-N", report.CompactedN);
            headers.Number("X-MetaModel-Prompt-Tokens-Out", report.PromptTokensOut);
        }
    }

    private static void WriteNames(ReportHeaderWriter headers, string header, IReadOnlyList<string> names)
    {
        if (names.Count > 0)
        {
            headers.List(header, names, ReportHeaderWriter.Encode);
        }
    }

    private static void WriteMedia(ReportHeaderWriter headers, MediaReport media, ReportStage stage)
    {
        if (media.DescribeChars is { } chars)
        {
            headers.Label("X-MetaModel-Vision-Path", "describe_then_moa");
            headers.Number("X-MetaModel-Vision-Describe-Chars", chars);
            return;
        }

        headers.Label("X-MetaModel-Multimodal-Path", media.Path);
        if (stage == ReportStage.StreamHead)
        {
            return;
        }

        headers.Name("X-MetaModel-Multimodal-Upstream", media.Upstream);
        headers.Pairs("X-MetaModel-Multimodal-Attempts", media.Attempts);
    }

    private static void WriteAnswer(ReportHeaderWriter headers, DispatchReport report, ReportStage stage)
    {
        if (report.Rescued)
        {
            headers.Label("X-MetaModel-Rescued", "true");
        }

        if (report.Degraded.Count > 0)
        {
            headers.List("X-MetaModel-Degrade-Step", report.Degraded, ReportLabels.Of);
        }

        if (stage == ReportStage.Complete && report.Outcome is DispatchOutcome.Success or DispatchOutcome.Degraded && report.CostUsd is { } cost)
        {
            headers.Label("X-MetaModel-Cost-Usd", cost.ToString("0.############", CultureInfo.InvariantCulture));
        }
    }
}
