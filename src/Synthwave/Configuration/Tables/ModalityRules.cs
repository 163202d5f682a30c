using Synthwave.Configuration.Schema;

namespace Synthwave.Configuration.Tables;

/// <summary>What the keys of <c>[vision]</c> say about each other, and about what endpoints take.</summary>
internal static class ModalityRules
{
    /// <summary>The table with a temperature that can be sent.</summary>
    public static VisionConfig Check(SectionReader section, VisionConfig vision)
    {
        if (vision.DescribeMaxTokens <= 0)
        {
            section.Warn(ModalityTables.DescribeMaxTokens, "endpoints refuse a limit below 1");
        }

        if (vision is { TwoStage: true, Endpoints.IsEmpty: true })
        {
            section.Warn(ModalityTables.TwoStage, "has no effect without endpoints");
        }

        if (!double.IsFinite(vision.DescribeTemperature))
        {
            var usual = ModalityTables.Vision.Blank.DescribeTemperature;
            section.Warn(ModalityTables.DescribeTemperature, $"is no number that can be sent; {usual:0.0} is used");
            return vision with { DescribeTemperature = usual };
        }

        if (vision.DescribeTemperature is < 0 or > 2)
        {
            section.Warn(ModalityTables.DescribeTemperature, "endpoints refuse a temperature outside 0 to 2");
        }

        return vision;
    }
}
