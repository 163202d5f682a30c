using Synthwave.Chat;
using Synthwave.Telemetry;

namespace Synthwave.Strategies;

/// <summary>A committed answer that carries its facts into the reports when it ends or is given up.</summary>
internal sealed class ReportingStream(CleanAnswerStream inner, CallReport call, DispatchReport report) : AnswerStream
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

    public override ValueTask DisposeAsync()
    {
        Note();
        return inner.DisposeAsync();
    }

    private async ValueTask<bool> AwaitAsync(ValueTask<bool> moving) => Take(await moving);

    private bool Take(bool moved)
    {
        if (moved)
        {
            Current = inner.Current;
            return true;
        }

        Failure = inner.Failure;
        Note();
        return false;
    }

    private void Note()
    {
        if (!_noted)
        {
            _noted = true;
            AnswerFacts.Of(inner).NoteIn(call, report);
        }
    }
}
