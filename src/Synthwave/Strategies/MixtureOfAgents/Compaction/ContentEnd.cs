using System.Buffers;
using System.Text.Json;
using Synthwave.Json;

namespace Synthwave.Strategies.MixtureOfAgents.Compaction;

/// <summary>The place at the end of a message's content where more text can be put without changing what stands before it.</summary>
/// <param name="Offset">In the message's JSON.</param>
/// <param name="Form">What the content is there.</param>
internal readonly record struct ContentEnd(int Offset, ContentEnd.ContentForm Form)
{
    internal enum ContentForm
    {
        /// <summary>Inside a string, before its closing quote.</summary>
        String,

        /// <summary>Inside an array of parts, before its closing bracket.</summary>
        Parts,

        /// <summary>The same in an array without a part.</summary>
        NoParts,
    }

    /// <summary>Null when the message (a valid JSON object) has no content text could be added to.</summary>
    public static ContentEnd? Of(ReadOnlySpan<byte> message)
    {
        var reader = JsonReading.Reader(message);
        ContentEnd? end = null;
        reader.Read();
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            var isContent = JsonText.Matches(reader.ValueSpan, reader.ValueIsEscaped, "content"u8);
            reader.Read();
            var (token, start) = (reader.TokenType, (int)reader.TokenStartIndex);
            reader.Skip();
            if (!isContent)
            {
                continue;
            }

            // A name that stands twice: readers take the last one.
            var last = (int)reader.BytesConsumed - 1;
            end = token switch
            {
                JsonTokenType.String => new(last, ContentForm.String),
                JsonTokenType.StartArray when message[(start + 1)..last].TrimStart(" \t\r\n"u8).IsEmpty => new(last, ContentForm.NoParts),
                JsonTokenType.StartArray => new(last, ContentForm.Parts),
                _ => null,
            };
        }

        return end;
    }

    /// <summary>Writes <paramref name="message"/> with <paramref name="escaped"/>, the inside of a JSON string, at this place.</summary>
    public void Write(IBufferWriter<byte> output, ReadOnlySpan<byte> message, ReadOnlySpan<byte> escaped)
    {
        output.Write(message[..Offset]);
        if (Form is ContentForm.Parts)
        {
            output.Write(","u8);
        }

        if (Form is not ContentForm.String)
        {
            output.Write("{\"type\":\"text\",\"text\":\""u8);
        }

        output.Write(escaped);
        if (Form is not ContentForm.String)
        {
            output.Write("\"}"u8);
        }

        output.Write(message[Offset..]);
    }
}
