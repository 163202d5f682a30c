using Synthwave.Json;

namespace Synthwave.Chat.Completions;

/// <summary>The reasons an answer ends for, as OpenAI spells them, and what other servers say instead.</summary>
internal static class FinishReasons
{
    /// <summary>A longer one is no reason anybody has heard of.</summary>
    private const int MaxLength = 64;

    /// <summary>Whether the reason, as it stands between its quotes, is one of OpenAI's.</summary>
    public static bool IsKnown(ReadOnlySpan<byte> raw) =>
        raw.SequenceEqual("stop"u8) || raw.SequenceEqual("length"u8) || raw.SequenceEqual("tool_calls"u8) ||
        raw.SequenceEqual("content_filter"u8) || raw.SequenceEqual("function_call"u8);

    /// <summary>Whether the reason says that the server gave up: what came before it is no answer.</summary>
    public static bool IsFailure(string? reason) => Plain(reason) is
        "error" or "abort" or "aborted" or "cancelled" or "canceled" or "failed" or "failure" or "internalerror" or "servererror" or "timeout" or "networkerror";

    /// <summary>Whether the reason tells a client, without a word of text, what became of its request: no room left, or a filter.</summary>
    public static bool IsVerdict(string? reason) => reason is "length" or "content_filter";

    /// <summary>OpenAI's word for a reason; for one that nobody knows, or none at all, what the answer itself says.</summary>
    public static string Of(string? reason, bool hasCalls) => Plain(reason) switch
    {
        "stop" when reason == "stop" => "stop",
        "functioncall" when reason == "function_call" => "function_call",
        "length" or "maxtokens" or "maxtoken" or "maxlength" or "maxoutputtokens" or "modellength" or "maxtokensreached" or "tokenlimit" or "modelcontextwindowexceeded" => "length",
        "toolcalls" or "toolcall" or "tooluse" or "functioncall" or "functioncalls" => "tool_calls",
        "contentfilter" or "contentfiltered" or "safety" or "recitation" or "blocklist" or "prohibitedcontent" or "spii" or "refusal" or "sensitive" or "guardrailintervened"
            or "imagesafety" or "errortoxic" => "content_filter",
        _ => hasCalls ? "tool_calls" : "stop",
    };

    /// <summary>The same for a reason as it stands between its quotes.</summary>
    public static string Of(ReadOnlySpan<byte> raw, bool hasCalls) => Of(Text(raw), hasCalls);

    /// <inheritdoc cref="IsFailure(string?)"/>
    public static bool IsFailure(ReadOnlySpan<byte> raw) => !IsKnown(raw) && IsFailure(Text(raw));

    private static string? Text(ReadOnlySpan<byte> raw) => raw.Length <= MaxLength ? JsonText.Decode(raw) : null;

    // MAX_TOKENS, max-tokens and maxTokens are one word.
    private static string? Plain(string? reason) =>
        reason is null || reason.Length > MaxLength ? null : string.Concat(reason.Where(char.IsLetter)).ToLowerInvariant();
}
