using System.Text.Json;
using System.Text.Unicode;
using Synthwave.Chat.Events;
using Synthwave.Json;

namespace Synthwave.Chat.Completions;

/// <summary>Reads a finished completion in one validating pass.</summary>
internal static class CompletionReader
{
    /// <summary>
    /// Null = not one JSON object in UTF-8, or nested too deeply. Whether it has a message is for the caller to ask. Of a repeated name the last
    /// counts.
    /// </summary>
    public static Completion? Read(ReadOnlyMemory<byte> json)
    {
        if (!Utf8.IsValid(json.Span))
        {
            return null;
        }

        var reader = JsonReading.Reader(json.Span);
        try
        {
            if (!reader.Read() || reader.TokenType is not JsonTokenType.StartObject)
            {
                return null;
            }

            var completion = ReadRoot(ref reader, json);

            // Anything after the object throws here.
            reader.Read();
            return completion;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static Completion ReadRoot(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json)
    {
        var labels = default(LabelFinding);
        var areChoicesInForm = false;
        List<CompletionMessage> messages = [];
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            if (reader.TextIs("choices"u8))
            {
                messages = ReadChoices(ref reader, out areChoicesInForm);
            }
            else if (!labels.TryRead(ref reader, "chat.completion"u8))
            {
                JsonValues.PassMember(ref reader);
            }
        }

        return new Completion
        {
            Json = json,
            Id = labels.Id,
            Created = labels.Created,
            Model = labels.Model,
            UsageObject = labels.Usage,
            IsInForm = labels.AreInForm && areChoicesInForm,
            HasError = labels.HasError,
            Messages = messages,
        };
    }

    private static List<CompletionMessage> ReadChoices(ref Utf8JsonReader reader, out bool areInForm)
    {
        areInForm = true;
        var messages = new List<CompletionMessage>(1);
        reader.Read();
        if (reader.TokenType is not JsonTokenType.StartArray)
        {
            reader.Skip();
            return messages;
        }

        for (var position = 0; reader.Read() && reader.TokenType is not JsonTokenType.EndArray; position++)
        {
            if (reader.TokenType is not JsonTokenType.StartObject)
            {
                reader.Skip();
                continue;
            }

            if (ReadChoice(ref reader, position, out var isInForm) is { } message)
            {
                messages.Add(message);
            }

            areInForm &= isInForm;
        }

        return messages;
    }

    private static CompletionMessage? ReadChoice(ref Utf8JsonReader reader, int position, out bool isInForm)
    {
        bool hasIndex = false, hasUsage = false;
        ByteRange finishReason = default;
        Finding? message = null;
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            if (reader.TextIs("message"u8))
            {
                reader.Read();
                message = ReadMessage(ref reader);
            }
            else if (reader.TextIs("finish_reason"u8))
            {
                reader.Read();
                finishReason = JsonValues.PassText(ref reader);
            }
            else if (reader.TextIs("index"u8))
            {
                reader.Read();
                hasIndex = reader.TokenType is JsonTokenType.Number;
                reader.Skip();
            }
            else if (reader.TextIs("usage"u8))
            {
                reader.Read();
                hasUsage = reader.TokenType is JsonTokenType.StartObject;
                reader.Skip();
            }
            else
            {
                JsonValues.PassMember(ref reader);
            }
        }

        isInForm = hasIndex && !hasUsage;
        return message is not { } found ? null : new CompletionMessage
        {
            Choice = position,
            Whole = found.Whole,
            HasRole = found.HasRole,
            Content = found.Content,
            Texts = found.Texts is { } texts ? [.. texts] : [],
            HasOtherContent = found.HasOtherContent,
            ReasoningContent = found.ReasoningContent,
            ReasoningContentValue = found.ReasoningContentValue,
            Reasoning = found.Reasoning,
            HasReasoningMember = found.HasReasoningMember,
            ToolCalls = found.ToolCalls,
            ToolCallCount = found.ToolCallCount,
            FunctionCall = found.FunctionCall,
            HasOddCalls = found.HasOddCalls,
            Refusal = found.Refusal,
            HasMedia = found.HasMedia,
            FinishReason = finishReason,
        };
    }

