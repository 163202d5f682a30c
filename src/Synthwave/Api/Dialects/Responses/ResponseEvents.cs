using System.Buffers;
using System.Globalization;
using System.Text;
using Synthwave.Api.Answers;
using Synthwave.Json;

namespace Synthwave.Api.Dialects.Responses;

/// <summary>
/// Writes the events of a response, numbered from 0.
/// <code>
/// created ─ in_progress ─┬─ item.added ─ part.added ─ …text.delta… ─ text.done ─ part.done ─ item.done ─┬─ completed │ incomplete │ failed
///                        ├─ item.added ─ …arguments.delta… ─ arguments.done ─ item.done ────────────────┤
///                        └─ item.added ─ what its kind of call has ─ item.done ─────────────────────────┘
/// </code>
/// A message ends where a call begins; calls, which may come interleaved, all end with the answer. A patch is announced when its file is known, at its end:
/// what came behind it waits, for clients count items as they are announced.
/// </summary>
internal sealed class ResponseEvents(ResponseItems items)
{
    // What an item takes beside its text, about.
    private const int ItemBytes = 512;

    private readonly EventLine _event = new();
    private IBufferWriter<byte>? _output;
    private int _sequence;

    /// <summary>Events with this number and lower are not written, but counted.</summary>
    public int SkipTo { get; set; } = -1;

    public ResponseSteps Steps { get; } = new();

    /// <summary>Counts what is kept: an item that must not be is not begun, and a text not added, for the answer ends there.</summary>
    public KeptBytes Kept { get; set; } = KeptBytes.Unlimited();

    /// <summary>An event about the response itself.</summary>
    public void Tell(string name, ReadOnlySpan<byte> response, IBufferWriter<byte> output)
    {
        BeginTell(name, output);
        _event.Write(response);
        EndTell();
    }

    /// <summary>Begins an event about the response, which is to be written in pieces with <see cref="Put(ReadOnlySpan{byte})"/>.</summary>
    public void BeginTell(string name, IBufferWriter<byte> output)
    {
        Begin(name, output);
        _event.Write(",\"response\":"u8);
    }

    /// <summary>Writes a piece of it.</summary>
    public void Put(ReadOnlySpan<byte> piece) => _event.Write(piece);

    /// <inheritdoc cref="Put(ReadOnlySpan{byte})"/>
    public void Put(ItemText piece) => piece.WriteTo(_event);

    /// <summary>Ends it.</summary>
    public void EndTell() => End();

    /// <summary>The event that ends the response, which is never left out.</summary>
    public void TellLast(string name, ReadOnlySpan<byte> response, IBufferWriter<byte> output)
    {
        SkipTo = -1;
        Tell(name, response, output);
    }

    /// <summary>Begins an item behind the others.</summary>
    public ResponseItem Start(ResponseItem item, IBufferWriter<byte> output)
    {
        if (items.All is [.., { Kind: not ResponseItemKind.Call } before])
        {
            Finish(before, "completed", output);
        }

        if (!Kept.TryKeep(ItemBytes))
        {
            return item;
        }

        Steps.Begin(item);
        items.Add(item);
        if (item.Tool is not ResponseToolKind.ApplyPatch && (item.Position == 0 || items.All[item.Position - 1].IsAnnounced))
        {
            Announce(item, output);
        }

        return item;
    }

    /// <summary>Adds to an item.</summary>
    public void Append(ResponseItem item, ReadOnlySpan<byte> text, ReadOnlySpan<byte> logProbabilities, IBufferWriter<byte> output)
    {
        if (text.IsEmpty || !Kept.TryKeep(text.Length + logProbabilities.Length + 1))
        {
            return;
        }

        Steps.Add(item, text.Length);
        item.Append(text);
        if (!logProbabilities.IsEmpty)
        {
            item.LogProbabilities ??= new(256);
            item.LogProbabilities.Write(item.LogProbabilities.WrittenCount > 0 ? ","u8 : default);
            item.LogProbabilities.Write(logProbabilities);
        }

        if (item is { IsAnnounced: true, HasDeltas: true })
        {
            WriteDelta(item, text, logProbabilities, output);
        }
    }

