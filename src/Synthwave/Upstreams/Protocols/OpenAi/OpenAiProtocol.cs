using System.Net.Http.Headers;
using Synthwave.Chat.Bodies;
using Synthwave.Chat.Completions;
using Synthwave.Configuration;
using Synthwave.Upstreams.Connections;
using Synthwave.Upstreams.Faults;

namespace Synthwave.Upstreams.Protocols.OpenAi;

/// <summary>OpenAI's chat completions, as OpenAI and every compatible server speak it.</summary>
internal sealed class OpenAiProtocol : IUpstreamProtocol
{
    public string CallPath => "/chat/completions";

    public string EmbeddingsPath => "/embeddings";

    public string CatalogCursor => "after";

    public void Authorize(HttpRequestHeaders headers, UpstreamConfig config, UpstreamSecrets secrets)
    {
        // A header the operator wrote by hand wins.
        if (secrets.Authorization is { } value && !headers.Contains("Authorization"))
        {
            headers.TryAddWithoutValidation("Authorization", value);
        }
    }

    public ChatBody Prepare(ChatBody body, bool stream, UpstreamConfig config) => OpenAiBody.Prepare(body, stream, config);

    public ProtocolReply ReadReply(int status, ReadOnlyMemory<byte> body)
    {
        // Some servers begin their JSON with a byte order mark, which JSON does not allow.
        if (body.Span.StartsWith("\uFEFF"u8))
        {
            body = body[3..];
        }

        if (CompletionReader.Read(body) is { Messages.Count: > 0 } completion)
        {
            return new ProtocolReply(new CompleteUpstreamReply(status, body) { Completion = completion })
            {
                Model = completion.ModelName,
                Usage = completion.Usage,
                FinishReason = completion.FinishReason,
            };
        }

        // An error under a 200 has lost its status on the way: only its words tell what it is.
        var fault = OpenAiErrors.ReadEvent(body, UpstreamFaultKind.Malformed);
        return new ProtocolReply(new FaultedUpstreamReply(fault with { Status = fault.Status ?? status }));
    }

    public UpstreamFault ReadError(int status, ReadOnlyMemory<byte> body) => OpenAiErrors.Read(status, body);

    public UpstreamFault ReadErrorEvent(ReadOnlyMemory<byte> data) => OpenAiErrors.ReadEvent(data);

    public ProtocolEvents ReadEvents(Stream body) => new OpenAiEvents(body);
}
