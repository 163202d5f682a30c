using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Synthwave.Json;

namespace Synthwave.Upstreams.Protocols.History;

/// <summary>
/// A conversation as chat APIs want it: the outputs of calls right behind the message that made them, every call with an output, every output with a call,
/// arguments a text. What comes between moves behind the outputs, outputs without a call become text of a user message, missing ones are said to be missing.
/// Other bytes stay as they are, those between messages too; the same beginning of a conversation gives the same beginning. Used once.
/// </summary>
internal sealed class HistoryMending
{
    private readonly HistoryIndex _history;
    private readonly CallAnswers? _answers;
    private readonly bool _movesMedia;
    private readonly Action<int, JsonEdits>? _further;
    private readonly JsonEdits _edits = new();
    private readonly ArrayBufferWriter<byte> _output;
    private readonly ArrayBufferWriter<byte> _media = new();
    private HistoryMessage _caller;
    private int _last = -1;
    private bool _isChanged;
    private bool _hasWritten;

    private HistoryMending(HistoryIndex history, CallAnswers? answers, bool movesMedia, Action<int, JsonEdits>? further)
    {
        _history = history;
        _answers = answers;
        _movesMedia = movesMedia;
        _further = further;
        _isChanged = _answers is not null;
        _output = new ArrayBufferWriter<byte>(history.Json.Length + 256);
    }

    /// <summary>Whether a conversation may hold calls or outputs at all.</summary>
    public static bool MayHaveCalls(ReadOnlySpan<byte> messages) => messages.IndexOf("\"tool"u8) >= 0;

    /// <summary>The new array; null = nothing has to change.</summary>
    /// <param name="history">The conversation.</param>
    /// <param name="movesMedia">What is no text in a tool message goes to a user message behind the outputs.</param>
    /// <param name="further">Adds edits of a message, by its position; places count from its opening brace.</param>
    public static ReadOnlyMemory<byte>? Apply(HistoryIndex history, bool movesMedia, Action<int, JsonEdits>? further = null)
    {
        var isInOrder = CallAnswers.AreInOrder(history);
        if (isInOrder && further is null && !history.HasFlaws && !(movesMedia && history.HasMediaOutputs))
        {
            return null;
        }

        var mending = new HistoryMending(history, isInOrder ? null : new CallAnswers(history), movesMedia, further);
        mending.Run();
        return mending._isChanged ? mending._output.WrittenMemory : default(ReadOnlyMemory<byte>?);
    }

    private void Run()
    {
        var json = _history.Json.Span;
        var messages = _history.Messages;
        _output.Write(json[..messages[0].Whole.Start]);
        for (var i = 0; i < messages.Count; i++)
        {
            if (messages[i].Role is not HistoryRole.Tool)
            {
                EndOutputs();
                Write(i, messages[i]);
                _caller = messages[i];
                WriteOutputs(_caller);
            }
            else if (_answers is null)
            {
                Write(i, messages[i]);
            }
            else if (_answers.CallOf(i) is null && !_answers.IsRepetition(i))
            {
                EndOutputs();
                WriteOrphan(i, messages[i]);
            }
        }

        EndOutputs();
        _output.Write(json[messages[^1].Whole.End..]);
    }

    // In the order the client has them; what is missing comes last.
    private void WriteOutputs(in HistoryMessage message)
    {
        if (_answers is null || message.CallCount == 0 || message.Role is not HistoryRole.Assistant)
        {
            return;
        }

        var outputs = new List<int>(message.CallCount);
        for (var call = message.FirstCall; call < message.FirstCall + message.CallCount; call++)
        {
            if (_answers.AnswerOf(call) is { } answer)
            {
                outputs.Add(answer);
            }
        }

        outputs.Sort();
        foreach (var answer in outputs)
        {
            Write(answer, _history.Messages[answer]);
        }

        for (var call = message.FirstCall; call < message.FirstCall + message.CallCount; call++)
        {
            if (_answers.AnswerOf(call) is null)
            {
                Begin(-1);
                _output.Write("{\"role\":\"tool\",\"tool_call_id\":"u8, IdOf(call), ",\"content\":\""u8);
                _output.Write(HistoryWords.NoOutput, "\"}"u8, default);
            }
        }
    }

    private void Write(int position, in HistoryMessage message)
    {
        _edits.Clear();
        var text = _history.TextOf(message.Whole);
        if (message.Role is HistoryRole.Tool)
        {
            EditOutput(position, message);
        }
        else if (message.Role is HistoryRole.Assistant)
        {
            EditCalls(message);
        }

        _further?.Invoke(position, _edits);
        Begin(position);
        if (_edits.IsEmpty)
        {
            _output.Write(text);
            return;
        }

        _isChanged = true;
        _edits.Apply(text, _output);
    }

    private void EditOutput(int position, in HistoryMessage message)
    {
        var text = _history.TextOf(message.Whole);
        if (_answers?.CallOf(position) is { } call && (message.ResultOf.IsAbsent || _answers.OrdinalOf(call) > 0))
        {
            _edits.SetMember(text, "tool_call_id"u8, IdOf(call));
        }

        if (message.Content.IsAbsent)
        {
            _edits.SetMember(text, "content"u8, "\"\""u8.ToArray());
        }
        else if (_movesMedia && message.HasMedia)
        {
            _edits.Replace(message.Content.Start - message.Whole.Start, message.Content.Length, MoveMedia(position, message));
        }
    }

