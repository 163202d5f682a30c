using System.Text.Json;
using Synthwave.Json;

namespace Synthwave.Chat.Events;

/// <summary>What the delta of a chunk holds.</summary>
internal struct DeltaFinding
{
    public ByteRange Whole { get; private set; }

    public ByteRange Content { get; private set; }

    public ByteRange ReasoningContent { get; private set; }

    public ByteRange Reasoning { get; private set; }

    public ByteRange ToolCalls { get; private set; }

    public ByteRange FunctionCall { get; private set; }

    public ByteRange ThinkingBlocks { get; private set; }

    public ByteRange Own { get; private set; }

    public bool HasRole { get; private set; }

    public bool NeedsMending { get; private set; }

    public bool HasReasoningMember { get; private set; }

    public bool HasOtherVisible { get; private set; }

    public bool IsRefusal { get; private set; }

    public static DeltaFinding Read(ref Utf8JsonReader reader)
    {
        var found = default(DeltaFinding);
        if (reader.TokenType is not JsonTokenType.StartObject)
        {
            reader.Skip();
            return found;
        }

        var start = (int)reader.TokenStartIndex;
        bool hasCalls = false, hasFunctionCall = false, hasOtherContent = false, hasOther = false, hasRefusal = false, isList = false, hasOddRole = false;
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            if (reader.TextIs("content"u8))
            {
                reader.Read();
                var isText = reader.TokenType is JsonTokenType.String;
                isList = reader.TokenType is JsonTokenType.StartArray;
                found.Content = isText ? JsonValues.Text(ref reader) : default;
                hasOtherContent = !isText && JsonValues.IsFilled(ref reader);
            }
            else if (reader.TextIs("role"u8))
            {
                reader.Read();
                hasOddRole = JsonValues.IsOdd(ref reader);
                found.HasRole = JsonValues.PassText(ref reader).IsPresent;
            }
            else if (reader.TextIs("tool_calls"u8))
            {
                reader.Read();
                var at = (int)reader.TokenStartIndex;
                hasCalls = reader.TokenType is JsonTokenType.StartArray & JsonValues.IsFilled(ref reader);
                found.ToolCalls = hasCalls ? new(at, (int)reader.BytesConsumed - at) : default;
            }
            else if (reader.TextIs("function_call"u8))
            {
                reader.Read();
                var at = (int)reader.TokenStartIndex;
                hasFunctionCall = reader.TokenType is JsonTokenType.StartObject & JsonValues.IsFilled(ref reader);
                found.FunctionCall = hasFunctionCall ? new(at, (int)reader.BytesConsumed - at) : default;
            }
            else if (reader.TextIs("reasoning_content"u8))
            {
                found.HasReasoningMember = true;
                reader.Read();
                found.ReasoningContent = JsonValues.PassText(ref reader);
            }
            else if (reader.TextIs("reasoning"u8))
            {
                found.HasReasoningMember = true;
                reader.Read();
                found.Reasoning = JsonValues.PassText(ref reader);
            }
            else if (reader.TextIs("reasoning_details"u8))
            {
                found.HasReasoningMember = true;
                JsonValues.PassMember(ref reader);
            }
            else if (reader.TextIs("thinking_blocks"u8))
            {
                found.HasReasoningMember = true;
                reader.Read();
                var at = (int)reader.TokenStartIndex;
                found.ThinkingBlocks = reader.TokenType is JsonTokenType.StartArray & JsonValues.IsFilled(ref reader) ? new(at, (int)reader.BytesConsumed - at) : default;
            }
            else if (reader.TextIs("refusal"u8))
            {
                reader.Read();
                hasRefusal = JsonValues.IsFilled(ref reader);
            }
            else if (reader.TextIs("x_anthropic"u8))
            {
                reader.Read();
                var at = (int)reader.TokenStartIndex;
                var isEvent = reader.TokenType is JsonTokenType.StartObject & JsonValues.IsFilled(ref reader);
                found.Own = isEvent ? new(at, (int)reader.BytesConsumed - at) : default;
                hasOther |= isEvent;
            }
            else
            {
                // What a client may show. Anything else unknown is metadata, and no reason to commit to this stream.
                var isShown = reader.TextIs("audio"u8) || reader.TextIs("images"u8) || reader.TextIs("annotations"u8);
                reader.Read();
                hasOther |= JsonValues.IsFilled(ref reader) && isShown;
            }
        }

        found.Whole = new(start, (int)reader.BytesConsumed - start);
        found.NeedsMending = isList || hasOddRole;
        hasOther |= hasCalls || hasFunctionCall || hasOtherContent;
        found.HasOtherVisible = hasOther || hasRefusal;
        found.IsRefusal = hasRefusal && !hasOther;
        return found;
    }
}
