using System.Buffers;

namespace Synthwave.Chat.Reasoning;

/// <summary>
/// Takes the reasoning an answer begins with out of its text, piece by piece. However a text is cut into pieces, the result is the same. Outside a
/// block at most one mark's length is held back (white space at the very start besides); once nothing more can be removed, nothing is.
/// Not thread-safe.
/// </summary>
internal sealed class LeadingReasoningFilter
{
    /// <summary>White space beyond this is an answer of its own kind; what follows it is left alone.</summary>
    private const int MaxLeadingSpace = 4096;

    private readonly ArrayBufferWriter<char> _work = new(64);
    private char[] _held = [];
    private int _heldLength;
    private State _state;
    private ReasoningTag _block;
    private HarmonyMessages? _harmony;
    private bool _trimSolution;

    /// <param name="isPrefilled">The chat template has opened the block: text is reasoning until a closing mark.</param>
    public LeadingReasoningFilter(bool isPrefilled = false)
    {
        _state = isPrefilled ? State.PrefilledStart : State.Start;
        HasRemoved = isPrefilled;
    }

    private enum State { Start, PrefilledStart, Block, AfterBlock, Solution, Harmony, Passing }

    /// <summary>All further text passes unchanged: it need not be fed.</summary>
    public bool IsPassing => _state is State.Passing;

    /// <summary>Something was, or in prefilled mode will be, taken out.</summary>
    public bool HasRemoved { get; private set; }

    /// <summary>Neither: the text so far is held and may still come out whole.</summary>
    public bool IsUndecided => !IsPassing && !HasRemoved;

    /// <summary>Characters held back at this moment.</summary>
    public int HeldLength => _heldLength;

    /// <summary>Text held back so far that is not only white space.</summary>
    public bool HoldsVisible => !_held.AsSpan(0, _heldLength).IsWhiteSpace();

    /// <summary>Decides that the text does not begin with reasoning. Only while nothing has been fed.</summary>
    public void Pass() => _state = State.Passing;

    /// <summary>Takes the next piece and appends what is certain by now to the answer and to the reasoning.</summary>
    public void Feed(ReadOnlySpan<char> piece, IBufferWriter<char> visible, IBufferWriter<char> reasoning)
    {
        if (_heldLength == 0)
        {
            Process(piece, isWhole: false, visible, reasoning);
            return;
        }

        _work.ResetWrittenCount();
        _work.Write(_held.AsSpan(0, _heldLength));
        _work.Write(piece);
        _heldLength = 0;
        Process(_work.WrittenSpan, isWhole: false, visible, reasoning);
    }

    /// <summary>Says that the text is over and appends what was held.</summary>
    public void Complete(IBufferWriter<char> visible, IBufferWriter<char> reasoning)
    {
        var held = _held.AsSpan(0, _heldLength);
        _heldLength = 0;
        Process(held, isWhole: true, visible, reasoning);
        _state = State.Passing;
    }

    private void Process(ReadOnlySpan<char> text, bool isWhole, IBufferWriter<char> visible, IBufferWriter<char> reasoning)
    {
        while (true)
        {
            var used = _state switch
            {
                State.Passing => Emit(text, visible),
                State.Block => LeaveBlock(text, isWhole, reasoning, State.AfterBlock),
                State.Solution => LeaveBlock(text, isWhole, visible, State.Passing),
                State.Harmony => _harmony!.Process(text, isWhole, visible, reasoning),
                _ => Enter(text, isWhole),
            };
            text = text[used.Length..];
            if (text.IsEmpty || used.NeedsMore)
            {
                Hold(text);
                return;
            }
        }
    }

    /// <summary>At the start, or after a block: looks for a mark behind white space.</summary>
    private Step Enter(ReadOnlySpan<char> text, bool isWhole)
    {
        var length = 0;
        var rest = text.TrimStart();
        var space = text.Length - rest.Length;
        var isCut = _state is State.AfterBlock;
        if (isCut && space > 0)
        {
            return new(space);
        }

        var tag = space > MaxLeadingSpace ? ReasoningTag.None : ReasoningTags.MatchOpening(rest, isWhole, out length);
        switch (tag)
        {
            case ReasoningTag.Partial:
                return new(0, NeedsMore: true);
            case ReasoningTag.None when _state is State.PrefilledStart:
                (_block, _state) = (ReasoningTag.Prefilled, State.Block);
                return default;
            case ReasoningTag.None:
                _state = State.Passing;
                return default;
        }

        HasRemoved = true;
        _block = tag;
        var used = space + length;
        if (tag is ReasoningTag.HarmonyChannel or ReasoningTag.HarmonyStart)
        {
            _state = State.Harmony;
            _harmony = new HarmonyMessages();
            used -= length;
        }
        else if (tag is ReasoningTag.Solution)
        {
            (_state, _block) = (State.Solution, ReasoningTag.Solution);
            _trimSolution = true;
        }
        else
        {
            // <think/> encloses nothing.
            _state = rest[length - 2] == '/' ? State.AfterBlock : State.Block;
        }

        return new(used);
    }

    private Step LeaveBlock(ReadOnlySpan<char> text, bool isWhole, IBufferWriter<char> sink, State after)
    {
        var skipped = 0;
        if (_trimSolution)
        {
            var trimmed = text.TrimStart();
            skipped = text.Length - trimmed.Length;
            if (trimmed.IsEmpty)
            {
                return new(skipped, NeedsMore: true);
            }

            _trimSolution = false;
            text = trimmed;
        }

        var at = 0;
        while (true)
        {
            var candidate = text[at..].IndexOfAny('<', '◁');
            if (candidate < 0)
            {
                sink.Write(text);
                return new(skipped + text.Length, NeedsMore: true);
            }

            at += candidate;
            var tag = ReasoningTags.MatchClosing(text[at..], _block, isWhole, out var length);
            if (tag is ReasoningTag.Partial)
            {
                sink.Write(text[..at]);
                return new(skipped + at, NeedsMore: true);
            }

            if (tag is not ReasoningTag.None)
            {
                sink.Write(text[..at]);
                if (tag is ReasoningTag.Solution && _block is not ReasoningTag.Solution)
                {
                    _block = ReasoningTag.Solution;
                    _trimSolution = true;
                    _state = State.Solution;
                }
                else
                {
                    _state = after;
                }

                return new(skipped + at + length);
            }

            at++;
        }
    }

    private static Step Emit(ReadOnlySpan<char> text, IBufferWriter<char> visible)
    {
        visible.Write(text);
        return new(text.Length, NeedsMore: true);
    }

    private void Hold(ReadOnlySpan<char> text)
    {
        if (text.Length > _held.Length)
        {
            _held = new char[Math.Max(2 * text.Length, 64)];
        }

        text.CopyTo(_held);
        _heldLength = text.Length;
    }

    /// <param name="Length">Characters dealt with.</param>
    /// <param name="NeedsMore">Nothing can be said about the rest until more text comes.</param>
    internal readonly record struct Step(int Length, bool NeedsMore = false);
}
