using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;
using Synthwave.Telemetry.Journal;

namespace Synthwave.Api.Middleware;

/// <summary>Passes an answer on as it is and keeps a copy of its beginning. Used only where the operator wants answers kept.</summary>
internal sealed class AnswerTee(IHttpResponseBodyFeature inner, RequestContent content) : PipeWriter, IHttpResponseBodyFeature
{
    private Memory<byte> _room;

    public Stream Stream => AsStream(leaveOpen: true);

    public PipeWriter Writer => this;

    public override bool CanGetUnflushedBytes => inner.Writer.CanGetUnflushedBytes;

    public override long UnflushedBytes => inner.Writer.UnflushedBytes;

    public override Memory<byte> GetMemory(int sizeHint = 0) => _room = inner.Writer.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes)
    {
        content.AddAnswer(_room.Span[..bytes]);
        _room = _room[bytes..];
        inner.Writer.Advance(bytes);
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => inner.Writer.FlushAsync(cancellationToken);

    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
    {
        content.AddAnswer(source.Span);
        return inner.Writer.WriteAsync(source, cancellationToken);
    }

    public override void CancelPendingFlush() => inner.Writer.CancelPendingFlush();

    public override void Complete(Exception? exception = null) => inner.Writer.Complete(exception);

    public void DisableBuffering() => inner.DisableBuffering();

    public Task StartAsync(CancellationToken cancellationToken = default) => inner.StartAsync(cancellationToken);

    public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) => inner.SendFileAsync(path, offset, count, cancellationToken);

    public Task CompleteAsync() => inner.CompleteAsync();
}
