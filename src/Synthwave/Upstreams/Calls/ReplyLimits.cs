using Synthwave.Chat.Memory;
using Synthwave.Configuration;
using Synthwave.Upstreams.Faults;

namespace Synthwave.Upstreams.Calls;

/// <summary>The largest buffered replies, bytes. Vectors are many and are not read as texts are: they have a limit of their own.</summary>
/// <param name="Reply">Of everything but embeddings.</param>
/// <param name="Embeddings">Of embeddings.</param>
internal readonly record struct ReplyLimits(long Reply, long Embeddings)
{
    public static ReplyLimits Of(ServerConfig server) => new(server.MaxReplyBytes, server.MaxEmbeddingsBytes);

    /// <summary>What no reply may exceed. One that a request could never have the memory for, which at its end holds it twice, is too large as well.</summary>
    public SizeLimit For(UpstreamOperation operation, MemoryShare memory) =>
        (operation is UpstreamOperation.Embeddings ? SizeLimit.Embeddings(Embeddings) : SizeLimit.Reply(Reply)).Within(memory.Most / 2);
}