    private void EditCalls(in HistoryMessage message)
    {
        var text = _history.TextOf(message.Whole);
        var start = message.Whole.Start;
        if (message.HasEmptyCalls)
        {
            _edits.CutMembers(text, new(0, text.Length), ["tool_calls"]);
        }

        for (var i = message.FirstCall; i < message.FirstCall + message.CallCount; i++)
        {
            var call = _history.Calls[i];
            if (call.Id.IsAbsent || _answers?.OrdinalOf(i) > 0)
            {
                SetMember(text, new(call.Whole.Start - start, call.Whole.Length), "id"u8, IdOf(i));
            }

            if (call.Function.IsAbsent || call.HasArguments)
            {
                continue;
            }

            SetMember(text, new(call.Function.Start - start, call.Function.Length), "arguments"u8, Arguments(call));
        }
    }

    // Within an object of the message.
    private void SetMember(ReadOnlySpan<byte> message, ByteRange target, ReadOnlySpan<byte> name, ReadOnlyMemory<byte> value)
    {
        var current = JsonEdits.FindMember(target.In(message), name, out var end);
        if (current.IsPresent)
        {
            _edits.Replace(target.Start + current.Start, current.Length, value);
        }
        else
        {
            _edits.AppendMember(message, target.Start + end, name, value);
        }
    }

    // An object that was not made a text is made one; whatever else is no text says nothing.
    private byte[] Arguments(in HistoryCall call)
    {
        var given = _history.TextOf(call.Arguments);
        return given is [(byte)'{', ..] ? JsonText.Quote(System.Text.Encoding.UTF8.GetString(given)) : "\"{}\""u8.ToArray();
    }

    /// <summary>A call's id as a JSON string: its own, or one made of its place where it has none, or one its message has already.</summary>
    private byte[] IdOf(int call)
    {
        var given = _history.IdOf(call);
        var ordinal = _answers?.OrdinalOf(call) ?? 0;
        return JsonText.Quote(given is null ? string.Create(CultureInfo.InvariantCulture, $"call_{call}")
            : ordinal > 0 ? string.Create(CultureInfo.InvariantCulture, $"{given}_{ordinal + 1}")
            : given);
    }

    private void WriteOrphan(int position, in HistoryMessage message)
    {
        Begin(position);
        var head = (byte[])[.. HistoryWords.OrphanHead, .. JsonText.Quote(_history.ResultOf(position) ?? "?").AsSpan(1..^1), .. HistoryWords.OrphanTail];
        var content = _history.TextOf(message.Content);
        _output.Write("{\"role\":\"user\",\"content\":"u8);
        switch (content)
        {
            case [(byte)'"', .., (byte)'"']:
                _output.Write("\""u8, head, "\\n"u8);
                _output.Write(content[1..]);
                break;
            case [(byte)'[', .. var parts] when parts.IndexOfAnyExcept(" \t\r\n"u8) is var at && parts[at] != ']':
                _output.Write("[{\"type\":\"text\",\"text\":\""u8, head, "\"},"u8);
                _output.Write(parts);
                break;
            default:
                _output.Write("\""u8, head, "\""u8);
                break;
        }

        _output.Write("}"u8);
    }

    // Its texts remain; null cannot be, since what has media has content.
    private byte[] MoveMedia(int position, in HistoryMessage message)
    {
        using var document = JsonReading.Document(message.Content.In(_history.Json));
        var text = new ArrayBufferWriter<byte>();
        text.Write("\""u8);
        _media.Write(_media.WrittenCount == 0 ? "{\"type\":\"text\",\"text\":\""u8 : ",{\"type\":\"text\",\"text\":\""u8);
        _media.Write(HistoryWords.MediaHead, JsonText.Quote(OriginOf(position)).AsSpan(1..^1), HistoryWords.MediaTail);
        _media.Write("\"}"u8);
        foreach (var part in document.RootElement.EnumerateArray())
        {
            if (part.Is("type"u8, "text"u8) && part.Has("text"u8, JsonValueKind.String, out var words))
            {
                text.Write(text.WrittenCount > 1 ? "\\n"u8 : default);
                text.Write(words.RawText());
            }
            else if (part.ValueKind is JsonValueKind.Object)
            {
                _media.Write(","u8);
                _media.Write(part.Raw());
            }
        }

        text.Write(text.WrittenCount > 1 ? default : HistoryWords.MediaMoved);
        text.Write("\""u8);
        return text.WrittenSpan.ToArray();
    }

    // Templates show names rather than ids.
    private string OriginOf(int position)
    {
        var call = _answers?.CallOf(position) ?? Find(_history.TextOf(_history.Messages[position].ResultOf));
        return call < 0 ? _history.ResultOf(position) ?? "?"
            : $"{JsonText.Unescape(IdOf(call).AsSpan(1..^1))} ({JsonText.Unescape(_history.TextOf(_history.Calls[call].Name))})";
    }

    private int Find(ReadOnlySpan<byte> id)
    {
        for (var call = _caller.FirstCall; call < _caller.FirstCall + _caller.CallCount; call++)
        {
            if (_history.TextOf(_history.Calls[call].Id).SequenceEqual(id))
            {
                return call;
            }
        }

        return -1;
    }

    // Behind all outputs of the turn, since nothing may stand between them.
    private void EndOutputs()
    {
        if (_media.WrittenCount > 0)
        {
            Begin(-1);
            _output.Write("{\"role\":\"user\",\"content\":["u8, _media.WrittenSpan, "]}"u8);
            _media.ResetWrittenCount();
            _isChanged = true;
        }
    }

    /// <summary>Separates what comes from what was written; neighbours keep what stands between them.</summary>
    /// <param name="position">The message to come; -1 = one that the client did not write.</param>
    private void Begin(int position)
    {
        var messages = _history.Messages;
        if (position > 0 && _last == position - 1)
        {
            _output.Write(_history.Json.Span[messages[_last].Whole.End..messages[position].Whole.Start]);
        }
        else if (_hasWritten)
        {
            _output.Write(","u8);
        }

        _hasWritten = true;
        _last = position;
    }
}
