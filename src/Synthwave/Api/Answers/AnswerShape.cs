using System.Buffers;
using Synthwave.Chat;
using Synthwave.Chat.Events;
using Synthwave.Chat.Memory;
using Synthwave.Sse;
using Synthwave.Telemetry.Reports;

namespace Synthwave.Api.Answers;

/// <summary>
/// How one request's answer is written, as one document or as events. Used by one request's flow; members are called in the order
/// <see cref="Open"/>, <see cref="Write"/> …, then <see cref="Close"/> or <see cref="Fail"/>. Bytes go to a writer; nothing here waits.
/// </summary>
internal abstract class AnswerShape
{
    /// <summary>An event without content that keeps a quiet connection open, its end included.</summary>
    public virtual ReadOnlyMemory<byte> Heartbeat => SseFrame.Heartbeat;

    /// <summary>Why the answer has to end here, although its stream goes on: more of it would have to be kept than may be. Null = it does not.</summary>
    public virtual GatewayError? Trouble => null;

    /// <summary>Said before a stream's first event: what may be kept of it.</summary>
    /// <param name="limit">Most bytes.</param>
    /// <param name="memory">Out of which they are taken: the request's.</param>
    public virtual void KeepWithin(long limit, MemoryShare memory)
    {
    }

    /// <summary>The body of a finished answer.</summary>
    /// <param name="completion">A <c>chat.completion</c> document, brand and total usage already in it.</param>
    /// <param name="extension">The value of <c>x_meta_model</c>; empty = none.</param>
    public abstract ReadOnlyMemory<byte> Whole(ReadOnlyMemory<byte> completion, ReadOnlyMemory<byte> extension);

    /// <summary>What a stream begins with, as soon as its head leaves, before any content.</summary>
    /// <param name="report">As far as it is known by then.</param>
    /// <param name="output">Where the events go.</param>
    public virtual void Open(DispatchReport report, IBufferWriter<byte> output)
    {
    }

    /// <summary>One event of the answer.</summary>
    public abstract void Write(in ChatStreamEvent answer, IBufferWriter<byte> output);

    /// <summary>The end of a stream that finished.</summary>
    /// <param name="stream">At its end and disposed: only its labels and usage chunk are of use.</param>
    /// <param name="report">Complete.</param>
    /// <param name="extension">The value of <c>x_meta_model</c>; empty = none.</param>
    /// <param name="output">Where the events go.</param>
    public abstract void Close(AnswerStream stream, DispatchReport report, ReadOnlyMemory<byte> extension, IBufferWriter<byte> output);

    /// <summary>
    /// What <see cref="Close"/> left to be written, a piece at a time: a long end is not held in memory whole. False = that was all.
    /// </summary>
    public virtual bool CloseNext() => false;

    /// <summary>The end of a stream that broke after its head was out.</summary>
    public virtual void Fail(GatewayError error, IBufferWriter<byte> output) => output.Write(OpenAiErrors.Event(error).Span);
}
