using Microsoft.Extensions.Time.Testing;
using Synthwave.Configuration;
using Synthwave.Upstreams.Calls;
using Synthwave.Upstreams.Health;
using Synthwave.Upstreams.Learned;
using WireMock.RequestBuilders;
using WireMock.ResponseBuilders;
using WireMock.Server;

namespace Synthwave.IntegrationTests.Upstreams;

/// <summary>Upstreams whose health is not told by a list of models.</summary>
public sealed class HealthSourceTests : IDisposable
{
    private const string Completion = """{"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}]}""";

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly FakeTimeProvider _time = new();
    private readonly LogList<HealthMonitor> _log = new();
    private readonly HealthMonitor _monitor;
    private readonly WireMockServer _server = WireMockServer.Start();

    public HealthSourceTests() => _monitor = new HealthMonitor(UpstreamBench.Listings, _time, _log);

    public void Dispose()
    {
        _monitor.Dispose();
        _server.Dispose();
    }

    [Theory]
    [InlineData(404)]
    [InlineData(405)]
    [InlineData(501)]
    public async Task An_endpoint_without_a_list_of_models_is_up_and_that_is_told_once(int status)
    {
        Given("/v1/models", status);
        using var bench = Bench();

        for (var i = 0; i < 3; i++)
        {
            (await CheckAsync(bench)).Should().Be(HealthState.Up);
        }

        _log.Lines.Should().Equal("Upstream north has no list of models: it counts as up until a call says otherwise.");
    }

    [Fact]
    public async Task A_list_that_is_missing_for_long_is_no_reason_to_stop_asking()
    {
        Given("/v1/models", 501);
        using var bench = Bench();

        for (var i = 0; i < 150; i++)
        {
            (await CheckAsync(bench)).Should().Be(HealthState.Up);
        }

        _server.LogEntries.Should().HaveCount(150, "it is asked once at a time");
    }

    [Theory]
    [InlineData("models")]
    [InlineData("none")]
    public async Task Then_the_calls_tell(string health)
    {
        Given("/v1/models", 404);
        Given("/v1/chat/completions", 401);
        using var bench = Bench(c => c with { Health = health });
        var before = await CheckAsync(bench);
        await bench.CallAsync();
        var refused = await CheckAsync(bench);

        Given("/v1/chat/completions", 200, Completion);
        await bench.CallAsync();
        var served = await CheckAsync(bench);

        before.Should().Be(HealthState.Up);
        refused.Should().Be(HealthState.AuthFailed);
        served.Should().Be(HealthState.Up);
        _log.Lines.TakeLast(2).Should().Equal("Upstream north is AuthFailed: its calls say so.", "Upstream north is up again.");
    }

    [Theory]
    [InlineData(404, "Misconfigured")]
    [InlineData(302, "Misconfigured")]
    [InlineData(403, "AuthFailed")]
    [InlineData(400, "Up")]
    [InlineData(429, "Up")]
    [InlineData(503, "Up")]
    public async Task One_call_tells_about_the_configuration_only(int status, string expected)
    {
        Given("/v1/chat/completions", status);
        using var bench = Bench(c => c with { Health = "none" });

        await bench.CallAsync();

        (await CheckAsync(bench)).ToString().Should().Be(expected);
    }

    [Fact]
    public async Task Calls_that_fail_in_a_row_tell_that_it_is_down_until_the_next_may_try()
    {
        Given("/v1/chat/completions", 503);
        using var bench = Bench(c => c with { Health = "none" });
        for (var i = 0; i < CircuitBreaker.Threshold; i++)
        {
            await bench.CallAsync();
        }

        var resting = await CheckAsync(bench);
        _time.Advance(CircuitBreaker.Rest);
        var rested = await CheckAsync(bench);

        resting.Should().Be(HealthState.Down);
        rested.Should().Be(HealthState.Up);
    }

    [Fact]
    public async Task What_a_call_said_is_forgotten_so_that_the_next_may_try()
    {
        Given("/v1/chat/completions", 401);
        using var bench = Bench(c => c with { Health = "none" });
        await bench.CallAsync();

        _time.Advance(CallHealth.Memory);

        (await CheckAsync(bench)).Should().Be(HealthState.Up);
    }

    [Fact]
    public async Task None_asks_nothing()
    {
        using var bench = Bench(c => c with { Health = "none" });

        (await CheckAsync(bench)).Should().Be(HealthState.Up);
        _server.LogEntries.Should().BeEmpty();
        _log.Lines.Should().BeEmpty();
    }

    [Theory]
    [InlineData(200, "Up")]
    [InlineData(204, "Up")]
    [InlineData(401, "AuthFailed")]
    [InlineData(404, "Misconfigured")]
    [InlineData(503, "Down")]
    public async Task A_path_of_the_host_is_asked_with_the_key(int status, string expected)
    {
        Given("/health", status);
        using var bench = Bench(c => c with { Health = "/health?deep=1", Credentials = new UpstreamCredentials { ApiKey = new Secret("hush") } });

        (await CheckAsync(bench)).ToString().Should().Be(expected);

        var asked = _server.LogEntries[^1].RequestMessage!;
        asked.Url.Should().EndWith("/health?deep=1").And.NotContain("/v1");
        asked.Headers!["Authorization"].Should().Contain("Bearer hush");
    }

    private void Given(string path, int status, string body = "{}")
    {
        _server.Given(Request.Create().WithPath(path)).RespondWith(Response.Create().WithStatusCode(status).WithBody(body));
    }

    private UpstreamBench Bench(Func<UpstreamConfig, UpstreamConfig>? configure = null) =>
        new(_server.Url + "/v1", configure, new UpstreamContext { Time = _time, Environment = _ => null });

    private async Task<HealthState> CheckAsync(UpstreamBench bench)
    {
        _monitor.Observe([bench.Client], Interval, TimeSpan.FromSeconds(5));
        _time.Advance(Interval);
        return (await _monitor.CheckAsync(CancellationToken.None)).Single().State;
    }
}
