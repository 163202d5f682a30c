using System.Collections.Concurrent;
using Synthwave.Telemetry.Metrics.Catalogue;

namespace Synthwave.Telemetry.Metrics.Prometheus;

/// <summary>Counts observations into the buckets of its declaration; observing takes one dictionary look-up and two interlocked additions.</summary>
/// <param name="declaration">Of a histogram of seconds.</param>
/// <param name="time">Tells when a series began.</param>
internal sealed class HistogramFamily(MetricDeclaration declaration, TimeProvider time) : MetricFamily(declaration)
{
    private const double NanosPerSecond = 1e9;

    private readonly ConcurrentDictionary<LabelValues, Cell> _cells = new();
    private readonly double[] _bounds = [.. declaration.Bounds];
    private readonly string[] _words = [.. declaration.Bounds.Append(double.PositiveInfinity).Select(ExpositionText.Bound)];

    /// <param name="values">The series.</param>
    /// <param name="seconds">Zero or more; kept to the nanosecond.</param>
    /// <param name="source">Null = the request is not traced.</param>
    public void Observe(in LabelValues values, double seconds, ExemplarSource? source = null)
    {
        var cell = _cells.GetOrAdd(values, static (_, family) => family.NewCell(), this);
        var bucket = 0;
        while (bucket < _bounds.Length && seconds > _bounds[bucket])
        {
            bucket++;
        }

        Interlocked.Increment(ref cell.Buckets[bucket]);
        Interlocked.Add(ref cell.Nanos, (long)(seconds * NanosPerSecond));
        if (source is not null)
        {
            cell.Exemplify(bucket, source.With(seconds));
        }
    }

    public override void Render(ExpositionText text)
    {
        text.Head(Declaration);
        if (Declaration.Labels.IsEmpty)
        {
            _cells.TryAdd(LabelValues.None, NewCell());
        }

        // Its own copy: one that is made by asking for the count first fails where series are added or dropped meanwhile.
        foreach (var (values, cell) in _cells.ToArray().OrderBy(static c => c.Key))
        {
            // The count is the last cumulative bucket, so that the two agree whatever is observed meanwhile.
            long count = 0;
            for (var i = 0; i < _words.Length; i++)
            {
                count += Interlocked.Read(ref cell.Buckets[i]);
                text.Bucket(Declaration, values, _words[i], count, cell.ExemplarOf(i));
            }

            text.Totals(Declaration, values, Interlocked.Read(ref cell.Nanos) / NanosPerSecond, count);
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

    private Cell NewCell() => new(_words.Length, time);

    private sealed class Cell(int size, TimeProvider time)
    {
        public readonly double CreatedAt = ExemplarSource.UnixSeconds(time);
        public readonly long[] Buckets = new long[size];
        public long Nanos;
        private Exemplar?[]? _exemplars;

        public void Exemplify(int bucket, Exemplar exemplar)
        {
            var exemplars = Volatile.Read(ref _exemplars);
            if (exemplars is null)
            {
                var added = new Exemplar?[size];
                exemplars = Interlocked.CompareExchange(ref _exemplars, added, null) ?? added;
            }

            Volatile.Write(ref exemplars[bucket], exemplar);
        }

        public Exemplar? ExemplarOf(int bucket) => Volatile.Read(ref _exemplars) is { } exemplars ? Volatile.Read(ref exemplars[bucket]) : null;
    }
}
