using System.Text;
using Synthwave.Configuration;
using Synthwave.Telemetry.Reports;

namespace Synthwave.UnitTests.Telemetry.Reports;

public class TraceWriterTests
{
    private readonly SteppedClock _clock = new();

    [Fact]
    public void The_trace_tells_what_is_known_and_nothing_else()
    {
        var builder = new ReportBuilder(_clock);
        (builder.Report.Decision, builder.Report.FallbackReason) = (Decision.Merged, FallbackReason.None);
        builder.Call("a", 0, 40, usage: ReportBuilder.Usage(10, 2) with { CachedTokens = 4 }, config: ReportBuilder.Upstream("a", new PriceConfig(1m, 1m, null)))
            .FirstByteAt = _clock.GetTimestamp() + 5;
        builder.Call("b", 0, 50, CallOutcome.Failed, CallRole.Synthesizer, "timeout");

        var json = Json(builder.End(60), trace: true);

        json.Should().Be(
            "{\"profile\":\"ensemble\",\"strategy\":\"moa\",\"decision\":\"merged\",\"fallback_reason\":\"none\",\"degraded\":[],\"elapsed_ms\":60,\"usage_complete\":false,\"calls\":["
            + "{\"role\":\"generator\",\"upstream\":\"a\",\"model\":\"a-model\",\"outcome\":\"success\",\"attempts\":1,\"first_byte_ms\":5,\"elapsed_ms\":40,"
            + "\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":2,\"total_tokens\":12,\"cached_tokens\":4},\"cost_usd\":0.000012},"
            + "{\"role\":\"synthesizer\",\"upstream\":\"b\",\"model\":\"b-model\",\"outcome\":\"failed\",\"reason\":\"timeout\",\"attempts\":1,\"elapsed_ms\":50}]}");
    }

    [Fact]
    public void What_a_synthesis_had_to_leave_out_is_told()
    {
        var builder = new ReportBuilder(_clock);
        builder.Report.Synthesis = new SynthesisReport(1, 0, 3);

        Json(builder.End(60), trace: true).Should().Contain("\"degraded\":[],\"synthesis\":{\"drafts_cut\":1,\"groups_dropped\":0,\"messages_cut\":3},\"elapsed_ms\":60");
    }

    [Fact]
    public void What_of_the_request_had_no_effect_is_told_once_each_in_words_that_JSON_can_carry()
    {
        var builder = new ReportBuilder(_clock);
        builder.Report.Ignore("web_search");
        builder.Report.Ignore("web_search");
        builder.Report.Ignore("\ud800" + new string('x', 1000));
        builder.Report.Clamp("max_tokens");

        Json(builder.End(60), trace: true).Should().Contain(
            "\"degraded\":[],\"ignored\":[\"web_search\",\"\uFFFD" + new string('x', 63) + "\"],\"clamped\":[\"max_tokens\"],\"elapsed_ms\":60");
    }

    [Fact]
    public void No_more_names_are_told_than_a_header_has_room_for()
    {
        var report = new ReportBuilder(_clock).Report;
        for (var i = 0; i < 10_000; i++)
        {
            report.Ignore($"tool-{i}");
        }

        report.Ignored.Should().HaveCount(DispatchReport.MaxNames);
    }

    [Fact]
    public void A_vote_is_told_without_being_asked_for()
    {
        var builder = new ReportBuilder(_clock, "jury", "voting");
        builder.Report.Votes = new VoteReport([true, false, true], true, 0, 0);

        Json(builder.Report, trace: false).Should().Be("{\"votes\":[\"yes\",\"no\",\"yes\"],\"verdict\":\"yes\"}");
    }

    [Fact]
    public void Nothing_to_tell_is_nothing() => Json(new ReportBuilder(_clock).Report, trace: false).Should().BeEmpty();

    private string Json(DispatchReport report, bool trace) => Encoding.UTF8.GetString(TraceWriter.ToJson(report, _clock, trace).Span);
}
