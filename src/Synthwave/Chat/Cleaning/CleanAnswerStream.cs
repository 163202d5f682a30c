using System.Text;
using System.Text.Json;
using Synthwave.Chat.Completions;
using Synthwave.Chat.Events;
using Synthwave.Chat.Memory;
using Synthwave.Chat.Tools;
using Synthwave.Json;

namespace Synthwave.Chat.Cleaning;

/// <summary>
/// One model's stream, cleaned as an <see cref="AnswerPolicy"/> says. Until <see cref="CommitAsync"/> has found the first visible piece nothing is
/// shown, so that another model may still take over; what belongs before that piece (the role above all) is held and comes out first. Owns its
/// source.
/// </summary>
internal sealed class CleanAnswerStream : AnswerStream
{
    private static readonly GatewayError UpstreamError = new(502, "upstream_error", "The upstream reported an error in its stream.");

    private static readonly GatewayError TooMuchHeld =
        new(502, "upstream_protocol_error", "The upstream sent more than max_reply_mb in [server] lets be held before the first content of its answer.");

    private static readonly GatewayError AfterTheEnd = new(502, "upstream_protocol_error", "The upstream went on after the end of its stream.");

    private static readonly GatewayError CutOff = new(502, "upstream_error", "The upstream's stream ended in the middle of a call.");

    private static readonly GatewayError ContractBroken =
        new(502, "upstream_protocol_error", "The upstream's answer does not keep to the tools of the request.");

    private readonly ChatStream _source;
    private readonly CallCheck? _calls;
    private readonly AnswerPolicy _policy;
    private readonly TimeProvider _time;
    private readonly AnswerChunkCleaner _cleaner;
    private AnswerRescue? _rescue;
    private readonly HeldChunks _held = new();
    private readonly Queue<ChatStreamEvent> _ready = new();
    private ChatStreamEvent _direct;
    private bool _hasDirect;
    private bool _isDone;
    private bool _isSourceOver;
    private bool _isEnded;
    private bool _isRoleKnown;
    private bool _isCommitted;
    private bool _hasRefusal;
    private long _rescueBytes;
    private long _takenBytes;
    private bool _lacksMemory;
    private long _rescuedChars;
    private int _unseenCalls;
    private AnswerStart? _start;
    private StreamLabels? _labels;
    private byte[]? _usageChunk;
    private byte[]? _besideChoice;
    private IAnswerEnding? _ending;
    private bool _isEndNoted;

    public CleanAnswerStream(ChatStream source, AnswerPolicy policy, TimeProvider time)
    {
        _calls = policy.Contract is { } contract ? new CallCheck(contract, policy.IsContractBinding, policy.MaxHeldBytes) : null;
        _source = source;
        _policy = policy;
        _time = time;
        _cleaner = new AnswerChunkCleaner(policy);
        _rescue = policy is { Rescue: true, ExposeReasoning: false } ? new AnswerRescue() : null;
    }

    // What is held back of the answer, bytes.
    private long HeldBytes => _held.Bytes + _rescueBytes + (_cleaner.HeldChars * sizeof(char));

    private enum Progress
    {
        /// <summary>The source has nothing to take without waiting.</summary>
        Pending,

        /// <summary>Nothing to show yet.</summary>
        Continue,

        /// <summary>There is something to deliver.</summary>
        Ready,

        /// <summary>What is to be delivered is <see cref="ChatStream.Current"/> already.</summary>
        Shown,

        Ended,
    }

    public override ReadOnlyMemory<byte>? UsageChunk
    {
        get
        {
            // Usage that came with a choice is told where clients look for it, with whatever its server put beside the counts.
            _usageChunk ??= _besideChoice is null ? null : new ChunkComposer(Labels).Usage(_besideChoice);
            return _usageChunk is null ? default(ReadOnlyMemory<byte>?) : _usageChunk;
        }
    }

    public override StreamLabels Labels => _labels ??= MakeLabels(default, ChunkShape.None);

    /// <summary>Which kind of failure <see cref="ChatStream.Failure"/> is.</summary>
    public AnswerFailure FailureKind { get; private set; }

    /// <summary>As last reported; null = not at all (so far).</summary>
    public TokenUsage? Usage { get; private set; }

    public string? FinishReason { get; private set; }

    /// <summary>The name the model gives itself, also under a brand.</summary>
    public string? ResponseModel { get; private set; }

    /// <summary>Characters (UTF-16) of the answer's text so far.</summary>
    public long ContentChars => IsRescued ? _rescuedChars : _cleaner.ContentChars;

