using System.Buffers;
using System.Text.Json;
using Synthwave.Chat.Completions;
using Synthwave.Chat.Events;
using Synthwave.Chat.Reasoning;
using Synthwave.Configuration;
using Synthwave.Json;
using Synthwave.Sse;

namespace Synthwave.Chat.Cleaning;

/// <summary>What a chunk of the source means for the client.</summary>
internal enum AnswerChunkKind
{
    /// <summary>Nothing of it may be shown, and nothing else is left.</summary>
    Dropped,

    /// <summary>Nothing a client shows: role, metadata, white space before the answer.</summary>
    Silent,

    /// <summary>Its text may still turn out to be the beginning of a reasoning block.</summary>
    Undecided,

    /// <summary>Part of the answer.</summary>
    Visible,
}

/// <summary>A chunk as the client may see it.</summary>
/// <param name="Kind">What it means.</param>
/// <param name="Event">The source's own bytes, or rewritten ones, valid until the next chunk is cleaned.</param>
/// <param name="RemovesHeldText">The text of all undecided chunks so far is accounted for in this one; theirs must go.</param>
internal readonly record struct AnswerChunk(AnswerChunkKind Kind, ChatStreamEvent Event, bool RemovesHeldText);

/// <summary>
/// Cleans the chunks of one stream: reasoning out of the text, hidden members away, brand and usage as the policy says. A chunk in which nothing has
/// to change passes as it is, without a copy. Not thread-safe.
/// </summary>
internal sealed class AnswerChunkCleaner
{
    private static readonly string[] ContentMember = ["content"];

    private static readonly string[] ReasoningContentMember = ["reasoning_content"];

    private readonly AnswerPolicy _policy;
    private readonly LeadingReasoningFilter? _filter;
    private readonly ArrayBufferWriter<char>? _wholeText;
    private readonly byte[]? _brand;
    private readonly JsonEdits _edits = new();
    private readonly ChunkScanner _rescanner = new();
    private readonly ArrayBufferWriter<char> _chars = new();
    private readonly ArrayBufferWriter<char> _visible = new();
    private readonly ArrayBufferWriter<char> _moved = new();
    private readonly ArrayBufferWriter<byte> _output = new();
    private bool _hasText;
    private bool _hasHidden;
    private long _undecidedChars;

    public AnswerChunkCleaner(AnswerPolicy policy)
    {
        _policy = policy;
        _brand = policy.Brand is null ? null : JsonText.Quote(policy.Brand);
        if (policy is { Strip: ReasoningStrip.Anywhere, ExposeReasoning: false })
        {
            _wholeText = new ArrayBufferWriter<char>();
        }
        else if (policy.Strip is not ReasoningStrip.Off)
        {
            _filter = new LeadingReasoningFilter(isPrefilled: policy.Strip is ReasoningStrip.Prefilled);
        }
    }

    /// <summary>Whether some text so far is neither answer nor reasoning yet.</summary>
    public bool IsUndecided => _filter is { IsUndecided: true };

    /// <summary>Reasoning was taken out of the text.</summary>
    public bool HasStripped { get; private set; }

    /// <summary>Characters (UTF-16) of the answer so far.</summary>
    public long ContentChars { get; private set; }

    /// <summary>Characters kept until the text is over.</summary>
    public long HeldChars => _wholeText?.WrittenCount ?? 0;

    /// <summary>
    /// Lets a chunk of nothing but text pass as it is, where the text so far has shown that it may; false = it is for <see cref="Clean"/>.
    /// </summary>
    public bool TryPass(in ChatStreamEvent source)
    {
        if (_brand is not null || _wholeText is not null || _filter is { IsPassing: false } || !source.Shape.IsTextOnly)
        {
            return false;
        }

        Show(source.Shape.Content.In(source.Data.Span));
        return true;
    }

