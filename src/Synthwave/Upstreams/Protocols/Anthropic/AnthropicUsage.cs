using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Synthwave.Chat.Completions;
using Synthwave.Json;

namespace Synthwave.Upstreams.Protocols.Anthropic;

/// <summary>
/// Anthropic's counters, gathered from one place or several. Its <c>input_tokens</c> are those that neither came from the cache nor went into it; a chat
/// client's prompt is all three.
/// </summary>
/// <param name="keepsFurther">Whether what is no such counter is kept as it came.</param>
internal struct AnthropicUsage(bool keepsFurther)
{
    private readonly Dictionary<string, byte[]>? _further = keepsFurther ? new(StringComparer.Ordinal) : null;
    private long? _input;
    private long? _output;
    private long? _cacheRead;
    private long? _cacheWritten;
    private long? _thinking;

    public readonly TokenUsage? Total => _input is null && _output is null ? null : new TokenUsage
    {
        PromptTokens = (_input ?? 0) + (_cacheRead ?? 0) + (_cacheWritten ?? 0),
        CompletionTokens = _output ?? 0,
        TotalTokens = (_input ?? 0) + (_cacheRead ?? 0) + (_cacheWritten ?? 0) + (_output ?? 0),
        CachedTokens = _cacheRead,
        CacheWriteTokens = _cacheWritten,
        ReasoningTokens = _thinking,
        Further = Further(),
    };

    /// <summary>
    /// Takes over what <paramref name="usage"/> says; later words replace earlier ones. What was read does not become nothing: some servers say it at the
    /// beginning only, and a zero at the end.
    /// </summary>
    public void Take(JsonElement usage)
    {
        if (usage.ValueKind is not JsonValueKind.Object)
        {
            return;
        }

        _input = Later(_input, Count(usage, "input_tokens"u8));
        _output = Count(usage, "output_tokens"u8) ?? _output;
        _cacheRead = Later(_cacheRead, Count(usage, "cache_read_input_tokens"u8));
        _cacheWritten = Later(_cacheWritten, Count(usage, "cache_creation_input_tokens"u8));
        _thinking = (usage.Has("output_tokens_details"u8, JsonValueKind.Object, out var details)
            ? Count(details, "thinking_tokens"u8)
            : null) ?? _thinking;
        if (_further is null)
        {
            return;
        }

        foreach (var member in usage.EnumerateObject())
        {
            if (member.Value.ValueKind is not JsonValueKind.Null && member.TryGetName(out var name)
                && name is not ("input_tokens" or "output_tokens" or "cache_read_input_tokens" or "cache_creation_input_tokens"))
            {
                _further[name] = member.Value.Raw().ToArray();
            }
        }
    }

    private readonly ReadOnlyMemory<byte> Further()
    {
        if (_further is not { Count: > 0 })
        {
            return default;
        }

        var output = new ArrayBufferWriter<byte>(128);
        AnthropicOwn.WriteObject(_further, output);
        return output.WrittenMemory;
    }

    private static long? Later(long? known, long? told) => told is null or 0 ? known ?? told : told;

    private static long? Count(JsonElement usage, ReadOnlySpan<byte> name) =>
        usage.TryGet(name, out var value) && value.ValueKind is JsonValueKind.Number && value.TryGetInt64(out var count) && count is >= 0 and <= TokenUsage.MostTokens ? count : null;
}

/// <summary>Why a message ended, in a chat's words.</summary>
internal static class AnthropicStop
{
    public static string ToFinishReason(JsonElement reason) => reason.ValueKind is not JsonValueKind.String ? "stop"
        : reason.IsText("max_tokens"u8) || reason.IsText("model_context_window_exceeded"u8) ? "length"
        : reason.IsText("tool_use"u8) ? "tool_calls"
        : reason.IsText("refusal"u8) ? "content_filter"
        : "stop";

    /// <summary>Writes <c>finish_reason</c>, and <c>stop_sequence</c> where one was hit.</summary>
    public static void Write(JsonElement owner, IBufferWriter<byte> output)
    {
        output.Write("\"finish_reason\":\""u8);
        Encoding.ASCII.GetBytes(ToFinishReason(owner.TryGet("stop_reason"u8, out var reason) ? reason : default), output);
        output.Write("\""u8);
        if (owner.Has("stop_sequence"u8, JsonValueKind.String, out var sequence))
        {
            output.Write(",\"stop_sequence\":"u8);
            output.Write(sequence.Raw());
        }
    }

    public static void WriteNumber(IBufferWriter<byte> output, long number)
    {
        var span = output.GetSpan(20);
        number.TryFormat(span, out var written, default, CultureInfo.InvariantCulture);
        output.Advance(written);
    }
}
