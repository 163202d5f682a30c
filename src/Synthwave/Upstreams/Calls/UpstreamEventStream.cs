using System.Buffers;
using System.Runtime.CompilerServices;
using Synthwave.Chat.Cleaning;
using Synthwave.Chat.Completions;
using Synthwave.Chat.Events;
using Synthwave.Json;
using Synthwave.Sse;
using Synthwave.Telemetry.Reports;
using Synthwave.Upstreams.Faults;
using Synthwave.Upstreams.Protocols;

namespace Synthwave.Upstreams.Calls;

/// <summary>
/// A live reply: events under the call's clocks, judged as they pass, reported when they end. The idle limit counts only while a read waits for the
/// upstream, not while the reader of the events is busy elsewhere. Nothing is rewritten here.
/// </summary>
internal sealed class UpstreamEventStream : UpstreamStream
{
    /// <summary>How long a finished answer waits for its usage and its end, and then its connection for the end of the body, before it is closed instead of reused.</summary>
    public static readonly TimeSpan Linger = TimeSpan.FromSeconds(2);

    // What is held for events of a usual size is part of what every request counts.
    private const int BufferOfSmallEvents = 64 * 1024;

    private readonly CallInFlight _call;
    private readonly HttpResponseMessage _response;
    private readonly Stream _body;
    private readonly IUpstreamProtocol _protocol;
    private readonly ProtocolEvents _events;
    private readonly string _upstream;
    private readonly TimeSpan _idleLimit;
    private readonly TimeProvider _time;
    private BodyForm _form;
    private SlicedStream? _document;
    private bool _hasContent;
    /// <summary>One event's.</summary>
    public static readonly SizeLimit EventLimit = new(SseEventReader.DefaultMaxEventBytes, null);

    private bool _isCommitted;
    private bool _isFinished;
    private bool _hasOtherChoices;
    private bool _isOver;
    private bool _isClosed;
    private long _finishedAt;
    private int _covered = BufferOfSmallEvents;
    private bool _disposed;

    /// <summary>Takes over the call and the response.</summary>
    public UpstreamEventStream(CallInFlight call, HttpResponseMessage response, Stream body, IUpstreamProtocol protocol, string upstream, TimeSpan idleLimit, TimeProvider time)
    {
        _call = call;
        _response = response;
        _body = body;
        _protocol = protocol;
        _upstream = upstream;
        _idleLimit = idleLimit;
        _time = time;
        _events = protocol.ReadEvents(body, call.Asked);
        _events.Hide(call.OwnKey);
    }

    public override CallReport Report => _call.Report;

    public override void Commit(TimeSpan maxStream)
    {
        if (!_isOver)
        {
            _isCommitted = true;
            _call.Clock.MoveDeadline(maxStream == TimeSpan.Zero ? null : maxStream);
        }
    }

    public override StreamStep Step()
    {
        if (_isOver)
        {
            return StreamStep.End;
        }

        if (_form is not BodyForm.Events && !HasEvents())
        {
            return StepInDocument();
        }

        return _events.Read() switch
        {
            EventReading.Event => Accept(_events.Current),
            EventReading.Pending => StreamStep.Pending,
            EventReading.End when _isFinished => Finish(),
            EventReading.Truncated when _isFinished => Finish(losesRest: true),
            EventReading.End or EventReading.Truncated => Break(new UpstreamFault(UpstreamFaultKind.Unreachable) { Status = Report.Status }),
            EventReading.TooLarge => Break(new UpstreamFault(UpstreamFaultKind.TooLarge) { Limit = EventLimit }),
            EventReading.NoMemory => Break(new UpstreamFault(UpstreamFaultKind.NoMemory) { Status = Report.Status }),
            _ => Break(new UpstreamFault(UpstreamFaultKind.Malformed)),
        };
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public override async ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        // Most callers wait with the token they called with, which the clock follows already.
        using var registration = cancellationToken == _call.Outer
            ? default
            : cancellationToken.UnsafeRegister(static state => ((CallClock)state!).Cancel(), _call.Clock);
        try
        {
            var filling = _events.FillAsync(_call.Clock.Token);
            if (!filling.IsCompleted)
            {
                _call.Clock.StartWait(_isFinished && !_hasOtherChoices ? Shorter(_idleLimit, _call.LeftOf(Linger, _finishedAt)) : _idleLimit);
            }

            await filling.ConfigureAwait(false);
            if (_events.Held > _covered && !TryCover())
            {
                Break(new UpstreamFault(UpstreamFaultKind.NoMemory) { Status = Report.Status });
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested || _call.Clock.IsCancelled)
        {
            _call.Cancel();
            Close();
            throw;
        }
        catch (Exception e) when (TransportFault.From(e, _call.Clock, Report.Status) is { } fault)
        {
            if (_isFinished && !_hasOtherChoices)
            {
                // The answer is whole, but for what its reader knows. Nobody needs the connection any more.
                Finish(losesRest: fault.Kind is not UpstreamFaultKind.TimedOut);
                Close();
            }
            else
            {
                Break(fault);
            }
        }
        finally
        {
            _call.Clock.StopWait();
        }
    }

    public override ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return default;
        }

