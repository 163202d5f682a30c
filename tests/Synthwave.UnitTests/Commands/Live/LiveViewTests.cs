using System.Text.RegularExpressions;
using Synthwave.Commands.Live;
using Synthwave.Telemetry.Journal;
using Synthwave.TestKit;

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
    [InlineData(false, 80, null, null, null)]
    [InlineData(false, 80, "1", null, null)]
    [InlineData(true, 80, null, null, "standard output is no terminal")]
    [InlineData(false, 40, null, null, "the terminal has 40 columns, and the view needs 60")]
    [InlineData(false, 0, null, null, "the terminal does not say how wide it is")]
    [InlineData(false, 80, null, "dumb", "the terminal can only write lines (TERM is dumb)")]
    public void View_needs_a_terminal_that_is_wide_enough_and_says_what_is_missing(bool isRedirected, int width, string? noColour, string? term, string? obstacle) =>
        Terminal.Obstacle(isRedirected, width, name => name == "NO_COLOR" ? noColour : name == "TERM" ? term : null).Should().Be(obstacle);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_picture_has_colours_unless_they_are_not_wanted(bool hasColour)
    {
        using var output = new StringWriter();
        var console = Terminal.Over(output, isDrawn: true, hasColour);
        console.Profile.Width = 92;

        console.Write(LiveView.Of(Snapshot, 92, 30));

        Regex.IsMatch(output.ToString(), "\e\\[([0-9;]*;)?(3[0-9]|9[0-7])m").Should().Be(hasColour);
        output.ToString().Should().Contain("sim-quick");
    }

    [Fact]
    public void Many_upstreams_leave_room_for_requests_and_those_that_are_not_well_come_first()
    {
        var many = Snapshot with
        {
            Upstreams = [.. Enumerable.Range(0, 200).Select(i => LiveUpstream.Of($"upstream-{i}", i == 150 ? "down" : "up", null, 0, 0))],
        };

        var lines = Draw(many, 92, 24);

        lines.Should().HaveCountLessThanOrEqualTo(23);
        lines[1].Should().StartWith("upstream-150 down");
        lines.Should().ContainSingle(l => l.StartsWith("… and ")).Which.Should().MatchRegex("^… and (\\d+) more upstreams, \\1 of them up$");
        lines.Should().Contain(l => l.Contains("drafting"));
        Draw(many, 92, int.MaxValue).Should().Contain(l => l.Contains("upstream-199"), "what is no terminal has no end");
    }

    [Fact]
    public void Trouble_is_told_to_its_end_on_a_narrow_terminal()
    {
        const string Trouble = "the gateway at http://127.0.0.1:8400/ asks for its admin token: put it in a variable and name that with --token-env, or set META_MODEL_ADMIN_TOKEN.";

        var lines = Draw(Snapshot with { Running = [], Finished = [], Trouble = Trouble }, 60, 24);

        string.Join(' ', lines).Should().Contain(Trouble);
        lines.Should().OnlyContain(l => l.Length <= 60);
    }

    [Fact]
    public void A_call_that_runs_grows_towards_the_time_its_upstream_usually_takes()
    {
        var upstreams = Snapshot.Upstreams.Replace(Snapshot.Upstreams[1], Snapshot.Upstreams[1] with { UsualMs = 8_000 });
        var running = Running with { Calls = [Running.Calls[1] with { Upstream = "sim-careful#2" }] };
        string Bar(double elapsed) => Draw(
            Snapshot with { Running = [running with { ElapsedMs = elapsed, Calls = [running.Calls[0] with { ElapsedMs = elapsed }] }], Finished = [], Upstreams = upstreams }, 92, 30)[^1];

        Bar(2_000).Should().EndWith("2.0 s    usually 8.0 s");
        Bar(2_000).Count(c => c == '·').Should().BeInRange(6, 9);
        Bar(4_000).Count(c => c == '·').Should().BeInRange(13, 16);
        Bar(9_000).Count(c => c == '·').Should().BeGreaterThan(27);
    }

    [Fact]
    public void A_time_of_minutes_or_hours_is_not_cut_in_its_column()
    {
        var slow = Merged with { ElapsedMs = 605_000, Calls = [Call("generator", "sim-quick", "success", 0, null, 3_599_000), Call("generator", "sim-bold", "success", 0, null, 4_000_000)] };

        var text = string.Join('\n', Draw(Snapshot with { Running = [], Finished = [slow] }, 92, 30));

        text.Should().Contain("10m 05s ").And.Contain("59m 59s").And.Contain("1h 06m").And.NotContain("…");
    }

    [Fact]
    public void No_name_makes_a_line_that_cannot_be_drawn() => Seeded.Run(300, static random =>
    {
        var name = new string([.. Enumerable.Range(0, random.Next(1, 60)).Select(_ => (char)(random.Next(3) switch { 0 => random.Next(0x20, 0x7f), 1 => random.Next(0x2e80, 0xffff), _ => random.Next(0x10000) }))]);
        var odd = Running with { Profile = name, Calls = [Call("generator", name, "failed", 0, null, 10) with { Reason = name }] };

        Draw(Snapshot with { Running = [odd], Trouble = name, Upstreams = [LiveUpstream.Of(name, "up", null, 0, 0)] }, 60, 24).Should().NotBeEmpty();
    });

    [Theory]
    [InlineData(0, "0 ms")]
    [InlineData(999, "999 ms")]
    [InlineData(1_500, "1.5 s")]
    [InlineData(999.7, "1.0 s")]
    [InlineData(59_970, "1m 00s")]
    [InlineData(125_000, "2m 05s")]
    [InlineData(3_600_000, "1h 00m")]
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
