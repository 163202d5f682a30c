namespace Synthwave.Upstreams;

/// <summary>The result of one upstream call: one of the three records below.</summary>
internal abstract record UpstreamReply;

/// <summary>A 2xx with a JSON object, in OpenAI's <c>chat.completion</c> shape whatever the upstream's protocol. The shape of <c>choices</c> is not judged yet.</summary>
internal sealed record CompleteUpstreamReply(int Status, ReadOnlyMemory<byte> Body) : UpstreamReply;

/// <summary>A 2xx event stream whose head has arrived. The receiver disposes the stream.</summary>
internal sealed record StreamingUpstreamReply(UpstreamStream Stream) : UpstreamReply;

internal sealed record FaultedUpstreamReply(UpstreamFault Fault) : UpstreamReply;
