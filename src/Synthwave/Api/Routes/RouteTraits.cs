using Synthwave.Configuration;
using Synthwave.Telemetry.Reports;

namespace Synthwave.Api.Routes;

/// <summary>
/// What a route is, beside what it does: declared where it is mapped (<see cref="RouteTraitsMapping.WithTraits"/>), read by the layers around it. Immutable; one
/// object a route, made at start.
/// </summary>
internal sealed record RouteTraits
{
    /// <summary>A route that needs the token, speaks as OpenAI does and is read and posted to.</summary>
    public static readonly RouteTraits Default = new();

    public static readonly RouteTraits Open = new() { Access = RouteAccess.Open };

    public static readonly RouteTraits Admin = new() { Access = RouteAccess.Admin, CorsMethods = "" };

    /// <summary>The route's pattern, set when it is mapped; empty = the request met no route.</summary>
    public string Pattern { get; init; } = "";

    public RouteAccess Access { get; init; } = RouteAccess.Token;

    /// <summary>It has a door of its own, which the clients' token does not open.</summary>
    public bool IsAdmin => Access is RouteAccess.Admin;

    /// <summary>Null = OpenAI's.</summary>
    public IErrorShape? Errors { get; init; }

    /// <summary>What browsers are told they may do: methods separated by commas.</summary>
    public string CorsMethods { get; init; } = "GET, POST, OPTIONS";

    /// <summary>The bytes of a body go on as they came; elsewhere it is parsed whole, and what goes on is written anew.</summary>
    public bool RelaysBody { get; init; }

    /// <summary>All the route does is to say that there is nothing: it is not described, and nobody is sent there.</summary>
    public bool OnlyRefuses { get; init; }

    /// <summary>What the ids of its requests begin with.</summary>
    public string RequestIdPrefix { get; init; } = RequestIds.Prefix;

    /// <summary>The language its clients speak, one word for the journal; null = it has none of its own.</summary>
    public string? Dialect { get; init; }

    /// <summary>A further header that carries the request id on every answer to a POST; null = none.</summary>
    public string? RequestIdHeader { get; init; }

    /// <summary>
    /// The traits of the route a request met, or of the nearest one above its path where it met none. Valid behind <c>NearestRoute</c>; before it, and
    /// where no route is near, <see cref="Default"/>.
    /// </summary>
    public static RouteTraits Of(HttpContext http) =>
        http.GetEndpoint()?.Metadata.GetMetadata<RouteTraits>() ?? http.Features.Get<RouteTraits>() ?? Default;

    /// <summary>Whether a request for <paramref name="path"/> needs no token. A path is open only when it is written exactly as it is mapped.</summary>
    public bool IsOpen(string? path, ServerConfig server) => Access switch
    {
        RouteAccess.Open or RouteAccess.OpenInPart => true,
        RouteAccess.OpenToScrapers => !server.ProtectMetrics,
        _ => false,
    } && string.Equals(path, Pattern, StringComparison.Ordinal);
}
