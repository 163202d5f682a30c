using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Synthwave.Commands.Discovery;

/// <summary>Which models of a catalog a first configuration should use: a large one and a small one, as new as possible.</summary>
internal static partial class ModelChoice
{
    private const int PerEndpoint = 2;

    public static ImmutableArray<FoundModel> Choose(EndpointFound found)
    {
        var ranked = found.Models.Where(m => m.Chats)
            .OrderBy(m => Preference(found.Endpoint, m.Id))
            .ThenBy(m => Unfinished.IsMatch(m.Id))
            .ThenBy(m => Dated.IsMatch(m.Id))
            .ThenByDescending(m => m.Created ?? 0)
            .ThenBy(m => m.Id.Length)
            .ThenBy(m => m.Id, StringComparer.Ordinal)
            .ToArray();
        if (found.Endpoint.IsLocal)
        {
            // Somebody installed these on purpose: their order says more than their names.
            ranked = [.. found.Models.Where(m => m.Chats)];
        }

        var large = ranked.FirstOrDefault(m => !IsSmall(m)) ?? ranked.FirstOrDefault();
        if (large is null)
        {
            return [];
        }

        var second = ranked.FirstOrDefault(m => m != large && IsSmall(m)) ?? ranked.FirstOrDefault(m => m != large);
        return [.. new[] { large, second }.OfType<FoundModel>().Take(PerEndpoint)];
    }

    /// <summary>By its name: a cheap or little sibling.</summary>
    public static bool IsSmall(FoundModel model) => Small.IsMatch(model.Id);

    private static int Preference(KnownEndpoint endpoint, string id)
    {
        var index = endpoint.Prefer.IndexOf(endpoint.Prefer.FirstOrDefault(p => id.StartsWith(p, StringComparison.OrdinalIgnoreCase)) ?? "");
        return index < 0 ? endpoint.Prefer.Length : index;
    }

    [GeneratedRegex(@"(^|[^a-z])(mini|nano|lite|small|tiny|haiku|flash|instant|fast|[0-9](\.[0-9])?b)([^a-z]|$)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Small { get; }

    [GeneratedRegex("preview|beta|exp|alpha|nightly|:free|codex|pro$|pro-", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Unfinished { get; }

    [GeneratedRegex(@"-(\d{4}-\d{2}-\d{2}|\d{8}|\d{4}|\d{3})$", RegexOptions.CultureInvariant)]
    private static partial Regex Dated { get; }
}
