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
    public static string Write(GatewayConfig config) => TomlWriter.Write(VariableExpansion.Escape(TomlTable.Of(
    [
        (ConfigSchema.Server.Name, ServerTable.Keys.Write(config.Server)),
        (ConfigSchema.Features.Name, FeaturesTable.Keys.Write(config)),
        (ConfigSchema.Upstreams.Name, TomlTable.Of(config.Upstreams.Select(u => (u.Name, (TomlValue)UpstreamTable.Keys.Write(u))))),
        (ConfigSchema.Profiles.Name, TomlTable.Of(config.Profiles.Select(p => (p.Name, (TomlValue)ProfileKinds.Of(p).Write(p))))),
        (ConfigSchema.Vision.Name, ModalityTables.Vision.Write(config.Vision)),
        (ConfigSchema.Video.Name, ModalityTables.Video.Write(config.Video)),
        (ConfigSchema.Audio.Name, ModalityTables.Audio.Write(config.Audio)),
    ])));
}
