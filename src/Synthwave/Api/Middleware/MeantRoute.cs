using System.Collections.Immutable;
using Synthwave.Api.Routes;

namespace Synthwave.Api.Middleware;

/// <summary>What to say where a path is no route: the one that shares most of its words with it, or where the API begins.</summary>
internal static class MeantRoute
{
    /// <param name="prefix">What every path of the gateway starts with, escaped; empty = nothing.</param>
    /// <param name="path">The path behind it.</param>
    /// <param name="routes">Those there are.</param>
    public static string Words(string prefix, string? path, IReadOnlyList<Endpoint> routes)
    {
        var unknown = $"Not Found. The API is below {prefix}/v1, for example POST {prefix}/v1/chat/completions, and GET {prefix}/v1/models lists what can be asked for.";
        if (path is null)
        {
            return unknown;
        }

        ImmutableArray<string> words = [.. path.Split('/', StringSplitOptions.RemoveEmptyEntries)];
        string? best = null;
        var most = 0;
        foreach (var pattern in routes.Select(static e => e.Metadata.GetMetadata<RouteTraits>()?.Pattern).OfType<string>())
        {
            var shared = pattern.Split('/').Count(w => w is not ("" or "v1") && words.Contains(w, StringComparer.OrdinalIgnoreCase));
            if (shared > most)
            {
                (best, most) = (pattern, shared);
            }
        }

        return best is null ? unknown : $"Not Found. Did you mean {prefix}{best.Replace("**", "", StringComparison.Ordinal).Replace(":minlength(1)", "", StringComparison.Ordinal)}?";
    }
}
