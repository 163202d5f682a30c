using System.Collections.Immutable;
using System.Text;
using Synthwave.Json;

namespace Synthwave.Chat.Completions;

/// <summary>A finished chat completion: its bytes, and where the members of interest lie in them. Immutable; keeps referring to the bytes.</summary>
internal sealed class Completion
{
    /// <summary>The whole document.</summary>
    public required ReadOnlyMemory<byte> Json { get; init; }

    /// <summary>The whole value of <c>id</c>; absent when missing or null, as are the next ones.</summary>
    public ByteRange Id { get; init; }

    public ByteRange Created { get; init; }

    /// <summary>The whole value of <c>model</c>, quotes included.</summary>
    public ByteRange Model { get; init; }

    /// <summary>The object value of <c>usage</c>.</summary>
    public ByteRange UsageObject { get; init; }

    /// <summary>Id, object, created, model and every choice's index are there in the form OpenAI sends them, and usage is in no choice.</summary>
    public bool IsInForm { get; init; }

    /// <summary>A non-null top-level <c>error</c>.</summary>
    public bool HasError { get; init; }

    /// <summary>The messages of all choices that have one, in order.</summary>
    public required IReadOnlyList<CompletionMessage> Messages { get; init; }

    /// <summary>The message of <c>choices[0]</c>; null = there is no such object, which makes the document no completion.</summary>
    public CompletionMessage? Message => Messages.Count > 0 && Messages[0].Choice == 0 ? Messages[0] : null;

    // Written at most a few times with equal content; a reference write is atomic.
    public TokenUsage? Usage => field ??= UsageObject.IsPresent ? TokenUsage.Read(UsageObject.In(Json.Span)) : null;

    public string? FinishReason => Message is { FinishReason.IsPresent: true } message ? JsonText.Unescape(message.FinishReason.In(Json.Span)) : null;

    /// <summary>The model's own name as text; null = none given.</summary>
    public string? ModelName
    {
        get
        {
            var value = Model.In(Json.Span);
            return value.Length > 2 && value[0] == '"' ? JsonText.Unescape(value[1..^1]) : null;
        }
    }

    /// <summary>The text of the answer as it stands: the content, or the text parts of a list one after the other. Empty when there is none.</summary>
    public string Text
    {
        get
        {
            if (Message is not { } message)
            {
                return "";
            }

            if (message.Texts.Length == 1)
            {
                return JsonText.Unescape(message.Texts[0].In(Json.Span));
            }

            var text = new StringBuilder();
            foreach (var part in message.Texts)
            {
                text.Append(JsonText.Unescape(part.In(Json.Span)));
            }

            return text.ToString();
        }
    }

    /// <summary>
    /// Whether the message, as it stands, is an answer: text, calls, a refusal or other output; or, where <paramref name="mayRescue"/> lets a reasoning
    /// member become the answer, such a member.
    /// </summary>
    public bool IsUsable(bool mayRescue) =>
        Message is { } message && (message.HasAnswer(Json.Span) || (mayRescue && message.HasReasoningText(Json.Span)));
}

/// <summary>The message of one choice. Ranges lie in the document; string ranges cover the text between the quotes, still escaped.</summary>
internal sealed class CompletionMessage
{
    /// <summary>Position in <c>choices</c>.</summary>
    public required int Choice { get; init; }

    /// <summary>The message object, braces included.</summary>
    public required ByteRange Whole { get; init; }

    /// <summary>A role that is a text.</summary>
    public bool HasRole { get; init; }

    /// <summary>The whole value of <c>content</c>, null included; absent = no such member.</summary>
    public ByteRange Content { get; init; }

    /// <summary>The text of string content, or the texts of the text parts of a list; empty strings left out.</summary>
    public ImmutableArray<ByteRange> Texts { get; init; } = [];

    /// <summary>The content is a list with something other than text parts, or no list, string or null at all.</summary>
    public bool HasOtherContent { get; init; }

    /// <summary>A string <c>reasoning_content</c>; absent when empty.</summary>
    public ByteRange ReasoningContent { get; init; }

    /// <summary>The whole value of <c>reasoning_content</c>, whatever it is; absent = no such member.</summary>
    public ByteRange ReasoningContentValue { get; init; }

    /// <summary>A string <c>reasoning</c>; absent when empty.</summary>
    public ByteRange Reasoning { get; init; }

    /// <summary>Some member carries reasoning, null or not.</summary>
    public bool HasReasoningMember { get; init; }

    /// <summary>The non-empty array <c>tool_calls</c>.</summary>
    public ByteRange ToolCalls { get; init; }

    public int ToolCallCount { get; init; }

    /// <summary>The non-empty object <c>function_call</c>.</summary>
    public ByteRange FunctionCall { get; init; }

    /// <summary>What stands where calls belong is of another kind, and none.</summary>
    public bool HasOddCalls { get; init; }

    /// <summary>A string <c>refusal</c>; absent when empty.</summary>
    public ByteRange Refusal { get; init; }

    /// <summary>Audio or images beside the content.</summary>
    public bool HasMedia { get; init; }

    /// <summary>The choice's <c>finish_reason</c> when it is a string.</summary>
    public ByteRange FinishReason { get; init; }

    /// <summary>Whether the content is null, blank or missing.</summary>
    public bool IsTextless(ReadOnlySpan<byte> json)
    {
        foreach (var text in Texts)
        {
            if (!JsonText.IsBlank(text.In(json)))
            {
                return false;
            }
        }

        return !HasOtherContent;
    }

    /// <summary>Whether there is anything but reasoning.</summary>
    public bool HasAnswer(ReadOnlySpan<byte> json) => !IsTextless(json) || HasOtherAnswer(json);

    /// <summary>Calls, a refusal or media.</summary>
    public bool HasOtherAnswer(ReadOnlySpan<byte> json) =>
        ToolCallCount > 0 || FunctionCall.IsPresent || HasMedia || !JsonText.IsBlank(Refusal.In(json));

    /// <summary>A refusal, and nothing else a client could show.</summary>
    public bool IsRefusal(ReadOnlySpan<byte> json) =>
        !JsonText.IsBlank(Refusal.In(json)) && IsTextless(json) && ToolCallCount == 0 && !FunctionCall.IsPresent && !HasMedia;

    public bool HasReasoningText(ReadOnlySpan<byte> json) =>
        !JsonText.IsBlank(ReasoningContent.In(json)) || !JsonText.IsBlank(Reasoning.In(json));
}
