using System.Buffers;
using Synthwave.Chat.Events;
using Synthwave.Chat.Requests;
using Synthwave.Json;
using Synthwave.Sse;

namespace Synthwave.Chat.Tools;

/// <summary>
/// Checks the calls of one model's stream against the request, event by event. Events without calls are shown as they are, untouched. A binding contract
/// that demands a call holds everything back until there is one; otherwise nothing is ever held but the pieces of a name. Not thread-safe.
/// </summary>
/// <param name="contract">What the request says about calls.</param>
/// <param name="isBinding">Another model could answer: a broken contract ends this answer, if nothing was shown of it yet.</param>
/// <param name="maxHeldBytes">Most bytes held back.</param>
internal sealed class CallCheck(ToolContract contract, bool isBinding, long maxHeldBytes)
{
    private const int MaxHeldFinishes = 8;

    private readonly bool _holdsForCall = isBinding && contract.DemandsCall;

    // Made when first needed: most streams have no calls.
    private CallDeltaChecker? _checker;
    private ChunkScanner? _scanner;
    private JsonEdits? _edits;
    private Queue<ChatStreamEvent>? _ready;
    private List<ChatStreamEvent>? _held;
    private long _heldBytes;
    private List<ChatStreamEvent>? _finishes;
    private bool _hasEnd;
    private bool _hasRole;
    private bool _isCapped;
    private bool _promisesCalls;
    private bool _isOver;

    /// <summary>Calls the client sees, in either form.</summary>
    public int Count => _checker?.Count ?? 0;

    /// <summary>Bytes held back.</summary>
    public long HeldBytes => _heldBytes;

    /// <summary>More had to be held back than is allowed: the stream ends before this event.</summary>
    public bool HoldsTooMuch => _heldBytes > maxHeldBytes;

    /// <summary>
    /// How the answer breaks the contract. Before its end only what is certain already, and only when the contract is binding; after its end, an undeclared
    /// call in any case: whether there is an answer without it is for the reader to say.
    /// </summary>
    public ContractBreach Breach
    {
        get
        {
            if (_checker is { HasUndeclared: true } && (isBinding || (_isOver && Count == 0)))
            {
                return ContractBreach.UndeclaredTool;
            }

            if (!isBinding)
            {
                return ContractBreach.None;
            }

            return contract.Choice switch
            {
                ToolChoice.Specific when _checker is { HasUnforced: true } || (_isOver && Count == 0) => ContractBreach.ChoiceUnmet,
                ToolChoice.Required when _isOver && Count == 0 => ContractBreach.RequiredUnmet,
                _ => ContractBreach.None,
            };
        }
    }

    /// <summary>The model's stream is over without its end mark and in the middle of a call's arguments, which no cap has cut, or before the calls it said it ended with.</summary>
    public bool IsCut { get; private set; }

    /// <summary>Takes one event of the model's: true = it is shown, as <paramref name="shown"/>; otherwise what is to be shown for it is <see cref="TryTakeReady"/>'s.</summary>
    /// <param name="current">Lent, and so is <paramref name="shown"/>, until the next one.</param>
    /// <param name="shown">The event itself, or what became of it.</param>
    public bool Check(in ChatStreamEvent current, out ChatStreamEvent shown)
    {
        shown = current;
        if (current.Kind is not StreamEventKind.Chunk)
        {
            _hasEnd |= current.Kind is StreamEventKind.Done;
            return current.Kind is not StreamEventKind.Done || _finishes is null || ShowBehindFinish(current);
        }

        var shape = current.Shape;
        if (shape.ToolCalls.IsPresent || shape.FunctionCall.IsPresent)
        {
            _checker ??= new CallDeltaChecker(contract);
            if (_checker.Take(current.Data.Span, shape) is { } calls)
            {
                shown = WithCalls(current, calls);
                if (IsEmpty(shown.Shape))
                {
                    return false;
                }
            }
        }

        if (shown.Shape.FinishReason.IsPresent)
        {
            var reason = shown.Shape.FinishReason.In(shown.Data.Span);
            _isCapped |= reason.SequenceEqual("length"u8);
            _promisesCalls |= reason.SequenceEqual("tool_calls"u8);
            if (_checker is { HasOpen: true } || ((_checker is not null || contract.Declared.Count > 0) && SaysOnlyFinish(shown.Shape)))
            {
                return HoldFinish(shown, out shown) && Show(shown);
            }

            shown = TakeFinish(shown);
        }

        return Show(shown);
    }

    /// <summary>An event that was held back, or made here, and is to be shown before the model's next one.</summary>
    public bool TryTakeReady(out ChatStreamEvent ready)
    {
        ready = default;
        return _ready is not null && _ready.TryDequeue(out ready);
    }

    /// <summary>The model's stream is over: what is held is shown, unless the contract is broken.</summary>
    /// <param name="hasLostRest">More had begun to come.</param>
    public void End(bool hasLostRest = false)
    {
        _isOver = true;
        IsCut = !_hasEnd && !_isCapped && (_checker is null ? hasLostRest && _promisesCalls : _checker.HasOpenArguments || (hasLostRest && _checker.LacksArguments));
        if (Breach is ContractBreach.None && !IsCut)
        {
            ReleaseHeld();
            ReleaseFinish();
        }

        _held = null;
    }

    private bool Show(in ChatStreamEvent shown)
    {
        _hasRole |= shown.Shape.HasRole;
        if (_holdsForCall && Count == 0)
        {
            var kept = Keep(shown);
            (_held ??= []).Add(kept);
            _heldBytes += kept.Raw.Length;
            if (HoldsTooMuch)
            {
                _isOver = true;
                _held = null;
            }

            return false;
        }

        ReleaseHeld();
        if (_ready is { Count: > 0 })
        {
            _ready.Enqueue(Keep(shown));
            return false;
        }

        return true;
    }

