using System.Diagnostics;
using Synthwave.Telemetry.Metrics;
using Synthwave.Telemetry.Metrics.Catalogue;
using Synthwave.Telemetry.Metrics.Prometheus;
using Synthwave.Telemetry.Reports;

namespace Synthwave.UnitTests.Telemetry.Metrics;

[Collection(ProcessWideListeners.Name)]
public sealed class OpenMetricsTests : IDisposable
{
    private const string OddName = "odd \"name\" \\ of\nthe Käufer";

    private readonly SteppedClock _clock = new();
    private readonly GatewayMetrics _metrics;

    public OpenMetricsTests() => _metrics = new GatewayMetrics(_clock);

    public void Dispose() => _metrics.Dispose();

    [Fact]
    public void A_strict_reader_finds_no_fault()
    {
        Record(OddName, Traced());
        Record("plain", null);

        var document = OpenMetricsDocument.Parse(_metrics.Expose(ExpositionFormat.OpenMetrics));

        document.Families.Select(static f => (f.Name, f.Help)).Should().Equal(MetricCatalogue.All.Select(static m => (m.FamilyName, m.Meaning)));
        document.Families.Single(static f => f.Name == "synthwave_build").Type.Should().Be("info");
        document.Families.Single(static f => f.Name == "synthwave_request_seconds").Unit.Should().Be("seconds");
        Samples(document, "synthwave_requests").Select(static s => s.Labels["profile"]).Should().Contain([OddName, "plain"]);
    }

    [Fact]
    public void A_traced_request_leaves_its_ids_on_counters_and_on_the_bucket_it_fell_into()
    {
        var span = Traced();

        Record("p", span);

        var document = OpenMetricsDocument.Parse(_metrics.Expose(ExpositionFormat.OpenMetrics));
        var bucket = Samples(document, "synthwave_request_seconds").Single(static s => s.Exemplar is not null);
        bucket.Labels["le"].Should().Be("1.0");
        bucket.Exemplar!.Value.Should().Be(0.7);
        bucket.Exemplar.At.Should().Be(_clock.GetUtcNow().ToUnixTimeMilliseconds() / 1e3);
        bucket.Exemplar.Labels.Should().Equal(new Dictionary<string, string> { ["trace_id"] = span.TraceId.ToHexString(), ["request_id"] = "metamodel-0123456789abcdef01234567" });
        string[] counters = ["synthwave_requests", "synthwave_upstream_calls", "synthwave_tokens", "synthwave_cost_usd", "synthwave_retries"];
        counters.Should().AllSatisfy(c => Samples(document, c).Where(static s => s.Suffix == "_total").Should().AllSatisfy(static s => s.Exemplar.Should().NotBeNull()));
        Samples(document, "synthwave_upstream_seconds").Should().ContainSingle(static s => s.Exemplar != null);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_request_without_a_recorded_trace_leaves_none(bool hasSpan)
    {
        using var span = hasSpan ? new Activity("request").SetIdFormat(ActivityIdFormat.W3C).Start() : null;

        Record("p", span);

        _metrics.Expose(ExpositionFormat.OpenMetrics).Should().NotContain("trace_id");
    }

    [Fact]
    public void Prometheus_text_has_neither_exemplars_nor_what_else_is_foreign_to_it()
    {
        Record("p", Traced());

        _metrics.Expose(ExpositionFormat.Prometheus).Should().NotContain("trace_id").And.NotContain("_created").And.NotContain("# UNIT").And.NotContain("# EOF").And.Contain("# TYPE synthwave_build_info gauge");
    }

    [Fact]
    public void An_id_that_makes_an_exemplar_too_long_is_left_out()
    {
        var span = Traced();
        var report = new DispatchReport(new string('r', 100), 0) { Profile = "p", Strategy = ReportBuilder.Kind("moa"), Outcome = DispatchOutcome.Success, EndedAt = 1 };

        _metrics.Record(report, span);

        var document = OpenMetricsDocument.Parse(_metrics.Expose(ExpositionFormat.OpenMetrics));
        Samples(document, "synthwave_requests").First().Exemplar!.Labels.Keys.Should().Equal("trace_id");
    }

    [Fact]
    public void A_series_says_when_it_began()
    {
        Record("first", null);
        var began = _clock.GetUtcNow().ToUnixTimeMilliseconds() / 1e3;
        _clock.Step(60_000);
        Record("first", null);

        var document = OpenMetricsDocument.Parse(_metrics.Expose(ExpositionFormat.OpenMetrics));

        Samples(document, "synthwave_requests").Single(static s => s.Suffix == "_created").Value.Should().Be(began);
        Samples(document, "synthwave_request_seconds").Single(static s => s.Suffix == "_created").Value.Should().Be(began);
    }

    [Theory]
    [InlineData("# TYPE a counter\na_total 1\n", "EOF")]
    [InlineData("# TYPE a counter\na 1\n# EOF\n", "suffix")]
    [InlineData("a_total 1\n# EOF\n", "family")]
    [InlineData("# TYPE a counter\n\na_total 1\n# EOF\n", "sample is")]
    [InlineData("# TYPE a gauge\n# UNIT a seconds\na 1\n# EOF\n", "unit")]
    [InlineData("# TYPE a gauge\na 1 # {x=\"1\"} 1 1\n# EOF\n", "exemplars")]
    [InlineData("# TYPE a gauge\na{x=\"1\\t\"} 1\n# EOF\n", "sample is")]
    [InlineData("# TYPE a gauge\na{x=\"1\"} 1\na{y=\"1\"} 1\na{x=\"1\"} 1\n# EOF\n", "together")]
    [InlineData("# TYPE a gauge\n# TYPE b gauge\nb 1\n# TYPE a gauge\n# EOF\n", "one piece")]
    [InlineData("# TYPE a histogram\na_bucket{le=\"1.0\"} 2\na_bucket{le=\"+Inf\"} 1\na_sum 1\na_count 1\n# EOF\n", "cumulative")]
    [InlineData("# TYPE a histogram\na_bucket{le=\"1.0\"} 1\na_sum 1\na_count 1\n# EOF\n", "Inf")]
    [InlineData("# TYPE a histogram\na_bucket{le=\"1.0\"} 1 # {x=\"1\"} 2 1\na_bucket{le=\"+Inf\"} 1\na_sum 1\na_count 1\n# EOF\n", "lies in")]
    public void The_strict_reader_is_strict(string text, string rule) =>
        ((Func<object>)(() => OpenMetricsDocument.Parse(text))).Should().Throw<FormatException>().WithMessage($"*{rule}*");

    private static List<OpenMetricsDocument.Sample> Samples(OpenMetricsDocument document, string family) => document.Families.Single(f => f.Name == family).Samples;

    private static Activity Traced()
    {
        var span = new Activity("request").SetIdFormat(ActivityIdFormat.W3C);
        span.ActivityTraceFlags = ActivityTraceFlags.Recorded;
        span.Start();
        span.Stop();
        return span;
    }

    private void Record(string profile, Activity? span)
    {
        var builder = new ReportBuilder(_clock, profile);
        builder.Report.FirstContentAt = _clock.GetTimestamp() + 300;
        var call = builder.Call("a", 0, 250, usage: ReportBuilder.Usage(10, 3), attempts: 2, config: ReportBuilder.Upstream("a", new(1, 2, null)));
        call.FreeAttempts = 1;
        _metrics.Record(builder.End(700), span);
    }
}
