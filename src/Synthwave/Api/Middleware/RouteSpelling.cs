using System.Collections.Immutable;
using Synthwave.Api.Routes;

namespace Synthwave.Api.Middleware;

/// <summary>
/// Stands before routing. Clients put a route's name behind a base address of their own: without <c>/v1</c>, with two of them, behind a provider's prefix. Where the
/// segments before the name are all such words, the request goes to the route it means; every other path stays as it is. Thread-safe.
/// </summary>
internal sealed class RouteSpelling(RequestDelegate next, EndpointDataSource routes)
{
    private const string Version = "v1";

    // What base addresses end in; an empty one is a doubled slash.
    private static readonly ImmutableArray<string> BaseWords = [Version, "v1beta", "openai", "api", "anthropic", "compat", ""];

    // Filled at the first need, since routes are mapped after the layers.
    private ImmutableArray<KnownRoute> _routes;

    public Task InvokeAsync(HttpContext context)
    {
        if (context.Request.Path.Value is { Length: > 1 } path && Rewrite(path) is { } meant)
        {
            context.Request.Path = meant;
        }

        return next(context);
    }

    /// <summary>The path of the route that is meant; null = the path is right as it is, or nobody can tell.</summary>
    public string? Rewrite(string path)
    {
        if (_routes.IsDefault)
        {
            _routes = [.. routes.Endpoints.Select(static e => e.Metadata.GetMetadata<RouteTraits>()?.Pattern).OfType<string>().Where(static p => p.Length > 1).Distinct(StringComparer.Ordinal).Select(KnownRoute.Of)];
        }

        var segments = path[1..].Split('/');
        if (segments[^1].Length == 0 || _routes.Any(r => r.IsAt(segments)))
        {
            return null;
        }

        for (var before = 0; before < segments.Length; before++)
        {
            var name = segments.AsSpan(before);
            foreach (var route in _routes)
            {
                if (route.IsNamed(name))
                {
                    return (route.IsVersioned ? "/v1/" : "/") + string.Join('/', name!);
                }
            }

            if (!IsBaseWord(segments[before]))
            {
                return null;
            }
        }

        return null;
    }

    // Whole addresses of routes are taken for bases too, and the route's name put behind them once more.
    private bool IsBaseWord(string segment) =>
        BaseWords.Contains(segment, StringComparer.OrdinalIgnoreCase) || _routes.Any(r => r.IsVersioned && r.Holds(segment));

    /// <summary>A route's pattern as the segments behind its version.</summary>
    private sealed record KnownRoute(ImmutableArray<string> Name, bool IsVersioned)
    {
        public static KnownRoute Of(string pattern)
        {
            var segments = pattern[1..].Split('/');
            var isVersioned = segments is [Version, _, ..];
            return new([.. isVersioned ? segments[1..] : segments], isVersioned);
        }

        public bool IsAt(ReadOnlySpan<string> path) => IsVersioned
            ? path is [var first, .. var rest] && string.Equals(first, Version, StringComparison.OrdinalIgnoreCase) && IsNamed(rest)
            : IsNamed(path);

        public bool Holds(string segment) => Name.Contains(segment, StringComparer.OrdinalIgnoreCase);

        public bool IsNamed(ReadOnlySpan<string> path)
        {
            for (var i = 0; i < Name.Length; i++)
            {
                if (i >= path.Length)
                {
                    return false;
                }

                if (Name[i].StartsWith("{**", StringComparison.Ordinal))
                {
                    return true;
                }

                if (path[i].Length == 0 || !(Name[i].StartsWith('{') || string.Equals(Name[i], path[i], StringComparison.OrdinalIgnoreCase)))
                {
                    return false;
                }
            }

            return path.Length == Name.Length;
        }
    }
}
