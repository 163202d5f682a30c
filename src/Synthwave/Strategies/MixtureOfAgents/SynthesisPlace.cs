using System.Buffers;
using System.Text.Json;
using Synthwave.Chat.Bodies;
using Synthwave.Json;
using Synthwave.Strategies.MixtureOfAgents.Compaction;

namespace Synthwave.Strategies.MixtureOfAgents;

/// <summary>
/// Where a synthesizer's task goes in a conversation: inside the newest message when that is the user's, since many chat templates refuse two user turns in
/// a row; else in a turn of its own. Found by reading the conversation once; immutable.
/// </summary>
internal sealed class SynthesisPlace
{
    private readonly int _start;
    private readonly int _end;
    private readonly ContentEnd? _content;

    private readonly ReadOnlyMemory<byte> _messages;

    /// <param name="messages">A valid and not empty array of objects, which must not change.</param>
    public SynthesisPlace(ReadOnlyMemory<byte> messages)
    {
        _messages = messages;
        (_start, _end) = NewestUserMessage(messages.Span, out var arrayEnd);
        _content = _end > 0 ? ContentEnd.Of(messages.Span[_start.._end]) : null;
        if (_content is null)
        {
            _start = _end = arrayEnd;
        }
    }

    /// <summary>The place in all of a member's conversation.</summary>
    public SynthesisPlace(MemberView view)
        : this(view.Messages) => Body = view.Body;

    /// <summary>Whose messages these are; null = what was left of some.</summary>
    public ChatBody? Body { get; }

    /// <summary>The conversation with <paramref name="task"/>, the inside of a JSON string, in its place.</summary>
    public ReadOnlyMemory<byte> Put(ReadOnlySpan<byte> task)
    {
        var messages = _messages.Span;
        var output = new ArrayBufferWriter<byte>(messages.Length + task.Length + 64);
        output.Write(messages[.._start]);
        if (_content is { } content)
        {
            content.Write(output, messages[_start.._end], task);
        }
        else
        {
            output.Write(",{\"role\":\"user\",\"content\":\""u8);
            output.Write(task);
            output.Write("\"}"u8);
        }

        output.Write(messages[_end..]);
        return output.WrittenMemory;
    }

    // The last message if it is the user's, else (0, 0).
    private static (int Start, int End) NewestUserMessage(ReadOnlySpan<byte> messages, out int arrayEnd)
    {
        var reader = JsonReading.Reader(messages);
        var (start, end) = (0, 0);
        reader.Read();
        while (reader.Read() && reader.TokenType is JsonTokenType.StartObject)
        {
            start = (int)reader.TokenStartIndex;
            var isUser = false;
            while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
            {
                var isRole = JsonText.Matches(reader.ValueSpan, reader.ValueIsEscaped, "role"u8);
                reader.Read();
                isUser = isRole ? reader.TokenType is JsonTokenType.String && JsonText.Matches(reader.ValueSpan, reader.ValueIsEscaped, "user"u8) : isUser;
                reader.Skip();
            }

            end = isUser ? (int)reader.BytesConsumed : 0;
        }

        arrayEnd = (int)reader.TokenStartIndex;
        return end > 0 ? (start, end) : (0, 0);
    }
}
