using System.Buffers;
using System.Text.Json;
using Synthwave.Telemetry.Metrics;
using Synthwave.Telemetry.Reports;

namespace Synthwave.UnitTests.Telemetry.Metrics;

public class RecentRequestsTests
{
    private readonly RecentRequests _ring = new();

    [Fact]
    public void Without_records_there_are_no_profiles() =>
        Document().GetRawText().Should().Be("{\"ring_size\":100,\"profiles\":{}}");

    [Fact]
    public void The_documented_fields_are_means_over_ensemble_answers()
    {
        Add("ensemble", 1, 10.004, r =>
        {
            (r.Generators, r.Quorum, r.Decision, r.FinalToolCalls) = (3, 3, Decision.Merged, 1);
            r.DraftLengths = [new("a", 10), new("b", 20), new("c", 30)];
        });
        Add("ensemble", 2, 20, r =>
        {
            (r.Generators, r.Quorum, r.Decision) = (3, 2, null);
            r.DraftLengths = [new("b", 40), new("c", 51)];
            r.FailedGenerators = [new("a", "timeout")];
        });
        Add("ensemble", 3, 30, r =>
        {
            (r.Outcome, r.ErrorCode, r.Generators, r.Quorum) = (DispatchOutcome.Failed, "no_quorum_after_constraint", 3, 0);
            r.FailedGenerators = [new("a", "timeout"), new("b", "undeclared_tool")];
        });

        var entry = Document().GetProperty("profiles").GetProperty("ensemble");

        entry.GetProperty("calls").GetInt32().Should().Be(3);
        entry.GetProperty("quorum_avg").GetRawText().Should().Be("1.667");
        entry.GetProperty("degraded_rate").GetRawText().Should().Be("0.667");
        entry.GetProperty("synth_decisions").GetRawText().Should().Be("{\"merged\":1,\"no_quorum_after_constraint\":1,\"unknown\":1}");
        entry.GetProperty("tool_call_rate").GetRawText().Should().Be("0.333");
        entry.GetProperty("elapsed_ms_avg").GetRawText().Should().StartWith("20");
        entry.GetProperty("draft_length").GetProperty("gen0").GetRawText().Should().Be("{\"min\":10,\"max\":40,\"avg\":25,\"samples\":2}");
        entry.GetProperty("draft_length").GetProperty("gen1").GetProperty("avg").GetDecimal().Should().Be(35.5m);
        entry.GetProperty("draft_length_by_upstream").GetProperty("a").GetRawText().Should().Be("{\"min\":10,\"max\":10,\"avg\":10,\"samples\":1}");
        entry.GetProperty("failure_breakdown").GetRawText().Should().Be("{\"timeout\":2,\"undeclared_tool\":1}");
        entry.GetProperty("newest_ts_ms").GetInt64().Should().Be(3);
        entry.GetProperty("oldest_ts_ms").GetInt64().Should().Be(1);
    }

    [Fact]
    public void Total_failures_show_in_the_additions_and_leave_the_documented_fields_alone()
    {
        Add("ensemble", 1, 10, r => (r.Generators, r.Quorum) = (2, 2));
        for (var i = 0; i < 150; i++)
        {
            Add("ensemble", 2 + i, 1, r => (r.Outcome, r.ErrorCode) = (DispatchOutcome.Failed, "all_generators_failed"));
        }

        var entry = Document().GetProperty("profiles").GetProperty("ensemble");

        entry.GetProperty("calls").GetInt32().Should().Be(1);
        entry.GetProperty("degraded_rate").GetDecimal().Should().Be(0);
        entry.GetProperty("requests").GetInt32().Should().Be(100);
        entry.GetProperty("outcomes").GetRawText().Should().Be("{\"failed\":100}");
        entry.GetProperty("errors").GetRawText().Should().Be("{\"all_generators_failed\":100}");
    }

    [Fact]
    public void Other_strategies_have_the_additions_only()
    {
        Add("relay", 1, 10, r => r.Strategy = ReportBuilder.Kind("cascade"));

        var entry = Document().GetProperty("profiles").GetProperty("relay");

        entry.GetProperty("calls").GetInt32().Should().Be(0);
        entry.TryGetProperty("quorum_avg", out _).Should().BeFalse();
        entry.GetProperty("outcomes").GetRawText().Should().Be("{\"success\":1}");
        entry.GetProperty("elapsed_ms").GetRawText().Should().Be("{\"p50\":10,\"p95\":10,\"p99\":10}");
    }

    [Fact]
    public void The_ring_keeps_the_last_hundred()
    {
        for (var i = 1; i <= 250; i++)
        {
            Add("ensemble", i, i, r => (r.Generators, r.Quorum) = (1, 1));
        }

        var entry = Document().GetProperty("profiles").GetProperty("ensemble");

        entry.GetProperty("calls").GetInt32().Should().Be(100);
        entry.GetProperty("oldest_ts_ms").GetInt64().Should().Be(151);
        entry.GetProperty("newest_ts_ms").GetInt64().Should().Be(250);
        entry.GetProperty("elapsed_ms").GetProperty("p95").GetInt32().Should().Be(245);
    }

    [Fact]
    public async Task Figures_can_be_read_while_profiles_come_and_go()
    {
        var changing = Task.Run(() =>
        {
            for (var i = 0; i < 20_000; i++)
            {
                Add("ensemble", i, i, static _ => { });
                _ring.Keep(new HashSet<string>());
            }
        });

        while (!changing.IsCompleted)
        {
            Document().GetProperty("ring_size").GetInt32().Should().Be(100);
        }

        await changing;
    }

    private void Add(string profile, long timestampMs, double elapsedMs, Action<DispatchReport> fill)
    {
        var report = new DispatchReport("metamodel-x", 0) { Profile = profile, Strategy = ReportBuilder.Kind("moa"), Outcome = DispatchOutcome.Success };
        fill(report);
        _ring.Add(report, timestampMs, elapsedMs);
    }

    private JsonElement Document()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            _ring.Write(json);
        }

        return JsonDocument.Parse(buffer.WrittenMemory).RootElement;
    }
}
