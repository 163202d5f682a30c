using System.Collections.Immutable;
using Synthwave.Api.Routes;

namespace Synthwave.Api.Middleware;

/// <summary>What to say where a path is no route: the one that shares most of its words with it, or where the API begins.</summary>
internal static class MeantRoute
{
    private const string Unknown = "Not Found. The API is below /v1, for example POST /v1/chat/completions, and GET /v1/models lists what can be asked for.";

    public static string Words(string? path, IReadOnlyList<Endpoint> routes)
    {
        if (path is null)
        {
            return Unknown;
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

        return best is null ? Unknown : $"Not Found. Did you mean {best.Replace("**", "", StringComparison.Ordinal).Replace(":minlength(1)", "", StringComparison.Ordinal)}?";
    }
}