    /// <summary>Ends every item, in order, unless what was held back until now is too much to keep. What is yielded says nothing: whoever asks for the next one may let the bytes before it leave first.</summary>
    public IEnumerable<int> FinishAll(string finishReason, IBufferWriter<byte> output)
    {
        foreach (var item in items.All.Where(static i => !i.IsClosed))
        {
            Append(item, ResponseItems.TextOf(item, default, isEnd: true), default, output);
        }

        if (Kept.Trouble is not null)
        {
            yield break;
        }

        foreach (var item in items.All)
        {
            if (!item.IsAnnounced)
            {
                Announce(item, output);
                if (item.HasDeltas && !item.Text.IsEmpty)
                {
                    WriteDelta(item, item.Text.Joined(), default, output);
                }
            }

            var status = item.IsClosed ? item.Status : items.StatusOf(item, finishReason);
            if (Close(item, status))
            {
                FinishContent(item, output);
                yield return item.Position;
                FinishItem(item, status, output);
                yield return item.Position;
            }
        }
    }

    private void Announce(ResponseItem item, IBufferWriter<byte> output)
    {
        item.IsAnnounced = true;
        Begin("response.output_item.added", output);
        Place(item);
        _event.Write(",\"item\":"u8);
        item.Write(_event, "in_progress"u8, isEmpty: true);
        End();
        if (item.Kind is not ResponseItemKind.Call)
        {
            BeginPart(item.IsSummary ? "response.reasoning_summary_part.added" : "response.content_part.added", item, output);
            _event.Write(",\"part\":"u8);
            item.WritePart(_event, isDone: false);
            End();
        }
    }

    private void WriteDelta(ResponseItem item, ReadOnlySpan<byte> text, ReadOnlySpan<byte> logProbabilities, IBufferWriter<byte> output)
    {
        switch (item.Kind)
        {
            case ResponseItemKind.Call:
                Begin(item.Tool is ResponseToolKind.Custom ? "response.custom_tool_call_input.delta" : "response.function_call_arguments.delta", output);
                PlaceById(item);
                break;
            case ResponseItemKind.Reasoning:
                BeginPart(item.IsSummary ? "response.reasoning_summary_text.delta" : "response.reasoning_text.delta", item, output);
                break;
            default:
                BeginPart(item.IsRefusal ? "response.refusal.delta" : "response.output_text.delta", item, output);
                break;
        }

        _event.Write(",\"delta\":\""u8, text, "\""u8);
        if (item is { Kind: ResponseItemKind.Message, IsRefusal: false })
        {
            _event.Write(",\"logprobs\":["u8, logProbabilities, "]"u8);
        }

        End();
    }

    private void Finish(ResponseItem item, string status, IBufferWriter<byte> output)
    {
        if (Close(item, status))
        {
            FinishContent(item, output);
            FinishItem(item, status, output);
        }
    }

    // False = there is nothing to tell: an item nobody knows of is finished when its turn to be announced comes.
    private static bool Close(ResponseItem item, string status)
    {
        if (!item.IsClosed)
        {
            (item.IsClosed, item.Status) = (true, status);
        }

        if (item.IsDone || !item.IsAnnounced)
        {
            return false;
        }

        item.IsDone = true;
        return true;
    }

    private void FinishContent(ResponseItem item, IBufferWriter<byte> output)
    {
        switch (item.Kind)
        {
            case ResponseItemKind.Call when item.HasDeltas:
                FinishText(item, output);
                break;
            case ResponseItemKind.Call:
                FinishAction(item, output);
                break;
            default:
                FinishPart(item, output);
                break;
        }
    }

    private void FinishItem(ResponseItem item, string status, IBufferWriter<byte> output)
    {
        Begin("response.output_item.done", output);
        Place(item);
        _event.Write(",\"item\":"u8);
        item.Write(_event, Encoding.ASCII.GetBytes(status));
        End();
    }

