namespace Synthwave.Configuration.Schema;

/// <summary>Every table of the file.</summary>
internal static class ConfigSchema
{
    public static readonly TableKey Server = new("server", "how the gateway listens and presents itself", ServerKeys.Schema);
    public static readonly TableKey Features = new("features", "switches", ServerKeys.Features);
    public static readonly TableKey Upstreams = new("upstreams", "model endpoints by name");
    public static readonly TableKey Profiles = new("profiles", "callable models by name");
    public static readonly TableKey Vision = new("vision", "requests with images", ModalityKeys.Vision);
    public static readonly TableKey Video = new("video", "requests with video", ModalityKeys.Video);
    public static readonly TableKey Audio = new("audio", "requests with audio", ModalityKeys.Audio);

    public static readonly TableSchema Root = new("the top level", Server, Features, Upstreams, Profiles, Vision, Video, Audio);

    /// <summary>All tables with keys of their own, the top level first.</summary>
    public static readonly TableSchema[] All =
    [
        Root,
        ServerKeys.Schema,
        ServerKeys.Features,
        UpstreamKeys.Schema,
        UpstreamKeys.PriceSchema,
        UpstreamKeys.HedgeSchema,
        UpstreamKeys.OpenAiSchema,
        UpstreamKeys.AnthropicSchema,
        ProfileKeys.Moa,
        ProfileKeys.GeneratorSchema,
        ProfileKeys.Cascade,
        ProfileKeys.Voting,
        ModalityKeys.Vision,
        ModalityKeys.Video,
        ModalityKeys.Audio,
    ];
}
