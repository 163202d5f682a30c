using System.Collections.Immutable;
using Synthwave.Api.Routes;
using Synthwave.Configuration.Schema;

namespace Synthwave.Api.Middleware;

/// <summary>
/// What to say where a path is no route: the one whose words it has, or has nearly, or where the API begins. Paths that only begin otherwise than a route have gone to it
/// before (<see cref="RouteSpelling"/>). Built once; thread-safe.
/// </summary>
internal sealed class MeantRoute
{
    // Short words are near to too many.
    private const int ShortestTypo = 4;
    private const int MostWords = 16;

    private readonly ImmutableArray<Known> _routes;

    /// <param name="routes">Those there are; the ones without traits, and those that only refuse, are not told of.</param>
    public MeantRoute(IEnumerable<Endpoint> routes) => _routes =
    [
        .. routes.Where(static e => e.Metadata.GetMetadata<RouteTraits>() is { Pattern.Length: > 1, OnlyRefuses: false })
            .Select(static e => (e.Metadata.GetMetadata<RouteTraits>()!.Pattern, Methods: e.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? []))
            .GroupBy(static e => e.Pattern, static e => e.Methods, StringComparer.Ordinal)
            .Select(static g => Known.Of(g.Key, [.. g.SelectMany(static m => m)])),
    ];

    /// <param name="prefix">What every path of the gateway starts with, escaped; empty = nothing.</param>
    /// <param name="path">The path behind it.</param>
    /// <param name="method">The request's.</param>
    public string Words(string prefix, string? path, string method)
    {
        if (Nearest(path, method) is not { } best)
        {
            return $"Not Found. The API is below {prefix}/v1, for example POST {prefix}/v1/chat/completions, and GET {prefix}/v1/models lists what can be asked for. {prefix}/docs describes every path.";
        }

        var verb = best.Methods.Contains(method, StringComparer.OrdinalIgnoreCase) ? method : best.Methods.FirstOrDefault("GET");
        var deployment = path!.Contains("/deployments/", StringComparison.OrdinalIgnoreCase) ? " What was a deployment's name goes into \"model\"." : "";
        return $"Not Found. Did you mean {verb} {prefix}{best.Shown}?{deployment} {prefix}/docs describes every path.";
    }

    private Known? Nearest(string? path, string method)
    {
        // A long path is nobody's slip.
        if (path?.Split('/', StringSplitOptions.RemoveEmptyEntries) is not { Length: > 0 and <= MostWords } words)
        {
            return null;
        }

        Known? best = null;
        var most = 0;
        foreach (var route in _routes)
        {
            var likeness = route.Likeness(words);
            if (likeness > most || (likeness == most && likeness > 0 && Serves(route) && !Serves(best!)))
            {
                (best, most) = (route, likeness);
            }
        }

        return best;

        bool Serves(Known route) => route.Methods.Contains(method, StringComparer.OrdinalIgnoreCase);
    }

    private sealed record Known(string Shown, ImmutableArray<string> Words, ImmutableArray<string> Methods)
    {
        public static Known Of(string pattern, ImmutableArray<string> methods) => new(
            pattern.Replace("**", "", StringComparison.Ordinal).Replace(":minlength(1)", "", StringComparison.Ordinal),
            [.. pattern.Split('/').Where(static w => w is not ("" or "v1" or ['{', ..]))],
            methods);

        /// <summary>How much of the route's words the path has, in their order: three for each, two for one that is nearly written so, one less for each it lacks. 0 = nothing.</summary>
        public int Likeness(string[] path)
        {
            var (likeness, from) = (0, 0);
            foreach (var word in Words)
            {
                var at = Array.FindIndex(path, from, w => string.Equals(w, word, StringComparison.OrdinalIgnoreCase));
                var isNear = at < 0 && (at = Array.FindIndex(path, from, w => IsNearly(w, word))) >= 0;
                likeness += at < 0 ? -1 : isNear ? 2 : 3;
                from = at < 0 ? from : at + 1;
            }

            return likeness;
        }

        // A slip rarely hits the first letter, and long words of one kind share their ends.
        private static bool IsNearly(string written, string word) =>
            written.Length >= ShortestTypo && word.Length >= ShortestTypo && char.ToLowerInvariant(written[0]) == char.ToLowerInvariant(word[0]) && Suggestion.Nearest(written, [word]) is not null;
    }
}
