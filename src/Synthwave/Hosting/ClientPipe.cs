using System.IO.Pipelines;

namespace Synthwave.Hosting;

/// <summary>
/// A client's connection whose end is told only when nothing is left before it. The server takes a request body that came together with the end of the input for
/// one that was cut short, although all of it is there. Used like the pipe it stands for.
/// </summary>
internal sealed class ClientPipe(IDuplexPipe inner) : PipeReader, IDuplexPipe
{
    private readonly PipeReader _input = inner.Input;
    private SequencePosition _examined;

    public PipeReader Input => this;

    public PipeWriter Output { get; } = inner.Output;

    public override bool TryRead(out ReadResult result)
    {
        var isRead = _input.TryRead(out result);
        if (isRead)
        {
            result = WithoutEnd(result);
        }

        return isRead;
    }

    // A read that waits is ended by bytes or by the end, not by both.
    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        var read = _input.ReadAsync(cancellationToken);
        return read.IsCompletedSuccessfully ? new(WithoutEnd(read.Result)) : read;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        _examined = examined;
        _input.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead() => _input.CancelPendingRead();

    public override void Complete(Exception? exception = null) => _input.Complete(exception);

    // Whoever has looked at all there is and wants more has to know that none will come.
    private ReadResult WithoutEnd(in ReadResult result) =>
        result.IsCompleted && !result.Buffer.IsEmpty && !_examined.Equals(result.Buffer.End) ? new ReadResult(result.Buffer, result.IsCanceled, isCompleted: false) : result;
}