    /// <summary>Calls so far, in either form.</summary>
    public int ToolCallCount => _calls?.Count ?? _unseenCalls;

    /// <summary>The first character shown that is no white space; null = none yet, or it came out of what was held.</summary>
    public char? Opening { get; private set; }

    /// <summary>How the answer breaks the policy's contract, when that made it fail.</summary>
    public ContractBreach Breach { get; private set; }

    /// <summary>The answer's text came from a reasoning member.</summary>
    public bool IsRescued { get; private set; }

    /// <summary>Reasoning was taken out of the text.</summary>
    public bool IsStripped => _cleaner.HasStripped;

    /// <summary>
    /// Reads until the first visible piece is ready or the stream is over. Says the same when asked again. After <see cref="AnswerStart.Blank"/> or
    /// <see cref="AnswerStart.Refused"/> the stream can still be read: it has what the model sent instead of an answer, a finish reason for instance.
    /// </summary>
    public async ValueTask<AnswerStart> CommitAsync(CancellationToken cancellationToken)
    {
        while (!TryStart())
        {
            await _source.WaitAsync(cancellationToken);
        }

        return _start.GetValueOrDefault();
    }

    public override StreamStep Step()
    {
        if (!TryStart())
        {
            return StreamStep.Pending;
        }

        while (!TryDeliver())
        {
            if (_isEnded)
            {
                Current = default;
                NoteEnd();
                return StreamStep.End;
            }

            switch (Advance())
            {
                case Progress.Pending:
                    return StreamStep.Pending;
                case Progress.Shown:
                    return StreamStep.Event;
            }
        }

        return StreamStep.Event;
    }

    public override ValueTask WaitAsync(CancellationToken cancellationToken) => _source.WaitAsync(cancellationToken);

    /// <summary>From now on the stream is an answer that is told of: <paramref name="ending"/>, owned, hears of its end.</summary>
    public void EndWith(IAnswerEnding ending) => _ending = ending;

    public override async ValueTask DisposeAsync()
    {
        NoteEnd();
        _isEnded = true;
        _start ??= AnswerStart.Failed;
        _ready.Clear();
        _held.Clear();
        _hasDirect = false;
        LetGo();
        await _source.DisposeAsync();
        _ending?.Dispose();
    }

    private void NoteEnd()
    {
        if (_ending is not null && !_isEndNoted)
        {
            _isEndNoted = true;
            Failure = _ending.Note(this);
        }
    }

    /// <summary>Settles how the answer begins, as far as that can be seen without waiting; false = not yet.</summary>
    private bool TryStart()
    {
        while (_start is null)
        {
            var progress = Advance();
            if (progress is Progress.Pending)
            {
                return false;
            }

            if (!_isCommitted && Failure is null && _calls is { Breach: not ContractBreach.None })
            {
                progress = Break(_calls);
            }

            if (Failure is not null)
            {
                _start = AnswerStart.Failed;
            }
            else if (_isCommitted)
            {
                _start = AnswerStart.Committed;
            }
            else if (progress is Progress.Ended)
            {
                _start = _hasRefusal ? AnswerStart.Refused : AnswerStart.Blank;
            }
        }

        return true;
    }

    /// <summary>Deals with the next event that the check of calls shows, or with the source's end.</summary>
    private Progress Advance()
    {
        while (true)
        {
            if (_calls is not null && _calls.TryTakeReady(out var ready))
            {
                return Take(ready);
            }

            if (_isSourceOver)
            {
                return End();
            }

            switch (_source.Step())
            {
                case StreamStep.Pending:
                    return Progress.Pending;
                case StreamStep.End:
                    _isSourceOver = true;
                    _calls?.End(_source.HasLostRest);
                    break;
                case StreamStep.Event when _calls is null:
                    return Take(_source.Current);
                case StreamStep.Event when _calls.Check(_source.Current, out var shown):
                    return Take(shown);
                case StreamStep.Event:
                    _lacksMemory = !TryHold(HeldBytes + _calls.HeldBytes);
                    _isSourceOver = _calls.HoldsTooMuch || _lacksMemory;
                    break;
            }
        }
    }

    private bool TryDeliver()
    {
        if (_ready.TryDequeue(out var ready))
        {
            Current = ready;
            return true;
        }

        if (_hasDirect)
        {
            _hasDirect = false;
            Current = _direct;
            return true;
        }

        return false;
    }

