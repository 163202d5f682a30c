namespace Synthwave.Api.Routes;

/// <summary>Declares what a route is.</summary>
internal static class RouteTraitsMapping
{
    /// <summary>Every route of the gateway is given its traits by this.</summary>
    public static IEndpointConventionBuilder WithTraits(this IEndpointConventionBuilder route, RouteTraits traits)
    {
        route.Add(endpoint => endpoint.Metadata.Add(traits with { Pattern = ((RouteEndpointBuilder)endpoint).RoutePattern.RawText ?? "" }));
        return route;
    }
}
