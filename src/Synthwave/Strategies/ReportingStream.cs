using Synthwave.Chat.Cleaning;
using Synthwave.Chat.Events;
using Synthwave.Telemetry.Reports;

namespace Synthwave.Strategies;

/// <summary>A committed answer that carries its facts into the reports when it ends or is given up.</summary>
/// <param name="inner">Owned.</param>
/// <param name="call">The call whose text this is.</param>
/// <param name="dispatch">The request.</param>
/// <param name="owned">Disposed with the stream; null = nothing is.</param>
internal sealed class ReportingStream(CleanAnswerStream inner, CallReport call, Dispatch dispatch, IDisposable? owned) : AnswerStream
{
    private bool _noted;

    public override ReadOnlyMemory<byte>? UsageChunk => inner.UsageChunk;

    public override StreamLabels Labels => inner.Labels;

    public override bool HasBuffered => inner.HasBuffered;

    public override ValueTask<bool> MoveNextAsync(CancellationToken cancellationToken)
    {
        var moving = inner.MoveNextAsync(cancellationToken);
        return moving.IsCompletedSuccessfully ? new(Take(moving.Result)) : AwaitAsync(moving);
    }

    public override async ValueTask DisposeAsync()
    {
        Note();
        await inner.DisposeAsync();
        owned?.Dispose();
    }

    private async ValueTask<bool> AwaitAsync(ValueTask<bool> moving) => Take(await moving);

    private bool Take(bool moved)
    {
        if (moved)
        {
            Current = inner.Current;
            return true;
        }

        Failure = inner.Failure is not null && dispatch.IsLatencyOver ? LatencyCap.StreamError : inner.Failure;
        Note();
        return false;
    }

    private void Note()
    {
        if (!_noted)
        {
            _noted = true;
            AnswerFacts.Of(inner).NoteIn(call, dispatch.Report);
        }
    }
}