    /// <summary>Cleans one chunk.</summary>
    /// <param name="source">A chunk.</param>
    /// <param name="isRoleKnown">A chunk with the role was kept already, so that this one need not be for its sake.</param>
    public AnswerChunk Clean(in ChatStreamEvent source, bool isRoleKnown)
    {
        if (source.Shape.HasOtherChoices)
        {
            return TryNarrow(source, out var narrowed) ? Clean(narrowed, isRoleKnown) : default;
        }

        var shape = source.Shape;
        var isHiding = !_policy.ExposeReasoning && shape.HasReasoningMember;
        var cutsUsage = shape.Usage.IsPresent && shape.HasChoice;
        var isRefusal = shape.IsRefusal && _policy.HoldsRefusal;
        var isVisible = (shape.HasOtherVisible && !isRefusal) || (_policy.ExposeReasoning && (shape.ReasoningContent.IsPresent || shape.Reasoning.IsPresent));
        var text = shape.Content.IsPresent || NeedsFinish(shape) ? CleanText(source) : TextOutcome.Absent;
        if (shape.HasOtherVisible && IsUndecided)
        {
            // A call settles it: what was held before it is no beginning of a block.
            _filter!.Pass();
            CountUndecided();
            text = text is TextOutcome.Undecided ? TextOutcome.Shown : text;
        }

        isVisible |= text is TextOutcome.Shown || (text is TextOutcome.Rewritten && HasOutput);
        var remains = isVisible || isRefusal || shape.FinishReason.IsPresent || !shape.HasChoice || (shape.HasRole && !isRoleKnown) ||
            text is TextOutcome.Undecided or TextOutcome.Blank ||
            (text is TextOutcome.Rewritten && _visible.WrittenCount > 0);
        var removesHeld = text is TextOutcome.Rewritten && TakeUndecided();
        _hasHidden |= !_policy.ExposeReasoning && (HasStripped || shape.ReasoningContent.IsPresent || shape.Reasoning.IsPresent);
        if (!remains && (isHiding || text is TextOutcome.Rewritten || cutsUsage))
        {
            return new(AnswerChunkKind.Dropped, default, removesHeld);
        }

        var kind = isVisible ? AnswerChunkKind.Visible : text is TextOutcome.Undecided ? AnswerChunkKind.Undecided : AnswerChunkKind.Silent;
        var fitsLogProbabilities = HidesTokens(shape, isHiding, text) && LogProbabilities.MayBeIn(source.Data.Span);
        if (_brand is null && !isHiding && !cutsUsage && !fitsLogProbabilities && text is not TextOutcome.Rewritten)
        {
            return new(kind, source, removesHeld);
        }

        return new(kind, Rewrite(source, isHiding, cutsUsage, text is TextOutcome.Rewritten, fitsLogProbabilities, _output), removesHeld);
    }

    /// <summary>Says that the source is over; true when text that was held turns out to be part of the answer as it stands.</summary>
    /// <param name="text">What was held back and is in no chunk yet.</param>
    /// <param name="moved">Reasoning likewise, where it is exposed.</param>
    public bool Complete(out string text, out string moved)
    {
        ResetText();
        var isHeldShown = false;
        if (_wholeText is { WrittenCount: > 0 })
        {
            StripWholeText();
        }
        else if (_filter is { IsPassing: false })
        {
            isHeldShown = _filter.IsUndecided && _filter.HoldsVisible;
            CompleteFilter();
            CountUndecided();
        }

        text = new string(_visible.WrittenSpan);
        moved = _policy.ExposeReasoning ? new string(_moved.WrittenSpan) : "";
        ContentChars += text.Length;
        return isHeldShown;
    }

    /// <summary>The same chunk with its text taken away, in bytes of its own: the chunk cleaned last is still to be delivered.</summary>
    public ChatStreamEvent WithoutText(in ChatStreamEvent source)
    {
        ResetText();
        return Rewrite(source, isHiding: false, cutsUsage: false, setsText: true, fitsLogProbabilities: !_policy.ExposeReasoning, new ArrayBufferWriter<byte>());
    }

    // A server that sends the tokens of a hidden block later, or all at the end as a sliced document has them, sends them with no text.
    private bool HidesTokens(ChunkShape shape, bool isHiding, TextOutcome text) => !_policy.ExposeReasoning &&
        (text is TextOutcome.Rewritten || (isHiding && (shape.ReasoningContent.IsPresent || shape.Reasoning.IsPresent)) ||
            (shape.Content.IsAbsent && (_hasHidden || (isHiding && !shape.HasOtherVisible))));

    private bool HasOutput =>
        (_hasText ? _visible.WrittenCount > 0 : !_visible.WrittenSpan.IsWhiteSpace()) || (_policy.ExposeReasoning && _moved.WrittenCount > 0);

    private bool NeedsFinish(ChunkShape shape) =>
        shape.FinishReason.IsPresent && shape.Delta.IsPresent && (_filter is { IsPassing: false } || _wholeText is { WrittenCount: > 0 });

    private TextOutcome CleanText(in ChatStreamEvent source)
    {
        var shape = source.Shape;
        var body = shape.Content.In(source.Data.Span);
        var isFinished = shape.FinishReason.IsPresent && shape.Delta.IsPresent;
        if (_wholeText is not null)
        {
            ResetText();
            JsonText.Unescape(body, _wholeText);
            if (isFinished)
            {
                StripWholeText();
                ContentChars += _visible.WrittenCount;
            }

            return TextOutcome.Rewritten;
        }

        if (_filter is null or { IsPassing: true })
        {
            return Show(body);
        }

        if (_filter is { IsUndecided: true, HeldLength: 0 } && StartsPlainly(body))
        {
            _filter.Pass();
            return Show(body);
        }

        return FilterText(body, isFinished);
    }

