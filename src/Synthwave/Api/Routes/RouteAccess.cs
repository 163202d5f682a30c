namespace Synthwave.Api.Routes;

/// <summary>Who may use a route.</summary>
internal enum RouteAccess
{
    /// <summary>Whoever shows the token, where one is configured.</summary>
    Token,

    /// <summary>Everybody.</summary>
    Open,

    /// <summary>Everybody, unless <c>server.protect_metrics</c> is set.</summary>
    OpenToScrapers,
}
