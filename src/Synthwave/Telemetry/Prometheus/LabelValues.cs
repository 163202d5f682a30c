namespace Synthwave.Telemetry.Prometheus;

/// <summary>Up to three label values, in the order of the family's label names; unused ones are null.</summary>
internal readonly record struct LabelValues(string? First = null, string? Second = null, string? Third = null) : IComparable<LabelValues>
{
    public static readonly LabelValues None;

    public string? this[int index] => index switch { 0 => First, 1 => Second, _ => Third };

    public int CompareTo(LabelValues other)
    {
        var order = string.CompareOrdinal(First, other.First);
        order = order != 0 ? order : string.CompareOrdinal(Second, other.Second);
        return order != 0 ? order : string.CompareOrdinal(Third, other.Third);
    }
}
