using System.Buffers;
using System.Runtime.CompilerServices;
using Synthwave.Chat.Events;
using Synthwave.Chat.Requests;
using Synthwave.Json;
using Synthwave.Sse;

namespace Synthwave.Chat.Tools;

/// <summary>
/// One model's stream with its calls checked against the request. Events without calls pass as they are, untouched. A binding contract that demands a
/// call holds everything back until there is one; otherwise nothing is ever held but the pieces of a name. Owns its source. Not thread-safe.
/// </summary>
/// <param name="source">What the model sends.</param>
/// <param name="contract">What the request says about calls.</param>
/// <param name="isBinding">Another model could answer: a broken contract ends this answer, if nothing was shown of it yet.</param>
/// <param name="maxHeldBytes">Most bytes held back.</param>
internal sealed class CheckedCallStream(ChatStream source, ToolContract contract, bool isBinding, long maxHeldBytes) : ChatStream
{
    private readonly bool _holdsForCall = isBinding && contract.DemandsCall;

    // Made when first needed: most streams have no calls.
    private CallDeltaChecker? _checker;
    private ChunkScanner? _scanner;
    private ChunkEdits? _edits;
    private Queue<ChatStreamEvent>? _ready;
    private List<ChatStreamEvent>? _held;
    private long _heldBytes;
    private bool _isOver;

    public override bool HasBuffered => _ready is { Count: > 0 } || (!_isOver && source.HasBuffered);

    /// <summary>Calls the client sees, in either form.</summary>
    public int Count => _checker?.Count ?? 0;

    /// <summary>More had to be held back than is allowed: the stream ends here.</summary>
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

    public override ValueTask<bool> MoveNextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_ready is not null && _ready.TryDequeue(out var ready))
            {
                Current = ready;
                return new(true);
            }

            if (_isOver)
            {
                Current = default;
                return new(false);
            }

            var moving = source.MoveNextAsync(cancellationToken);
            if (!moving.IsCompletedSuccessfully)
            {
                return MoveSlowlyAsync(moving, cancellationToken);
            }

            if (moving.Result ? Take() : End())
            {
                return new(true);
            }
        }
    }

    public override ValueTask DisposeAsync()
    {
        _isOver = true;
        _ready = null;
        _held = null;
        return source.DisposeAsync();
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> MoveSlowlyAsync(ValueTask<bool> moving, CancellationToken cancellationToken)
    {
        if (await moving ? Take() : End())
        {
            return true;
        }

        return await MoveNextAsync(cancellationToken);
    }

    /// <summary>Deals with the source's current event; true = it, or what became of it, is <see cref="ChatStream.Current"/>.</summary>
    private bool Take()
    {
        var current = source.Current;
        var shape = current.Shape;
        if (current.Kind is not StreamEventKind.Chunk)
        {
            Current = current;
            return true;
        }

        if (shape.ToolCalls.IsPresent || shape.FunctionCall.IsPresent)
        {
            _checker ??= new CallDeltaChecker(contract);
            if (_checker.Take(current.Data.Span, shape) is { } calls)
            {
                current = WithCalls(current, calls);
                if (IsEmpty(current.Shape))
                {
                    return false;
                }
            }
        }

        if (current.Shape.FinishReason.IsPresent)
        {
            current = TakeFinish(current);
        }

        return Show(current);
    }

    private bool Show(in ChatStreamEvent current)
    {
        if (_holdsForCall && Count == 0)
        {
            var kept = Keep(current);
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
            _ready.Enqueue(Keep(current));
            return false;
        }

        Current = current;
        return true;
    }

    private void ReleaseHeld()
    {
        foreach (var held in _held ?? [])
        {
            (_ready ??= new()).Enqueue(held);
        }

        _held = null;
        _heldBytes = 0;
    }

    private bool End()
    {
        _isOver = true;
        Failure = source.Failure;
        if (Breach is ContractBreach.None)
        {
            ReleaseHeld();
        }

        _held = null;
        if (_ready is not null && _ready.TryDequeue(out var ready))
        {
            Current = ready;
            return true;
        }

        Current = default;
        return false;
    }

    private ChatStreamEvent TakeFinish(in ChatStreamEvent current)
    {
        var data = current.Data.Span;
        var shape = current.Shape;
        foreach (var index in _checker?.WithoutArguments ?? [])
        {
            var composer = new ChunkComposer(new StreamLabels(Label(data, shape.Id), Label(data, shape.Created, "0"), Label(data, shape.Model)));
            (_ready ??= new()).Enqueue(Scan(SseFrame.Wrap(composer.Delta((index, contract.IsLegacy), static (writer, call) =>
                CallDeltaChecker.WriteEmptyArguments(writer, call.index, call.IsLegacy)))));
        }

        var given = ChunkText.Unescape(shape.FinishReason.In(data));
        if (contract.FinishReason(given, Count > 0) is not { } fitting || fitting == given)
        {
            return current;
        }

        _edits ??= new ChunkEdits();
        _edits.Replace(shape.FinishReason.Start, shape.FinishReason.Length, ChunkText.Quote(fitting).AsMemory()[1..^1]);
        return Apply(data);
    }

    private static string Label(ReadOnlySpan<byte> data, ByteRange range, string none = "\"\"") =>
        range.IsPresent ? System.Text.Encoding.UTF8.GetString(range.In(data)) : none;

    private ChatStreamEvent WithCalls(in ChatStreamEvent current, ReadOnlyMemory<byte> calls)
    {
        var data = current.Data.Span;
        var delta = current.Shape.Delta;
        _edits ??= new ChunkEdits();
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
