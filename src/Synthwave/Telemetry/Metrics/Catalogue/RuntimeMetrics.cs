using System.Collections.Immutable;

namespace Synthwave.Telemetry.Metrics.Catalogue;

/// <summary>
/// Figures of the .NET runtime. The names are those that OpenTelemetry's conventions for .NET get in Prometheus, so that one dashboard serves both ways of
/// collecting them.
/// </summary>
internal static class RuntimeMetrics
{
    private static readonly MetricLabel Generation = new("gc_heap_generation", MetricLabels.Words(["gen0", "gen1", "gen2", "loh", "poh"]));

    public static readonly MetricDeclaration Collections = new(
        "dotnet_gc_collections_total", MetricKind.Counter, "Garbage collections by the highest generation they looked at.",
        Question: "How many full collections are there a minute?",
        Query: "rate(dotnet_gc_collections_total{gc_heap_generation=\"gen2\"}[5m]) * 60",
        new MetricLabel("gc_heap_generation", MetricLabels.Words(["gen0", "gen1", "gen2"])));

    public static readonly MetricDeclaration Pause = new(
        "dotnet_gc_pause_time_seconds_total", MetricKind.Counter, "Time all threads stood still for garbage collections.",
        Question: "Which share of its time does the process stand still for collections?",
        Query: "rate(dotnet_gc_pause_time_seconds_total[5m])");

    public static readonly MetricDeclaration Allocated = new(
        "dotnet_gc_heap_total_allocated_bytes_total", MetricKind.Counter, "Bytes allocated on the managed heap.",
        Question: "How much does one request allocate?",
        Query: "sum(rate(dotnet_gc_heap_total_allocated_bytes_total[5m])) / sum(rate(synthwave_requests_total[5m]))");

    public static readonly MetricDeclaration HeapSize = new(
        "dotnet_gc_last_collection_heap_size_bytes", MetricKind.Gauge, "Size of each part of the managed heap after the last collection.",
        Question: "Which part of the heap holds the memory?",
        Query: "topk(1, dotnet_gc_last_collection_heap_size_bytes)",
        Generation);

    public static readonly MetricDeclaration Committed = new(
        "dotnet_gc_last_collection_memory_committed_size_bytes", MetricKind.Gauge, "Memory the managed heap had from the operating system after the last collection.",
        Question: "How much of the resident memory is not the managed heap's?",
        Query: "process_resident_memory_bytes - dotnet_gc_last_collection_memory_committed_size_bytes");

    public static readonly MetricDeclaration PoolThreads = new(
        "dotnet_thread_pool_thread_count", MetricKind.Gauge, "Threads of the thread pool.",
        Question: "Does the thread pool grow, as it does when threads are blocked?",
        Query: "delta(dotnet_thread_pool_thread_count[10m]) > 10");

    public static readonly MetricDeclaration PoolQueue = new(
        "dotnet_thread_pool_queue_length", MetricKind.Gauge, "Work that waits for a thread of the pool.",
        Question: "Does work wait for threads?",
        Query: "min_over_time(dotnet_thread_pool_queue_length[5m]) > 0");

    public static readonly MetricDeclaration PoolItems = new(
        "dotnet_thread_pool_work_item_count_total", MetricKind.Counter, "Pieces of work the thread pool has done.",
        Question: "How much work does the thread pool do a second?",
        Query: "rate(dotnet_thread_pool_work_item_count_total[5m])");

    public static readonly MetricDeclaration Timers = new(
        "dotnet_timer_count", MetricKind.Gauge, "Timers that are set.",
        Question: "Are timers left behind?",
        Query: "dotnet_timer_count - dotnet_timer_count offset 1h");

    public static readonly MetricDeclaration Contentions = new(
        "dotnet_monitor_lock_contentions_total", MetricKind.Counter, "Times a thread waited for a lock.",
        Question: "How often do threads wait for each other?",
        Query: "rate(dotnet_monitor_lock_contentions_total[5m])");

    public static ImmutableArray<MetricDeclaration> All { get; } =
        [Collections, Pause, Allocated, HeapSize, Committed, PoolThreads, PoolQueue, PoolItems, Timers, Contentions];
}