    private void FinishText(ResponseItem item, IBufferWriter<byte> output)
    {
        var isCustom = item.Tool is ResponseToolKind.Custom;
        Begin(isCustom ? "response.custom_tool_call_input.done" : "response.function_call_arguments.done", output);
        PlaceById(item);
        if (!isCustom)
        {
            _event.Write(",\"name\":\""u8, item.Name.Span, "\""u8);
        }

        _event.Write(isCustom ? ",\"input\":\""u8 : ",\"arguments\":\""u8);
        item.Text.WriteTo(_event);
        _event.Write("\""u8);
        End();
    }

    // Only commands have events of their own in the API, whose client refuses events it does not know.
    private void FinishAction(ResponseItem item, IBufferWriter<byte> output)
    {
        if (item.Tool is not ResponseToolKind.Shell)
        {
            return;
        }

        using var document = JsonReading.Document(item.Action());
        var index = 0;
        foreach (var command in document.RootElement.Get("commands"u8).EnumerateArray())
        {
            WriteCommand(item, "response.shell_call_command.added", index, "command"u8, "\"\""u8, output);
            WriteCommand(item, "response.shell_call_command.delta", index, "delta"u8, command.Raw(), output);
            WriteCommand(item, "response.shell_call_command.done", index++, "command"u8, command.Raw(), output);
        }
    }

    private void WriteCommand(ResponseItem item, string name, int index, ReadOnlySpan<byte> member, ReadOnlySpan<byte> value, IBufferWriter<byte> output)
    {
        Begin(name, output);
        Place(item);
        _event.Write(",\"command_index\":"u8);
        WriteNumber(_event, index);
        _event.Write(",\""u8, member, "\":"u8);
        _event.Write(value);
        End();
    }

    private void FinishPart(ResponseItem item, IBufferWriter<byte> output)
    {
        BeginPart(item.IsSummary ? "response.reasoning_summary_text.done" : item.Kind is ResponseItemKind.Reasoning ? "response.reasoning_text.done" : item.IsRefusal ? "response.refusal.done" : "response.output_text.done", item, output);
        _event.Write(item.IsRefusal ? ",\"refusal\":\""u8 : ",\"text\":\""u8);
        item.Text.WriteTo(_event);
        _event.Write("\""u8);
        if (item is { Kind: ResponseItemKind.Message, IsRefusal: false })
        {
            _event.Write(",\"logprobs\":["u8, item.LogProbabilities is { } found ? found.WrittenSpan : default, "]"u8);
        }

        End();
        BeginPart(item.IsSummary ? "response.reasoning_summary_part.done" : "response.content_part.done", item, output);
        _event.Write(",\"part\":"u8);
        item.WritePart(_event, isDone: true);
        End();
    }

    private void BeginPart(string name, ResponseItem item, IBufferWriter<byte> output)
    {
        Begin(name, output);
        PlaceById(item);
        _event.Write(item.IsSummary ? ",\"summary_index\":0"u8 : ",\"content_index\":0"u8);
    }

    private void PlaceById(ResponseItem item)
    {
        _event.Write(",\"item_id\":\""u8);
        Encoding.ASCII.GetBytes(item.Id, _event);
        _event.Write("\""u8);
        Place(item);
    }

    private void Place(ResponseItem item)
    {
        _event.Write(",\"output_index\":"u8);
        WriteNumber(_event, item.Position);
    }

    private void Begin(string name, IBufferWriter<byte> output)
    {
        _output = _sequence <= SkipTo ? null : output;
        _output?.Write("event: "u8);
        if (_output is not null)
        {
            Encoding.ASCII.GetBytes(name, _output);
        }

        _output?.Write("\n"u8);
        _event.Begin(_output);
        _event.Write("data: {\"type\":\""u8);
        Encoding.ASCII.GetBytes(name, _event);
        _event.Write("\",\"sequence_number\":"u8);
        WriteNumber(_event, _sequence++);
    }

    private void End()
    {
        _event.Write("}"u8);
        _event.Flush();
        _output?.Write("\n\n"u8);
    }

    private static void WriteNumber(EventLine output, long number)
    {
        var span = output.GetSpan(20);
        number.TryFormat(span, out var written, default, CultureInfo.InvariantCulture);
        output.Advance(written);
    }
}
