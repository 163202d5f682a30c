using System.Text.Json;
using Synthwave.Json;

namespace Synthwave.Chat.Requests;

/// <summary>Reads <c>x_meta_model</c>, the one object of a request in which unknown members are refused.</summary>
internal static class RequestExtensionScan
{
    private enum Member
    {
        Profile,
        Trace,
        MaxCalls,
        MaxCostUsd,
        MaxLatencyMs,
        Unknown,
        None,
    }

    /// <summary>Reads a value that stands by itself; the error is about a member of it, or about what it is.</summary>
    public static Result<RequestExtension, GatewayError> ReadAlone(ReadOnlySpan<byte> json)
    {
        var reader = JsonReading.ReaderAt(json);
        var facts = new RequestFacts();
        var extension = Read(ref reader, facts);
        return facts.Problem.First is { } error ? error : extension;
    }

    /// <summary>The reader stands on the value and is left on its last token.</summary>
    public static RequestExtension Read(ref Utf8JsonReader reader, RequestFacts facts)
    {
        var extension = RequestExtension.None;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            if (reader.TokenType != JsonTokenType.Null)
            {
                facts.Problem.Report(RequestField.Extension, "x_meta_model", "x_meta_model must be an object or null.");
                reader.Skip();
            }

            return extension;
        }

        var failed = Member.None;
        ReadOnlySpan<byte> unknown = default;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.ValueSpan;
            var member = MemberOf(ref reader);
            reader.Read();
            if (TryReadMember(ref reader, member, ref extension) || member >= failed)
            {
                continue;
            }

            failed = member;
            unknown = name;
        }

        if (failed != Member.None && facts.Problem.Admits(RequestField.Extension))
        {
            Report(failed, unknown, facts);
        }

        return extension;
    }

    private static void Report(Member failed, ReadOnlySpan<byte> unknown, RequestFacts facts)
    {
        var (key, rule) = failed switch
        {
            Member.Profile => ("profile", $"must be a string of at most {JsonLimits.MaxNameBytes} bytes or null"),
            Member.Trace => ("trace", "must be true or false"),
            Member.MaxCalls => ("max_calls", "must be a whole number above 0 or null"),
            Member.MaxCostUsd => ("max_cost_usd", "must be an amount above 0 or null"),
            Member.MaxLatencyMs => ("max_latency_ms", "must be a whole number of milliseconds above 0 or null"),
            _ => (JsonText.Excerpt(unknown), "is not known here. Known are profile, trace, max_calls, max_cost_usd, max_latency_ms"),
        };
        facts.Problem.Report(RequestField.Extension, $"x_meta_model.{key}", $"x_meta_model.{key} {rule}.");
    }

    private static bool TryReadMember(ref Utf8JsonReader reader, Member member, ref RequestExtension extension)
    {
        if (member == Member.Unknown)
        {
            reader.Skip();
            return false;
        }

        if (reader.TokenType == JsonTokenType.Null)
        {
            return member != Member.Trace;
        }

        switch (member)
        {
            case Member.Profile:
                var profile = reader.ReadName();
                extension = extension with { Profile = profile };
                return profile is not null;
            case Member.Trace:
                var isTrace = RequestScalar.TryReadBool(ref reader, out var trace);
                extension = extension with { Trace = trace };
                return isTrace;
            case Member.MaxCalls:
                var isCalls = RequestScalar.TryReadInt(ref reader, out var calls);
                extension = extension with { MaxCalls = calls };
                return isCalls && calls > 0;
            case Member.MaxCostUsd:
                var isCost = RequestScalar.TryReadDecimal(ref reader, out var cost);
                extension = extension with { MaxCostUsd = cost };
                return isCost && cost > 0;
            default:
                var isLatency = RequestScalar.TryReadInt(ref reader, out var latency);
                extension = extension with { MaxLatencyMs = latency };
                return isLatency && latency > 0;
        }
    }

    private static Member MemberOf(ref Utf8JsonReader reader)
    {
        var raw = reader.ValueSpan;
        var isEscaped = reader.ValueIsEscaped;
        return raw switch
        {
            _ when JsonText.Matches(raw, isEscaped, "profile"u8) => Member.Profile,
            _ when JsonText.Matches(raw, isEscaped, "trace"u8) => Member.Trace,
            _ when JsonText.Matches(raw, isEscaped, "max_calls"u8) => Member.MaxCalls,
            _ when JsonText.Matches(raw, isEscaped, "max_cost_usd"u8) => Member.MaxCostUsd,
            _ when JsonText.Matches(raw, isEscaped, "max_latency_ms"u8) => Member.MaxLatencyMs,
            _ => Member.Unknown,
        };
    }
}
