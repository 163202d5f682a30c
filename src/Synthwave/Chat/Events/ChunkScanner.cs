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
        var found = default(Finding);
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

    /// <summary>What one reading has found so far.</summary>
    private struct Finding
    {
        public bool HasError;
        public bool HasChoice;
        private ByteRange _id;
        private ByteRange _created;
        private ByteRange _model;
        private ByteRange _usage;
        private ByteRange _usageMember;
        private bool _hasOtherChoices;
        private ByteRange _finishReason;
        private bool _hasOddReason;
        private bool _hasInnerUsage;
        private bool _hasId;
        private bool _hasObject;
        private bool _hasCreated;
        private bool _hasModel;
        private bool _hasChoices;
        private bool _hasIndex;
        private DeltaFinding _delta;

        public void ReadRoot(ref Utf8JsonReader reader)
        {
            while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
            {
                var nameStart = (int)reader.TokenStartIndex;
                if (reader.TextIs("choices"u8))
                {
                    reader.Read();
                    ReadChoices(ref reader);
                }
                else if (reader.TextIs("id"u8))
                {
                    reader.Read();
                    _hasId = IsText(ref reader);
                    _id = ReadValueHere(ref reader);
                }
                else if (reader.TextIs("model"u8))
                {
                    reader.Read();
                    _hasModel = IsText(ref reader);
                    _model = ReadValueHere(ref reader);
                }
                else if (reader.TextIs("created"u8))
                {
                    reader.Read();
                    _hasCreated = reader.TokenType is JsonTokenType.Number && reader.TryGetInt64(out _);
                    _created = ReadValueHere(ref reader);
                }
                else if (reader.TextIs("object"u8))
                {
                    reader.Read();
                    _hasObject = reader.TokenType is JsonTokenType.String && reader.TextIs("chat.completion.chunk"u8);
                    reader.Skip();
                }
                else if (reader.TextIs("usage"u8))
                {
                    reader.Read();
                    var isObject = reader.TokenType is JsonTokenType.StartObject;
                    var value = SkipValue(ref reader);
                    _usage = isObject ? value : default;
                    _usageMember = new(nameStart, value.End - nameStart);
                }
                else if (reader.TextIs("error"u8))
                {
                    HasError = ReadValue(ref reader).IsPresent;
                }
                else
                {
                    reader.Read();
                    reader.Skip();
                }
            }
        }

        public readonly ChunkShape ToShape() => new()
        {
            Id = _id,
            Created = _created,
            Model = _model,
            Usage = _usage,
            UsageMember = _usageMember,
            Delta = _delta.Whole,
            Content = _delta.Content,
            ReasoningContent = _delta.ReasoningContent,
            Reasoning = _delta.Reasoning,
            FinishReason = _finishReason,
            ToolCalls = _delta.ToolCalls,
            FunctionCall = _delta.FunctionCall,
            ThinkingBlocks = _delta.ThinkingBlocks,
            HasChoice = HasChoice,
            HasOtherChoices = _hasOtherChoices,
            IsTextOnly = HasChoice && _delta.Content.IsPresent && _finishReason.IsAbsent && _usage.IsAbsent
                && !(_hasOtherChoices || _delta.HasRole || _delta.HasReasoningMember || _delta.HasOtherVisible),
            HasRole = _delta.HasRole,
            HasLabels = _hasId && _hasObject && _hasCreated && _hasModel && _hasChoices && (!HasChoice || (_hasIndex && _delta.Whole.IsPresent)),
            NeedsMending = _hasOddReason || _hasInnerUsage || _delta.NeedsMending,
            HasReasoningMember = _delta.HasReasoningMember,
            HasOtherVisible = _delta.HasOtherVisible,
            IsRefusal = _delta.IsRefusal,
        };

        private void ReadChoices(ref Utf8JsonReader reader)
        {
            HasChoice = _hasOtherChoices = false;
            _finishReason = default;
            _hasOddReason = _hasInnerUsage = false;
            _delta = default;
            _hasIndex = false;
            _hasChoices = reader.TokenType is JsonTokenType.StartArray;
            if (reader.TokenType is not JsonTokenType.StartArray)
            {
                reader.Skip();
                return;
            }

            while (reader.Read() && reader.TokenType is not JsonTokenType.EndArray)
            {
                if (HasChoice || reader.TokenType is not JsonTokenType.StartObject)
                {
                    _hasOtherChoices |= HasChoice;
                    HasChoice = true;
                    reader.Skip();
                    continue;
                }

                HasChoice = true;
                ReadChoice(ref reader);
            }
        }

        private void ReadChoice(ref Utf8JsonReader reader)
        {
            while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
            {
                if (reader.TextIs("delta"u8))
                {
                    reader.Read();
                    _delta = DeltaFinding.Read(ref reader);
                }
                else if (reader.TextIs("finish_reason"u8))
                {
                    reader.Read();
                    _hasOddReason = IsOdd(ref reader);
                    _finishReason = ReadTextHere(ref reader);
                }
                else if (reader.TextIs("usage"u8))
                {
                    reader.Read();
                    _hasInnerUsage = reader.TokenType is JsonTokenType.StartObject;
                    reader.Skip();
                }
                else if (reader.TextIs("index"u8))
                {
                    reader.Read();
                    _hasIndex = reader.TokenType is JsonTokenType.Number;
                    _hasOtherChoices |= reader.TokenType is JsonTokenType.Number && (!reader.TryGetInt32(out var index) || index != 0);
                    reader.Skip();
                }
                else
                {
                    reader.Read();
                    reader.Skip();
                }
            }
        }
    }

    private struct DeltaFinding
    {
        public ByteRange Whole;
        public ByteRange Content;
        public ByteRange ReasoningContent;
        public ByteRange Reasoning;
        public ByteRange ToolCalls;
        public ByteRange FunctionCall;
        public ByteRange ThinkingBlocks;
        public bool HasRole;
        public bool NeedsMending;
        public bool HasReasoningMember;
        public bool HasOtherVisible;
        public bool IsRefusal;

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
                    found.Content = isText ? TextRange(ref reader) : default;
                    hasOtherContent = !isText && IsFilled(ref reader);
                }
                else if (reader.TextIs("role"u8))
                {
                    reader.Read();
                    hasOddRole = IsOdd(ref reader);
                    found.HasRole = ReadTextHere(ref reader).IsPresent;
                }
                else if (reader.TextIs("tool_calls"u8))
                {
                    reader.Read();
                    var at = (int)reader.TokenStartIndex;
                    hasCalls = reader.TokenType is JsonTokenType.StartArray & IsFilled(ref reader);
                    found.ToolCalls = hasCalls ? new(at, (int)reader.BytesConsumed - at) : default;
                }
                else if (reader.TextIs("function_call"u8))
                {
                    reader.Read();
                    var at = (int)reader.TokenStartIndex;
                    hasFunctionCall = reader.TokenType is JsonTokenType.StartObject & IsFilled(ref reader);
                    found.FunctionCall = hasFunctionCall ? new(at, (int)reader.BytesConsumed - at) : default;
                }
                else if (reader.TextIs("reasoning_content"u8))
                {
                    found.HasReasoningMember = true;
                    found.ReasoningContent = ReadText(ref reader);
                }
                else if (reader.TextIs("reasoning"u8))
                {
                    found.HasReasoningMember = true;
                    found.Reasoning = ReadText(ref reader);
                }
                else if (reader.TextIs("reasoning_details"u8))
                {
                    found.HasReasoningMember = true;
                    reader.Read();
                    reader.Skip();
                }
                else if (reader.TextIs("thinking_blocks"u8))
                {
                    found.HasReasoningMember = true;
                    reader.Read();
                    var at = (int)reader.TokenStartIndex;
                    found.ThinkingBlocks = reader.TokenType is JsonTokenType.StartArray & IsFilled(ref reader) ? new(at, (int)reader.BytesConsumed - at) : default;
                }
                else if (reader.TextIs("refusal"u8))
                {
                    reader.Read();
                    hasRefusal = IsFilled(ref reader);
                }
                else
                {
                    // What a client may show. Anything else unknown is metadata, and no reason to commit to this stream.
                    var isShown = reader.TextIs("audio"u8) || reader.TextIs("images"u8) || reader.TextIs("annotations"u8);
                    reader.Read();
                    hasOther |= IsFilled(ref reader) && isShown;
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

    private static ByteRange ReadValue(ref Utf8JsonReader reader)
    {
        reader.Read();
        return ReadValueHere(ref reader);
    }

    private static ByteRange ReadValueHere(ref Utf8JsonReader reader)
    {
        var isNull = reader.TokenType is JsonTokenType.Null;
        var range = SkipValue(ref reader);
        return isNull ? default : range;
    }

    private static ByteRange SkipValue(ref Utf8JsonReader reader)
    {
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return new(start, (int)reader.BytesConsumed - start);
    }

    private static ByteRange ReadText(ref Utf8JsonReader reader)
    {
        reader.Read();
        return ReadTextHere(ref reader);
    }

    /// <summary>Whether a value is neither null nor a text that says something.</summary>
    private static bool IsOdd(ref Utf8JsonReader reader) =>
        reader.TokenType is not JsonTokenType.Null && (reader.TokenType is not JsonTokenType.String || reader.ValueSpan.IsEmpty);

    private static bool IsText(ref Utf8JsonReader reader) => reader.TokenType is JsonTokenType.String && !reader.ValueSpan.IsEmpty;

    private static ByteRange ReadTextHere(ref Utf8JsonReader reader)
    {
        if (reader.TokenType is JsonTokenType.String)
        {
            return TextRange(ref reader);
        }

        reader.Skip();
        return default;
    }

    private static ByteRange TextRange(ref Utf8JsonReader reader) => new((int)reader.TokenStartIndex + 1, reader.ValueSpan.Length);

    /// <summary>Moves to the end of a value and says whether it is more than null, false, an empty string, array or object.</summary>
    private static bool IsFilled(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.Null or JsonTokenType.False:
                return false;
            case JsonTokenType.String:
                return reader.ValueSpan.Length > 0;
            case JsonTokenType.StartArray or JsonTokenType.StartObject:
                var depth = reader.CurrentDepth;
                var count = 0;
                while (reader.Read() && reader.CurrentDepth > depth)
                {
                    count++;
                }

                return count > 0;
            default:
                return true;
        }
    }
}
