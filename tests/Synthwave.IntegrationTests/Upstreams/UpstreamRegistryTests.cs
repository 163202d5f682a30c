using System.Text;
using Synthwave.Configuration;
using Synthwave.Simulation;
using Synthwave.Telemetry.Reports;
using Synthwave.TestKit;
using Synthwave.Upstreams;
using Synthwave.Upstreams.Calls;
using Synthwave.Upstreams.Connections;
using Synthwave.Upstreams.Learned;
using Body = Synthwave.Chat.Bodies.ChatBody;

namespace Synthwave.IntegrationTests.Upstreams;

public sealed class UpstreamRegistryTests : IDisposable
{
    private const string Completion = """{"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"hi"}}]}""";

    private readonly UpstreamRegistry _registry = new(new UpstreamContext { Environment = _ => null });

    public void Dispose() => _registry.Dispose();

    [Fact]
    public async Task Reload_that_changes_something_else_keeps_the_connection_and_what_was_learned()
    {
        await using var server = RawUpstream.Sending($"HTTP/1.1 200 OK\r\nContent-Length: {Completion.Length}\r\n\r\n{Completion}");
        var before = _registry.Build(Config(Upstream(server.BaseUrl)));
        await CallAsync(before["north"]);

        var after = _registry.Build(Config(Upstream(server.BaseUrl) with { Context = 5 }));
        await CallAsync(after["north"]);

        server.Connections.Should().Be(1);
        after["north"].Latency.Should().BeSameAs(before["north"].Latency);
        after["north"].Config.Context.Should().Be(5);
    }

    [Fact]
    public void A_rest_outlives_a_reload_that_keeps_the_upstream()
    {
        _registry.Build(Config(Upstream("http://127.0.0.1:1/v1"))).All[0].State.Rest.Begin(TimeSpan.FromSeconds(60));

        var kept = _registry.Build(Config(Upstream("http://127.0.0.1:1/v1") with { Context = 5 }));
        var other = _registry.Build(Config(Upstream("http://127.0.0.1:1/v1") with { ModelId = "other" }));

        (kept.All[0].Resting, other.All[0].Resting).Should().Be((RestReason.RateLimited, null));
    }

    [Fact]
    public async Task Upstreams_of_one_endpoint_share_its_connections()
    {
        await using var server = RawUpstream.Sending($"HTTP/1.1 200 OK\r\nContent-Length: {Completion.Length}\r\n\r\n{Completion}");
        var set = _registry.Build(Config(Upstream(server.BaseUrl), Upstream(server.BaseUrl) with { Name = "south", ModelId = "n" }));

        await CallAsync(set["north"]);
        await CallAsync(set["south"]);

        server.Connections.Should().Be(1);
    }

    [Fact]
    public async Task Request_that_holds_the_old_configuration_can_still_call()
    {
        await using var server = RawUpstream.Sending($"HTTP/1.1 200 OK\r\nContent-Length: {Completion.Length}\r\n\r\n{Completion}");
        var before = _registry.Build(Config(Upstream(server.BaseUrl)));
        await CallAsync(before["north"]);

        _registry.Build(Config());

        (await CallAsync(before["north"])).Should().BeOfType<CompleteUpstreamReply>();
        server.Connections.Should().Be(2, "the pool was closed with the reload and opened anew for one call");
    }

    [Fact]
    public async Task Call_in_flight_survives_the_reload_that_removes_its_upstream()
    {
        await using var server = await SimulatedServer.StartAsync(UpstreamBench.Model() with { FirstTokenDelay = TimeSpan.FromMilliseconds(100) });
        var before = _registry.Build(Config(Upstream(server.BaseUrl)));
        var pending = CallAsync(before["north"]);
        await server.WhenRequestsAsync(1);

        _registry.Build(Config());

        (await pending).Should().BeOfType<CompleteUpstreamReply>();
    }

    [Fact]
    public void State_of_a_removed_upstream_is_forgotten()
    {
        var config = Config(Upstream("http://127.0.0.1:1/v1"));
        var before = _registry.Build(config);
        _registry.Build(Config());

        _registry.Build(config)["north"].Latency.Should().NotBeSameAs(before["north"].Latency);
    }

    [Fact]
    public void Names_are_found_as_written()
    {
        var set = _registry.Build(Config(Upstream("http://127.0.0.1:1/v1")));

        set.Find("north").Should().BeSameAs(set["north"]);
        set.Find("North").Should().BeNull();
        set.All.Should().ContainSingle();
    }

    [Fact]
    public async Task Retired_pool_closes_with_its_last_lease()
    {
        await using var server = await SimulatedServer.StartAsync(UpstreamBench.Model());
        var connection = new UpstreamConnection(new ConnectionIdentity(server.BaseUrl, "none", TimeSpan.FromSeconds(1)), static _ => null);
        var first = connection.Rent();
        var second = connection.Rent();

        connection.Retire();
        first.Dispose();
        first.Dispose();
        var during = connection.IsOpen;
        second.Dispose();

        during.Should().BeTrue();
        connection.IsOpen.Should().BeFalse();
    }

    private static UpstreamConfig Upstream(string url) => new() { Name = "north", ModelId = "m", BaseUrl = url, Context = 8000, MaxOutput = 100 };

    private static GatewayConfig Config(params UpstreamConfig[] upstreams) => new() { Upstreams = [.. upstreams] };

    private static Task<UpstreamReply> CallAsync(IUpstream upstream) => upstream.CallAsync(
        new UpstreamCall
        {
            Body = Body.FromJson(Encoding.UTF8.GetBytes(ChatCall.Body("x"))),
            Role = CallRole.Passthrough,
            Deadline = Deadline.After(TimeProvider.System, UpstreamBench.Patience),
        },
        new DispatchReport("r", 0),
        CancellationToken.None);
}
