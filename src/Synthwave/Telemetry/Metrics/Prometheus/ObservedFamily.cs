using Synthwave.Telemetry.Metrics.Catalogue;

namespace Synthwave.Telemetry.Metrics.Prometheus;

/// <summary>Values that somebody else keeps, read at the moment of the scrape.</summary>
internal sealed class ObservedFamily(MetricDeclaration declaration, Func<IEnumerable<KeyValuePair<LabelValues, double>>> read) : MetricFamily(declaration)
{
    /// <param name="declaration">Of a metric without labels.</param>
    /// <param name="read">Null = cannot be told here, and has no sample.</param>
    public static ObservedFamily Single(MetricDeclaration declaration, Func<double?> read) =>
        new(declaration, () => read() is { } value ? [new(LabelValues.None, value)] : []);

    public override void Render(ExpositionText text)
    {
        text.Head(Declaration);
        foreach (var (values, value) in read().OrderBy(static v => v.Key))
        {
            text.Sample(Declaration, values, value);
        }
    }
}
