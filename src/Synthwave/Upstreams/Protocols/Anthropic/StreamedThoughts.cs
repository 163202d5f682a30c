using System.Buffers;
using System.Text.Json;
using Synthwave.Json;
using Synthwave.Upstreams.Learned;
using Synthwave.Upstreams.Protocols.History;

namespace Synthwave.Upstreams.Protocols.Anthropic;

/// <summary>The thoughts of one streamed message with the calls they led to, for the turn in which the provider wants them back. Not thread-safe.</summary>
/// <param name="memory">Where they are remembered.</param>
/// <param name="asked">For whom.</param>
internal sealed class StreamedThoughts(ThinkingMemory memory, Asking asked)
{
    // A single event is bounded by its reader; the thoughts of a whole answer here, with their signatures and those that are hidden.
    private const int MostBytes = 16 * 1024 * 1024;

    private const int MostCalls = 4096;

    // A piece of a block, and the block.
    private const int Copies = 2;

    private readonly ArrayBufferWriter<byte> _thought = new();
    private readonly ArrayBufferWriter<byte> _signature = new();
    private readonly ArrayBufferWriter<byte> _blocks = new();
    private readonly List<StreamedCall> _calls = [];
    private byte[]? _redacted;
    private long _argumentBytes;

    /// <summary>A block of thinking begins. Null = fine; otherwise why it cannot be kept.</summary>
    public EventReading? Start(JsonElement block)
    {
        _thought.ResetWrittenCount();
        _signature.ResetWrittenCount();
        _redacted = null;
        if (!block.Is("type"u8, "redacted_thinking"u8))
        {
            return null;
        }

        var trouble = Take(block.Raw().Length);
        _redacted = trouble is null ? block.Raw().ToArray() : null;
        return trouble;
    }

    /// <summary>Takes a piece of the block's words, escaped. Null = fine; otherwise why it cannot be kept.</summary>
    public EventReading? AddThought(ReadOnlySpan<byte> piece) => Add(_thought, piece);

    /// <summary>The same of its signature.</summary>
    public EventReading? AddSignature(ReadOnlySpan<byte> piece) => Add(_signature, piece);

    /// <summary>The block is over; the whole of it.</summary>
    public ReadOnlySpan<byte> End()
    {
        _blocks.Write(_blocks.WrittenCount == 0 ? "["u8 : ","u8);
        var start = _blocks.WrittenCount;
        if (_redacted is not null)
        {
            _blocks.Write(_redacted);
            _redacted = null;
        }
        else
        {
            _blocks.Write("{\"type\":\"thinking\",\"thinking\":\""u8, _thought.WrittenSpan, "\",\"signature\":\""u8);
            _blocks.Write(_signature.WrittenSpan);
            _blocks.Write("\"}"u8);
        }

        return _blocks.WrittenSpan[start..];
    }

    public void StartCall(JsonElement block)
    {
        if (_calls.Count < MostCalls)
        {
            _calls.Add(new(block.FindText("id") ?? "", block.FindText("name") ?? ""));
        }
    }

    /// <summary>Takes a piece of a call's arguments, escaped, where there are thoughts to remember with it. Too much only ends the remembering.</summary>
    public void AddArguments(int call, ReadOnlySpan<byte> piece)
    {
        if (_blocks.WrittenCount == 0)
        {
            return;
        }

        _argumentBytes += piece.Length;
        if (_argumentBytes > MostBytes || call >= _calls.Count || !asked.Memory.TryTake(piece.Length * sizeof(char)))
        {
            _calls.Clear();
            return;
        }

        JsonText.Unescape(piece, _calls[call].Arguments);
    }

    /// <summary>The message is over: its thoughts are remembered with its calls.</summary>
    public void Keep()
    {
        if (_blocks.WrittenCount == 0 || _calls.Count == 0)
        {
            return;
        }

        byte[] blocks = [.. _blocks.WrittenSpan, (byte)']'];
        var kept = CallMemory.After(memory, asked);
        foreach (var call in _calls.Where(static c => c.Id.Length > 0))
        {
            kept.Keep(call.Id, call.Function, new string(call.Arguments.WrittenSpan), blocks);
        }
    }

    private EventReading? Add(ArrayBufferWriter<byte> output, ReadOnlySpan<byte> piece)
    {
        var trouble = Take(piece.Length);
        if (trouble is null)
        {
            output.Write(piece);
        }

        return trouble;
    }

    private EventReading? Take(int more) =>
        (long)_blocks.WrittenCount + _thought.WrittenCount + _signature.WrittenCount + more > MostBytes ? EventReading.TooLarge
        : asked.Memory.TryTake((long)more * Copies) ? null
        : EventReading.NoMemory;

    /// <summary>A call as far as it has come.</summary>
    private sealed record StreamedCall(string Id, string Function)
    {
        public ArrayBufferWriter<char> Arguments { get; } = new();
    }
}
