using System.Collections.Immutable;

namespace Synthwave.Telemetry.Metrics.Catalogue;

/// <summary>Metrics of upstreams and of the calls they get.</summary>
internal static class UpstreamMetrics
{
    public static readonly MetricDeclaration Calls = new(
        "synthwave_upstream_calls_total", MetricKind.Counter, "Upstream calls.",
        Question: "Which share of each upstream's calls fails?",
        Query: "sum by (upstream) (rate(synthwave_upstream_calls_total{outcome=\"failed\"}[5m])) / sum by (upstream) (rate(synthwave_upstream_calls_total[5m]))",
        MetricLabels.Upstream, MetricLabels.Role, MetricLabels.CallOutcome);

    public static readonly MetricDeclaration Failures = new(
        "synthwave_upstream_failures_total", MetricKind.Counter, "Failed upstream calls by the kind of failure.",
        Question: "What is wrong with each upstream?",
        Query: "topk(10, sum by (upstream, reason) (increase(synthwave_upstream_failures_total[1h])))",
        MetricLabels.Upstream, new("reason", "kind of failure, the `reason` of `calls[]` in the log line: `timeout`, `transport`, `non_2xx` and so on"));

    public static readonly MetricDeclaration Duration = new(
        "synthwave_upstream_seconds", MetricKind.Histogram, "Duration of upstream calls, retries included.",
        Question: "Which upstream has become slow?",
        Query: "histogram_quantile(0.95, sum by (le, upstream) (rate(synthwave_upstream_seconds_bucket[15m])))",
        MetricLabels.Upstream, MetricLabels.Role) { Bounds = RequestMetrics.WorkSeconds };

    public static readonly MetricDeclaration Tokens = new(
        "synthwave_tokens_total", MetricKind.Counter, "Tokens as reported by upstreams.",
        Question: "How many tokens a second does each upstream write?",
        Query: "sum by (upstream) (rate(synthwave_tokens_total{direction=\"output\"}[5m]))",
        MetricLabels.Upstream, new("direction", MetricLabels.Words(["input", "output"])));

    public static readonly MetricDeclaration Up = new(
        "synthwave_upstream_up", MetricKind.Gauge, "1 while the upstream's last probe succeeded.",
        Question: "Which upstreams are down?",
        Query: "synthwave_upstream_up == 0",
        MetricLabels.Upstream);

    public static readonly MetricDeclaration CircuitOpen = new(
        "synthwave_circuit_open", MetricKind.Gauge, "1 while the upstream's breaker refuses calls.",
        Question: "Which share of the last hour was each upstream refused calls?",
        Query: "avg_over_time(synthwave_circuit_open[1h]) > 0",
        MetricLabels.Upstream);

    public static readonly MetricDeclaration Resting = new(
        "synthwave_upstream_resting", MetricKind.Gauge, "1 while the upstream is left alone as its Retry-After asked.",
        Question: "Which upstreams are at their rate limit now?",
        Query: "synthwave_upstream_resting == 1",
        MetricLabels.Upstream);

    public static readonly MetricDeclaration Retries = new(
        "synthwave_retries_total", MetricKind.Counter, "Extra attempts of upstream calls.",
        Question: "How many extra attempts does a call to each upstream need on average?",
        Query: "sum by (upstream) (rate(synthwave_retries_total[15m])) / sum by (upstream) (rate(synthwave_upstream_calls_total[15m]))",
        MetricLabels.Upstream);

    public static readonly MetricDeclaration Hedges = new(
        "synthwave_hedges_total", MetricKind.Counter, "Second calls made because the first one was late.",
        Question: "How often does a second call give the answer?",
        Query: "sum by (upstream) (rate(synthwave_hedges_total{won=\"true\"}[1h])) / sum by (upstream) (rate(synthwave_hedges_total[1h]))",
        MetricLabels.Upstream, new("won", MetricLabels.Words(["true", "false"])));

    public static readonly MetricDeclaration Stragglers = new(
        "synthwave_stragglers_cut_total", MetricKind.Counter, "Generator calls cancelled because the ensemble no longer waited.",
        Question: "Whose drafts are paid for and thrown away?",
        Query: "sum by (upstream) (rate(synthwave_stragglers_cut_total[1h])) / sum by (upstream) (rate(synthwave_upstream_calls_total{role=\"generator\"}[1h]))",
        MetricLabels.Upstream);

    public static ImmutableArray<MetricDeclaration> All { get; } = [Calls, Failures, Duration, Tokens, Up, CircuitOpen, Resting, Retries, Hedges, Stragglers];
}
