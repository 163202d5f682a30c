using Microsoft.AspNetCore.Http;
using Synthwave.Api.Answers;
using Synthwave.Configuration;
using Synthwave.Telemetry.Reports;
using Synthwave.UnitTests.Telemetry;

namespace Synthwave.UnitTests.Api.Answers;

public class ReportHeadersTests
{
    private static readonly string[] Trio = ["X-MetaModel-Request-Id", "X-Request-Id", "OpenAI-Request-Id"];

    private readonly SteppedClock _clock = new();

    [Fact]
    public void An_ensembles_answer_tells_everything()
    {
        var report = Ensemble();

        var headers = Write(report, ReportStage.Complete);

        Trio.Should().AllSatisfy(name => headers[name].Should().Be(report.RequestId));
        headers.Should().Contain(new Dictionary<string, string>
        {
            ["X-MetaModel-Profile"] = "ensemble",
            ["X-MetaModel-Generators"] = "3",
            ["X-MetaModel-Quorum"] = "2",
            ["X-MetaModel-Fallback-Reason"] = "none",
            ["X-MetaModel-Fastpath"] = "false",
            ["X-MetaModel-Compacted-N"] = "1",
            ["X-MetaModel-Prompt-Tokens-In"] = "50",
            ["X-MetaModel-Prompt-Tokens-Out"] = "40",
            ["X-MetaModel-Tools-Tokens"] = "0",
            ["X-MetaModel-Draft-Lengths"] = "10,20",
            ["X-MetaModel-Draft-Hashes"] = "0011223344556677,8899aabbccddeeff",
            ["X-MetaModel-Synth-Decision"] = "merged",
            ["X-MetaModel-Degraded"] = "true",
            ["X-MetaModel-Failed-Generators"] = "c:timeout",
        });
    }

    [Fact]
    public void A_head_that_leaves_early_tells_only_what_cannot_change() =>
        Write(Ensemble(), ReportStage.StreamHead).Keys.Should().BeEquivalentTo(
            [.. Trio, "X-MetaModel-Profile", "X-MetaModel-Prompt-Tokens-In", "X-MetaModel-Tools-Tokens"]);

    [Fact]
    public void A_committed_head_tells_all_but_the_cost()
    {
        var report = Ensemble();
        report.AddCall(new CallReport(CallRole.Generator, "a", "m", 0)
        {
            Attempts = 1,
            Usage = ReportBuilder.Usage(1_000_000, 0),
            Config = ReportBuilder.Upstream("a", new PriceConfig(0.5m, 1m, null)),
        });

        var complete = Write(report, ReportStage.Complete);
        var committed = Write(report, ReportStage.StreamCommitted);

        complete["X-MetaModel-Cost-Usd"].Should().Be("0.5");
        committed.Keys.Should().BeEquivalentTo(complete.Keys.Except(["X-MetaModel-Cost-Usd"]));
    }

