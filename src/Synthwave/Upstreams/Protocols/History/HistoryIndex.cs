using System.Text.Json;
using Synthwave.Json;

namespace Synthwave.Upstreams.Protocols.History;

/// <summary>Where the messages of a conversation lie, and their calls. Read in one pass; of a name that stands twice the last counts.</summary>
internal sealed class HistoryIndex
{
    private readonly List<HistoryMessage> _messages = [];
    private readonly List<HistoryCall> _calls = [];

    private HistoryIndex(ReadOnlyMemory<byte> json) => Json = json;

    /// <summary>The array of messages.</summary>
    public ReadOnlyMemory<byte> Json { get; }

    /// <summary>A message has something that no server takes: calls without arguments, an empty list of them, an output without content.</summary>
    public bool HasFlaws { get; private set; }

    /// <summary>An output is more than text.</summary>
    public bool HasMediaOutputs { get; private set; }

    public IReadOnlyList<HistoryMessage> Messages => _messages;

    public IReadOnlyList<HistoryCall> Calls => _calls;

    /// <summary>Null = the value is no list of objects, or an empty one.</summary>
    public static HistoryIndex? Read(ReadOnlyMemory<byte> messages)
    {
        var index = new HistoryIndex(messages);
        var reader = JsonReading.ReaderAt(messages.Span);
        if (reader.TokenType is not JsonTokenType.StartArray)
        {
            return null;
        }

        while (reader.Read() && reader.TokenType is not JsonTokenType.EndArray)
        {
            if (reader.TokenType is not JsonTokenType.StartObject)
            {
                return null;
            }

            index.ReadMessage(ref reader);
        }

        return index._messages.Count == 0 ? null : index;
    }

    public ReadOnlySpan<byte> TextOf(ByteRange range) => range.In(Json.Span);

    /// <summary>The id of a call; null = none.</summary>
    public string? IdOf(int call) => IdIn(_calls[call].Id);

    /// <summary>The id of the call that a message says it answers; null = none.</summary>
    public string? ResultOf(int message) => IdIn(_messages[message].ResultOf);

    private string? IdIn(ByteRange range) => range.IsAbsent ? null : JsonText.Unescape(TextOf(range));

    private void ReadMessage(ref Utf8JsonReader reader)
    {
        var start = (int)reader.TokenStartIndex;
        var message = new HistoryMessage { Whole = default, Role = HistoryRole.Other, FirstCall = _calls.Count, CallCount = 0 };
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            if (reader.TextIs("role"u8))
            {
                reader.Read();
                message = message with { Role = RoleOf(ref reader) };
                reader.Skip();
            }
            else if (reader.TextIs("content"u8))
            {
                reader.Read();
                message = ReadContent(ref reader, message);
            }
            else if (reader.TextIs("tool_call_id"u8))
            {
                reader.Read();
                message = message with { ResultOf = ReadId(ref reader) };
            }
            else if (reader.TextIs("tool_calls"u8))
            {
                reader.Read();
                _calls.RemoveRange(message.FirstCall, _calls.Count - message.FirstCall);
                message = ReadCalls(ref reader, message);
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        HasFlaws |= message.HasEmptyCalls || (message.Role is HistoryRole.Tool && message.Content.IsAbsent);
        HasMediaOutputs |= message.HasMedia && message.Role is HistoryRole.Tool;
        _messages.Add(message with { Whole = new(start, (int)reader.BytesConsumed - start) });
    }

    private static HistoryRole RoleOf(ref Utf8JsonReader reader) => reader.TokenType is not JsonTokenType.String ? HistoryRole.Other
        : reader.TextIs("assistant"u8) ? HistoryRole.Assistant
        : reader.TextIs("tool"u8) ? HistoryRole.Tool
        : reader.TextIs("user"u8) ? HistoryRole.User
        : reader.TextIs("system"u8) || reader.TextIs("developer"u8) ? HistoryRole.System
        : HistoryRole.Other;

    private static HistoryMessage ReadContent(ref Utf8JsonReader reader, HistoryMessage message)
    {
        var start = (int)reader.TokenStartIndex;
        var isNull = reader.TokenType is JsonTokenType.Null;
        var hasMedia = false;
        if (reader.TokenType is JsonTokenType.StartArray)
        {
            while (reader.Read() && reader.TokenType is not JsonTokenType.EndArray)
            {
                hasMedia |= !IsTextPart(ref reader);
            }
        }
        else
        {
            reader.Skip();
        }

        return message with { Content = isNull ? default : new(start, (int)reader.BytesConsumed - start), HasMedia = hasMedia };
    }

    private static bool IsTextPart(ref Utf8JsonReader reader)
    {
        if (reader.TokenType is not JsonTokenType.StartObject)
        {
            reader.Skip();
            return true;
        }

        var isText = false;
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            var isType = reader.TextIs("type"u8);
            reader.Read();
            isText = isType ? reader.TokenType is JsonTokenType.String && (reader.TextIs("text"u8) || reader.TextIs("refusal"u8)) : isText;
            reader.Skip();
        }

        return isText;
    }

