using System.Collections.Immutable;
using Synthwave.Configuration.Profiles;
using Synthwave.Configuration.Schema;
using Synthwave.Configuration.Tables;

namespace Synthwave.Configuration.Loading;

/// <summary>Every table of the file.</summary>
internal static class ConfigSchema
{
    public static readonly TableKey Server = new("server", "how the gateway listens and presents itself", ServerTable.Keys);
    public static readonly TableKey Features = new("features", "switches", FeaturesTable.Keys);
    public static readonly TableKey Providers = new("providers", "what the upstreams of a provider have in common, by name");
    public static readonly TableKey Upstreams = new("upstreams", "model endpoints by name");
    public static readonly TableKey Profiles = new("profiles", "callable models by name");
    public static readonly TableKey Vision = new("vision", "requests with images", ModalityTables.Vision);
    public static readonly TableKey Video = new("video", "requests with video", ModalityTables.Video);
    public static readonly TableKey Audio = new("audio", "requests with audio", ModalityTables.Audio);

    public static readonly TableKey History = new("history", "what is kept of requests that are over", HistoryTable.Keys);

    public static readonly TableSchema Root = new("the top level", Server, Features, Providers, Upstreams, Profiles, Vision, Video, Audio, History);

    /// <summary>All tables with keys of their own, the top level first.</summary>
    public static readonly ImmutableArray<TableSchema> All =
    [
        .. new[] { Root, ServerTable.Keys, FeaturesTable.Keys, ProviderTable.Keys, UpstreamTable.Keys }.Concat(ProfileKinds.All.Select(k => k.Schema))
            .Concat([ModalityTables.Vision, ModalityTables.Video, ModalityTables.Audio, HistoryTable.Keys])
            .SelectMany(s => s == Root ? [s] : InnerOf(s).Prepend(s)).Distinct(),
    ];

    /// <summary>The tables inside a table that have keys of their own.</summary>
    public static IEnumerable<TableSchema> InnerOf(TableSchema schema) =>
        schema.Keys.Select(k => (k as TableKey)?.Schema ?? (k as MixedListKey)?.Schema).OfType<TableSchema>();
}
