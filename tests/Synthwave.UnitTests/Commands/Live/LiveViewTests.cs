using Synthwave.Commands.Live;
using Synthwave.Telemetry.Journal;

namespace Synthwave.UnitTests.Commands.Live;

public sealed class LiveViewTests
{
    private static readonly JournalEntry Running = new()
    {
        RequestId = "req_1",
        Method = "POST",
        Path = "/v1/chat/completions",
        Dialect = "chat",
        Profile = "ensemble",
        Outcome = "running",
        Phase = "drafting",
        ElapsedMs = 2_000,
        Calls = [Call("generator", "sim-quick", "success", 0, 500, 1_000) with { Usage = new(10, 120, 130, null, null), CostUsd = 0.0012m }, Call("generator", "sim-careful", "running", 0, null, 2_000)],
    };

    private static readonly JournalEntry Merged = Running with
    {
        Sequence = 7,
        Outcome = "success",
        Phase = "finished",
        Status = 200,
        Decision = "merged",
        ElapsedMs = 4_000,
        Generators = 3,
        Drafts = 2,
        Usage = new(1_240, 560, 1_800, null, null),
        CostUsd = 0.0034m,
        Calls =
        [
            Call("generator", "sim-quick", "success", 0, 500, 1_000),
            Call("generator", "sim-careful", "success", 0, 1_000, 2_000),
            Call("generator", "sim-bold", "failed", 0, null, 500) with { Reason = "non_2xx", Attempts = 2 },
            Call("synthesizer", "sim-careful", "success", 2_000, 1_000, 2_000),
        ],
    };

    private static readonly LiveSnapshot Snapshot = new()
    {
        Address = "http://127.0.0.1:8400",
        Running = [Running],
        Finished = [Merged],
        Upstreams = [LiveUpstream.Of("sim-quick", "up", null, 0, 2), LiveUpstream.Of("sim-careful", "up", null, 0, 0), LiveUpstream.Of("sim-bold", "up", "circuit_open", 12.3, 0)],
    };

    [Fact]
    public void Picture_shows_upstreams_drafts_as_bars_the_decision_the_writer_and_the_cost()
    {
        Draw(Snapshot, 92, 30).Should().Equal(
            "Synthwave http://127.0.0.1:8400  1 running, 7 finished",
            "sim-quick up, 2 in flight   sim-careful up   sim-bold rests 13 s (circuit open)",
            new string('─', 92),
            "> 2.0 s    ensemble  drafting",
            "  draft      sim-quick        ·······━━━━━━━━                1.0 s    120 tokens, $0.0012",
            "  draft      sim-careful      ·····························  2.0 s",
            "+ 4.0 s    ensemble  merged  sim-careful wrote  2 of 3 drafts  1240 in, 560 out  $0.0034",
            "  draft      sim-quick        ···━━━━                        1.0 s",
            "  draft      sim-careful      ·······━━━━━━━━                2.0 s",
            "  draft      sim-bold         ···                            500 ms   non 2xx, attempt 2",
            "  synthesis  sim-careful                     ·······━━━━━━━  2.0 s");
    }

    [Fact]
    public void Picture_is_never_higher_than_the_terminal()
    {
        var many = Snapshot with { Running = [.. Enumerable.Repeat(Running, 40)], Finished = [.. Enumerable.Repeat(Merged, 40)] };

        Draw(many, 92, 24).Should().HaveCountLessThanOrEqualTo(23).And.Contain(l => l.Contains("more running"));
        Draw(many with { Running = [] }, 92, 24).Should().HaveCountLessThanOrEqualTo(23).And.HaveCountGreaterThan(20);
    }

    [Theory]
    [InlineData(60)]
    [InlineData(80)]
    [InlineData(200)]
    public void No_line_is_wider_than_the_terminal(int width) =>
        Draw(Snapshot with { Finished = [Merged with { Profile = new string('長', 300) }] }, width, 30).Should().OnlyContain(l => l.Sum(c => c == '長' ? 2 : 1) <= width);

    [Fact]
    public void Names_cannot_command_the_terminal_nor_the_markup()
    {
        var evil = Running with { Profile = "[red]x[/]\e[2J\n\u202e", Calls = [Call("generator", "a[/]\u009b1m", "running", 0, null, 10)] };

        var text = string.Join('\n', Draw(Snapshot with { Running = [evil], Finished = [], Trouble = "[bold]\a" }, 92, 30));

        text.Should().Contain("[red]x[/]?[2J??").And.Contain("a[/]?1m").And.Contain("[bold]?");
        text.Where(c => char.IsControl(c) && c != '\n').Should().BeEmpty();
    }

    [Fact]
    public void Failure_and_trouble_are_told_in_words()
    {
        var failed = Merged with { Outcome = "failed", Status = 502, ErrorCode = "all_generators_failed", Decision = null };

        var text = string.Join('\n', Draw(Snapshot with { Running = [], Finished = [failed], Trouble = "the gateway cannot be reached" }, 92, 30));

        text.Should().Contain("! 4.0 s    ensemble  failed  502 all_generators_failed").And.Contain("the gateway cannot be reached").And.NotContain("wrote");
    }

    [Fact]
    public void Nothing_yet_is_said_too() =>
        Draw(new LiveSnapshot { Address = "http://127.0.0.1:8400" }, 80, 24)[^1].Should().Be("Waiting for the first request.");

    [Fact]
    public void Vote_has_a_verdict_and_no_writer()
    {
        var vote = Merged with { Decision = null, Verdict = "yes", Generators = null, Drafts = null, Calls = [Call("voter", "sim-quick", "success", 0, null, 100)] };

        string.Join('\n', Draw(Snapshot with { Finished = [vote] }, 92, 30)).Should().Contain("verdict yes").And.Contain("  vote ").And.NotContain("wrote");
    }

    [Theory]
    [InlineData(false, 80, null, null, true)]
    [InlineData(true, 80, null, null, false)]
    [InlineData(false, 40, null, null, false)]
    [InlineData(false, 80, "1", null, false)]
    [InlineData(false, 80, null, "dumb", false)]
    public void View_needs_a_terminal_that_is_wide_enough_and_allowed_to_show_it(bool isRedirected, int width, string? noColour, string? term, bool can) =>
        Terminal.CanDraw(isRedirected, width, name => name == "NO_COLOR" ? noColour : name == "TERM" ? term : null).Should().Be(can);

    [Theory]
    [InlineData(0, "0 ms")]
    [InlineData(999, "999 ms")]
    [InlineData(1_500, "1.5 s")]
    [InlineData(125_000, "2 min 5 s")]
    public void Times_are_written_as_people_read_them(double milliseconds, string text) => LiveText.Duration(milliseconds).Should().Be(text);

    private static string[] Draw(LiveSnapshot snapshot, int width, int height)
    {
        using var output = new StringWriter();
        var console = Terminal.Over(output, isDrawn: false);
        console.Profile.Width = width;
        console.Write(LiveView.Of(snapshot, width, height));
        return [.. output.ToString().TrimEnd('\n').Split('\n').Select(l => l.TrimEnd())];
    }

    private static JournalCall Call(string role, string upstream, string outcome, double start, double? firstContent, double elapsed) => new()
    {
        Role = role,
        Upstream = upstream,
        Model = "m",
        Outcome = outcome,
        Attempts = 1,
        StartMs = start,
        FirstContentMs = firstContent,
        ElapsedMs = elapsed,
    };
}
