using System.Collections.Immutable;
using Synthwave.Configuration.Schema;

namespace Synthwave.Configuration.Tables;

/// <summary><c>[vision]</c>, <c>[video]</c>, <c>[audio]</c>.</summary>
internal static class ModalityTables
{
    public static readonly Table<VisionConfig> Vision = new("[vision]", new VisionConfig());

    public static readonly TextListKey VisionEndpoints = Endpoints(Vision, "images", (v, names) => v with { Endpoints = names });

    public static readonly ConfigKey<bool> TwoStage = Vision.Add(
        new FlagKey("two_stage", "describe images first, then answer with the ensemble") { Details = "It goes with profiles of type \"moa\"." },
        v => v.TwoStage,
        (v, value) => v with { TwoStage = value });

    public static readonly ConfigKey<string> DescribePrompt = Vision.AddOptional(
        new TextKey("describe_prompt", "instructions for the description instead of the built-in ones")
        {
            WhenAbsent = "the built-in instructions",
            Example = "\"Describe the image so that someone who cannot see it could answer questions about it.\"",
        },
        v => v.DescribePrompt,
        (v, value) => v with { DescribePrompt = value });

    public static readonly ConfigKey<int> DescribeMaxTokens = Vision.Add(
        new IntegerKey("describe_max_tokens", "completion limit of the description"),
        v => v.DescribeMaxTokens,
        (v, value) => v with { DescribeMaxTokens = value });

    public static readonly ConfigKey<double> DescribeTemperature = Vision.Add(
        new NumberKey("describe_temperature", "temperature of the description"),
        v => v.DescribeTemperature,
        (v, value) => v with { DescribeTemperature = value });

    public static readonly ConfigKey<int> DescribeImageCap = Vision.Add(
        new IntegerKey("describe_image_cap", "newest images described; 0 or less = all"),
        v => v.DescribeImageCap,
        (v, value) => v with { DescribeImageCap = value });

    public static readonly Table<ModalityConfig> Video = new("[video]", new ModalityConfig());

    public static readonly TextListKey VideoEndpoints = Endpoints(Video, "video", (v, names) => v with { Endpoints = names });

    public static readonly Table<ModalityConfig> Audio = new("[audio]", new ModalityConfig());

    public static readonly TextListKey AudioEndpoints = Endpoints(Audio, "audio", (v, names) => v with { Endpoints = names });

    private static TextListKey Endpoints<T>(Table<T> table, string what, Func<T, ImmutableArray<string>, T> set)
        where T : ModalityConfig =>
        table.Add(
            new TextListKey("endpoints", "upstreams for requests with such content, best first")
            {
                NamesUpstream = true,
                Details = $"Without any, requests with {what} are refused unless a member of their profile reads them.",
                Example = what == "images" ? "[\"bold\"]" : "[\"claude\"]",
            },
            v => v.Endpoints,
            set);
}
