using System.Collections.Immutable;
using System.Diagnostics;
using Synthwave.Telemetry.Metrics.Catalogue;

namespace Synthwave.Telemetry.Metrics.Prometheus;

/// <summary>Up to three label values, in the order of the family's label names; unused ones are null.</summary>
internal readonly record struct LabelValues(string? First = null, string? Second = null, string? Third = null) : IComparable<LabelValues>
{
    public static readonly LabelValues None;

    public string? this[int index] => index switch { 0 => First, 1 => Second, _ => Third };

    /// <summary>The same for a meter listener.</summary>
    /// <param name="labels">The metric's, at most three.</param>
    public TagList ToTags(ImmutableArray<MetricLabel> labels)
    {
        var tags = default(TagList);
        for (var i = 0; i < labels.Length; i++)
        {
            tags.Add(labels[i].Name, this[i]);
        }

        return tags;
    }

    public int CompareTo(LabelValues other)
    {
        var order = string.CompareOrdinal(First, other.First);
        order = order != 0 ? order : string.CompareOrdinal(Second, other.Second);
        return order != 0 ? order : string.CompareOrdinal(Third, other.Third);
    }
}
