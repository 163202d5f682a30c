using System.Collections.Immutable;

namespace Synthwave.Providers;

/// <summary>
/// What is known of a provider before anybody configures it: where its API is, how a key is shown, which variables hold one, what its endpoint wants otherwise than
/// most, and where people find help. Immutable.
/// </summary>
internal sealed record Preset
{
    /// <summary>What the configuration calls it.</summary>
    public required string Id { get; init; }

    public required string Name { get; init; }

    /// <summary>The preset it takes facts from; null = none.</summary>
    public string? Extends { get; init; }

    /// <summary>Names that others give it.</summary>
    public required ImmutableArray<string> AlsoCalled { get; init; }

    public required PresetBases Bases { get; init; }

    /// <summary>Further hosts of the same API.</summary>
    public required ImmutableArray<string> Hosts { get; init; }

    /// <summary>Whether it is spoken to in Anthropic's protocol where nothing else is asked for.</summary>
    public required bool IsAnthropic { get; init; }

    /// <summary>Null = it lists nothing.</summary>
    public PresetListing? Listing { get; init; }

    /// <summary>As the configuration's key: <c>models</c>, <c>none</c> or a path.</summary>
    public required string Health { get; init; }

    /// <summary>In the protocol that <see cref="IsAnthropic"/> tells; the other has its usual way.</summary>
    public required KeyScheme Auth { get; init; }

    /// <summary>Environment variables that hold the key; the first that is set counts.</summary>
    public required ImmutableArray<string> Keys { get; init; }

    /// <summary>Whether calls without a key may be in order.</summary>
    public required bool IsKeyOptional { get; init; }

    public PresetIds? Ids { get; init; }

    public required PresetQuirks Quirks { get; init; }

    public required BillingModel Billing { get; init; }

    public required PresetUrls Urls { get; init; }

    public PresetQuota? Quota { get; init; }

    /// <summary>Beginnings of model ids that a first configuration prefers, best first.</summary>
    public required ImmutableArray<string> Prefer { get; init; }

    /// <summary>Whether <c>init</c> looks for it.</summary>
    public required bool IsLookedFor { get; init; }

    public required PresetSource Source { get; init; }

    /// <summary>Whether it is a server of the operator's own.</summary>
    public bool IsLocal => Billing is BillingModel.Local;

    /// <summary>Where the API of a protocol starts; null = the provider does not speak it.</summary>
    public string? BaseOf(bool isAnthropic) => isAnthropic ? Bases.Messages : Bases.Chat;

    /// <summary>How a key is shown in a protocol; null = as is usual in it.</summary>
    public KeyScheme? AuthOf(bool isAnthropic) => isAnthropic == IsAnthropic || Auth is KeyScheme.None or KeyScheme.Query ? Auth : null;

    /// <summary>Whether a URL goes to the provider, so that its key may: to one of its hosts or below it, over TLS; to this machine, where it is the operator's own.</summary>
    public bool Owns(string url) => Uri.TryCreate(url, UriKind.Absolute, out var uri) && (IsLocal ? uri.IsLoopback : uri.Scheme == Uri.UriSchemeHttps && OwnHosts.Any(h => IsAtOrBelow(uri.Host, h)));

    private IEnumerable<string> OwnHosts => new[] { Bases.Chat, Bases.Messages }.OfType<string>().Select(HostOf).Concat(Hosts);

    // Where a variable begins the host, only what is below the rest of it.
    private static string HostOf(string template)
    {
        var authority = template.Split("://", 2)[^1].Split('/', 2)[0];
        return authority[(authority.LastIndexOf('}') + 1)..];
    }

    private static bool IsAtOrBelow(string host, string own) =>
        string.Equals(host, own, StringComparison.OrdinalIgnoreCase) || (host.Length > own.Length && host.EndsWith(own.StartsWith('.') ? own : "." + own, StringComparison.OrdinalIgnoreCase));

    /// <summary>A preset with what is written, and the rest from the one it extends.</summary>
    /// <param name="entry">What is written.</param>
    /// <param name="above">The preset that it names; null = none.</param>
    public static Preset Of(PresetEntry entry, Preset? above) => new()
    {
        Id = entry.Id,
        Name = entry.Name,
        Extends = above?.Id,
        AlsoCalled = [.. entry.AlsoCalled ?? []],

        // A key for one host has no business at another: addresses are not taken over.
        Bases = entry.Bases,
        Listing = entry.Listing,
        Quota = entry.Quota,
        Hosts = [.. entry.Hosts ?? []],
        IsAnthropic = entry.Protocol is { } protocol ? protocol == "anthropic" : above?.IsAnthropic ?? false,
        Health = entry.Health ?? above?.Health ?? "models",
        Auth = entry.Auth ?? above?.Auth ?? KeyScheme.Bearer,
        Keys = entry.Keys is { } keys ? [.. keys] : above?.Keys ?? [],
        IsKeyOptional = entry.KeyOptional ?? above?.IsKeyOptional ?? false,
        Ids = entry.Ids ?? above?.Ids,
        Quirks = entry.Quirks ?? above?.Quirks ?? new(),
        Billing = entry.Billing ?? above?.Billing ?? BillingModel.Metered,
        Urls = entry.Urls ?? above?.Urls ?? new(),
        Prefer = entry.Prefer is { } prefer ? [.. prefer] : above?.Prefer ?? [],
        IsLookedFor = entry.Init ?? false,
        Source = entry.Source,
    };
}
