using System.Collections.Immutable;

namespace Synthwave.Telemetry.Metrics.Catalogue;

/// <summary>
/// Metrics of requests. Bounds in seconds: requests 0.05 to 600, since an answer takes from a fraction of a second to the default request timeout; first
/// content 0.05 to 60; overhead 0.0001 to 1.
/// </summary>
internal static class RequestMetrics
{
    public static readonly ImmutableArray<double> WorkSeconds = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600];
    private static readonly ImmutableArray<double> FirstContentBounds = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60];
    private static readonly ImmutableArray<double> OverheadBounds = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1];

    public static readonly MetricDeclaration Requests = new(
        "synthwave_requests_total", MetricKind.Counter, "Finished requests.",
        Question: "Which share of each profile's requests fails?",
        Query: "sum by (profile) (rate(synthwave_requests_total{outcome=\"failed\"}[5m])) / sum by (profile) (rate(synthwave_requests_total[5m]))",
        MetricLabels.Profile, MetricLabels.Strategy, MetricLabels.Outcome);

    public static readonly MetricDeclaration Duration = new(
        "synthwave_request_seconds", MetricKind.Histogram, "Time from a request's start to its end.",
        Question: "How long do 95 % of each profile's answers take at most?",
        Query: "histogram_quantile(0.95, sum by (le, profile) (rate(synthwave_request_seconds_bucket{outcome=~\"success|degraded\"}[5m])))",
        MetricLabels.Profile, MetricLabels.Strategy, MetricLabels.Outcome) { Bounds = WorkSeconds };

    public static readonly MetricDeclaration FirstContent = new(
        "synthwave_first_content_seconds", MetricKind.Histogram, "Time from a request's start to the first content of its answer.",
        Question: "How long does a person wait for the first word?",
        Query: "histogram_quantile(0.5, sum by (le, profile) (rate(synthwave_first_content_seconds_bucket[5m])))",
        MetricLabels.Profile, MetricLabels.Strategy) { Bounds = FirstContentBounds };

    public static readonly MetricDeclaration Overhead = new(
        "synthwave_overhead_seconds", MetricKind.Histogram, "Part of a request's time during which no upstream call was running.",
        Question: "How much time does the gateway itself add?",
        Query: "histogram_quantile(0.99, sum by (le) (rate(synthwave_overhead_seconds_bucket[5m])))",
        MetricLabels.Strategy) { Bounds = OverheadBounds };

    public static readonly MetricDeclaration InFlight = new(
        "synthwave_requests_in_flight", MetricKind.Gauge, "POST requests in work.",
        Question: "How busy has the gateway been at most within the last hour?",
        Query: "max_over_time(synthwave_requests_in_flight[1h])");

    public static readonly MetricDeclaration Cost = new(
        "synthwave_cost_usd_total", MetricKind.Counter, "What upstream calls cost by their reported usage and configured prices, USD. Calls whose cost is unknown are left out.",
        Question: "What did each profile cost within the last day, USD? (`sum by (upstream)` tells it by upstream.)",
        Query: "sum by (profile) (increase(synthwave_cost_usd_total[1d]))",
        MetricLabels.Profile, MetricLabels.Upstream);

    public static readonly MetricDeclaration Unpriced = new(
        "synthwave_unpriced_calls_total", MetricKind.Counter, "Upstream calls whose cost is unknown, since no price is configured, no usage was reported or the call was cut.",
        Question: "Which upstreams' calls are missing in the cost?",
        Query: "sum by (upstream) (increase(synthwave_unpriced_calls_total[1d])) > 0",
        MetricLabels.Profile, MetricLabels.Upstream);

    public static readonly MetricDeclaration Fallbacks = new(
        "synthwave_fallbacks_total", MetricKind.Counter, "Answers given in another way than the first one planned.",
        Question: "Why do profiles leave their first choice?",
        Query: "sum by (profile, reason) (increase(synthwave_fallbacks_total[1h]))",
        MetricLabels.Profile, new("reason", "an ensemble's fallback reason, or the reason why a cascade's member was left"));

    public static ImmutableArray<MetricDeclaration> All { get; } = [Requests, Duration, FirstContent, Overhead, InFlight, Cost, Unpriced, Fallbacks];
}
