using System.Net.Http.Headers;
using Synthwave.Chat.Bodies;
using Synthwave.Chat.Requests;
using Synthwave.Configuration;
using Synthwave.Providers;
using Synthwave.Upstreams.Connections;
using Synthwave.Upstreams.Faults;
using Synthwave.Upstreams.Learned;

namespace Synthwave.Upstreams.Protocols.Anthropic;

/// <summary>Anthropic's Messages API. What it remembers, the thinking behind tool calls, belongs to the upstream.</summary>
/// <remarks>https://docs.anthropic.com/en/api/messages.</remarks>
internal sealed class AnthropicProtocol(ThinkingMemory memory, TimeProvider time) : IUpstreamProtocol
{
    private const string DefaultVersion = "2023-06-01";
    private const string VersionHeader = "anthropic-version";

    public string CallPath => "/messages";

    public string? EmbeddingsPath => null;

    public string? CompletionsPath => null;

    public string CatalogCursor => "after_id";

    public void Authorize(HttpRequestHeaders headers, UpstreamConfig config, UpstreamSecrets secrets)
    {
        // A header the operator wrote by hand wins.
        if (!headers.Contains(VersionHeader))
        {
            headers.TryAddWithoutValidation(VersionHeader, config.Anthropic?.Version ?? DefaultVersion);
        }

        if (secrets.Key is not null)
        {
            secrets.Show(headers, config.Auth ?? KeyScheme.XApiKey);
        }
    }

    public void Address(HttpRequestMessage request, ChatBody asked, UpstreamConfig config)
    {
        if (!asked.TryGet("x_anthropic", out var extension) || AnthropicHead.Read(extension) is not { } head || head == AnthropicHead.None)
        {
            return;
        }

        // The client's own form of the API counts where the operator asks for none.
        if (head.Version is { } version && config.Anthropic?.Version is null && !config.Headers.Any(static h => string.Equals(h.Key, VersionHeader, StringComparison.OrdinalIgnoreCase)))
        {
            request.Headers.Remove(VersionHeader);
            request.Headers.TryAddWithoutValidation(VersionHeader, version);
        }

        // The operator's and the client's: each may be needed for members of its own.
        if (!head.Betas.IsEmpty)
        {
            IEnumerable<string> given = request.Headers.NonValidated.TryGetValues("anthropic-beta", out var values) ? [.. values] : [];
            request.Headers.Remove("anthropic-beta");
            request.Headers.TryAddWithoutValidation("anthropic-beta", string.Join(',', given.SelectMany(static v => v.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).Concat(head.Betas).Distinct(StringComparer.Ordinal)));
        }

        if (head.IsBeta && request.RequestUri is { Query: "" } address)
        {
            request.RequestUri = new Uri(address.AbsoluteUri + "?beta=true");
        }
    }

    public ChatBody? Prepare(ChatBody body, bool stream, UpstreamConfig config, string? owner = null) => new AnthropicBody(body, config, memory, owner).Build(stream);

    public IReadOnlyList<string> LeavesOut(ChatBody asked, ChatBody sent, UpstreamConfig config) => AnthropicOmissions.Find(asked, sent);

    public ProtocolReply ReadReply(int status, ReadOnlyMemory<byte> body, Asking asked = default) => AnthropicReply.Read(status, body, memory, asked, time);

    public UpstreamFault ReadError(int status, ReadOnlyMemory<byte> body, Asking asked = default) => AnthropicErrors.Read(status, body);

    public UpstreamFault ReadErrorEvent(ReadOnlyMemory<byte> data) => AnthropicErrors.ReadEvent(data);

    public ProtocolEvents ReadEvents(Stream body, Asking asked = default) => new AnthropicEvents(body, memory, asked, time);
}