    private TextOutcome FilterText(ReadOnlySpan<byte> body, bool isFinished)
    {
        ResetText();
        _chars.ResetWrittenCount();
        JsonText.Unescape(body, _chars);
        _filter!.Feed(_chars.WrittenSpan, _visible, _moved);
        var isHeldShown = _filter.IsPassing || _filter.HoldsVisible;
        if (isFinished)
        {
            CompleteFilter();
        }

        if (_filter.HasRemoved)
        {
            HasStripped = true;
            ContentChars += _visible.WrittenCount;
            _hasText |= !_visible.WrittenSpan.IsWhiteSpace();
            return TextOutcome.Rewritten;
        }

        _undecidedChars += _chars.WrittenCount;
        if (!_filter.IsPassing)
        {
            return TextOutcome.Undecided;
        }

        CountUndecided();
        _hasText |= isHeldShown;
        return isHeldShown ? TextOutcome.Shown : body.IsEmpty ? TextOutcome.Absent : TextOutcome.Blank;
    }

    private TextOutcome Show(ReadOnlySpan<byte> body)
    {
        if (body.IsEmpty)
        {
            return TextOutcome.Absent;
        }

        ContentChars += JsonMeasure.Utf16Length(body);
        _hasText = _hasText || !JsonText.IsBlank(body);
        return _hasText ? TextOutcome.Shown : TextOutcome.Blank;
    }

    private void CompleteFilter()
    {
        _filter!.Complete(_visible, _moved);
        if (!_filter.HasRemoved)
        {
            // The chunks that brought the text are still whole.
            _visible.ResetWrittenCount();
        }
    }

    private void StripWholeText()
    {
        var stripped = ReasoningAnywhere.Strip(new string(_wholeText!.WrittenSpan));
        HasStripped |= stripped.IsChanged;
        _visible.Write(stripped.Visible);
        _wholeText.ResetWrittenCount();
    }

    private bool TakeUndecided()
    {
        var hadUndecided = _undecidedChars > 0;
        _undecidedChars = 0;
        return hadUndecided;
    }

    private void CountUndecided()
    {
        ContentChars += _undecidedChars;
        _undecidedChars = 0;
    }

    private void ResetText()
    {
        _visible.ResetWrittenCount();
        _moved.ResetWrittenCount();
    }

    private ChatStreamEvent Rewrite(
        in ChatStreamEvent source, bool isHiding, bool cutsUsage, bool setsText, bool fitsLogProbabilities, ArrayBufferWriter<byte> output)
    {
        var shape = source.Shape;
        var data = source.Data.Span;
        if (_brand is not null)
        {
            SetModel(data, shape);
        }

        if (cutsUsage)
        {
            _edits.CutMember(data, shape.UsageMember);
        }

        if (setsText)
        {
            SetDelta(data, shape, isHiding);
        }
        else if (isHiding)
        {
            _edits.CutMembers(data, shape.Delta, ReasoningMembers.Names);
        }

        if (fitsLogProbabilities)
        {
            LogProbabilities.Fit(data, choice: 0, setsText ? new string(_visible.WrittenSpan) : JsonText.Unescape(shape.Content.In(data)), _edits);
        }

        return _edits.IsEmpty ? source : Frame(data, output);
    }

    private void SetModel(ReadOnlySpan<byte> data, ChunkShape shape)
    {
        if (shape.Model.IsAbsent)
        {
            // A null is left to be overruled: of a repeated name the last counts, so ours goes to the end.
            _edits.AppendMember(data, data.LastIndexOf((byte)'}'), "model"u8, _brand);
        }
        else if (!shape.Model.In(data).SequenceEqual(_brand))
        {
            _edits.Replace(shape.Model.Start, shape.Model.Length, _brand);
        }
    }

