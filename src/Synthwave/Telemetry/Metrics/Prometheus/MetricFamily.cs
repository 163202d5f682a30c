using System.Collections.Concurrent;

namespace Synthwave.Telemetry.Metrics.Prometheus;

/// <summary>All series of one name. Thread-safe; writing takes one dictionary look-up and one interlocked addition.</summary>
internal abstract class MetricFamily(string name, string help, string[] labels)
{
    public string Name { get; } = name;

    protected string Help { get; } = help;

    protected string[] Labels { get; } = labels;

    public abstract void Render(PrometheusText text);
}

/// <summary>Counts up. A family without labels shows 0 before its first event.</summary>
internal sealed class CounterFamily(string name, string help, params string[] labels) : MetricFamily(name, help, labels)
{
    private readonly ConcurrentDictionary<LabelValues, Cell> _cells = new();

    public void Add(in LabelValues values, long amount = 1) => Interlocked.Add(ref _cells.GetOrAdd(values, static _ => new Cell()).Count, amount);

    public long Read(in LabelValues values) => _cells.TryGetValue(values, out var cell) ? Interlocked.Read(ref cell.Count) : 0;

    /// <summary>The sum of all series whose label at <paramref name="index"/> is <paramref name="value"/>.</summary>
    public long Sum(int index, string value) => _cells.Where(c => c.Key[index] == value).Sum(static c => Interlocked.Read(ref c.Value.Count));

    public override void Render(PrometheusText text)
    {
        text.Head(Name, Help, "counter");
        if (Labels.Length == 0)
        {
            text.Sample(Name, "", Labels, LabelValues.None, Read(LabelValues.None));
            return;
        }

        foreach (var (values, cell) in _cells.OrderBy(c => c.Key))
        {
            text.Sample(Name, "", Labels, values, Interlocked.Read(ref cell.Count));
        }
    }

    private sealed class Cell
    {
        public long Count;
    }
}

/// <summary>A value read at the moment of the scrape.</summary>
internal sealed class GaugeFamily(string name, string help, Func<IEnumerable<KeyValuePair<LabelValues, double>>> read, params string[] labels)
    : MetricFamily(name, help, labels)
{
    public override void Render(PrometheusText text)
    {
        text.Head(Name, Help, "gauge");
        foreach (var (values, value) in read().OrderBy(v => v.Key))
        {
            text.Sample(Name, "", Labels, values, value);
        }
    }
}

/// <summary>Counts observations into fixed buckets (upper bounds, inclusive).</summary>
internal sealed class HistogramFamily(string name, string help, double[] bounds, params string[] labels) : MetricFamily(name, help, labels)
{
    private const double NanosPerSecond = 1e9;

    private readonly ConcurrentDictionary<LabelValues, Cell> _cells = new();
    private readonly string[] _bounds = [.. bounds.Select(PrometheusText.Number)];

    /// <param name="values">The series.</param>
    /// <param name="seconds">Zero or more; kept to the nanosecond.</param>
    public void Observe(in LabelValues values, double seconds)
    {
        var cell = _cells.GetOrAdd(values, static (_, size) => new Cell(size), bounds.Length + 1);
        var bucket = 0;
        while (bucket < bounds.Length && seconds > bounds[bucket])
        {
            bucket++;
        }

        Interlocked.Increment(ref cell.Buckets[bucket]);
        Interlocked.Add(ref cell.Nanos, (long)(seconds * NanosPerSecond));
    }

    public override void Render(PrometheusText text)
    {
        text.Head(Name, Help, "histogram");
        if (Labels.Length == 0)
        {
            _cells.TryAdd(LabelValues.None, new Cell(bounds.Length + 1));
        }

        foreach (var (values, cell) in _cells.OrderBy(c => c.Key))
        {
            // The count is the last cumulative bucket, so that the two agree whatever is observed meanwhile.
            long count = 0;
            for (var i = 0; i < bounds.Length; i++)
            {
                count += Interlocked.Read(ref cell.Buckets[i]);
                text.Sample(Name, "_bucket", Labels, values, count, _bounds[i]);
            }

            count += Interlocked.Read(ref cell.Buckets[bounds.Length]);
            text.Sample(Name, "_bucket", Labels, values, count, "+Inf");
            text.Sample(Name, "_sum", Labels, values, Interlocked.Read(ref cell.Nanos) / NanosPerSecond);
            text.Sample(Name, "_count", Labels, values, count);
        }
    }

    private sealed class Cell(int size)
    {
        public readonly long[] Buckets = new long[size];
        public long Nanos;
    }
}