    private Progress Take(in ChatStreamEvent current)
    {
        switch (current.Kind)
        {
            case StreamEventKind.Comment:
                return Progress.Continue;
            case StreamEventKind.Done:
                // The source itself says whether this was a proper end.
                _isDone = true;
                return Progress.Continue;
            case StreamEventKind.Error:
                return Fail(AnswerFailure.ErrorEvent, UpstreamError);
            default:
                return _isDone ? Fail(AnswerFailure.OutOfOrder, AfterTheEnd) : TakeChunk(current);
        }
    }

    private Progress TakeChunk(in ChatStreamEvent chunk)
    {
        if (_start is AnswerStart.Committed && _held.Count == 0 && _cleaner.TryPass(chunk))
        {
            Current = chunk;
            return Progress.Shown;
        }

        var shape = chunk.Shape;
        var data = chunk.Data.Span;
        _labels ??= MakeLabels(data, shape);
        if (shape.Usage.IsPresent)
        {
            Usage = TokenUsage.Read(shape.Usage.In(data)) ?? Usage;
            if (!shape.HasChoice)
            {
                _usageChunk = (_policy.Brand is null ? chunk.Data : CompletionEditor.WithModel(chunk.Data, _policy.Brand)).ToArray();
                return Progress.Continue;
            }

            if (_policy.WantsUsage)
            {
                _besideChoice = shape.Usage.In(data).ToArray();
                _usageChunk = null;
            }
        }

        if (!_isCommitted && shape is { IsRefusal: true, HasOtherChoices: false } && _policy.HoldsRefusal)
        {
            // Thoughts that led to a refusal are no answer.
            _hasRefusal = true;
            _rescue = null;
        }

        if (!_isCommitted && _rescue is not null && shape is { HasReasoningMember: true, HasOtherChoices: false })
        {
            _rescueBytes += _rescue.Add(data, shape);
        }

        var cleaned = _cleaner.Clean(chunk, _isRoleKnown);
        if (!shape.HasOtherChoices || cleaned.Kind is not AnswerChunkKind.Dropped)
        {
            NoteFacts(data, shape);
        }

        if (cleaned.RemovesHeldText)
        {
            _held.RemoveText(_cleaner);
        }

        var step = Place(cleaned);
        var held = HeldBytes;
        return held > _policy.MaxHeldBytes ? Fail(AnswerFailure.TooLarge, TooMuchHeld)
            : TryHold(held) ? step
            : Fail(AnswerFailure.NoMemory, MemoryBudget.Full);
    }

    private bool TryHold(long bytes)
    {
        if (bytes <= _takenBytes)
        {
            return true;
        }

        if (!_policy.Memory.TryTake(bytes - _takenBytes))
        {
            return false;
        }

        _takenBytes = bytes;
        return true;
    }

    private void LetGo()
    {
        if (_takenBytes > 0)
        {
            _policy.Memory.Give(_takenBytes);
            _takenBytes = 0;
        }
    }

    private Progress Place(in AnswerChunk chunk)
    {
        if (chunk.Kind is AnswerChunkKind.Dropped)
        {
            return Progress.Continue;
        }

        if (chunk.Kind is AnswerChunkKind.Visible || (_isCommitted && chunk.Kind is not AnswerChunkKind.Undecided))
        {
            if (!_isCommitted && _policy.Format is not null)
            {
                var text = JsonText.Unescape(chunk.Event.Shape.Content.In(chunk.Event.Data.Span)).AsSpan().TrimStart();
                Opening = text.IsEmpty ? null : text[0];
            }

            Commit();
            _isRoleKnown = true;
            _direct = chunk.Event;
            _hasDirect = true;
            return Progress.Ready;
        }

        var isWorthHolding = chunk.Kind is AnswerChunkKind.Undecided || chunk.Event.Shape is
            { HasRole: true } or { FinishReason.IsPresent: true } or { HasChoice: false } or { Content.IsPresent: true } or { IsRefusal: true };
        if (isWorthHolding || (_held.Count == 0 && !_isRoleKnown))
        {
            _isRoleKnown |= chunk.Event.Shape.HasRole;
            _held.Add(chunk);
        }

        return Progress.Continue;
    }

    /// <summary>Lets go what was held, except text that is not decided yet.</summary>
    private void Commit()
    {
        _isCommitted = true;
        _rescue = null;
        _rescueBytes = 0;
        LetGo();
        if (_held.Count > 0)
        {
            _held.MoveTo(_ready, keepsUndecided: _cleaner.IsUndecided);
        }
    }

