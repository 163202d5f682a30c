using Synthwave.Chat;
using Synthwave.Chat.Cleaning;
using Synthwave.Chat.Completions;
using Synthwave.Telemetry.Reports;
using Synthwave.Upstreams;
using Synthwave.Upstreams.Faults;

namespace Synthwave.Strategies;

/// <summary>
/// What one call came to, before anybody is promised anything: a complete answer, a stream whose first content is ready, or a fault. Either
/// <see cref="Adopt"/> makes it the answer, or disposing gives it up.
/// </summary>
internal sealed class AnswerCandidate : IHedged
{
    private readonly CallReport _call;
    private readonly CompleteReply? _complete;
    private readonly AnswerFacts _facts;
    private readonly CleanAnswerStream? _stream;
    private readonly UpstreamStream? _source;
    private bool _isAdopted;
    private bool _isSpareTaken;

    private AnswerCandidate(CallReport call, UpstreamFault? fault, CompleteReply? complete, AnswerFacts facts, CleanAnswerStream? stream, UpstreamStream? source)
    {
        _call = call;
        Fault = fault;
        _complete = complete;
        _facts = facts;
        _stream = stream;
        _source = source;
    }

    /// <summary>Null = there is an answer.</summary>
    public UpstreamFault? Fault { get; }

    public bool IsAnswer => Fault is null;

    /// <summary>Beside a fault: what would be the answer if nobody else had one. Owned until it is taken.</summary>
    private AnswerCandidate? Spare { get; init; }

    public static AnswerCandidate Failed(CallReport call, UpstreamFault fault) => new(call, fault, null, default, null, null);

    /// <summary>A fault for as long as somebody else may answer, and <paramref name="spare"/> when nobody does.</summary>
    public static AnswerCandidate SetAside(CallReport call, UpstreamFault fault, AnswerCandidate spare) => new(call, fault, null, default, null, null) { Spare = spare };

    public static AnswerCandidate Complete(CallReport call, int status, CleanCompletion clean) =>
        new(call, null, new CompleteReply(status, clean.Body), AnswerFacts.Of(clean), null, null);

    /// <param name="call">The call's report.</param>
    /// <param name="stream">Committed; owned from now on.</param>
    /// <param name="source">The live stream below it; null = it was sliced from a document.</param>
    public static AnswerCandidate Streaming(CallReport call, CleanAnswerStream stream, UpstreamStream? source) => new(call, null, null, default, stream, source);

    /// <summary>Makes this the answer of the request. Once, and only without a fault may a reply come of it.</summary>
    /// <param name="dispatch">The request.</param>
    /// <param name="owned">Disposed with the stream; null = nothing is.</param>
    public Result<ChatReply, UpstreamFault> Adopt(Dispatch dispatch, IDisposable? owned = null)
    {
        _isAdopted = true;
        if (Fault is { } fault)
        {
            owned?.Dispose();
            return fault;
        }

        _call.HasWon = _call.IsHedge;
        if (_stream is { } stream)
        {
            dispatch.Report.FirstContentAt ??= dispatch.Clock.Time.GetTimestamp();
            _source?.Commit(dispatch.Clock.RemainingStreamTime());
            stream.EndWith(new AnswerReport(_call, dispatch, owned));
            return new StreamReply(stream);
        }

        owned?.Dispose();
        _facts.NoteIn(_call, dispatch.Report);
        return _complete!; // Without a fault and without a stream there is one.
    }

    /// <summary>What there is beside the fault, owned by the caller from now on; null = nothing.</summary>
    public AnswerCandidate? TakeSpare()
    {
        _isSpareTaken = true;
        return Spare;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_isAdopted && _stream is not null)
        {
            await _stream.DisposeAsync();
        }

        if (!_isSpareTaken && Spare is not null)
        {
            await Spare.DisposeAsync();
        }
    }
}
