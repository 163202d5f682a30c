using Synthwave.Simulation;
using Synthwave.TestKit;

namespace Synthwave.IntegrationTests.BadDays;

/// <summary>Clients that end their side of the connection and read on, told apart from clients that are gone (<see cref="ClientLeavesTests"/>).</summary>
[Collection(nameof(Alone))]
public sealed class HalfClosedTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    public static TheoryData<string, bool> Answers
    {
        get
        {
            var cells = new TheoryData<string, bool>();
            foreach (var profile in (string[])["a", "cascade", "moa"])
            {
                cells.Add(profile, false);
                cells.Add(profile, true);
            }

            return cells;
        }
    }

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task A_client_that_reads_on_gets_its_answer(string profile, bool stream)
    {
        await using var day = await BadDay.StartAsync();
        using var client = await RawClient.ConnectAsync(day.Gateway.Address);

        await client.SendAsync(RawClient.Post(ChatCall.Body(profile, stream: stream)));
        client.FinishSending();
        var answer = await client.ReadToEndAsync();

        answer.Should().Contain("HTTP/1.1 200 OK").And.Contain(BadDay.Texts[profile == "moa" ? "s" : "a"].Split(' ')[0]);
        if (stream)
        {
            answer.Should().Contain("data: [DONE]").And.EndWith("0\r\n\r\n");
        }

        await day.ShouldBeQuietAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task One_that_waits_is_told_that_its_request_is_worked_on(bool stream)
    {
        await using var model = new GatedModel();
        await using var gateway = await TestGateway.StartAsync(Toml(model.BaseUrl));
        using var client = await RawClient.ConnectAsync(gateway.Address);

        await client.SendAsync(RawClient.Post(ChatCall.Body("a", stream: stream)));
        client.FinishSending();
        var isTold = await client.ReadUntilAsync("HTTP/1.1 100 Continue\r\n\r\n");
        await model.Asked;
        model.Begin();
        model.Finish();
        var answer = await client.ReadToEndAsync();

        isTold.Should().BeTrue();
        answer.Should().StartWith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n", "one word is enough").And.Contain("last");
        answer.Split("100 Continue").Should().HaveCount(2);
    }

    [Theory]
    [InlineData("1.0")]
    [InlineData("1.1")]
    public async Task A_stream_that_has_begun_goes_on(string version)
    {
        await using var model = new GatedModel();
        await using var gateway = await TestGateway.StartAsync(Toml(model.BaseUrl));
        using var client = await RawClient.ConnectAsync(gateway.Address);
        await client.SendAsync(RawClient.Post(ChatCall.Body("a", stream: true), version: version));
        model.Begin();
        (await client.ReadUntilAsync("\"content\":\"first \"")).Should().BeTrue();

        client.FinishSending();
        (await client.ReadUntilAsync(": heartbeat")).Should().BeTrue("a client that is gone would be found out by it");
        model.Finish();
        var answer = await client.ReadToEndAsync();

        answer.Should().Contain("\"content\":\"last\"").And.Contain("data: [DONE]").And.NotContain("100 Continue");
    }

    [Fact]
    public async Task Requests_that_were_sent_before_the_end_are_all_answered()
    {
        await using var day = await BadDay.StartAsync();
        using var client = await RawClient.ConnectAsync(day.Gateway.Address);
        var post = RawClient.Post(ChatCall.Body("a"));

        await client.SendAsync(post + "GET /healthz HTTP/1.1\r\nHost: gateway\r\n\r\n" + post);
        client.FinishSending();
        var answer = await client.ReadToEndAsync();

        answer.Split("HTTP/1.1 200 OK").Should().HaveCount(4);
        day.Models.CallsTo("a").Should().Be(2);
        await day.ShouldBeQuietAsync();
    }

    [Fact]
    public async Task A_client_of_the_old_protocol_that_leaves_while_it_waits_ends_its_call()
    {
        await using var day = await BadDay.StartAsync(new BadDaySetup { Models = [BadDay.Model("a", new(SimulatedFaultKind.Stall))] });
        using var client = await RawClient.ConnectAsync(day.Gateway.Address);
        await client.SendAsync(RawClient.Post(ChatCall.Body("a"), version: "1.0"));
        await BadDay.Until(() => day.Models.ChatCalls.Length == 1, "the call has been made");

        var left = TimeProvider.System.GetUtcNow();
        client.Leave();
        var aborted = await day.Models.ChatCalls[0].Aborted.WaitAsync(BadDay.Patience);

        (aborted - left).Should().BeLessThan(Limit);
        await day.ShouldBeQuietAsync();
    }

    [Fact]
    public async Task A_client_that_ends_its_side_and_then_leaves_is_noticed_when_it_is_told_something()
    {
        await using var model = new GatedModel();
        await using var gateway = await TestGateway.StartAsync(Toml(model.BaseUrl));
        using var client = await RawClient.ConnectAsync(gateway.Address);
        await client.SendAsync(RawClient.Post(ChatCall.Body("a", stream: true)));
        client.FinishSending();
        (await client.ReadUntilAsync("100 Continue")).Should().BeTrue();

        client.Leave();
        model.Begin();
        model.Finish();

        await BadDay.Until(
            () => gateway.Log.Events.Any(e => Telemetry.Logging.RequestRecordValue.Of(e)?.Report is not null), "the request is over");
    }

    private static string Toml(string baseUrl) => $"[upstreams.a]\nmodel_id = \"gated\"\nbase_url = \"{baseUrl}\"\ncontext = 8192\nmax_output = 512\n";
}
