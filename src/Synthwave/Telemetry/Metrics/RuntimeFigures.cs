using Synthwave.Telemetry.Metrics.Catalogue;
using Synthwave.Telemetry.Metrics.Prometheus;

namespace Synthwave.Telemetry.Metrics;

/// <summary>What the .NET runtime tells of itself, read at every scrape. Its own meter exports the same, so that these are no instruments.</summary>
internal static class RuntimeFigures
{
    private static readonly string[] Generations = ["gen0", "gen1", "gen2", "loh", "poh"];

    public static MetricFamily[] Families() =>
    [
        new ObservedFamily(RuntimeMetrics.Collections, Collections),
        ObservedFamily.Single(RuntimeMetrics.Pause, static () => GC.GetTotalPauseDuration().TotalSeconds),
        ObservedFamily.Single(RuntimeMetrics.Allocated, static () => GC.GetTotalAllocatedBytes()),
        new ObservedFamily(RuntimeMetrics.HeapSize, HeapSizes),
        ObservedFamily.Single(RuntimeMetrics.Committed, static () => GC.GetGCMemoryInfo().TotalCommittedBytes),
        ObservedFamily.Single(RuntimeMetrics.PoolThreads, static () => ThreadPool.ThreadCount),
        ObservedFamily.Single(RuntimeMetrics.PoolQueue, static () => ThreadPool.PendingWorkItemCount),
        ObservedFamily.Single(RuntimeMetrics.PoolItems, static () => ThreadPool.CompletedWorkItemCount),
        ObservedFamily.Single(RuntimeMetrics.Timers, static () => Timer.ActiveCount),
        ObservedFamily.Single(RuntimeMetrics.Contentions, static () => Monitor.LockContentionCount),
    ];

    // A collection of one generation also collects the younger ones, and the runtime counts it for each of them. Read again if one comes between: a count that
    // goes down would look like a restart.
    private static KeyValuePair<LabelValues, double>[] Collections()
    {
        int zero, one, two;
        do
        {
            (zero, one, two) = (GC.CollectionCount(0), GC.CollectionCount(1), GC.CollectionCount(2));
        }
        while (zero != GC.CollectionCount(0));
        return [Of(0, zero - one), Of(1, one - two), Of(2, two)];
    }

    private static KeyValuePair<LabelValues, double>[] HeapSizes()
    {
        var sizes = GC.GetGCMemoryInfo().GenerationInfo;
        var values = new KeyValuePair<LabelValues, double>[Math.Min(sizes.Length, Generations.Length)];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = Of(i, sizes[i].SizeAfterBytes);
        }

        return values;
    }

    private static KeyValuePair<LabelValues, double> Of(int generation, double value) => new(new LabelValues(Generations[generation]), value);
}
