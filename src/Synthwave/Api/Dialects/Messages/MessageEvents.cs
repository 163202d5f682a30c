using System.Buffers;
using System.Globalization;

namespace Synthwave.Api.Dialects.Messages;

/// <summary>Writes the events of one message, with the place of the block each is about.</summary>
internal sealed class MessageEvents
{
    private readonly ArrayBufferWriter<byte> _event = new(512);
    private int _index = -1;
    private int _dataAt;

    /// <summary>Begins an event; its members follow, each with its comma.</summary>
    public void Begin(ReadOnlySpan<byte> name)
    {
        _event.ResetWrittenCount();
        _event.Write("event: "u8);
        _event.Write(name);
        _event.Write("\ndata: "u8);
        _dataAt = _event.WrittenCount;
        _event.Write("{\"type\":\""u8);
        _event.Write(name);
        _event.Write("\""u8);
    }

    public void Write(ReadOnlySpan<byte> bytes) => _event.Write(bytes);

    public void End(IBufferWriter<byte> output)
    {
        _event.Write("}"u8);
        var data = _event.WrittenSpan[_dataAt..];
        output.Write(_event.WrittenSpan[.._dataAt]);
        if (data.ContainsAny((byte)'\n', (byte)'\r'))
        {
            // Between the tokens of what a model wrote on several lines; an event has one.
            var line = data.ToArray();
            line.AsSpan().Replace((byte)'\n', (byte)' ');
            line.AsSpan().Replace((byte)'\r', (byte)' ');
            data = line;
        }

        output.Write(data);
        output.Write("\n\n"u8);
    }

    /// <summary>A block begins.</summary>
    /// <param name="block">All of it, or what more is written to before <see cref="End"/>.</param>
    public void BeginStart(ReadOnlySpan<byte> block)
    {
        _index++;
        Begin("content_block_start"u8);
        Place();
        _event.Write(",\"content_block\":"u8);
        _event.Write(block);
    }

    public void Start(ReadOnlySpan<byte> block, IBufferWriter<byte> output)
    {
        BeginStart(block);
        End(output);
    }

    public void Stop(IBufferWriter<byte> output)
    {
        Begin("content_block_stop"u8);
        Place();
        End(output);
    }

    /// <summary>A delta that is an object of its own.</summary>
    public void Delta(ReadOnlySpan<byte> delta, IBufferWriter<byte> output)
    {
        Begin("content_block_delta"u8);
        Place();
        _event.Write(",\"delta\":"u8);
        _event.Write(delta);
        End(output);
    }

    /// <summary>A delta whose last member is a text.</summary>
    /// <param name="kind">From its type to the opening quote of the text.</param>
    /// <param name="text">Escaped.</param>
    /// <param name="output">Where it goes.</param>
    public void Delta(ReadOnlySpan<byte> kind, ReadOnlySpan<byte> text, IBufferWriter<byte> output)
    {
        Begin("content_block_delta"u8);
        Place();
        _event.Write(",\"delta\":{\"type\":\""u8);
        _event.Write(kind);
        _event.Write(text);
        _event.Write("\"}"u8);
        End(output);
    }

    private void Place()
    {
        _event.Write(",\"index\":"u8);
        var span = _event.GetSpan(11);
        _index.TryFormat(span, out var written, default, CultureInfo.InvariantCulture);
        _event.Advance(written);
    }
}
