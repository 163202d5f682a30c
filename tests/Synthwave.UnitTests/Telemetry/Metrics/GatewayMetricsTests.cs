using System.Diagnostics.Metrics;
using Synthwave.Telemetry.Conventions;
using Synthwave.Telemetry.Metrics;
using Synthwave.Telemetry.Reports;
using Synthwave.Telemetry.Tracing;

namespace Synthwave.UnitTests.Telemetry.Metrics;

[Collection(ProcessWideListeners.Name)]
public sealed class GatewayMetricsTests : IDisposable
{
    private readonly SteppedClock _clock = new();
    private readonly GatewayMetrics _metrics;

    public GatewayMetricsTests() => _metrics = new GatewayMetrics(_clock);

    public void Dispose() => _metrics.Dispose();

    [Fact]
    public void A_request_is_counted_under_profile_strategy_and_outcome()
    {
        var builder = new ReportBuilder(_clock, outcome: DispatchOutcome.Degraded);
        builder.Report.FirstContentAt = _clock.GetTimestamp() + 300;
        _metrics.Record(builder.End(700));

        var lines = Lines();

        lines.Should().Contain("synthwave_requests_total{profile=\"ensemble\",strategy=\"moa\",outcome=\"degraded\"} 1");
        const string Labels = "profile=\"ensemble\",strategy=\"moa\",outcome=\"degraded\"";
        lines.Should().Contain($"synthwave_request_seconds_bucket{{{Labels},le=\"0.5\"}} 0");
        lines.Should().Contain($"synthwave_request_seconds_bucket{{{Labels},le=\"1.0\"}} 1");
        lines.Should().Contain($"synthwave_request_seconds_bucket{{{Labels},le=\"+Inf\"}} 1");
        lines.Should().Contain($"synthwave_request_seconds_sum{{{Labels}}} 0.7");
        lines.Should().Contain($"synthwave_request_seconds_count{{{Labels}}} 1");
        lines.Should().Contain("synthwave_first_content_seconds_sum{profile=\"ensemble\",strategy=\"moa\"} 0.3");
        lines.Should().Contain("synthwave_overhead_seconds_sum{strategy=\"moa\"} 0.7");
    }

    [Fact]
    public void An_unresolved_request_is_counted_under_dashes()
    {
        _metrics.Record(new ReportBuilder(_clock, null, null, DispatchOutcome.Failed).End(1));

        Lines().Should().Contain("synthwave_requests_total{profile=\"-\",strategy=\"-\",outcome=\"failed\"} 1");
    }

    [Fact]
    public void Calls_tell_upstream_role_outcome_tokens_and_retries()
    {
        var builder = new ReportBuilder(_clock);
        builder.Call("a#2", 0, 250, usage: ReportBuilder.Usage(10, 3), attempts: 3, config: ReportBuilder.Upstream("a"));
        builder.Call("b", 0, 10, CallOutcome.Failed, CallRole.Synthesizer, "timeout");
        _metrics.Record(builder.End(300));

        var lines = Lines();

        lines.Should().Contain("synthwave_upstream_calls_total{upstream=\"a\",role=\"generator\",outcome=\"success\"} 1");
        lines.Should().Contain("synthwave_upstream_calls_total{upstream=\"b\",role=\"synthesizer\",outcome=\"failed\"} 1");
        lines.Should().Contain("synthwave_upstream_failures_total{upstream=\"b\",reason=\"timeout\"} 1");
        lines.Should().NotContain(l => l.StartsWith("synthwave_upstream_failures_total{upstream=\"a\"", StringComparison.Ordinal));
        lines.Should().Contain("synthwave_upstream_seconds_sum{upstream=\"a\",role=\"generator\"} 0.25");
        lines.Should().Contain("synthwave_tokens_total{upstream=\"a\",direction=\"input\"} 10");
        lines.Should().Contain("synthwave_tokens_total{upstream=\"a\",direction=\"output\"} 3");
        lines.Should().Contain("synthwave_retries_total{upstream=\"a\"} 2");
        lines.Should().NotContain(l => l.StartsWith("synthwave_retries_total{upstream=\"b\"}", StringComparison.Ordinal));
        lines.Should().NotContain(l => l.StartsWith("synthwave_tokens_total{upstream=\"b\"", StringComparison.Ordinal));
    }

