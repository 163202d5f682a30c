using Synthwave.Chat.Cleaning;
using Synthwave.Chat.Completions;
using Synthwave.Telemetry.Reports;
using Synthwave.Upstreams.Faults;

namespace Synthwave.Upstreams;

/// <summary>The result of one upstream call: one of the three records below.</summary>
internal abstract record UpstreamReply
{
    private CallReport? _call;

    /// <summary>The report of the call, set by whoever makes it on every reply that leaves <see cref="IUpstream.CallAsync"/>.</summary>
    public CallReport Call
    {
        get => _call ?? throw new InvalidOperationException("The reply has not been reported yet.");
        set => _call = value;
    }
}

/// <summary>A 2xx with a JSON object, in OpenAI's <c>chat.completion</c> shape whatever the upstream's protocol. The shape of <c>choices</c> is not judged yet.</summary>
internal sealed record CompleteUpstreamReply(int Status, ReadOnlyMemory<byte> Body) : UpstreamReply
{
    /// <summary>What the protocol found in <see cref="Body"/> when it had to read it; null = it had not.</summary>
    public Completion? Completion { get; init; }

    /// <summary>What was found in <see cref="Body"/> where vectors were asked for; null = it was not read.</summary>
    public EmbeddingsReply? Embeddings { get; init; }

    /// <summary>See <see cref="CompletionEditor.Clean(Completion, AnswerPolicy)"/>; null = the body is no JSON object.</summary>
    public CleanCompletion? Clean(AnswerPolicy policy) => Completion is { } read ? CompletionEditor.Clean(read, policy) : CompletionEditor.Clean(Body, policy);
}

/// <summary>A 2xx event stream whose head has arrived. The receiver disposes the stream.</summary>
internal sealed record StreamingUpstreamReply(UpstreamStream Stream) : UpstreamReply;

internal sealed record FaultedUpstreamReply(UpstreamFault Fault) : UpstreamReply;
