using Synthwave.Chat;

namespace Synthwave.Api.Routes;

/// <summary>A feature of requests for a route of <see cref="RouteAccess.OpenInPart"/>: this caller may not be told what needs the token.</summary>
/// <param name="Reason">What would have been answered on a route that is not open.</param>
internal sealed record WithheldPart(GatewayError Reason);
