using System.Collections.Frozen;

namespace Synthwave.Configuration;

/// <summary>
/// Where each value of a configuration comes from, by its dotted key as problems name it: <c>server.port</c>, <c>upstreams.a.tls.ca_file</c>. Immutable, safe to share
/// between threads.
/// </summary>
internal sealed class ConfigOrigins
{
    /// <summary>Of a configuration that was built in memory: everything counts as a default.</summary>
    public static readonly ConfigOrigins None = new(FrozenDictionary<string, ConfigOrigin>.Empty);

    private readonly FrozenDictionary<string, ConfigOrigin> _origins;

    private ConfigOrigins(FrozenDictionary<string, ConfigOrigin> origins) => _origins = origins;

    /// <summary>Where the value of a key, or the table of that name, comes from. What nothing decided is a default.</summary>
    public ConfigOrigin Of(string key) => _origins.GetValueOrDefault(key);

    /// <summary>These origins are all there are; later ones of the same key win.</summary>
    public static ConfigOrigins From(IEnumerable<KeyValuePair<string, ConfigOrigin>> origins) => None.With(origins);

    /// <summary>The same with other origins for some keys.</summary>
    public ConfigOrigins With(IEnumerable<KeyValuePair<string, ConfigOrigin>> origins)
    {
        var all = new Dictionary<string, ConfigOrigin>(_origins, StringComparer.Ordinal);
        foreach (var (key, origin) in origins)
        {
            all[key] = origin;
        }

        return new(all.ToFrozenDictionary(StringComparer.Ordinal));
    }
}
