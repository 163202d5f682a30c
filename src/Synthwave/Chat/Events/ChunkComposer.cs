using System.Buffers;
using System.Text;
using System.Text.Json;
using Synthwave.Json;

namespace Synthwave.Chat.Events;

/// <summary>Composes the chunks a gateway writes itself, as compact JSON payloads without framing, in UTF-8 with only the escapes JSON requires.</summary>
/// <param name="labels">The <c>id</c>, <c>created</c> and <c>model</c> every chunk carries.</param>
/// <param name="extraMembers">Further top-level members for every chunk, each as <c>,"name":value</c>; empty = none.</param>
internal sealed class ChunkComposer(StreamLabels labels, string extraMembers = "")
{
    private readonly ArrayBufferWriter<byte> _buffer = new(256);

    /// <summary>The opening chunk; <paramref name="isTextless"/> writes <c>content</c> as null, for answers that are calls only.</summary>
    public byte[] Role(bool isTextless = false) =>
        Delta(isTextless, static (writer, textless) =>
        {
            writer.WriteString("role"u8, "assistant"u8);
            if (textless)
            {
                writer.WriteNull("content"u8);
            }
            else
            {
                writer.WriteString("content"u8, ""u8);
            }
        });

    public byte[] Content(ReadOnlySpan<char> text) => Text("content"u8, text);

    /// <summary>A chunk whose delta has one string member.</summary>
    public byte[] Text(ReadOnlySpan<byte> member, ReadOnlySpan<char> text)
    {
        _buffer.ResetWrittenCount();
        Open();
        _buffer.Write("\""u8);
        _buffer.Write(member);
        _buffer.Write("\":\""u8);
        JsonText.Escape(text, _buffer);
        _buffer.Write("\""u8);
        return Close("null"u8);
    }

    /// <summary>A chunk whose delta the caller writes.</summary>
    public byte[] Delta<T>(T state, Action<Utf8JsonWriter, T> write)
    {
        _buffer.ResetWrittenCount();
        Open();

        // The writer insists on whole objects; its braces are the delta's.
        var delta = new ArrayBufferWriter<byte>(256);
        using (var writer = JsonWriting.To(delta))
        {
            writer.WriteStartObject();
            write(writer, state);
            writer.WriteEndObject();
        }

        _buffer.Write(delta.WrittenSpan[1..^1]);
        return Close("null"u8);
    }

    /// <summary>The closing chunk.</summary>
    /// <param name="finishReason">The reason as text.</param>
    /// <param name="logProbabilities">A JSON value for the choice's <c>logprobs</c>; empty = none.</param>
    /// <param name="own">The same for its <c>x_anthropic</c>.</param>
    public byte[] Finish(string finishReason, ReadOnlySpan<byte> logProbabilities = default, ReadOnlySpan<byte> own = default)
    {
        _buffer.ResetWrittenCount();
        Open();
        return Close(JsonText.Quote(finishReason), logProbabilities, own);
    }

    /// <summary>The chunk that carries usage and no choice.</summary>
    /// <param name="usage">A JSON object.</param>
    /// <param name="extension">The value of <c>x_meta_model</c>; empty = none.</param>
    public byte[] Usage(ReadOnlySpan<byte> usage, ReadOnlySpan<byte> extension = default)
    {
        _buffer.ResetWrittenCount();
        Head();
        _buffer.Write(",\"choices\":[],\"usage\":"u8);
        _buffer.Write(usage);
        return CloseWithExtension(extension);
    }

    /// <summary>A chunk without choice or usage that carries <c>x_meta_model</c>.</summary>
    public byte[] Extension(ReadOnlySpan<byte> extension)
    {
        _buffer.ResetWrittenCount();
        Head();
        _buffer.Write(",\"choices\":[]"u8);
        return CloseWithExtension(extension);
    }

    private void Head()
    {
        _buffer.Write("{\"id\":"u8);
        Raw(labels.Id);
        _buffer.Write(",\"object\":\"chat.completion.chunk\",\"created\":"u8);
        Raw(labels.Created);
        _buffer.Write(",\"model\":"u8);
        Raw(labels.Model);
        Raw(extraMembers);
    }

    private void Open()
    {
        Head();
        _buffer.Write(",\"choices\":[{\"index\":0,\"delta\":{"u8);
    }

    private byte[] Close(ReadOnlySpan<byte> finishReason, ReadOnlySpan<byte> logProbabilities = default, ReadOnlySpan<byte> own = default)
    {
        _buffer.Write("}"u8);
        if (!logProbabilities.IsEmpty)
        {
            _buffer.Write(",\"logprobs\":"u8);
            _buffer.Write(logProbabilities);
        }

        if (!own.IsEmpty)
        {
            _buffer.Write(",\"x_anthropic\":"u8);
            _buffer.Write(own);
        }

        _buffer.Write(",\"finish_reason\":"u8);
        _buffer.Write(finishReason);
        _buffer.Write("}]}"u8);
        return _buffer.WrittenSpan.ToArray();
    }

    private byte[] CloseWithExtension(ReadOnlySpan<byte> extension)
    {
        if (!extension.IsEmpty)
        {
            _buffer.Write(",\"x_meta_model\":"u8);
            _buffer.Write(extension);
        }

        _buffer.Write("}"u8);
        return _buffer.WrittenSpan.ToArray();
    }

    private void Raw(string json) => Encoding.UTF8.GetBytes(json.AsSpan(), _buffer);
}