    private static Finding? ReadMessage(ref Utf8JsonReader reader)
    {
        if (reader.TokenType is not JsonTokenType.StartObject)
        {
            reader.Skip();
            return null;
        }

        var found = default(Finding);
        var start = (int)reader.TokenStartIndex;
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            if (reader.TextIs("content"u8))
            {
                reader.Read();
                ReadContent(ref reader, ref found);
            }
            else if (reader.TextIs("role"u8))
            {
                reader.Read();
                found.HasRole = JsonValues.PassText(ref reader).IsPresent;
            }
            else if (reader.TextIs("tool_calls"u8))
            {
                reader.Read();
                found.HasOddCalls |= reader.TokenType is not (JsonTokenType.StartArray or JsonTokenType.Null);
                found.ToolCallCount = ReadElementCount(ref reader, JsonTokenType.StartArray, out var calls);
                found.ToolCalls = calls;
            }
            else if (reader.TextIs("function_call"u8))
            {
                reader.Read();
                found.HasOddCalls |= reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.Null);
                ReadElementCount(ref reader, JsonTokenType.StartObject, out found.FunctionCall);
            }
            else if (reader.TextIs("refusal"u8))
            {
                reader.Read();
                found.Refusal = JsonValues.PassText(ref reader);
            }
            else if (reader.TextIs("reasoning_content"u8))
            {
                reader.Read();
                found.HasReasoningMember = true;
                var at = (int)reader.TokenStartIndex;
                found.ReasoningContent = JsonValues.PassText(ref reader);
                found.ReasoningContentValue = new(at, (int)reader.BytesConsumed - at);
            }
            else if (reader.TextIs("reasoning"u8))
            {
                reader.Read();
                found.HasReasoningMember = true;
                found.Reasoning = JsonValues.PassText(ref reader);
            }
            else if (reader.TextIs("reasoning_details"u8) || reader.TextIs("thinking_blocks"u8))
            {
                found.HasReasoningMember = true;
                JsonValues.PassMember(ref reader);
            }
            else if (reader.TextIs("x_anthropic"u8))
            {
                // Blocks of a message that a chat has no word for, beside those it has.
                reader.Read();
                found.HasMedia |= ReadElementCount(ref reader, JsonTokenType.StartArray, out _) > 0;
            }
            else if (reader.TextIs("audio"u8))
            {
                reader.Read();
                found.HasMedia |= ReadElementCount(ref reader, JsonTokenType.StartObject, out _) > 0;
            }
            else if (reader.TextIs("images"u8))
            {
                reader.Read();
                found.HasMedia |= ReadElementCount(ref reader, JsonTokenType.StartArray, out _) > 0;
            }
            else
            {
                JsonValues.PassMember(ref reader);
            }
        }

        found.Whole = new(start, (int)reader.BytesConsumed - start);
        return found;
    }

    private static void ReadContent(ref Utf8JsonReader reader, ref Finding found)
    {
        found.Texts = null;
        found.HasOtherContent = false;
        var start = (int)reader.TokenStartIndex;
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                AddText(ref reader, ref found);
                break;
            case JsonTokenType.StartArray:
                while (reader.Read() && reader.TokenType is not JsonTokenType.EndArray)
                {
                    ReadPart(ref reader, ref found);
                }

                break;
            case JsonTokenType.Null:
                break;
            default:
                found.HasOtherContent = true;
                reader.Skip();
                break;
        }

        found.Content = new(start, (int)reader.BytesConsumed - start);
    }

    private static void ReadPart(ref Utf8JsonReader reader, ref Finding found)
    {
        if (reader.TokenType is not JsonTokenType.StartObject)
        {
            found.HasOtherContent = true;
            reader.Skip();
            return;
        }

        var isText = false;
        ByteRange text = default;
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            if (reader.TextIs("type"u8))
            {
                reader.Read();
                isText = reader.TokenType is JsonTokenType.String && (reader.TextIs("text"u8) || reader.TextIs("output_text"u8));
                reader.Skip();
            }
            else if (reader.TextIs("text"u8))
            {
                reader.Read();
                text = JsonValues.PassText(ref reader);
            }
            else
            {
                JsonValues.PassMember(ref reader);
            }
        }

        found.HasOtherContent |= !isText;
        if (isText && text.IsPresent)
        {
            (found.Texts ??= []).Add(text);
        }
    }

    private static void AddText(ref Utf8JsonReader reader, ref Finding found)
    {
        if (reader.ValueSpan.Length > 0)
        {
            (found.Texts ??= new(1)).Add(new((int)reader.TokenStartIndex + 1, reader.ValueSpan.Length));
        }
    }

    /// <summary>Counts array elements, or members of an object; the range is absent when there are none or the value is of another type.</summary>
    private static int ReadElementCount(ref Utf8JsonReader reader, JsonTokenType type, out ByteRange range)
    {
        var start = (int)reader.TokenStartIndex;
        range = default;
        if (reader.TokenType != type)
        {
            reader.Skip();
            return 0;
        }

        var count = 0;
        while (reader.Read() && reader.TokenType is not (JsonTokenType.EndArray or JsonTokenType.EndObject))
        {
            count++;
            if (type is JsonTokenType.StartObject)
            {
                reader.Read();
            }

            reader.Skip();
        }

        range = count > 0 ? new(start, (int)reader.BytesConsumed - start) : default;
        return count;
    }

    private struct Finding
    {
        public ByteRange Whole;
        public bool HasRole;
        public ByteRange Content;
        public List<ByteRange>? Texts;
        public bool HasOtherContent;
        public ByteRange ReasoningContent;
        public ByteRange ReasoningContentValue;
        public ByteRange Reasoning;
        public bool HasReasoningMember;
        public ByteRange ToolCalls;
        public int ToolCallCount;
        public ByteRange FunctionCall;
        public bool HasOddCalls;
        public ByteRange Refusal;
        public bool HasMedia;
    }
}
