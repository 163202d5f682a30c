using Synthwave.Telemetry.Metrics.Catalogue;

namespace Synthwave.Telemetry.Metrics.Prometheus;

/// <summary>All series of one metric. Thread-safe.</summary>
internal abstract class MetricFamily(MetricDeclaration declaration)
{
    public MetricDeclaration Declaration { get; } = declaration;

    public abstract void Render(ExpositionText text);

    /// <summary>Drops the series of profiles and upstreams that are not among <paramref name="names"/>.</summary>
    public virtual void Keep(IReadOnlySet<string> names)
    {
    }

    /// <summary>Whether all of a series' names are still in the file.</summary>
    protected bool IsKnown(in LabelValues values, IReadOnlySet<string> names)
    {
        for (var i = 0; i < Declaration.Labels.Length; i++)
        {
            if (Declaration.Labels[i].IsNameFromFile && values[i] is { } name && name != Reports.ReportLabels.Unknown && !names.Contains(name))
            {
                return false;
            }
        }

        return true;
    }
}