        _disposed = true;
        _document?.Dispose();
        if (_covered > BufferOfSmallEvents)
        {
            _call.Memory.Give(_covered - BufferOfSmallEvents);
        }

        if (!_isOver || _isClosed || !_isFinished)
        {
            // The connection first: nothing may arrive in a buffer that has been given back.
            Close();
            _events.Dispose();
            return default;
        }

        _events.Dispose();
        _call.Leave();
        return ReleaseAsync();
    }

    // A buffer grows by what it holds: looked at after each read, it is never far ahead of what was taken for it.
    private bool TryCover()
    {
        var held = _events.Held;
        if (!_call.Memory.TryTake(held - _covered))
        {
            return false;
        }

        _covered = held;
        return true;
    }

    // Some servers call every reply to a streamed call an event stream, errors above all.
    private bool HasEvents()
    {
        if (_form is BodyForm.Unknown && (_events.IsAtEnd || !SniffedBody.IsBlank(_events.Ahead)))
        {
            _form = SniffedBody.LooksLikeDocument(_events.Ahead) ? BodyForm.Document : BodyForm.Events;
        }

        return _form is BodyForm.Events;
    }

    private StreamStep StepInDocument()
    {
        if (_document is null)
        {
            if (_events.Ahead.Length > SseEventReader.DefaultMaxEventBytes)
            {
                return Break(new UpstreamFault(UpstreamFaultKind.TooLarge) { Status = Report.Status });
            }

            if (!_events.IsAtEnd)
            {
                return StreamStep.Pending;
            }

            if (!_call.Memory.TryTake(_events.Ahead.Length))
            {
                return Break(new UpstreamFault(UpstreamFaultKind.NoMemory) { Status = Report.Status });
            }

            var reading = WholeReply.Read(_call, _protocol, Report.Status ?? 0, _events.Ahead.ToArray());
            if (reading.Reply is not CompleteUpstreamReply complete)
            {
                return Break(_call.Attribute(((FaultedUpstreamReply)reading.Reply).Fault));
            }

            _document = new SlicedStream(complete.Body, _time, complete.Completion);
        }

        return _document.Step() is StreamStep.Event ? Accept(_document.Current)
            : _document.Failure is null ? Finish()
            : Break(new UpstreamFault(UpstreamFaultKind.Malformed) { Status = Report.Status });
    }

    private StreamStep Accept(in ChatStreamEvent current)
    {
        switch (current.Kind)
        {
            case StreamEventKind.Done:
                _isFinished = true;
                _isOver = true;
                _call.Note(null);
                _call.Succeed();
                break;
            case StreamEventKind.Error:
                return BreakBy(current.Data);
            case StreamEventKind.Chunk:
                Tap(current);
                if (current.Shape.FinishReason.IsPresent && FinishReasons.IsFailure(current.Shape.FinishReason.In(current.Data.Span)))
                {
                    return BreakBy(current.Data);
                }

                break;
        }

        Current = current;
        return StreamStep.Event;
    }

    private void Tap(in ChatStreamEvent current)
    {
        var shape = current.Shape;
        _hasOtherChoices |= shape.HasOtherChoices;
        if (_isFinished)
        {
            // Some servers say the reason before the arguments are over.
            _finishedAt = _call.Now;
        }

        if ((!_hasContent || Report.Gaps is not null) && (shape.Content.IsPresent || shape.ToolCalls.IsPresent || shape.HasOtherVisible))
        {
            if (!_hasContent)
            {
                _hasContent = true;
                _call.NoteFirstContent();
            }

            Report.Gaps?.Note();
        }

        Report.EarlyUsage ??= _events.EarlyUsage;
        if (Report.ResponseModel is null && shape.Model.IsPresent)
        {
            Report.ResponseModel = shape.Model.In(current.Data.Span) is [(byte)'"', .., (byte)'"'] model ? Text(model[1..^1]) : null;
        }

        if (shape.IsTextOnly)
        {
            return;
        }

        if (shape.FinishReason.IsPresent)
        {
            _isFinished = true;
            _finishedAt = _call.Now;
            Report.FinishReason ??= Text(shape.FinishReason.In(current.Data.Span));
        }

        if (shape.Usage.IsPresent)
        {
            Report.Usage = TokenUsage.Read(shape.Usage.In(current.Data.Span)) ?? Report.Usage;
        }
    }

    private StreamStep BreakBy(ReadOnlyMemory<byte> error) => Break(_call.Attribute(_call.Understand(error, _protocol.ReadErrorEvent)));

    private StreamStep Finish(bool losesRest = false)
    {
        _isOver = true;
        HasLostRest = losesRest;
        _call.Note(null);
        _call.Succeed();
        return StreamStep.End;
    }

    // Once the model has begun to speak, whatever ends it is a broken stream, but for our own limit, which says nothing about the upstream.
    private StreamStep Break(UpstreamFault fault)
    {
        var isStall = fault.Kind == UpstreamFaultKind.TimedOut;
        if (isStall && _isCommitted && _call.Clock.IsPastDeadline)
        {
            fault = new UpstreamFault(UpstreamFaultKind.Cancelled) { Status = Report.Status, IsOverlong = true };
        }
        else if (_hasContent && fault.Kind is UpstreamFaultKind.TimedOut or UpstreamFaultKind.Unreachable)
        {
            fault = new UpstreamFault(UpstreamFaultKind.StreamBroken) { Status = Report.Status, IsStall = isStall };
        }

        fault = _hasContent ? fault with { WasWorkedOn = true } : fault;
        Report.FreeAttempts += !_hasContent && fault.IsFree() ? 1 : 0;
        _call.Note(fault);
        if (fault.IsOverlong)
        {
            _call.Cancel();
        }
        else
        {
            _call.Fail(fault);
        }

        Fault = fault;
        Failure = fault.ToGatewayError(_upstream);
        Close();
        return StreamStep.End;
    }

    // Ends the call and the connection with it: the rest of the reply is not wanted.
    private void Close()
    {
        _isOver = true;
        _isClosed = true;
        _call.Cancel();
        _response.Dispose();
        _call.Dispose();
    }

    /// <summary>Reads the end of the body, so that the connection can serve the next call, without holding up the caller for it.</summary>
    private ValueTask ReleaseAsync()
    {
        _call.Clock.MoveDeadline(Linger);
        var end = ReadEndAsync();
        return end.IsCompleted ? end : default;
    }

    private async ValueTask ReadEndAsync()
    {
        var rest = ArrayPool<byte>.Shared.Rent(256);
        try
        {
            while (await _body.ReadAsync(rest, _call.Clock.Token).ConfigureAwait(false) > 0)
            {
            }
        }
        catch (Exception e) when (e is IOException or HttpRequestException or OperationCanceledException)
        {
            // The answer is complete; what happens to the connection after it concerns nobody.
        }
        finally
        {
            // The connection first, as above.
            Close();
            ArrayPool<byte>.Shared.Return(rest);
        }
    }

    /// <summary>What the body is, whatever it is called.</summary>
    private enum BodyForm
    {
        Unknown,
        Events,
        Document,
    }

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    // A name that is long, or no text, is a name we do not report.
    private static string? Text(ReadOnlySpan<byte> raw) => raw.Length <= 256 ? JsonText.Decode(raw) : null;
}
