namespace Synthwave.Configuration.Schema;

/// <summary><c>[vision]</c>, <c>[video]</c>, <c>[audio]</c>.</summary>
internal static class ModalityKeys
{
    public static readonly TextListKey Endpoints = new("endpoints", "upstreams for requests with such content, best first");
    public static readonly FlagKey TwoStage = new("two_stage", "describe images first, then answer with the ensemble");
    public static readonly TextKey DescribePrompt = new("describe_prompt", "instructions for the description instead of the built-in ones");
    public static readonly IntegerKey DescribeMaxTokens = new("describe_max_tokens", "completion limit of the description");
    public static readonly NumberKey DescribeTemperature = new("describe_temperature", "temperature of the description");
    public static readonly IntegerKey DescribeImageCap = new("describe_image_cap", "newest images described; 0 or less = all");

    public static readonly TableSchema Vision = new(
        "[vision]", Endpoints, TwoStage, DescribePrompt, DescribeMaxTokens, DescribeTemperature, DescribeImageCap);

    public static readonly TableSchema Video = new("[video]", Endpoints);

    public static readonly TableSchema Audio = new("[audio]", Endpoints);
}
