namespace Synthwave.Api.Routes;

/// <summary>Who may use a route.</summary>
internal enum RouteAccess
{
    /// <summary>Whoever shows the token, where one is configured.</summary>
    Token,

    /// <summary>Everybody.</summary>
    Open,

    /// <summary>Everybody; but what only those may know who could use the other routes is for the route to keep back: see <see cref="WithheldPart"/>.</summary>
    OpenInPart,

    /// <summary>Everybody, unless <c>server.protect_metrics</c> is set.</summary>
    OpenToScrapers,

    /// <summary>Whoever shows the admin token; where none is configured, this machine itself. No web page of another origin may read it.</summary>
    Admin,
}