    [Fact]
    public void A_generator_nobody_waited_for_is_a_straggler_unless_the_client_left()
    {
        var answered = new ReportBuilder(_clock);
        answered.Call("slow", 0, 50, CallOutcome.Cancelled, reason: "cancelled");
        answered.Call("slower", 0, null);
        _metrics.Record(answered.End(60));
        var left = new ReportBuilder(_clock, outcome: DispatchOutcome.Cancelled);
        left.Call("slow", 0, 50, CallOutcome.Cancelled, reason: "cancelled");
        _metrics.Record(left.End(60));

        Lines().Should().Contain("synthwave_stragglers_cut_total{upstream=\"slow\"} 1").And.Contain("synthwave_stragglers_cut_total{upstream=\"slower\"} 1");
    }

    [Fact]
    public void Fallbacks_count_labels_and_every_step_of_a_cascade()
    {
        var moa = new ReportBuilder(_clock);
        moa.Report.FallbackReason = FallbackReason.ReducedQuorum;
        _metrics.Record(moa.End(1));
        var won = new ReportBuilder(_clock, "relay", "cascade");
        won.Report.CascadeAttempts = [new("a", "timeout"), new("b", "transport")];
        won.Report.CascadeWinner = "c";
        _metrics.Record(won.End(1));
        var lost = new ReportBuilder(_clock, "relay", "cascade", DispatchOutcome.Failed);
        lost.Report.CascadeAttempts = [new("a", "timeout"), new("b", "non_2xx")];
        _metrics.Record(lost.End(1));

        var lines = Lines();

        lines.Should().Contain("synthwave_fallbacks_total{profile=\"ensemble\",reason=\"reduced_quorum\"} 1");
        lines.Should().Contain("synthwave_fallbacks_total{profile=\"relay\",reason=\"timeout\"} 2");
        lines.Should().Contain("synthwave_fallbacks_total{profile=\"relay\",reason=\"transport\"} 1");
        lines.Should().NotContain(l => l.Contains("non_2xx", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true, "true")]
    [InlineData(false, "false")]
    public void A_hedge_whose_answer_was_given_has_won(bool wins, string won)
    {
        var outcome = wins ? CallOutcome.Succeeded : CallOutcome.Cancelled;
        var builder = new ReportBuilder(_clock, strategy: "passthrough");
        var call = builder.Call("a", 0, 1, outcome, CallRole.Passthrough);
        (call.IsHedge, call.HasWon) = (true, wins);
        _metrics.Record(builder.End(1));

        Lines().Should().Contain($"synthwave_hedges_total{{upstream=\"a\",won=\"{won}\"}} 1");
    }

    [Fact]
    public void Costs_add_up_exactly_by_profile_and_upstream_and_what_is_not_priced_is_counted()
    {
        var dear = ReportBuilder.Upstream("dear", new(0.05m, 0.4m, null));
        for (var i = 0; i < 1000; i++)
        {
            var builder = new ReportBuilder(_clock);
            builder.Call("dear", 0, 1, usage: ReportBuilder.Usage(1, 1), config: dear);
            builder.Call("free", 0, 1, usage: ReportBuilder.Usage(1, 1), config: ReportBuilder.Upstream("free"));
            builder.Call("refused", 0, 1, CallOutcome.Failed, reason: "circuit_open", attempts: 0, config: dear);
            _metrics.Record(builder.End(1));
        }

        var lines = Lines();

        lines.Should().Contain("synthwave_cost_usd_total{profile=\"ensemble\",upstream=\"dear\"} 0.00045");
        lines.Should().Contain("synthwave_unpriced_calls_total{profile=\"ensemble\",upstream=\"free\"} 1000");
        lines.Where(static l => l.StartsWith("synthwave_cost", StringComparison.Ordinal) || l.StartsWith("synthwave_unpriced", StringComparison.Ordinal)).Should().HaveCount(2);
    }

    [Fact]
    public void Names_that_left_the_file_leave_no_series_behind()
    {
        for (var i = 0; i < 50; i++)
        {
            var builder = new ReportBuilder(_clock, $"profile-{i}");
            builder.Call($"upstream-{i}", 0, 1, usage: ReportBuilder.Usage(1, 1), attempts: 2);
            builder.Report.FirstContentAt = _clock.GetTimestamp();
            _metrics.Record(builder.End(1));
            _metrics.Keep(new HashSet<string> { $"profile-{i}", $"upstream-{i}" });
        }

        _metrics.Record(new ReportBuilder(_clock, null, null, DispatchOutcome.Failed).End(1));
        _metrics.Keep(new HashSet<string> { "profile-49", "upstream-49" });

        var lines = Lines();

        lines.Should().NotContain(static l => l.Contains("-48\"", StringComparison.Ordinal));
        lines.Should().Contain("synthwave_requests_total{profile=\"profile-49\",strategy=\"moa\",outcome=\"success\"} 1")
            .And.Contain("synthwave_requests_total{profile=\"-\",strategy=\"-\",outcome=\"failed\"} 1")
            .And.Contain("synthwave_retries_total{upstream=\"upstream-49\"} 1");
    }

    [Fact]
    public void Gauges_are_read_at_the_scrape()
    {
        _metrics.Observe(
            () => [new("up", true), new("bad", false)],
            () => [new("bad", true), new("up", false)],
            () => [new("up", true), new("bad", false)]);
        _metrics.ObserveMemory(static () => (7, 1000));
        _metrics.RequestStarted();
        _metrics.RequestStarted();
        _metrics.RequestEnded();

        var lines = Lines();

        lines.Should().Contain("synthwave_upstream_up{upstream=\"up\"} 1").And.Contain("synthwave_upstream_up{upstream=\"bad\"} 0");
        lines.Should().NotContain(l => l.StartsWith("synthwave_upstream_up{upstream=\"new\"}", StringComparison.Ordinal));
        lines.Should().Contain("synthwave_circuit_open{upstream=\"bad\"} 1").And.Contain("synthwave_circuit_open{upstream=\"up\"} 0");
        lines.Should().Contain("synthwave_upstream_resting{upstream=\"up\"} 1").And.Contain("synthwave_upstream_resting{upstream=\"bad\"} 0");
        lines.Should().Contain("synthwave_requests_in_flight 1").And.Contain("synthwave_memory_used_bytes 7").And.Contain("synthwave_memory_budget_bytes 1000");
    }

    [Fact]
    public void A_refused_configuration_shows_until_a_good_one_is_taken_over()
    {
        Lines().Should().Contain("synthwave_config_valid 1");
        _metrics.ConfigReloaded(success: false);
        Lines().Should().Contain("synthwave_config_valid 0").And.Contain("synthwave_config_reloads_total{result=\"failure\"} 1");
        _metrics.ConfigReloaded(success: true);
        Lines().Should().Contain("synthwave_config_valid 1").And.Contain("synthwave_config_reloads_total{result=\"success\"} 1");
    }

    [Fact]
    public void Every_sample_is_well_formed_whatever_a_name_looks_like()
    {
        var builder = new ReportBuilder(_clock, "odd \"name\"\\\n");
        builder.Call("a", 0, 1);
        _metrics.Record(builder.End(1));

        var lines = Lines();

        lines.Should().Contain("synthwave_requests_total{profile=\"odd \\\"name\\\"\\\\\\n\",strategy=\"moa\",outcome=\"success\"} 1");
        lines.Where(l => !l.StartsWith('#')).Should().AllSatisfy(l => l.Should().MatchRegex("^[a-z_]+(\\{([a-z0-9_]+=\"([^\"\\\\]|\\\\.)*\",?)+\\})? [0-9.E+-]+$"));
    }

    [Fact]
    public void Listeners_of_the_meter_see_the_same_and_the_gen_ai_metrics()
    {
        var seen = new List<Seen>();
        using var listener = Listen(seen);
        var builder = new ReportBuilder(_clock, "metered");
        var call = builder.Call("metered-up", 0, 250, usage: ReportBuilder.Usage(10, 3), config: ReportBuilder.Upstream("metered-up", new(1, 2, null), baseUrl: "https://api.groq.com/openai/v1"));
        call.Streamed = true;
        call.FirstContentAt = call.StartedAt + 40;
        call.ResponseModel = "llama-9";
        _metrics.Record(builder.End(300));
        listener.Dispose();

        var mine = seen.Where(s => s.Tags.ContainsValue("metered") || s.Tags.ContainsValue("metered-up") || s.Tags.ContainsValue("metered-up-model")).ToArray();
        mine.Should().Contain(s => s.Name == "synthwave.requests" && s.Value == 1);
        mine.Should().Contain(s => s.Name == "synthwave.cost" && s.Value == 0.000016);
        mine.Should().Contain(s => s.Name == "synthwave.upstream" && s.Value == 0.25);
        mine.Should().Contain(s => s.Name == GenAi.Metrics.OperationDuration && s.Value == 0.25
            && (string)s.Tags[GenAi.ProviderName]! == "groq" && (string)s.Tags[GenAi.ServerAddress]! == "api.groq.com"
            && (string)s.Tags[GenAi.ResponseModel]! == "llama-9" && !s.Tags.ContainsKey(GenAi.ErrorType));
        mine.Should().Contain(s => s.Name == GenAi.Metrics.TimeToFirstChunk && s.Value == 0.04);
        mine.Should().Contain(s => s.Name == GenAi.Metrics.TokenUsage && s.Value == 10 && (string)s.Tags[GenAi.TokenType]! == "input");
        mine.Should().Contain(s => s.Name == GenAi.Metrics.TokenUsage && s.Value == 3 && (string)s.Tags[GenAi.TokenType]! == "output");
    }

    [Fact]
    public void Calls_for_embeddings_are_told_apart_in_the_gen_ai_metrics()
    {
        var seen = new List<Seen>();
        using var listener = Listen(seen);
        var builder = new ReportBuilder(_clock);
        var call = builder.Call("embedder", 0, 250, usage: ReportBuilder.Usage(10, 0));
        Spans.StartCall(call, ReportBuilder.Upstream("embedder"), GenAi.Operations.Embeddings)?.Dispose();
        _metrics.Record(builder.End(300));
        listener.Dispose();

        var mine = seen.Where(s => s.Name.StartsWith("gen_ai.", StringComparison.Ordinal) && s.Tags.ContainsValue("embedder-model")).ToArray();
        mine.Should().NotBeEmpty().And.OnlyContain(s => (string)s.Tags[GenAi.OperationName]! == "embeddings");
    }

    [Fact]
    public void Parallel_records_are_all_counted()
    {
        Parallel.For(0, 1000, _ =>
        {
            var report = new DispatchReport("metamodel-x", 0) { Profile = "p", Strategy = ReportBuilder.Kind("moa"), Outcome = DispatchOutcome.Success, EndedAt = 100 };
            _metrics.Record(report);
        });

        Lines().Should().Contain("synthwave_requests_total{profile=\"p\",strategy=\"moa\",outcome=\"success\"} 1000")
            .And.Contain("synthwave_request_seconds_count{profile=\"p\",strategy=\"moa\",outcome=\"success\"} 1000");
    }

    [Fact]
    public void Recording_allocates_little()
    {
        var builder = new ReportBuilder(_clock);
        builder.Call("a", 0, 1, usage: ReportBuilder.Usage(1, 1));
        builder.Call("b", 0, 1, usage: ReportBuilder.Usage(1, 1));
        builder.Call("s", 1, 2, role: CallRole.Synthesizer, usage: ReportBuilder.Usage(1, 1));
        var report = builder.End(3);
        for (var i = 0; i < 200; i++)
        {
            _metrics.Record(report);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            _metrics.Record(report);
        }

        ((GC.GetAllocatedBytesForCurrentThread() - before) / 1000).Should().BeLessThan(512);
    }

    private static MeterListener Listen(List<Seen> seen)
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, l) =>
            {
                // Other tests run their own meters of this name beside this one.
                if (instrument.Meter.Name == GatewayMetrics.MeterName)
                {
                    l.EnableMeasurementEvents(instrument);
                }
            },
        };
        void Add(Instrument i, double v, ReadOnlySpan<KeyValuePair<string, object?>> t)
        {
            lock (seen)
            {
                seen.Add(new(i.Name, v, new Dictionary<string, object?>(t.ToArray())));
            }
        }

        listener.SetMeasurementEventCallback<long>((i, v, t, _) => Add(i, v, t));
        listener.SetMeasurementEventCallback<double>((i, v, t, _) => Add(i, v, t));
        listener.Start();
        return listener;
    }

    private sealed record Seen(string Name, double Value, Dictionary<string, object?> Tags);

    private string[] Lines() => _metrics.ToPrometheusText().Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
