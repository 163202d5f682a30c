using System.Collections.Immutable;
using Synthwave.Configuration.Schema;

namespace Synthwave.Configuration.Binding;

/// <summary><c>[vision]</c>, <c>[video]</c>, <c>[audio]</c>.</summary>
internal static class ModalityBinder
{
    public static BoundModality<ModalityConfig> Bind(SectionReader? section)
    {
        ImmutableArray<NamedEntry> endpoints = section?.TextList(ModalityKeys.Endpoints) is { } list ? [.. list] : [];
        return new BoundModality<ModalityConfig>(new ModalityConfig { Endpoints = [.. endpoints.Select(e => e.Name)] }, section, endpoints);
    }

    public static BoundModality<VisionConfig> BindVision(SectionReader? section)
    {
        var (common, _, endpoints) = Bind(section);
        var defaults = new VisionConfig { Endpoints = common.Endpoints };
        if (section is null)
        {
            return new BoundModality<VisionConfig>(defaults, null, endpoints);
        }

        var vision = defaults with
        {
            TwoStage = section.Read(ModalityKeys.TwoStage, defaults.TwoStage),
            DescribePrompt = section.OptionalText(ModalityKeys.DescribePrompt),
            DescribeMaxTokens = section.Read(ModalityKeys.DescribeMaxTokens, defaults.DescribeMaxTokens),
            DescribeTemperature = section.Read(ModalityKeys.DescribeTemperature, defaults.DescribeTemperature),
            DescribeImageCap = section.Read(ModalityKeys.DescribeImageCap, defaults.DescribeImageCap),
        };
        return new BoundModality<VisionConfig>(Doubted(section, vision, defaults), section, endpoints);
    }

    private static VisionConfig Doubted(SectionReader section, VisionConfig vision, VisionConfig defaults)
    {
        if (vision.DescribeMaxTokens <= 0)
        {
            section.Warn(ModalityKeys.DescribeMaxTokens, "endpoints refuse a limit below 1");
        }

        if (vision is { TwoStage: true, Endpoints.IsEmpty: true })
        {
            section.Warn(ModalityKeys.TwoStage, "has no effect without endpoints");
        }

        if (!double.IsFinite(vision.DescribeTemperature))
        {
            section.Warn(ModalityKeys.DescribeTemperature, $"is no number that can be sent; {defaults.DescribeTemperature:0.0} is used");
            return vision with { DescribeTemperature = defaults.DescribeTemperature };
        }

        if (vision.DescribeTemperature is < 0 or > 2)
        {
            section.Warn(ModalityKeys.DescribeTemperature, "endpoints refuse a temperature outside 0 to 2");
        }

        return vision;
    }
}