    private HistoryMessage ReadCalls(ref Utf8JsonReader reader, HistoryMessage message)
    {
        if (reader.TokenType is not JsonTokenType.StartArray)
        {
            reader.Skip();
            return message with { CallCount = 0, HasEmptyCalls = false };
        }

        var isEmpty = true;
        while (reader.Read() && reader.TokenType is not JsonTokenType.EndArray)
        {
            isEmpty = false;
            if (reader.TokenType is JsonTokenType.StartObject)
            {
                var call = ReadCall(ref reader);
                HasFlaws |= call.Function.IsPresent && !call.HasArguments;
                _calls.Add(call);
            }
            else
            {
                reader.Skip();
            }
        }

        return message with { CallCount = _calls.Count - message.FirstCall, HasEmptyCalls = isEmpty };
    }

    private static HistoryCall ReadCall(ref Utf8JsonReader reader)
    {
        var start = (int)reader.TokenStartIndex;
        var call = new HistoryCall { Whole = default };
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            if (reader.TextIs("id"u8))
            {
                reader.Read();
                call = call with { Id = ReadId(ref reader) };
            }
            else if (reader.TextIs("function"u8))
            {
                reader.Read();
                call = ReadFunction(ref reader, call);
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        return call with { Whole = new(start, (int)reader.BytesConsumed - start) };
    }

    private static HistoryCall ReadFunction(ref Utf8JsonReader reader, HistoryCall call)
    {
        call = call with { Function = default, Name = default, Arguments = default, HasArguments = false };
        if (reader.TokenType is not JsonTokenType.StartObject)
        {
            reader.Skip();
            return call;
        }

        var start = (int)reader.TokenStartIndex;
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            var isName = reader.TextIs("name"u8);
            var isArguments = reader.TextIs("arguments"u8);
            reader.Read();
            var (at, isText) = ((int)reader.TokenStartIndex, reader.TokenType is JsonTokenType.String);
            if (isName)
            {
                call = call with { Name = isText ? new(at + 1, reader.ValueSpan.Length) : default };
            }
            else if (isArguments)
            {
                var isNull = reader.TokenType is JsonTokenType.Null;
                call = call with { HasArguments = isText && !JsonText.IsBlank(reader.ValueSpan) };
                reader.Skip();
                call = call with { Arguments = isNull ? default : new(at, (int)reader.BytesConsumed - at) };
                continue;
            }

            reader.Skip();
        }

        return call with { Function = new(start, (int)reader.BytesConsumed - start) };
    }

    private static ByteRange ReadId(ref Utf8JsonReader reader)
    {
        if (reader.TokenType is JsonTokenType.String)
        {
            return new((int)reader.TokenStartIndex + 1, reader.ValueSpan.Length);
        }

        reader.Skip();
        return default;
    }
}
