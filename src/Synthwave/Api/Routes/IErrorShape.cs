using Synthwave.Chat;

namespace Synthwave.Api.Routes;

/// <summary>The JSON document in which a route's clients read an error. Stateless and thread-safe.</summary>
internal interface IErrorShape
{
    /// <param name="error">What to tell.</param>
    /// <param name="requestId">Ours; null = the request has none.</param>
    ReadOnlyMemory<byte> Document(GatewayError error, string? requestId);

    /// <summary>The same where an upstream has sent an error document of its own.</summary>
    /// <param name="error">What to tell if the upstream's document cannot be used.</param>
    /// <param name="relayed">The upstream's document, in OpenAI's shape.</param>
    /// <param name="requestId">Ours; null = the request has none.</param>
    ReadOnlyMemory<byte> Document(GatewayError error, ReadOnlyMemory<byte> relayed, string? requestId);
}