    private void ReleaseHeld()
    {
        if (_held is null)
        {
            return;
        }

        foreach (var held in _held)
        {
            (_ready ??= new()).Enqueue(held);
        }

        _held = null;
        _heldBytes = 0;
    }

    private static bool SaysOnlyFinish(ChunkShape shape) =>
        shape is { HasOtherChoices: false, HasOtherVisible: false, Content.IsAbsent: true, HasReasoningMember: false, ToolCalls.IsAbsent: true, FunctionCall.IsAbsent: true };

    // Some servers say why they ended before the last of a call's arguments, or before a call. True = something of the event is shown now.
    private bool HoldFinish(in ChatStreamEvent current, out ChatStreamEvent shown)
    {
        var data = current.Data.Span;
        var shape = current.Shape;
        shown = current;
        _finishes ??= [];
        if (_finishes.Count >= MaxHeldFinishes)
        {
            return false;
        }

        // The role, where it comes only now, belongs before a call that is still to come.
        if (shape is { HasOtherVisible: false, Content.IsAbsent: true, HasReasoningMember: false } && (_hasRole || !shape.HasRole))
        {
            _finishes.Add(Keep(current));
            return false;
        }

        var reason = JsonText.Unescape(shape.FinishReason.In(data));
        _finishes.Add(Scan(SseFrame.Wrap(Composer(data, shape).Finish(reason, []))));
        _edits ??= new JsonEdits();
        _edits.Replace(shape.FinishReason.Start - 1, shape.FinishReason.Length + 2, "null"u8.ToArray());
        shown = Apply(data);
        return true;
    }

    private bool ShowBehindFinish(in ChatStreamEvent done)
    {
        ReleaseFinish();
        (_ready ??= new()).Enqueue(Keep(done));
        return false;
    }

    private void ReleaseFinish()
    {
        foreach (var held in _finishes ?? [])
        {
            var finish = TakeFinish(held);
            (_ready ??= new()).Enqueue(Keep(finish));
        }

        _finishes = null;
    }

    private ChatStreamEvent TakeFinish(in ChatStreamEvent current)
    {
        var data = current.Data.Span;
        var shape = current.Shape;
        foreach (var index in _checker?.TakeWithoutArguments() ?? [])
        {
            (_ready ??= new()).Enqueue(Scan(SseFrame.Wrap(Composer(data, shape).Delta((index, contract.IsLegacy), static (writer, call) =>
                CallDeltaChecker.WriteEmptyArguments(writer, call.index, call.IsLegacy)))));
        }

        var given = JsonText.Unescape(shape.FinishReason.In(data));
        if (contract.FinishReason(given, Count > 0) is not { } fitting || fitting == given)
        {
            return current;
        }

        _edits ??= new JsonEdits();
        _edits.Replace(shape.FinishReason.Start, shape.FinishReason.Length, JsonText.Quote(fitting).AsMemory()[1..^1]);
        return Apply(data);
    }

    private static ChunkComposer Composer(ReadOnlySpan<byte> data, ChunkShape shape) =>
        new(new StreamLabels(Label(data, shape.Id), Label(data, shape.Created, "0"), Label(data, shape.Model)));

    private static string Label(ReadOnlySpan<byte> data, ByteRange range, string none = "\"\"") =>
        range.IsPresent ? System.Text.Encoding.UTF8.GetString(range.In(data)) : none;

    private ChatStreamEvent WithCalls(in ChatStreamEvent current, ReadOnlyMemory<byte> calls)
    {
        var data = current.Data.Span;
        var delta = current.Shape.Delta;
        _edits ??= new JsonEdits();
        var kept = _edits.CutMembers(data, delta, ["tool_calls", "function_call"]);
        if (!calls.IsEmpty)
        {
            _edits.Insert(delta.End - 1, (byte[])[
                .. kept > 0 ? ","u8 : default, .. contract.IsLegacy ? "\"function_call\":"u8 : "\"tool_calls\":"u8, .. calls.Span]);
        }

        return Apply(data);
    }

    private ChatStreamEvent Apply(ReadOnlySpan<byte> data)
    {
        var output = new ArrayBufferWriter<byte>(data.Length + 128);
        _edits!.Apply(data, output); // Whoever calls this has just made edits.
        return Scan(SseFrame.Wrap(output.WrittenSpan));
    }

    private ChatStreamEvent Scan(byte[] raw)
    {
        var payload = SseFrame.Payload(raw);
        _scanner ??= new ChunkScanner();
        if (!_scanner.TryScan(payload.Span, out var shape, out _))
        {
            throw new InvalidOperationException("An edited chunk must stay valid JSON.");
        }

        return new(StreamEventKind.Chunk, raw, payload, shape);
    }

    private static bool IsEmpty(ChunkShape shape) => shape is
    {
        HasRole: false, HasOtherVisible: false, HasReasoningMember: false, Content.IsAbsent: true, FinishReason.IsAbsent: true, Usage.IsAbsent: true,
    };

    // What the source shows is only lent.
    private static ChatStreamEvent Keep(in ChatStreamEvent current)
    {
        var raw = current.Raw.ToArray();
        var isSlice = current.Raw.Span.Overlaps(current.Data.Span, out var offset);
        return current with { Raw = raw, Data = isSlice ? raw.AsMemory(offset, current.Data.Length) : current.Data.ToArray() };
    }
}
