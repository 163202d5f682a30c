using System.Collections.Concurrent;
using Synthwave.Telemetry.Metrics.Catalogue;

namespace Synthwave.Telemetry.Metrics.Prometheus;

/// <summary>
/// Counts up; adding takes one dictionary look-up and one interlocked addition. A metric without labels shows 0 before its first event.
/// </summary>
/// <param name="declaration">Of a counter.</param>
/// <param name="time">Tells when a series began.</param>
/// <param name="partsPerUnit">What one unit is counted in: amounts added are whole numbers of such parts.</param>
internal sealed class CounterFamily(MetricDeclaration declaration, TimeProvider time, long partsPerUnit = 1) : MetricFamily(declaration)
{
    private readonly ConcurrentDictionary<LabelValues, Cell> _cells = new();

    public void Add(in LabelValues values, long parts = 1, ExemplarSource? source = null)
    {
        var cell = _cells.GetOrAdd(values, static (_, clock) => new Cell(clock), time);
        Interlocked.Add(ref cell.Parts, parts);
        if (source is not null)
        {
            Volatile.Write(ref cell.Exemplar, source.With((double)parts / partsPerUnit));
        }
    }

    /// <summary>The sum of all series whose label at <paramref name="index"/> is <paramref name="value"/>, in parts.</summary>
    public long Sum(int index, string value) => _cells.Where(c => c.Key[index] == value).Sum(static c => Interlocked.Read(ref c.Value.Parts));

    public override void Render(ExpositionText text)
    {
        text.Head(Declaration);
        if (Declaration.Labels.IsEmpty)
        {
            _cells.TryAdd(LabelValues.None, new Cell(time));
        }

        // Its own copy: one that is made by asking for the count first fails where series are added or dropped meanwhile.
        foreach (var (values, cell) in _cells.ToArray().OrderBy(static c => c.Key))
        {
            text.Sample(Declaration, values, (double)Interlocked.Read(ref cell.Parts) / partsPerUnit, Volatile.Read(ref cell.Exemplar));
            text.Created(Declaration, values, cell.CreatedAt);
        }
    }

    /// <inheritdoc/>
    public override void Keep(IReadOnlySet<string> names)
    {
        foreach (var values in _cells.Keys.Where(v => !IsKnown(v, names)))
        {
            _cells.TryRemove(values, out _);
        }
    }

    private sealed class Cell(TimeProvider time)
    {
        public readonly double CreatedAt = ExemplarSource.UnixSeconds(time);
        public long Parts;
        public Exemplar? Exemplar;
    }
}
