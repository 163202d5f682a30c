using System.Net.Http.Headers;
using Synthwave.Chat.Bodies;
using Synthwave.Configuration;
using Synthwave.Upstreams.Connections;
using Synthwave.Upstreams.Faults;

namespace Synthwave.Upstreams.Protocols;

/// <summary>
/// What one provider speaks on the wire: the only thing a further protocol has to bring. Both directions, so that nothing above it depends on the
/// protocol: requests come in OpenAI's shape, replies, events and faults leave in it. Thread-safe; total on any input from the wire.
/// </summary>
internal interface IUpstreamProtocol
{
    /// <summary>Path of a chat call below the base URL, with a leading slash.</summary>
    string CallPath { get; }

    /// <summary>The same of an embeddings call; null = the protocol has none.</summary>
    string? EmbeddingsPath { get; }

    /// <summary>The same of the continuation of a text; null = the protocol has none.</summary>
    string? CompletionsPath { get; }

    /// <summary>Query parameter that asks the catalog for the page after an id.</summary>
    string CatalogCursor { get; }

    /// <summary>Adds the headers that identify the gateway to the provider.</summary>
    void Authorize(HttpRequestHeaders headers, UpstreamConfig config, UpstreamSecrets secrets);

    /// <summary>Adds to a chat call what its body says beside the body, to whom it goes.</summary>
    /// <param name="request">With its headers.</param>
    /// <param name="asked">The call's body, as it was before <see cref="Prepare"/>.</param>
    /// <param name="config">The upstream.</param>
    void Address(HttpRequestMessage request, ChatBody asked, UpstreamConfig config)
    {
    }

    /// <summary>
    /// The body for the wire, with what is remembered for <paramref name="owner"/>; null = it holds something the protocol cannot say, which is the request's fault.
    /// </summary>
    ChatBody? Prepare(ChatBody body, bool stream, UpstreamConfig config, string? owner = null);

    /// <summary>
    /// The members of a call that the upstream is not told, in the client's words: what has no counterpart in the protocol, or was taken out for this upstream.
    /// What changes nothing where it is missing is not among them.
    /// </summary>
    /// <param name="asked">The call's body.</param>
    /// <param name="sent">What <see cref="Prepare"/> made of it.</param>
    /// <param name="config">The upstream.</param>
    IReadOnlyList<string> LeavesOut(ChatBody asked, ChatBody sent, UpstreamConfig config);

    /// <summary>Judges the whole body of a 2xx that is no event stream. What must be remembered of it is kept for <paramref name="asked"/>.</summary>
    ProtocolReply ReadReply(int status, ReadOnlyMemory<byte> body, Asking asked = default);

    /// <summary>Judges a status outside 200–299 with what was read of its body, possibly cut.</summary>
    UpstreamFault ReadError(int status, ReadOnlyMemory<byte> body, Asking asked = default);

    /// <summary>Judges an error that came as an event of a stream whose head was fine.</summary>
    UpstreamFault ReadErrorEvent(ReadOnlyMemory<byte> data);

    /// <summary>
    /// Reads a 2xx event stream. The result owns its buffers, not <paramref name="body"/>. What must be remembered of it is kept for
    /// <paramref name="asked"/>.
    /// </summary>
    ProtocolEvents ReadEvents(Stream body, Asking asked = default);
}