    /// <summary>Writes what the filter let through into the delta.</summary>
    private void SetDelta(ReadOnlySpan<byte> data, ChunkShape shape, bool isHiding)
    {
        var inserted = new List<byte[]>();
        List<string> cut = isHiding ? [.. ReasoningMembers.Names] : [];
        if (shape.Content.IsPresent)
        {
            _edits.Replace(shape.Content.Start, shape.Content.Length, JsonText.Quote(_visible.WrittenSpan).AsMemory()[1..^1]);
        }
        else if (_visible.WrittenCount > 0)
        {
            cut.AddRange(ContentMember);
            inserted.Add([.. "\"content\":"u8, .. JsonText.Quote(_visible.WrittenSpan)]);
        }

        if (_policy.ExposeReasoning && _moved.WrittenCount > 0)
        {
            if (shape.ReasoningContent.IsPresent)
            {
                _edits.Insert(shape.ReasoningContent.End, JsonText.Quote(_moved.WrittenSpan).AsMemory()[1..^1]);
            }
            else
            {
                cut.AddRange(ReasoningContentMember);
                inserted.Add([.. "\"reasoning_content\":"u8, .. JsonText.Quote(_moved.WrittenSpan)]);
            }
        }

        var kept = cut.Count > 0 ? _edits.CutMembers(data, shape.Delta, [.. cut]) : 1;
        for (var i = 0; i < inserted.Count; i++)
        {
            _edits.Insert(shape.Delta.Start + 1, inserted[i]);
            if (kept > 0 || i + 1 < inserted.Count)
            {
                _edits.Insert(shape.Delta.Start + 1, ","u8.ToArray());
            }
        }
    }

    private ChatStreamEvent Frame(ReadOnlySpan<byte> data, ArrayBufferWriter<byte> output)
    {
        output.ResetWrittenCount();
        output.Write(SseFrame.Prefix);
        _edits.Apply(data, output);
        var length = output.WrittenCount - SseFrame.PrefixLength;
        output.Write(SseFrame.Suffix);
        return Scan(output.WrittenMemory, length);
    }

    private ChatStreamEvent Scan(ReadOnlyMemory<byte> raw, int payloadLength)
    {
        // Data that came on several lines has line breaks between its tokens; ours goes out on one.
        var payload = raw.Slice(SseFrame.PrefixLength, payloadLength);
        if (payload.Span.ContainsAny((byte)'\n', (byte)'\r'))
        {
            raw = SseFrame.Wrap(payload.Span);
            payload = SseFrame.Payload(raw);
        }

        if (!_rescanner.TryScan(payload.Span, out var shape, out _))
        {
            throw new InvalidOperationException("An edited chunk must stay valid JSON.");
        }

        return new(StreamEventKind.Chunk, raw, payload, shape);
    }

    /// <summary>Keeps the first of several choices when it is the answer's, so that nothing of the others can slip through.</summary>
    private bool TryNarrow(in ChatStreamEvent source, out ChatStreamEvent narrowed)
    {
        narrowed = default;
        var data = source.Data.Span;
        var reader = JsonReading.ReaderAt(data);
        ByteRange others = default;
        var isOurs = false;
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            var isChoices = reader.TextIs("choices"u8);
            reader.Read();
            if (!isChoices || reader.TokenType is not JsonTokenType.StartArray)
            {
                reader.Skip();
                continue;
            }

            isOurs = ReadFirstIndex(ref reader);
            var firstEnd = (int)reader.BytesConsumed;
            while (reader.Read() && reader.TokenType is not JsonTokenType.EndArray)
            {
                reader.Skip();
            }

            others = new(firstEnd, (int)reader.TokenStartIndex - firstEnd);
        }

        if (!isOurs)
        {
            return false;
        }

        _edits.Clear();
        _edits.Replace(others.Start, others.Length, default);
        var output = new ArrayBufferWriter<byte>(data.Length + 16);
        output.Write(SseFrame.Prefix);
        _edits.Apply(data, output);
        var length = output.WrittenCount - SseFrame.PrefixLength;
        output.Write(SseFrame.Suffix);
        narrowed = Scan(output.WrittenMemory, length);
        return !narrowed.Shape.HasOtherChoices;
    }

    private static bool ReadFirstIndex(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType is not JsonTokenType.StartObject)
        {
            reader.Skip();
            return false;
        }

        var isZero = true;
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            var isIndex = reader.TextIs("index"u8);
            reader.Read();
            isZero &= !isIndex || (reader.TokenType is JsonTokenType.Number && reader.TryGetInt32(out var index) && index == 0);
            reader.Skip();
        }

        return isZero;
    }

    private static bool StartsPlainly(ReadOnlySpan<byte> body) =>
        !body.IsEmpty && body[0] is > (byte)' ' and < 0x7F and not ((byte)'<' or (byte)'\\');

    private enum TextOutcome
    {
        /// <summary>No text in this chunk.</summary>
        Absent,

        /// <summary>White space before any answer.</summary>
        Blank,

        Undecided,

        /// <summary>The chunk's own text stands.</summary>
        Shown,

        /// <summary>What the filter let through takes the place of the chunk's text.</summary>
        Rewritten,
    }
}
