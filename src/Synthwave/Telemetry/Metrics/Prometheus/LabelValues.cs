using System.Diagnostics;

namespace Synthwave.Telemetry.Metrics.Prometheus;

/// <summary>Up to three label values, in the order of the family's label names; unused ones are null.</summary>
internal readonly record struct LabelValues(string? First = null, string? Second = null, string? Third = null) : IComparable<LabelValues>
{
    public static readonly LabelValues None;

    public string? this[int index] => index switch { 0 => First, 1 => Second, _ => Third };

    /// <summary>The same for a meter listener.</summary>
    /// <param name="names">The family's label names, at most three.</param>
    public TagList ToTags(string[] names)
    {
        var tags = default(TagList);
        for (var i = 0; i < names.Length; i++)
        {
            tags.Add(names[i], this[i]);
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