    /// <summary>The source is over: what is still held becomes the answer, or a reasoning member does, or there is none.</summary>
    private Progress End()
    {
        _isEnded = true;
        if (_source.Failure is { } failure)
        {
            return Fail(AnswerFailure.Source, failure);
        }

        if (_calls is { HoldsTooMuch: true })
        {
            return Fail(AnswerFailure.TooLarge, TooMuchHeld);
        }

        if (_lacksMemory)
        {
            return Fail(AnswerFailure.NoMemory, MemoryBudget.Full);
        }

        if (_calls is { IsCut: true })
        {
            return Fail(AnswerFailure.Cut, CutOff);
        }

        if (!_isCommitted && _calls is { Breach: not ContractBreach.None } && !_cleaner.IsUndecided)
        {
            return Break(_calls);
        }

        var isHeldShown = _cleaner.Complete(out var text, out var moved);
        var rescued = !_isCommitted && !isHeldShown && string.IsNullOrWhiteSpace(text) ? _rescue?.Take(_policy.Strip) : null;
        if (rescued is not null)
        {
            IsRescued = true;
            _held.RemoveText(_cleaner);
            text = rescued;
            _rescuedChars = rescued.Length;
        }

        var isShown = isHeldShown || !string.IsNullOrWhiteSpace(text) || !string.IsNullOrWhiteSpace(moved);
        if (isShown)
        {
            Compose(text, moved);
        }

        var wasCommitted = _isCommitted;
        Commit();
        _isCommitted = wasCommitted || isShown;
        return Progress.Ended;
    }

    /// <summary>Puts what is in no chunk yet into chunks of our own, before the finish reason where that is still held.</summary>
    private void Compose(string text, string moved)
    {
        var composer = new ChunkComposer(Labels);
        List<byte[]> payloads = [];
        if (!_isRoleKnown)
        {
            payloads.Add(composer.Role());
            _isRoleKnown = true;
        }

        if (moved.Length > 0)
        {
            payloads.Add(composer.Text("reasoning_content"u8, moved));
        }

        if (text.Length > 0)
        {
            payloads.Add(composer.Content(text));
        }

        _held.InsertBeforeFinish(payloads);
    }

    private Progress Break(CallCheck calls)
    {
        Breach = calls.Breach;
        return Fail(AnswerFailure.Contract, ContractBroken);
    }

    private Progress Fail(AnswerFailure kind, GatewayError error)
    {
        FailureKind = kind;
        Failure = error;
        _isEnded = true;
        _hasDirect = false;
        _held.Clear();
        return Progress.Ended;
    }

    private void NoteFacts(ReadOnlySpan<byte> data, ChunkShape shape)
    {
        if (shape.FinishReason.IsPresent)
        {
            FinishReason = JsonText.Unescape(shape.FinishReason.In(data));
        }

        if (_calls is null && shape.ToolCalls.IsPresent)
        {
            _unseenCalls = Math.Max(_unseenCalls, CountCalls(shape.ToolCalls.In(data)));
        }
    }

    /// <summary>How many calls there are at least, going by the highest index; a server without indices sends whole calls.</summary>
    private int CountCalls(ReadOnlySpan<byte> calls)
    {
        var reader = JsonReading.ReaderAt(calls);
        var highest = -1;
        var unnumbered = 0;
        while (reader.Read() && reader.TokenType is not JsonTokenType.EndArray)
        {
            var index = -1;
            if (reader.TokenType is JsonTokenType.StartObject)
            {
                while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
                {
                    var isIndex = reader.TextIs("index"u8);
                    reader.Read();
                    index = isIndex && reader.TokenType is JsonTokenType.Number && reader.TryGetInt32(out var number) ? number : index;
                    reader.Skip();
                }
            }
            else
            {
                reader.Skip();
            }

            unnumbered += index < 0 ? 1 : 0;
            highest = Math.Max(highest, index);
        }

        return highest >= 0 ? highest + 1 : _unseenCalls + unnumbered;
    }

    private StreamLabels MakeLabels(ReadOnlySpan<byte> data, ChunkShape shape)
    {
        var model = Encoding.UTF8.GetString(shape.Model.In(data));
        if (model.Length > 2 && model[0] == '"')
        {
            ResponseModel = JsonText.Unescape(shape.Model.In(data)[1..^1]);
        }

        return new StreamLabels(
            shape.Id.IsPresent ? Encoding.UTF8.GetString(shape.Id.In(data)) : $"\"{NewId()}\"",
            shape.Created.IsPresent ? Encoding.UTF8.GetString(shape.Created.In(data)) : $"{_time.GetUtcNow().ToUnixTimeSeconds()}",
            _policy.Brand is not null ? Encoding.UTF8.GetString(JsonText.Quote(_policy.Brand)) : model.Length > 0 ? model : "\"\"");
    }

    internal static string NewId() => RandomHex.New(24, "chatcmpl-");
}
