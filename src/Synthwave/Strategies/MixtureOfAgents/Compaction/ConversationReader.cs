using System.Runtime.InteropServices;
using System.Text.Json;
using Synthwave.Chat.Requests;
using Synthwave.Json;

namespace Synthwave.Strategies.MixtureOfAgents.Compaction;

/// <summary>Indexes a valid <c>messages</c> array in one pass. A name that stands twice in a message makes its texts unshrinkable; readers of it may differ.</summary>
internal ref struct ConversationReader(ReadOnlySpan<byte> json)
{
    // Shorter texts are not worth a mark.
    private const int LeastShrinkable = 2 * TextCut.LongestMark;

    private readonly ReadOnlySpan<byte> _json = json;
    private readonly List<ConversationMessage> _messages = [];
    private readonly List<MessageText> _texts = [];
    private readonly List<string> _callIds = [];

    // Starts of the groups so far: indices of their first message, ascending.
    private readonly List<int> _groups = [];

    // The newest message that made the call of an id: ids may be used again in a later turn.
    private readonly Dictionary<string, int> _callers = new(StringComparer.Ordinal);

    private int _functionCaller = -1;
    private MessageRole _role;
    private int _contentBytes;
    private bool _hasFunctionCall;
    private string? _resultOf;
    private bool _hasContent;
    private bool _hasCalls;
    private bool _isAmbiguous;

    /// <summary>Messages, their shrinkable texts, and the index of the first message of each group.</summary>
    public (ConversationMessage[] Messages, MessageText[] Texts, int[] Groups) Read()
    {
        var reader = JsonReading.ReaderAt(_json);
        while (reader.Read() && reader.TokenType is JsonTokenType.StartObject)
        {
            ReadMessage(ref reader);
        }

        return ([.. _messages], [.. _texts], [.. _groups]);
    }

    private void ReadMessage(ref Utf8JsonReader reader)
    {
        var start = (int)reader.TokenStartIndex;
        var firstText = _texts.Count;
        (_role, _contentBytes, _resultOf) = (MessageRole.User, 0, null);
        (_hasContent, _hasCalls, _hasFunctionCall, _isAmbiguous) = (false, false, false, false);
        _callIds.Clear();
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            ReadMember(ref reader);
        }

        if (_isAmbiguous)
        {
            CollectionsMarshal.SetCount(_texts, firstText);
        }

        var end = (int)reader.BytesConsumed;
        _messages.Add(new ConversationMessage(
            start, end, _role, MessageTokens.Of(_json[start..end]), _contentBytes, firstText, _texts.Count - firstText, _callIds.Count > 0 || _hasCalls || _hasFunctionCall));
        Group(_messages.Count - 1);
    }

    private void ReadMember(ref Utf8JsonReader reader)
    {
        var name = reader.ValueSpan;
        var isEscaped = reader.ValueIsEscaped;
        reader.Read();
        if (JsonText.Matches(name, isEscaped, "role"u8))
        {
            _role = RoleOf(ref reader);
        }
        else if (JsonText.Matches(name, isEscaped, "content"u8))
        {
            _isAmbiguous |= _hasContent;
            _hasContent = true;
            ReadContent(ref reader);
        }
        else if (JsonText.Matches(name, isEscaped, "tool_calls"u8))
        {
            _isAmbiguous |= _hasCalls;
            ReadCalls(ref reader);
        }
        else if (JsonText.Matches(name, isEscaped, "tool_call_id"u8) && reader.TokenType is JsonTokenType.String)
        {
            _resultOf = JsonText.Decode(reader.ValueSpan, reader.ValueIsEscaped);
        }
        else
        {
            _hasFunctionCall |= reader.TokenType is JsonTokenType.StartObject && JsonText.Matches(name, isEscaped, "function_call"u8);
            reader.Skip();
        }
    }

    private static MessageRole RoleOf(ref Utf8JsonReader reader) => reader.ValueSpan switch
    {
        var raw when JsonText.Matches(raw, reader.ValueIsEscaped, "system"u8) || JsonText.Matches(raw, reader.ValueIsEscaped, "developer"u8) => MessageRole.System,
        var raw when JsonText.Matches(raw, reader.ValueIsEscaped, "assistant"u8) => MessageRole.Assistant,
        var raw when JsonText.Matches(raw, reader.ValueIsEscaped, "tool"u8) || JsonText.Matches(raw, reader.ValueIsEscaped, "function"u8) => MessageRole.Tool,
        _ => MessageRole.User,
    };

    private void ReadContent(ref Utf8JsonReader reader)
    {
        _contentBytes = 0;
        if (reader.TokenType is JsonTokenType.String)
        {
            _contentBytes = AddText(ref reader, MessageTextKind.Content);
            return;
        }

        if (reader.TokenType is not JsonTokenType.StartArray)
        {
            reader.Skip();
            return;
        }

        var parts = 0;
        while (reader.Read() && reader.TokenType is not JsonTokenType.EndArray)
        {
            if (reader.TokenType is not JsonTokenType.StartObject)
            {
                reader.Skip();
                continue;
            }

            if (ReadPart(ref reader) is { } bytes)
            {
                // The estimate joins text parts by a line break.
                _contentBytes += bytes + (parts++ > 0 ? 1 : 0);
            }
        }
    }

    // Bytes of a text part or of a refusal, which is never shortened; null for any other.
    private int? ReadPart(ref Utf8JsonReader reader)
    {
        var (isText, isRefusal) = (false, false);
        int? bytes = null, refusal = null;
        var firstText = _texts.Count;
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            var name = reader.ValueSpan;
            var isEscaped = reader.ValueIsEscaped;
            reader.Read();
            if (JsonText.Matches(name, isEscaped, "type"u8) && reader.TokenType is JsonTokenType.String)
            {
                isText = JsonText.Matches(reader.ValueSpan, reader.ValueIsEscaped, "text"u8);
                isRefusal = JsonText.Matches(reader.ValueSpan, reader.ValueIsEscaped, "refusal"u8);
            }
            else if (JsonText.Matches(name, isEscaped, "refusal"u8) && reader.TokenType is JsonTokenType.String)
            {
                refusal = StringBytes(ref reader);
            }
            else if (JsonText.Matches(name, isEscaped, "text"u8) && reader.TokenType is JsonTokenType.String)
            {
                _isAmbiguous |= bytes is not null;
                bytes = AddText(ref reader, MessageTextKind.Content);
            }
            else
            {
                reader.Skip();
            }
        }

        if (!isText)
        {
            CollectionsMarshal.SetCount(_texts, firstText);
        }

        return isText ? bytes : isRefusal ? refusal : null;
    }

    private void ReadCalls(ref Utf8JsonReader reader)
    {
        if (reader.TokenType is not JsonTokenType.StartArray)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType is not JsonTokenType.EndArray)
        {
            _hasCalls = true;
            if (reader.TokenType is not JsonTokenType.StartObject)
            {
                reader.Skip();
                continue;
            }

            while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
            {
                var name = reader.ValueSpan;
                var isEscaped = reader.ValueIsEscaped;
                reader.Read();
                if (JsonText.Matches(name, isEscaped, "id"u8) && reader.TokenType is JsonTokenType.String)
                {
                    if (JsonText.Decode(reader.ValueSpan, reader.ValueIsEscaped) is { } id)
                    {
                        _callIds.Add(id);
                    }
                }
                else if (JsonText.Matches(name, isEscaped, "function"u8) && reader.TokenType is JsonTokenType.StartObject)
                {
                    ReadFunction(ref reader);
                }
                else
                {
                    reader.Skip();
                }
            }
        }
    }

    private void ReadFunction(ref Utf8JsonReader reader)
    {
        var hasArguments = false;
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            var isArguments = JsonText.Matches(reader.ValueSpan, reader.ValueIsEscaped, "arguments"u8);
            reader.Read();
            if (!isArguments)
            {
                reader.Skip();
                continue;
            }

            _isAmbiguous |= hasArguments;
            hasArguments = true;
            switch (reader.TokenType)
            {
                case JsonTokenType.String:
                    AddText(ref reader, MessageTextKind.Arguments);
                    break;
                case JsonTokenType.StartObject or JsonTokenType.StartArray:
                    var start = (int)reader.TokenStartIndex;
                    var bytes = (int)RequestMessageScan.CompactBytes(ref reader);
                    Add(new MessageText(start, (int)reader.BytesConsumed, bytes, MessageTextKind.ArgumentsValue));
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
    }

    private readonly int AddText(ref Utf8JsonReader reader, MessageTextKind kind)
    {
        var bytes = StringBytes(ref reader);
        var start = (int)reader.TokenStartIndex + 1;
        Add(new MessageText(start, start + reader.ValueSpan.Length, bytes, kind));
        return bytes;
    }

    private static int StringBytes(ref Utf8JsonReader reader) => reader.ValueIsEscaped ? JsonMeasure.Utf8Length(reader.ValueSpan) : reader.ValueSpan.Length;

    private readonly void Add(MessageText text)
    {
        if (text.Bytes >= LeastShrinkable)
        {
            _texts.Add(text);
        }
    }

    // A result belongs to the message that made its call, wherever that stands, and so does everything between them: a history of whole groups is
    // without holes and never parts a pair.
    private void Group(int message)
    {
        _groups.Add(message);
        foreach (var id in _callIds)
        {
            _callers[id] = message;
        }

        if (_hasFunctionCall)
        {
            _functionCaller = message;
        }

        if (_role is not MessageRole.Tool)
        {
            return;
        }

        var caller = _resultOf is null ? _functionCaller : _callers.GetValueOrDefault(_resultOf, -1);
        while (caller >= 0 && _groups[^1] > caller)
        {
            _groups.RemoveAt(_groups.Count - 1);
        }
    }
}
