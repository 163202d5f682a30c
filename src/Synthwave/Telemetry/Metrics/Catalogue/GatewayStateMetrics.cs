using System.Collections.Immutable;

namespace Synthwave.Telemetry.Metrics.Catalogue;

/// <summary>Metrics of the gateway as a whole: its build, its configuration, its memory budget.</summary>
internal static class GatewayStateMetrics
{
    public static readonly MetricDeclaration Build = new(
        "synthwave_build_info", MetricKind.Info, "The build that runs.",
        Question: "Which versions run, and how many of each?",
        Query: "count by (version) (synthwave_build_info)",
        new("version", "of the gateway"), new("runtime", "of .NET"), new("platform", "operating system and processor, such as `linux-x64`"));

    public static readonly MetricDeclaration ConfigValid = new(
        "synthwave_config_valid", MetricKind.Gauge, "1 while the file on disk is the configuration in use.",
        Question: "Where would a restart fail, because the file was changed and refused?",
        Query: "synthwave_config_valid == 0");

    public static readonly MetricDeclaration Reloads = new(
        "synthwave_config_reloads_total", MetricKind.Counter, "Attempts to take over a changed configuration.",
        Question: "When was the configuration changed?",
        Query: "increase(synthwave_config_reloads_total[10m]) > 0",
        new MetricLabel("result", MetricLabels.Words(["success", "failure"])));

    public static readonly MetricDeclaration MemoryUsed = new(
        "synthwave_memory_used_bytes", MetricKind.Gauge, "Memory that requests in work hold, of the budget of all.",
        Question: "How near is the gateway to refusing requests for want of memory?",
        Query: "synthwave_memory_used_bytes / synthwave_memory_budget_bytes");

    public static readonly MetricDeclaration MemoryBudget = new(
        "synthwave_memory_budget_bytes", MetricKind.Gauge, "Memory that requests in work may hold together.",
        Question: "What is the memory budget?",
        Query: "min(synthwave_memory_budget_bytes)");

    public static ImmutableArray<MetricDeclaration> All { get; } = [Build, ConfigValid, Reloads, MemoryUsed, MemoryBudget];
}
