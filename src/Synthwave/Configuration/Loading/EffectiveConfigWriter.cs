using Synthwave.Configuration.Profiles;
using Synthwave.Configuration.Tables;
using Synthwave.Configuration.Toml;

namespace Synthwave.Configuration.Loading;

/// <summary>
/// The configuration as it is in force: valid TOML with every default filled in and every secret as <c>***</c>. Loading it again gives
/// an equivalent configuration, secrets apart. Keys that are off when absent stay absent.
/// </summary>
internal static class EffectiveConfigWriter
{
    public static string Write(GatewayConfig config) => TomlWriter.Write(VariableExpansion.Escape(Tree(config)));

    /// <summary>The same with a comment behind each value that says where it comes from.</summary>
    public static string WriteWithOrigins(GatewayConfig config) => TomlWriter.Write(VariableExpansion.Escape(Tree(config)), key => config.Origins.Of(key).ToString());

    /// <summary>Each value with its dotted key and where it comes from, in the order of the text.</summary>
    public static IEnumerable<EffectiveValue> Values(GatewayConfig config) => Values(config, Tree(config), "");

    private static IEnumerable<EffectiveValue> Values(GatewayConfig config, TomlTable table, string path)
    {
        foreach (var entry in table.Entries)
        {
            var key = path.Length == 0 ? TomlWriter.Key(entry.Key) : $"{path}.{TomlWriter.Key(entry.Key)}";
            if (entry.Value is TomlTable { Origin: not TomlTableOrigin.Inline } child)
            {
                foreach (var value in Values(config, child, key))
                {
                    yield return value;
                }
            }
            else
            {
                yield return new(key, entry.Value, config.Origins.Of(key));
            }
        }
    }

    private static TomlTable Tree(GatewayConfig config) => TomlTable.Of(
    [
        (ConfigSchema.Server.Name, ServerTable.Keys.Write(config.Server)),
        (ConfigSchema.Features.Name, FeaturesTable.Keys.Write(config)),
        .. config.Providers.IsEmpty ? [] : new (string, TomlValue)[] { (ConfigSchema.Providers.Name, TomlTable.Of(config.Providers.Select(p => (p.Name, (TomlValue)ProviderTable.Write(p))))) },
        (ConfigSchema.Upstreams.Name, TomlTable.Of(config.Upstreams.Select(u => (u.Name, (TomlValue)UpstreamTable.Keys.Write(u))))),
        (ConfigSchema.Profiles.Name, TomlTable.Of(config.Profiles.Select(p => (p.Name, (TomlValue)ProfileKinds.Of(p).Write(p))))),
        (ConfigSchema.Vision.Name, ModalityTables.Vision.Write(config.Vision)),
        (ConfigSchema.Video.Name, ModalityTables.Video.Write(config.Video)),
        (ConfigSchema.Audio.Name, ModalityTables.Audio.Write(config.Audio)),
        (ConfigSchema.History.Name, HistoryTable.Keys.Write(config.History)),
    ]);
}

/// <summary>A value of the effective configuration.</summary>
/// <param name="Key">Its dotted key, as it would be written in the file.</param>
/// <param name="Value">What is in force; secrets as <c>***</c>.</param>
/// <param name="Origin">Where it comes from.</param>
internal sealed record EffectiveValue(string Key, TomlValue Value, ConfigOrigin Origin);
