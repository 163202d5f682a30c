using System.Collections.Immutable;
using Synthwave.Providers;

namespace Synthwave.Commands.Discovery;

/// <summary>A place where models may be found: a usual local port, or a provider whose key variable may be set.</summary>
/// <param name="Name">Begins the names of its upstreams.</param>
/// <param name="Title">For people.</param>
/// <param name="BaseUrl">Without a slash at the end.</param>
/// <param name="KeyVariable">Null = local, no key.</param>
internal sealed record KnownEndpoint(string Name, string Title, string BaseUrl, string? KeyVariable = null)
{
    /// <summary>Speaks Anthropic's protocol instead of OpenAI's.</summary>
    public bool Anthropic { get; init; }

    /// <summary>Beginnings of the model ids to prefer, best first; empty = no preference.</summary>
    public ImmutableArray<string> Prefer { get; init; } = [];

    public bool IsLocal => KeyVariable is null;

    /// <summary>What is known of whoever is there; null = it is another address than the provider's.</summary>
    public Preset? Preset => PresetCatalog.BuiltIn.Find(Name) is { } preset && preset.BaseOf(Anthropic) == BaseUrl ? preset : null;

    /// <summary>Two entries of one name are two key variables for one provider: the first that is set counts.</summary>
    public static ImmutableArray<KnownEndpoint> All { get; } = [.. PresetCatalog.BuiltIn.All.Where(static p => p.IsLookedFor).SelectMany(Of)];

    private static IEnumerable<KnownEndpoint> Of(Preset preset) => (preset.IsLocal ? (IEnumerable<string?>)[null] : preset.Keys)
        .Select(key => new KnownEndpoint(preset.Id, preset.Name, preset.BaseOf(preset.IsAnthropic)!, key) { Anthropic = preset.IsAnthropic, Prefer = preset.Prefer });
}
