using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;
using Synthwave.Json;
using Synthwave.Sse;

namespace Synthwave.Chat.Events;

/// <summary>
/// Finds the members of interest in the chunks of one stream. The chunks of a stream differ in little but their text, so the bytes before and
/// after the text of the last chunk are kept: a chunk with the same surroundings is known to be valid JSON of the same shape once its text is
/// a valid string body. Not thread-safe; one per stream.
/// </summary>
internal sealed class ChunkScanner
{
    /// <summary>Frames above this size are not kept: comparing them would cost what it saves, and memory besides.</summary>
    private const int MaxFrameBytes = 4096;

    /// <summary>Texts below this length share their shapes.</summary>
    private const int MaxSharedText = 32;

    private static readonly SearchValues<byte> SpecialBytes =
        SearchValues.Create([.. Enumerable.Range(0, 32).Select(i => (byte)i), (byte)'"', (byte)'\\']);

    private byte[] _frame = [];
    private int _prefixLength;
    private int _suffixLength;
    private ByteRange _hole;
    private ChunkShape _shape = ChunkShape.None;

    // The same for texts of other lengths, made when first met: tokens have few.
    private ChunkShape?[] _shifted = [];

    /// <summary>Turns the reader's current event into a chat event. False = data that is no JSON object, or not UTF-8.</summary>
    public bool TryClassify(SseEventReader reader, out ChatStreamEvent streamEvent)
    {
        var data = reader.Data;
        if (reader.Kind is not SseEventKind.Data || data.Span.IndexOfAnyExcept(" \t\r\n"u8) < 0)
        {
            streamEvent = new(StreamEventKind.Comment, reader.Raw, default);
            return true;
        }

        if (data.Length < 16 && data.Span.Trim(" \t\r\n"u8).SequenceEqual("[DONE]"u8))
        {
            streamEvent = new(StreamEventKind.Done, reader.Raw, default);
            return true;
        }

        var isValid = TryScan(data.Span, out var shape, out var isError);
        streamEvent = new(isError ? StreamEventKind.Error : StreamEventKind.Chunk, reader.Raw, data, shape);
        return isValid;
    }

    /// <summary>Validates a payload as a whole and finds its members; of a repeated name the last counts. False = not a JSON object.</summary>
    public bool TryScan(ReadOnlySpan<byte> payload, out ChunkShape shape, out bool isError)
    {
        isError = false;
        if (TryReuse(payload, out shape))
        {
            return true;
        }

        if (!TryParse(payload, out shape, out isError))
        {
            return false;
        }

        Learn(payload, shape);
        return true;
    }

    private bool TryReuse(ReadOnlySpan<byte> payload, out ChunkShape shape)
    {
        shape = ChunkShape.None;
        var textLength = payload.Length - _prefixLength - _suffixLength;
        if (_prefixLength == 0 || textLength <= 0 || !payload.StartsWith(_frame.AsSpan(0, _prefixLength)) ||
            !payload.EndsWith(_frame.AsSpan(_prefixLength, _suffixLength)) || !IsStringBody(payload.Slice(_prefixLength, textLength)))
        {
            return false;
        }

        shape = textLength == _hole.Length ? _shape
            : textLength < MaxSharedText ? Shared(textLength)
            : Shift(textLength - _hole.Length);
        return true;
    }

    private void Learn(ReadOnlySpan<byte> payload, ChunkShape shape)
    {
        _prefixLength = 0;
        var hole = shape.Content.IsPresent ? shape.Content : shape.ReasoningContent.IsPresent ? shape.ReasoningContent : shape.Reasoning;
        var frameLength = payload.Length - hole.Length;
        if (hole.IsAbsent || frameLength > MaxFrameBytes)
        {
            return;
        }

        if (_frame.Length < frameLength)
        {
            _frame = new byte[frameLength + 64];
        }

        _prefixLength = hole.Start;
        _suffixLength = payload.Length - hole.End;
        payload[..hole.Start].CopyTo(_frame);
        payload[hole.End..].CopyTo(_frame.AsSpan(hole.Start));
        _hole = hole;
        _shape = shape;
        _shifted.AsSpan().Clear();
    }

    private ChunkShape Shared(int textLength)
    {
        if (_shifted.Length == 0)
        {
            _shifted = new ChunkShape?[MaxSharedText];
        }

        return _shifted[textLength] ??= Shift(textLength - _hole.Length);
    }

    /// <summary>The learned shape for a text longer by <paramref name="by"/> bytes (negative: shorter).</summary>
    private ChunkShape Shift(int by)
    {
        return _shape with
        {
            Id = Move(_shape.Id),
            Created = Move(_shape.Created),
            Model = Move(_shape.Model),
            Usage = Move(_shape.Usage),
            UsageMember = Move(_shape.UsageMember),
            Delta = Move(_shape.Delta),
            Content = Move(_shape.Content),
            ReasoningContent = Move(_shape.ReasoningContent),
            Reasoning = Move(_shape.Reasoning),
            FinishReason = Move(_shape.FinishReason),
            ToolCalls = Move(_shape.ToolCalls),
            FunctionCall = Move(_shape.FunctionCall),
            ThinkingBlocks = Move(_shape.ThinkingBlocks),
            Own = Move(_shape.Own),
        };

        ByteRange Move(ByteRange range) =>
            range.IsAbsent || range.End < _hole.Start ? range
            : range.Start > _hole.End ? new(range.Start + by, range.Length)
            : new(range.Start, range.Length + by);
    }

    /// <summary>Whether the bytes can stand between the quotes of a JSON string. Escapes beyond the short ones are left to the full reading.</summary>
    private static bool IsStringBody(ReadOnlySpan<byte> text)
    {
        if (!Utf8.IsValid(text))
        {
            return false;
        }

        while (true)
        {
            var special = text.IndexOfAny(SpecialBytes);
            if (special < 0)
            {
                return true;
            }

            if (text[special] != '\\' || special + 1 == text.Length || !"\"\\/bfnrt"u8.Contains(text[special + 1]))
            {
                return false;
            }

            text = text[(special + 2)..];
        }
    }

    private static bool TryParse(ReadOnlySpan<byte> payload, out ChunkShape shape, out bool isError)
    {
        shape = ChunkShape.None;
        isError = false;
        if (!Utf8.IsValid(payload))
        {
            return false;
        }

        var reader = JsonReading.Reader(payload);
        var found = default(ChunkFinding);
        try
        {
            if (!reader.Read() || reader.TokenType is not JsonTokenType.StartObject)
            {
                return false;
            }

            found.ReadRoot(ref reader);

            // Anything after the object throws here.
            reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }

        shape = found.ToShape();
        isError = found.HasError && !found.HasChoice;
        return true;
    }
}
