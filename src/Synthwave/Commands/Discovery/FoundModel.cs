using System.Collections.Immutable;

namespace Synthwave.Commands.Discovery;

/// <summary>A model of an endpoint's catalog.</summary>
/// <param name="Id">Free of control characters.</param>
/// <param name="Context">Tokens; null = the catalog does not say.</param>
/// <param name="MaxOutput">Tokens; null = the catalog does not say.</param>
/// <param name="Created">Unix seconds; null = the catalog does not say.</param>
/// <param name="Chats">False when its name or its entry says that it does something other than chat.</param>
internal sealed record FoundModel(string Id, int? Context, int? MaxOutput, long? Created, bool Chats);

/// <summary>What became of asking one endpoint.</summary>
internal abstract record ProbeResult(KnownEndpoint Endpoint);

internal sealed record EndpointFound(KnownEndpoint Endpoint, ImmutableArray<FoundModel> Models) : ProbeResult(Endpoint);

/// <param name="Endpoint">The endpoint asked.</param>
/// <param name="Reason">For people; holds no key.</param>
/// <param name="Answered">Something answered there, though not with a catalog.</param>
internal sealed record EndpointMissed(KnownEndpoint Endpoint, string Reason, bool Answered) : ProbeResult(Endpoint);
