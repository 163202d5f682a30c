namespace Synthwave.Providers;

/// <summary><c>presets.json</c>.</summary>
/// <param name="Version">Of its form.</param>
/// <param name="Date">When it was last looked through, <c>yyyy-MM-dd</c>.</param>
/// <param name="Presets">In the order in which they are shown and tried.</param>
internal sealed record PresetFile(int Version, string Date, IReadOnlyList<PresetEntry> Presets);

/// <summary>One provider as it is written there: what is null is taken from <see cref="Extends"/>, or is not known.</summary>
internal sealed record PresetEntry
{
    /// <summary>What the configuration calls the provider.</summary>
    public required string Id { get; init; }

    public required string Name { get; init; }

    /// <summary>Another preset, written before this one, whose facts hold where this one has none. Its addresses never do.</summary>
    public string? Extends { get; init; }

    /// <summary>Names that others give the provider, for suggestions.</summary>
    public IReadOnlyList<string>? AlsoCalled { get; init; }

    public required PresetBases Bases { get; init; }

    /// <summary>Further hosts of the same API.</summary>
    public IReadOnlyList<string>? Hosts { get; init; }

    /// <summary><c>anthropic</c> = the provider is best spoken to so; null = <c>openai</c>.</summary>
    public string? Protocol { get; init; }

    public PresetListing? Listing { get; init; }

    /// <summary>As the configuration's key: <c>models</c>, <c>none</c> or a path.</summary>
    public string? Health { get; init; }

    public KeyScheme? Auth { get; init; }

    /// <summary>Environment variables that hold the key; the first that is set counts.</summary>
    public IReadOnlyList<string>? Keys { get; init; }

    /// <summary>Whether calls without a key may be in order.</summary>
    public bool? KeyOptional { get; init; }

    public PresetIds? Ids { get; init; }

    public PresetQuirks? Quirks { get; init; }

    public BillingModel? Billing { get; init; }

    public PresetUrls? Urls { get; init; }

    public PresetQuota? Quota { get; init; }

    /// <summary>Beginnings of model ids that a first configuration prefers, best first.</summary>
    public IReadOnlyList<string>? Prefer { get; init; }

    /// <summary>Whether <c>init</c> looks for the provider.</summary>
    public bool? Init { get; init; }

    public required PresetSource Source { get; init; }
}
