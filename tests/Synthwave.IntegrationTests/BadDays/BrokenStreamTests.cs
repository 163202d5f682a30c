using System.Collections.Immutable;
using Synthwave.Simulation;

namespace Synthwave.IntegrationTests.BadDays;

/// <summary>A stream breaks after its first content: it belonged to its model, so it ends there, visibly broken.</summary>
public sealed class BrokenStreamTests
{
    private static readonly (string Name, SimulatedFault Fault, string Code)[] Faults =
    [
        ("stall", new(SimulatedFaultKind.Stall) { AfterTokens = 2 }, "upstream_timeout"),
        ("reset", new(SimulatedFaultKind.Reset) { AfterTokens = 2 }, "upstream_error"),
        ("early_close", new(SimulatedFaultKind.EarlyClose) { AfterTokens = 2 }, "upstream_error"),
        ("broken_json", new(SimulatedFaultKind.BadJson) { AfterTokens = 2 }, "upstream_protocol_error"),
        ("broken_utf8", new(SimulatedFaultKind.InvalidUtf8) { AfterTokens = 2 }, "upstream_protocol_error"),
        ("cut_body", new(SimulatedFaultKind.WrongLength), "upstream_error"),
    ];

    public static TheoryData<string, string> Cells
    {
        get
        {
            var cells = new TheoryData<string, string>();
            foreach (var (name, _, _) in Faults)
            {
                cells.Add(name, "a");
                cells.Add(name, "cascade");
                cells.Add(name, "moa");
            }

            return cells;
        }
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task A_stream_that_breaks_after_content_ends_in_one_error_event(string fault, string profile)
    {
        var (_, given, code) = Faults.Single(f => f.Name == fault);
        var writer = profile == "moa" ? "s" : "a";
        await using var day = await BadDay.StartAsync(new BadDaySetup
        {
            Models = [BadDay.Model(writer, given)],
            Upstreams = ImmutableDictionary<string, string>.Empty.Add(writer, "idle_timeout_secs = 0.3"),
        });

        var view = await day.AskAsync(profile, stream: true);

        view.ShouldBreakWith(code);
        view.Content.Should().NotBeEmpty();
        BadDay.Texts[writer].Should().StartWith(view.Content, "one model's text and nothing else");
        (profile != "cascade" || day.Models.CallsTo("b") == 0).Should().BeTrue("a committed member has no successor");
        await day.ShouldBeQuietAsync();
        (await day.MetricAsync($"synthwave_requests_total{{profile=\"{profile}\",strategy=\"{(profile == "a" ? "passthrough" : profile)}\",outcome=\"failed\"}}"))
            .Should().Be(1);
    }

    [Theory]
    [InlineData("a")]
    [InlineData("cascade")]
    [InlineData("moa")]
    public async Task A_stream_that_never_ends_is_ended(string profile)
    {
        var writer = profile == "moa" ? "s" : "a";
        await using var day = await BadDay.StartAsync(new BadDaySetup
        {
            Models = [BadDay.Model(writer, new(SimulatedFaultKind.Endless)) with { TokensPerSecond = 200 }],
            Server = "max_stream_secs = 1",
        });

        var view = await day.AskAsync(profile, stream: true);

        view.ShouldBreakWith("deadline_exceeded");
        view.Error!.Value.GetProperty("message").GetString().Should().Contain("max_stream_secs");
        view.Content.Should().StartWith(BadDay.Texts[writer]);
        await day.ShouldBeQuietAsync();
        var role = profile switch { "moa" => "synthesizer", "cascade" => "member", _ => "passthrough" };
        (await day.MetricAsync($"synthwave_upstream_calls_total{{upstream=\"{writer}\",role=\"{role}\",outcome=\"cancelled\"}}")).Should().Be(1, "the limit is ours");
        (await day.MetricAsync($"synthwave_requests_total{{profile=\"{profile}\",strategy=\"{(profile == "a" ? "passthrough" : profile)}\",outcome=\"failed\"}}")).Should().Be(1);
    }

    [Theory]
    [InlineData("a")]
    [InlineData("cascade")]
    public async Task An_endless_json_answer_is_cut_at_the_reply_limit(string profile)
    {
        await using var day = await BadDay.StartAsync(new BadDaySetup
        {
            Models = [BadDay.Model("a", new(SimulatedFaultKind.Endless))],
            Server = "max_reply_mb = 1",
        });

        var view = await day.AskAsync(profile, stream: false);

        if (profile == "a")
        {
            view.ShouldBeFailure(502, "upstream_protocol_error", "api_error");
        }
        else
        {
            view.ShouldBeComplete().Header("X-MetaModel-Cascade-Attempts").Should().Be("a:too_large");
        }

        await day.ShouldBeQuietAsync();
    }
}