    [Fact]
    public void A_failed_ensemble_tells_who_failed_and_claims_no_decision()
    {
        var report = Ensemble();
        report.Outcome = DispatchOutcome.Failed;

        var headers = Write(report, ReportStage.Complete);

        headers.Should().ContainKeys("X-MetaModel-Profile", "X-MetaModel-Generators", "X-MetaModel-Quorum", "X-MetaModel-Failed-Generators", "X-MetaModel-Degraded");
        headers.Should().NotContainKeys("X-MetaModel-Synth-Decision", "X-MetaModel-Fallback-Reason", "X-MetaModel-Fastpath", "X-MetaModel-Draft-Lengths");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_passthrough_has_its_constants_at_any_time(bool early)
    {
        var stage = early ? ReportStage.StreamHead : ReportStage.Complete;
        var report = new ReportBuilder(_clock, "up", "passthrough").Report;
        (report.PromptTokensIn, report.ToolsTokens) = (7, 70);

        Write(report, stage).Should().BeEquivalentTo(new Dictionary<string, string>
        {
            [Trio[0]] = report.RequestId,
            [Trio[1]] = report.RequestId,
            [Trio[2]] = report.RequestId,
            ["X-MetaModel-Profile"] = "up",
            ["X-MetaModel-Generators"] = "1",
            ["X-MetaModel-Quorum"] = "1",
            ["X-MetaModel-Fallback-Reason"] = "none",
            ["X-MetaModel-Compacted-N"] = "0",
            ["X-MetaModel-Prompt-Tokens-In"] = "7",
            ["X-MetaModel-Prompt-Tokens-Out"] = "7",
            ["X-MetaModel-Tools-Tokens"] = "70",
        });
    }

    [Fact]
    public void A_cascade_tells_its_winner_and_the_attempts_before()
    {
        var report = new ReportBuilder(_clock, "relay", "cascade").Report;
        (report.CascadeTried, report.CascadeWinner, report.CascadeAttempts) = (["a", "b"], "b", [new("a", "timeout")]);

        var headers = Write(report, ReportStage.Complete);

        headers["X-MetaModel-Cascade-Tried"].Should().Be("a,b");
        headers["X-MetaModel-Cascade-Winner"].Should().Be("b");
        headers["X-MetaModel-Cascade-Attempts"].Should().Be("a:timeout");
        headers.Should().NotContainKeys("X-MetaModel-Cascade-Exhausted", "X-MetaModel-Cascade-Last-Detail", "X-MetaModel-Generators");
    }

    [Fact]
    public void An_exhausted_cascade_tells_the_last_failure_in_header_safe_words()
    {
        var report = new ReportBuilder(_clock, "relay", "cascade", DispatchOutcome.Failed).Report;
        (report.CascadeTried, report.CascadeLastDetail) = (["a", "b"], "no answer\r\nX-Evil: é");

        var headers = Write(report, ReportStage.Complete);

        headers["X-MetaModel-Cascade-Exhausted"].Should().Be("2");
        headers["X-MetaModel-Cascade-Last-Detail"].Should().Be("no answer??X-Evil: ?");
        headers["X-MetaModel-Cascade-Last-Status"].Should().BeEmpty();
        headers.Should().NotContainKey("X-MetaModel-Cascade-Winner");
    }

    [Fact]
    public void A_vote_tells_its_count()
    {
        var report = new ReportBuilder(_clock, "jury", "voting").Report;
        (report.Votes, report.ToolsTokens) = (new VoteReport([true, true, false], true, 1, 2), 99);

        var headers = Write(report, ReportStage.Complete);

        headers["X-MetaModel-Voters"].Should().Be("3");
        headers["X-MetaModel-Vote-Failures"].Should().Be("1");
        headers["X-MetaModel-Vote-Unparseable"].Should().Be("2");
        headers["X-MetaModel-Verdict"].Should().Be("yes");
        headers["X-MetaModel-Tools-Tokens"].Should().Be("0");
    }

    [Fact]
    public void Media_tell_their_path_and_a_description_its_length()
    {
        var cascade = new ReportBuilder(_clock, "p", "cascade").Report;
        cascade.Media = new MediaReport { Path = "vision", Upstream = "eye", Attempts = [new("blind", "transport_error"), new("eye", "200")] };
        var described = Ensemble();
        described.Media = new MediaReport { Path = "vision", DescribeChars = 321 };

        var headers = Write(cascade, ReportStage.Complete);
        var twoStage = Write(described, ReportStage.Complete);

        headers["X-MetaModel-Multimodal-Path"].Should().Be("vision");
        headers["X-MetaModel-Multimodal-Upstream"].Should().Be("eye");
        headers["X-MetaModel-Multimodal-Attempts"].Should().Be("blind:transport_error,eye:200");
        twoStage["X-MetaModel-Vision-Path"].Should().Be("describe_then_moa");
        twoStage["X-MetaModel-Vision-Describe-Chars"].Should().Be("321");
        twoStage.Should().NotContainKey("X-MetaModel-Multimodal-Path");
    }

    [Theory]
    [InlineData("qwen2.5:7b", "qwen2.5:7b")]
    [InlineData("org/model", "org/model")]
    [InlineData("a b,c%", "a%20b%2Cc%25")]
    [InlineData("é\r\n😀", "%C3%A9%0D%0A%F0%9F%98%80")]
    public void Names_that_would_break_a_header_are_percent_encoded(string name, string encoded)
    {
        ReportHeaderWriter.Encode(name).Should().Be(encoded);
        Uri.UnescapeDataString(encoded).Should().Be(name);
    }

    [Fact]
    public void No_value_is_longer_than_its_bound_and_lists_end_with_a_whole_item()
    {
        var report = Ensemble();
        report.Profile = new string('é', 2000);
        report.FailedGenerators = [.. Enumerable.Range(0, 500).Select(i => new KeyValuePair<string, string>($"generator-{i}", "timeout"))];

        var headers = Write(report, ReportStage.Complete);

        headers.Values.Should().AllSatisfy(v => v.Length.Should().BeLessThanOrEqualTo(1024));
        headers["X-MetaModel-Failed-Generators"].Should().EndWith(":timeout");
        headers["X-MetaModel-Profile"].Should().MatchRegex("^(%[0-9A-F]{2})+$");
    }

    [Fact]
    public void Every_header_written_is_readable_by_browsers()
    {
        var report = Ensemble();
        (report.Rescued, report.Degraded) = (true, [DegradeStep.BestDraft]);

        Write(report, ReportStage.Complete).Keys.Should().BeSubsetOf(ReportHeaders.Exposed);
    }

    private static Dictionary<string, string> Write(DispatchReport report, ReportStage stage)
    {
        var headers = new HeaderDictionary();
        ReportHeaders.Write(headers, report, stage);
        return headers.ToDictionary(h => h.Key, h => h.Value.ToString());
    }

    private DispatchReport Ensemble()
    {
        var report = new ReportBuilder(_clock).Report;
        (report.Generators, report.Quorum, report.Fastpath, report.FallbackReason, report.Decision) = (3, 2, false, FallbackReason.None, Decision.Merged);
        (report.CompactedN, report.PromptTokensIn, report.PromptTokensOut, report.ToolsTokens) = (1, 50, 40, 0);
        (report.DraftLengths, report.DraftHashes) = ([new("a", 10), new("b", 20)], ["0011223344556677", "8899aabbccddeeff"]);
        report.FailedGenerators = [new("c", "timeout")];
        return report;
    }
}
