using System.Buffers;
using System.Text.Json;
using Synthwave.Chat.Completions;
using Synthwave.Json;

namespace Synthwave.Telemetry.Reports;

/// <summary>Writes the <c>x_meta_model</c> object of an answer. What is unknown is absent, never 0.</summary>
internal static class TraceWriter
{
    /// <summary>The object as compact UTF-8 JSON; empty when there is nothing to tell (no vote was held and no trace is wanted).</summary>
    /// <param name="report">The report so far; on a stream's last chunk its end may not be set yet.</param>
    /// <param name="time">The clock the timestamps come from.</param>
    /// <param name="trace">Whether the client asked for the trace. A vote's count is always told.</param>
    public static ReadOnlyMemory<byte> ToJson(DispatchReport report, TimeProvider time, bool trace)
    {
        if (!trace && report.Votes is null)
        {
            return ReadOnlyMemory<byte>.Empty;
        }

        var buffer = new ArrayBufferWriter<byte>(trace ? 1024 : 128);
        using (var json = JsonWriting.To(buffer))
        {
            Write(json, report, time, trace);
        }

        return buffer.WrittenMemory;
    }

    /// <summary>The same, as the next value of <paramref name="json"/>.</summary>
    public static void Write(Utf8JsonWriter json, DispatchReport report, TimeProvider time, bool trace)
    {
        json.WriteStartObject();
        if (report.Votes is { } votes)
        {
            json.WriteStartArray("votes");
            foreach (var yes in votes.Votes)
            {
                json.WriteStringValue(ReportLabels.YesNo(yes));
            }

            json.WriteEndArray();
            json.WriteString("verdict", ReportLabels.YesNo(votes.VerdictYes));
            WriteBallots(json, votes.Ballots);
        }

        if (trace)
        {
            WriteTrace(json, report, time);
        }

        json.WriteEndObject();
    }

    private static void WriteBallots(Utf8JsonWriter json, IReadOnlyList<BallotReport> ballots)
    {
        if (ballots.Count == 0)
        {
            return;
        }

        json.WriteStartArray("ballots");
        foreach (var ballot in ballots)
        {
            json.WriteStartObject();
            json.WriteString("upstream", ballot.Upstream);
            WriteKnown(json, "vote", ballot.Yes is { } yes ? ReportLabels.YesNo(yes) : null);
            WriteKnown(json, "reason", ballot.Reason);
            if (ballot.Weight is { } weight)
            {
                json.WriteNumber("weight", weight);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteNames(Utf8JsonWriter json, string member, IReadOnlyList<string> names)
    {
        if (names.Count == 0)
        {
            return;
        }

        json.WriteStartArray(member);
        foreach (var name in names)
        {
            json.WriteStringValue(name);
        }

        json.WriteEndArray();
    }

    private static void WriteTrace(Utf8JsonWriter json, DispatchReport report, TimeProvider time)
    {
        WriteKnown(json, "profile", report.Profile);
        WriteKnown(json, "strategy", report.Strategy?.Word);
        WriteKnown(json, "decision", ReportLabels.Of(report.Decision));
        WriteKnown(json, "fallback_reason", ReportLabels.Of(report.FallbackReason));
        json.WriteStartArray("degraded");
        foreach (var step in report.Degraded)
        {
            json.WriteStringValue(ReportLabels.Of(step));
        }

        json.WriteEndArray();
        WriteNames(json, "ignored", report.AllIgnored());
        WriteNames(json, "clamped", report.Clamped);
        if (report.Synthesis is { } synthesis)
        {
            json.WriteStartObject("synthesis");
            json.WriteNumber("drafts_cut", synthesis.DraftsCut);
            json.WriteNumber("groups_dropped", synthesis.GroupsDropped);
            json.WriteNumber("messages_cut", synthesis.MessagesCut);
            json.WriteEndObject();
        }

        WriteMilliseconds(json, "elapsed_ms", ReportTimes.Elapsed(report, time));
        WriteMilliseconds(json, "first_content_ms", ReportTimes.FirstContent(report, time));
        WriteCost(json, report.CostUsd);
        json.WriteBoolean("usage_complete", report.UsageIsComplete);
        json.WriteStartArray("calls");
        foreach (var call in report.Calls)
        {
            WriteCall(json, call, time);
        }

        json.WriteEndArray();
    }

    private static void WriteCall(Utf8JsonWriter json, CallReport call, TimeProvider time)
    {
        json.WriteStartObject();
        json.WriteString("role", ReportLabels.Of(call.Role));
        json.WriteString("upstream", call.Upstream);
        json.WriteString("model", call.Model);
        json.WriteString("outcome", ReportLabels.Of(call.Outcome));
        WriteKnown(json, "reason", call.Reason);
        WriteKnown(json, "transport", call.Transport);
        json.WriteNumber("attempts", call.Attempts);
        if (call.IsHedge)
        {
            json.WriteBoolean("hedge", true);
        }

        WriteMilliseconds(json, "first_byte_ms", ReportTimes.FirstByte(call, time));
        WriteMilliseconds(json, "elapsed_ms", ReportTimes.Elapsed(call, time));
        if (call.Usage is { } usage)
        {
            WriteUsage(json, usage);
        }

        WriteCost(json, call.CostUsd);
        json.WriteEndObject();
    }

    private static void WriteUsage(Utf8JsonWriter json, TokenUsage usage)
    {
        json.WriteStartObject("usage");
        json.WriteNumber("prompt_tokens", usage.PromptTokens);
        json.WriteNumber("completion_tokens", usage.CompletionTokens);
        json.WriteNumber("total_tokens", usage.TotalTokens);
        if (usage.CachedTokens is { } cached)
        {
            json.WriteNumber("cached_tokens", cached);
        }

        if (usage.ReasoningTokens is { } reasoning)
        {
            json.WriteNumber("reasoning_tokens", reasoning);
        }

        json.WriteEndObject();
    }

    private static void WriteKnown(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }

    private static void WriteCost(Utf8JsonWriter json, decimal? cost)
    {
        if (cost is { } usd)
        {
            json.WriteNumber("cost_usd", usd);
        }
    }

    private static void WriteMilliseconds(Utf8JsonWriter json, string name, TimeSpan? span)
    {
        if (span is { } known)
        {
            json.WriteNumber(name, (long)Math.Round(known.TotalMilliseconds));
        }
    }
}
