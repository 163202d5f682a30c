using System.Collections.Immutable;

namespace Synthwave.Telemetry.Metrics.Catalogue;

/// <summary>Figures of the process, under the names that Prometheus' client libraries give them. Those the operating system does not tell have no sample.</summary>
internal static class ProcessMetrics
{
    public static readonly MetricDeclaration Cpu = new(
        "process_cpu_seconds_total", MetricKind.Counter, "Processor time the process has used, in user and system mode.",
        Question: "How many processors does the gateway keep busy?",
        Query: "rate(process_cpu_seconds_total[5m])");

    public static readonly MetricDeclaration Resident = new(
        "process_resident_memory_bytes", MetricKind.Gauge, "Memory of the process that is in RAM.",
        Question: "Does memory grow from day to day?",
        Query: "deriv(process_resident_memory_bytes[1d]) * 86400");

    public static readonly MetricDeclaration Virtual = new(
        "process_virtual_memory_bytes", MetricKind.Gauge, "Address space of the process. .NET reserves far more than it uses.",
        Question: "How much address space is reserved?",
        Query: "process_virtual_memory_bytes");

    public static readonly MetricDeclaration OpenFds = new(
        "process_open_fds", MetricKind.Gauge, "Open file descriptors; every connection is one.",
        Question: "Do the file descriptors suffice?",
        Query: "process_open_fds / process_max_fds");

    public static readonly MetricDeclaration MaxFds = new(
        "process_max_fds", MetricKind.Gauge, "File descriptors the process may open.",
        Question: "How many file descriptors are left?",
        Query: "process_max_fds - process_open_fds");

    public static readonly MetricDeclaration Start = new(
        "process_start_time_seconds", MetricKind.Gauge, "When the process started, in seconds since 1970.",
        Question: "Was it restarted within the last hour?",
        Query: "changes(process_start_time_seconds[1h]) > 0");

    public static readonly MetricDeclaration Threads = new(
        "process_threads", MetricKind.Gauge, "Threads of the process.",
        Question: "Does the number of threads grow?",
        Query: "delta(process_threads[1h])");

    public static ImmutableArray<MetricDeclaration> All { get; } = [Cpu, Resident, Virtual, OpenFds, MaxFds, Start, Threads];
}
