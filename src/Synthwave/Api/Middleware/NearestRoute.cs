using System.Collections.Immutable;
using Synthwave.Api.Routes;

namespace Synthwave.Api.Middleware;

/// <summary>
/// Stands behind routing. A request without a route (404, 405, OPTIONS) is given the traits of the nearest route above its path, so that clients of an API
/// read its error shape also for paths and methods that do not exist. Other requests cost one metadata look-up. Thread-safe.
/// </summary>
internal sealed class NearestRoute(RequestDelegate next, EndpointDataSource routes)
{
    // Filled at the first need, since routes are mapped after the layers. The deepest come first.
    private ImmutableArray<RouteTraits> _deepestFirst;

    public Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<RouteTraits>() is null && Find(context.Request.Path.Value) is { } near)
        {
            context.Features.Set(near);
        }

        return next(context);
    }

    private RouteTraits? Find(string? path)
    {
        if (_deepestFirst.IsDefault)
        {
            _deepestFirst = [.. routes.Endpoints
                .Select(static e => e.Metadata.GetMetadata<RouteTraits>()).OfType<RouteTraits>()
                .OrderByDescending(static t => t.Pattern.AsSpan().Count('/'))];
        }

        foreach (var traits in _deepestFirst)
        {
            if (IsAtOrAbove(traits.Pattern, path))
            {
                return traits;
            }
        }

        return null;
    }

    /// <summary>Whether the first segments of <paramref name="path"/> are those of <paramref name="pattern"/>; a parameter stands for any segment but an empty one.</summary>
    private static bool IsAtOrAbove(string pattern, ReadOnlySpan<char> path)
    {
        var expected = pattern.AsSpan(1);
        foreach (var range in expected.Split('/'))
        {
            if (path is not ['/', .. var rest])
            {
                return false;
            }

            var end = rest.IndexOf('/');
            var segment = end < 0 ? rest : rest[..end];
            var isSame = expected[range] is ['{', ..] ? !segment.IsEmpty : segment.Equals(expected[range], StringComparison.OrdinalIgnoreCase);
            if (!isSame)
            {
                return false;
            }

            path = rest[segment.Length..];
        }

        return true;
    }
}
