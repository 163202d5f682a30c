using System.Collections.Immutable;
using Synthwave.Simulation;
using Synthwave.TestKit;

namespace Synthwave.IntegrationTests.BadDays;

/// <summary>Streams are live, and what leaves before there is anything to say.</summary>
public sealed class LiveStreamTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("cascade")]
    [InlineData("moa")]
    public async Task The_first_token_reaches_the_client_before_the_model_has_sent_its_last(string profile)
    {
        await using var model = new GatedModel();
        await using var day = await StartAsync(profile, model, "");
        using var client = await RawClient.ConnectAsync(day.Gateway.Address);
        model.Begin();

        await client.SendAsync(RawClient.Post(ChatCall.Body(profile, stream: true)));
        (await client.ReadUntilAsync("\"content\":\"first \"")).Should().BeTrue();
        model.HasFinished.Should().BeFalse();
        model.Finish();
        (await client.ReadUntilAsync("data: [DONE]\n\n")).Should().BeTrue();

        client.Received.Should().Contain("\"content\":\"last\"").And.NotContain("heartbeat");
        await day.ShouldBeQuietAsync();
    }

    [Theory]
    [InlineData("a")]
    [InlineData("cascade")]
    [InlineData("moa")]
    public async Task Without_head_grace_the_head_leaves_at_once_and_heartbeats_follow(string profile)
    {
        await using var model = new GatedModel();
        await using var day = await StartAsync(profile, model, "stream_head_grace_secs = 0\nheartbeat_secs = 0.1");
        using var client = await RawClient.ConnectAsync(day.Gateway.Address);

        await client.SendAsync(RawClient.Post(ChatCall.Body(profile, stream: true)));
        while (client.Received.Split(": heartbeat\n\n").Length < 4)
        {
            (await client.ReadMoreAsync()).Should().BeTrue("heartbeats go on");
        }

        await model.Asked;
        client.Received.Should().StartWith("HTTP/1.1 200").And.NotContain("data:", "before the first content only comments leave");
        model.Begin();
        model.Finish();
        (await client.ReadUntilAsync("data: [DONE]\n\n")).Should().BeTrue();

        await day.ShouldBeQuietAsync();
    }

    [Theory]
    [InlineData("a")]
    [InlineData("moa")]
    public async Task The_head_waits_for_the_first_event_within_its_grace(string profile)
    {
        await using var model = new GatedModel();
        await using var day = await StartAsync(profile, model, "stream_head_grace_secs = 60\nheartbeat_secs = 0.05");
        var sending = day.SendAsync(profile, stream: true);
        await model.Asked;

        sending.IsCompleted.Should().BeFalse();
        model.Begin();
        using var response = await sending;
        model.Finish();
        var stream = await response.ShouldBeChatStreamAsync();

        stream.Content.Should().Be("first last");
        stream.Arrivals[0].IsComment.Should().BeFalse("a head that went out early announces itself with a heartbeat");
        response.Headers.Contains(profile == "moa" ? "X-MetaModel-Synth-Decision" : "X-MetaModel-Quorum").Should().BeTrue("the head waited until this was known");
    }

    [Fact]
    public async Task A_failure_after_the_head_is_one_error_event()
    {
        await using var day = await BadDay.StartAsync(new BadDaySetup
        {
            Models = [BadDay.Model("a", new(SimulatedFaultKind.Stall))],
            Server = "stream_head_grace_secs = 0",
            Upstreams = ImmutableDictionary<string, string>.Empty.Add("a", "first_byte_timeout_secs = 0.2"),
        });

        var view = await day.AskAsync("a", stream: true);

        view.ShouldBreakWith("upstream_timeout");
        view.Stream!.Comments.Should().NotBeEmpty();
        view.Content.Should().BeEmpty();
        await day.ShouldBeQuietAsync();
    }

    [Fact]
    public async Task A_fallback_after_the_head_is_invisible_but_for_heartbeats()
    {
        await using var day = await BadDay.StartAsync(new BadDaySetup
        {
            Models = [BadDay.Model("a", new(SimulatedFaultKind.Stall) { AfterTokens = 0 })],
            Server = "stream_head_grace_secs = 0\nheartbeat_secs = 0.1",
            Upstreams = ImmutableDictionary<string, string>.Empty.Add("a", "idle_timeout_secs = 0.4"),
        });

        var view = await day.AskAsync("cascade", stream: true);

        view.ShouldBeComplete().Content.Should().Be(BadDay.Texts["b"]);
        view.Stream!.Arrivals.SkipWhile(a => a.IsComment).Should().OnlyContain(a => !a.IsComment, "what is behind the head is one model's stream");
        view.Stream.Comments.Should().HaveCountGreaterThan(1);
        view.Header("X-MetaModel-Cascade-Winner").Should().BeNull("the head left before anybody had won");
        await day.ShouldBeQuietAsync();
    }

    // The gated model is the one whose text the client gets.
    private static Task<BadDay> StartAsync(string profile, GatedModel model, string server) => BadDay.StartAsync(new BadDaySetup
    {
        BaseUrls = ImmutableDictionary<string, string>.Empty.Add(profile == "moa" ? "s" : "a", model.BaseUrl),
        Server = server,
    });
}
