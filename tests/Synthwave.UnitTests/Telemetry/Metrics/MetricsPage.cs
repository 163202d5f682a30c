using System.Globalization;
using System.Text;
using Synthwave.Telemetry.Metrics.Catalogue;

namespace Synthwave.UnitTests.Telemetry.Metrics;

/// <summary>Writes <c>docs/metrics.md</c> from the catalogue of metrics.</summary>
internal static class MetricsPage
{
    private const string Head = """
        # Metrics

        Every metric that `GET /metrics` and `GET /v1/metrics/moa` expose, with a query that answers a question about it.

        ## Scraping

        Both paths choose the form by `Accept`. Prometheus asks for the right one by itself; by hand:

        ```sh
        curl -H 'Accept: text/plain' http://127.0.0.1:8400/metrics
        curl -H 'Accept: application/openmetrics-text' http://127.0.0.1:8400/metrics
        ```

        | form | `Accept` | what is in it |
        |---|---|---|
        | OpenMetrics 1.0.0 | `application/openmetrics-text` | all metrics, with units, exemplars and `_created` |
        | Prometheus text 0.0.4 | `text/plain` | all metrics |
        | JSON | `application/json`, `*/*` or none | figures of the last 100 requests of every profile |

        A scrape configuration for Prometheus:

        ```yaml
        scrape_configs:
          - job_name: synthwave
            static_configs:
              - targets: ["127.0.0.1:8400"]
        ```

        `/metrics` asks for no token unless `server.protect_metrics` is set; then give Prometheus the token under `authorization`. `/v1/metrics/moa` always
        asks for it.

        ## What to know

        - Labels are names from the configuration or closed sets, never a client's text. When a reload drops a profile or an upstream, its series go too, so that
          their number stays bounded.
        - Unknown is not zero: an upstream that was never probed has no `synthwave_upstream_up`, and a call whose cost is unknown adds nothing to the cost but one to
          `synthwave_unpriced_calls_total`.
        - In OpenMetrics, counters and buckets carry an exemplar of the latest request whose trace is recorded: its `trace_id` and its `request_id`. Start Prometheus
          with `--enable-feature=exemplar-storage` to keep them.
        - `_created` says when a series began, so that Prometheus can count a series' first event too; start it with `--enable-feature=created-timestamp-zero-ingestion`.
        - The same figures are sent by OTLP when an endpoint is named in `OTEL_EXPORTER_OTLP_ENDPOINT` or `OTEL_EXPORTER_OTLP_METRICS_ENDPOINT`, together with
          the client metrics of OpenTelemetry's conventions for generative AI and the meters of ASP.NET Core, the HTTP client and .NET.

        The queries below are starting points. They can be pasted into Prometheus or Grafana as they are.


        """;

    public static string Write()
    {
        var page = new StringBuilder(Head);
        foreach (var section in MetricCatalogue.Sections)
        {
            page.Append(CultureInfo.InvariantCulture, $"## {section.Title}\n\n");
            foreach (var metric in section.Metrics)
            {
                Add(page, metric);
            }
        }

        return page.ToString().TrimEnd('\n') + "\n";
    }

    private static void Add(StringBuilder page, MetricDeclaration metric)
    {
        page.Append(CultureInfo.InvariantCulture, $"### `{metric.Name}`\n\n");
        page.Append(CultureInfo.InvariantCulture, $"{Word(metric)}. {metric.Meaning}\n\n");
        foreach (var label in metric.Labels)
        {
            page.Append(CultureInfo.InvariantCulture, $"- `{label.Name}`: {label.Values}\n");
        }

        page.Append(metric.Labels.IsEmpty ? "" : "\n");
        if (!metric.Bounds.IsEmpty)
        {
            page.Append(CultureInfo.InvariantCulture, $"Buckets up to {string.Join(", ", metric.Bounds.Select(static b => b.ToString(CultureInfo.InvariantCulture)))} s.\n\n");
        }

        page.Append(CultureInfo.InvariantCulture, $"{metric.Question}\n\n```promql\n{metric.Query}\n```\n\n");
    }

    private static string Word(MetricDeclaration metric) => metric.Unit switch
    {
        null => $"{metric.Kind}",
        "usd" => $"{metric.Kind}, USD",
        var unit => $"{metric.Kind}, {unit}",
    };
}
