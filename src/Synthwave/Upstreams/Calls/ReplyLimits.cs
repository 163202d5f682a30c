using Synthwave.Configuration;
using Synthwave.Upstreams.Faults;

namespace Synthwave.Upstreams.Calls;

/// <summary>The largest buffered replies, bytes. Vectors are many and are not read as texts are: they have a limit of their own.</summary>
/// <param name="Reply">Of everything but embeddings.</param>
/// <param name="Embeddings">Of embeddings.</param>
internal readonly record struct ReplyLimits(long Reply, long Embeddings)
{
    public static ReplyLimits Of(ServerConfig server) => new(server.MaxReplyBytes, server.MaxEmbeddingsBytes);

    public SizeLimit For(UpstreamOperation operation) => operation is UpstreamOperation.Embeddings ? SizeLimit.Embeddings(Embeddings) : SizeLimit.Reply(Reply);
}
