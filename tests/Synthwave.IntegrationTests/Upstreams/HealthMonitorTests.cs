using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;
using Synthwave.Configuration;
using Synthwave.Simulation;
using Synthwave.TestKit;
using Synthwave.Upstreams.Calls;
using Synthwave.Upstreams.Health;
using Synthwave.Upstreams.Learned;
using WireMock.RequestBuilders;
using WireMock.ResponseBuilders;
using WireMock.Server;

namespace Synthwave.IntegrationTests.Upstreams;

public sealed class HealthMonitorTests : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    private readonly FakeTimeProvider _time = new();
    private readonly LogList<HealthMonitor> _log = new();
    private readonly HealthMonitor _monitor;

    public HealthMonitorTests() => _monitor = new HealthMonitor(UpstreamBench.Listings, _time, _log);

    public void Dispose() => _monitor.Dispose();

    [Fact]
    public async Task Listed_model_is_up()
    {
        await using var server = await SimulatedServer.StartAsync(UpstreamBench.Model());
        using var bench = Bench(server.BaseUrl);

        (await CheckAsync(bench)).Should().Be(HealthState.Up);
        _log.Lines.Should().BeEmpty();
    }

    [Theory]
    [InlineData(401, "AuthFailed")]
    [InlineData(403, "AuthFailed")]
    [InlineData(500, "Down")]
    [InlineData(529, "Down")]
    [InlineData(400, "Misconfigured")]
    [InlineData(302, "Misconfigured")]
    [InlineData(429, "Misconfigured")]
    public async Task Status_of_the_catalog_decides(int status, string expected)
    {
        await using var server = await SimulatedServer.StartAsync(UpstreamBench.Model());
        server.CatalogFault = new SimulatedFault(SimulatedFaultKind.Status) { Status = status };
        using var bench = Bench(server.BaseUrl);

        (await CheckAsync(bench)).ToString().Should().Be(expected);
        _log.Lines.Should().ContainSingle().Which.Should().Contain("north").And.NotContain("127.0.0.1");
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("""{"data":{}}""")]
    [InlineData("no json")]
    [InlineData("""{"data":[{"id":"other"},{"id":5},7]}""")]
    [InlineData("""{"\ud800":1,"data":[{"\ud800":1,"id":"\ud800"}],"has_more":true,"last_id":"\ud800"}""")]
    public async Task Catalog_without_the_model_is_misconfigured(string catalog)
    {
        using var server = WireMockServer.Start();
        server.Given(Request.Create().WithPath("/v1/models")).RespondWith(Response.Create().WithBody(catalog));
        using var bench = Bench(server.Url + "/v1");

        (await CheckAsync(bench)).Should().Be(HealthState.Misconfigured);
    }

    [Fact]
    public async Task Refused_connection_is_down()
    {
        using var port = new RefusedPort();
        using var bench = Bench(port.BaseUrl);

        (await CheckAsync(bench)).Should().Be(HealthState.Down);
    }

    [Theory]
    [InlineData("::not-a-url")]
    [InlineData("/v1")]
    [InlineData("http://")]
    [InlineData("localhost:8000/v1")]
    public async Task Unusable_url_is_misconfigured(string url)
    {
        using var bench = Bench(url);

        (await CheckAsync(bench)).Should().Be(HealthState.Misconfigured);
    }

    [Fact]
    public async Task Missing_key_variable_is_misconfigured()
    {
        await using var server = await SimulatedServer.StartAsync(UpstreamBench.Model());
        using var bench = Bench(server.BaseUrl, c => c with { Credentials = new UpstreamCredentials { ApiKeyEnv = "ABSENT" } });

        (await CheckAsync(bench)).Should().Be(HealthState.Misconfigured);
        server.RequestCount.Should().Be(0);
    }

    [Fact]
    public async Task Silent_endpoint_is_down_after_the_timeout()
    {
        await using var server = await SimulatedServer.StartAsync(UpstreamBench.Model());
        server.CatalogFault = new SimulatedFault(SimulatedFaultKind.Stall);
        using var bench = Bench(server.BaseUrl);
        var pending = CheckAsync(bench);
        await server.WhenRequestsAsync(1);

        _time.Advance(Timeout);

        (await pending).Should().Be(HealthState.Down);
    }

    [Fact]
    public async Task Pages_of_a_long_catalog_are_followed()
    {
        var others = Enumerable.Range(0, 25).Select(i => SimulatedModel.Saying($"other-{i}", "x"));
        await using var server = await SimulatedServer.StartAsync([.. others, UpstreamBench.Model()], new SimulatedServerOptions { CatalogPageSize = 10 });
        using var bench = Bench(server.BaseUrl);

        (await CheckAsync(bench)).Should().Be(HealthState.Up);
        server.RequestCount.Should().BeInRange(2, 3);
    }

    [Fact]
    public async Task Alias_the_catalog_does_not_list_is_found_by_its_own_entry()
    {
        using var server = WireMockServer.Start();
        server.Given(Request.Create().WithPath("/v1/models")).RespondWith(Response.Create().WithBody("""{"data":[{"id":"m-2026"}]}"""));
        server.Given(Request.Create().WithPath("/v1/models/m")).RespondWith(Response.Create().WithBody("""{"id":"m-2026"}"""));
        using var bench = Bench(server.Url + "/v1");

        (await CheckAsync(bench)).Should().Be(HealthState.Up);
    }

    [Fact]
    public async Task Catalog_that_never_ends_is_given_up()
    {
        const string Page = """{"data":[{"id":"x"}],"has_more":true,"last_id":"x"}""";
        using var server = WireMockServer.Start();
        server.Given(Request.Create().WithPath("/v1/models")).RespondWith(Response.Create().WithBody(Page));
        using var bench = Bench(server.Url + "/v1");

        (await CheckAsync(bench)).Should().Be(HealthState.Misconfigured);
    }

    [Fact]
    public async Task Result_is_kept_for_an_interval_and_then_asked_for_again()
    {
        await using var server = await SimulatedServer.StartAsync(UpstreamBench.Model());
        using var bench = Bench(server.BaseUrl);

        await CheckAsync(bench);
        _time.Advance(Interval - TimeSpan.FromMilliseconds(1));
        await CheckAsync(bench);
        var kept = server.RequestCount;
        _time.Advance(TimeSpan.FromMilliseconds(1));
        await CheckAsync(bench);

        kept.Should().Be(1);
        server.RequestCount.Should().Be(2);
    }

    [Fact]
    public async Task Fifty_requests_at_once_share_one_probe_and_one_that_leaves_does_not_stop_it()
    {
        await using var server = await SimulatedServer.StartAsync(UpstreamBench.Model());
        server.CatalogFault = new SimulatedFault(SimulatedFaultKind.Stall);
        using var bench = Bench(server.BaseUrl);
        using var leaving = new CancellationTokenSource();
        _monitor.Observe([bench.Client], Interval, Timeout);
        var gone = _monitor.CheckAsync(leaving.Token).AsTask();
        var staying = Enumerable.Range(0, 50).Select(_ => _monitor.CheckAsync(CancellationToken.None).AsTask()).ToList();
        await server.WhenRequestsAsync(1);

        await leaving.CancelAsync();
        await ((Func<Task>)(() => gone)).Should().ThrowAsync<OperationCanceledException>();
        var early = staying.Exists(t => t.IsCompleted);
        _time.Advance(Timeout);
        await Task.WhenAll(staying);

        early.Should().BeFalse();
        server.RequestCount.Should().Be(1);
    }

    [Fact]
    public async Task Loop_probes_at_start_and_after_each_interval()
    {
        await using var server = await SimulatedServer.StartAsync(UpstreamBench.Model());
        using var bench = Bench(server.BaseUrl);
        _monitor.Observe([bench.Client], Interval, Timeout);

        await _monitor.StartAsync(CancellationToken.None);
        for (var i = 1; i <= 3; i++)
        {
            await server.WhenRequestsAsync(i);
            await WhenProbedAsync(bench);
            _time.Advance(Interval);
        }

        await server.WhenRequestsAsync(4);
        await _monitor.StopAsync(CancellationToken.None);
        _monitor.Current.Should().Equal(new UpstreamHealth("north", HealthState.Up));
    }

    [Fact]
    public async Task Reload_probes_what_is_new_and_keeps_what_is_known()
    {
        await using var first = await SimulatedServer.StartAsync(UpstreamBench.Model());
        await using var second = await SimulatedServer.StartAsync(UpstreamBench.Model());
        using var old = Bench(first.BaseUrl);
        using var added = Bench(second.BaseUrl, c => c with { Name = "south" });
        _monitor.Observe([old.Client], Interval, Timeout);
        await _monitor.StartAsync(CancellationToken.None);
        await first.WhenRequestsAsync(1);
        await WhenProbedAsync(old);

        _monitor.Observe([old.Client, added.Client], Interval, Timeout);
        await second.WhenRequestsAsync(1);
        var states = await _monitor.CheckAsync(CancellationToken.None);
        await _monitor.StopAsync(CancellationToken.None);

        states.Should().Equal(new UpstreamHealth("north", HealthState.Up), new UpstreamHealth("south", HealthState.Up));
        first.RequestCount.Should().Be(1);
    }

    [Fact]
    public async Task Recovery_is_logged()
    {
        await using var server = await SimulatedServer.StartAsync(UpstreamBench.Model());
        server.CatalogFault = new SimulatedFault(SimulatedFaultKind.Status) { Status = 503 };
        using var bench = Bench(server.BaseUrl);
        await CheckAsync(bench);

        server.CatalogFault = null;
        _time.Advance(Interval);
        await CheckAsync(bench);

        _log.Lines.Should().HaveCount(2);
        _log.Lines[1].Should().Contain("up again");
    }

    [Fact]
    public async Task A_state_that_stays_is_told_once_and_each_change_is_a_line()
    {
        await using var server = await SimulatedServer.StartAsync(UpstreamBench.Model());
        using var bench = Bench(server.BaseUrl);
        foreach (var status in new[] { 503, 503, 500, 401, 401 })
        {
            server.CatalogFault = new SimulatedFault(SimulatedFaultKind.Status) { Status = status };
            await CheckAsync(bench);
            _time.Advance(Interval);
        }

        server.CatalogFault = null;
        await CheckAsync(bench);
        _time.Advance(Interval);
        await CheckAsync(bench);

        _log.Lines.Should().Equal("Upstream north is Down: HTTP 503.", "Upstream north is AuthFailed: HTTP 401.", "Upstream north is up again.");
    }

    [Fact]
    public async Task A_hiccup_is_asked_again_and_is_no_news()
    {
        using var server = WireMockServer.Start();
        server.Given(Request.Create().WithPath("/v1/models")).InScenario("hiccup").WillSetStateTo("over").RespondWith(Response.Create().WithStatusCode(503).WithHeader("Retry-After", "60"));
        server.Given(Request.Create().WithPath("/v1/models")).InScenario("hiccup").WhenStateIs("over").RespondWith(Response.Create().WithBody("""{"data":[{"id":"m"}]}"""));
        using var bench = Bench(server.Url + "/v1");

        (await CheckAsync(bench)).Should().Be(HealthState.Up);
        _log.Lines.Should().BeEmpty();
    }

    [Fact]
    public async Task Probing_waits_until_the_host_has_started()
    {
        await using var server = await SimulatedServer.StartAsync(UpstreamBench.Model());
        using var bench = Bench(server.BaseUrl);
        using var host = new Lifetime();
        using var monitor = new HealthMonitor(UpstreamBench.Listings, _time, _log, host);
        monitor.Observe([bench.Client], Interval, Timeout);

        await monitor.StartAsync(CancellationToken.None);
        _time.Advance(Interval);
        var early = server.RequestCount;
        host.Start();
        await server.WhenRequestsAsync(1);
        await monitor.StopAsync(CancellationToken.None);

        early.Should().Be(0);
    }

    [Fact]
    public async Task Stopping_ends_a_probe_under_way()
    {
        await using var server = await SimulatedServer.StartAsync(UpstreamBench.Model());
        server.CatalogFault = new SimulatedFault(SimulatedFaultKind.Stall);
        using var bench = Bench(server.BaseUrl);
        _monitor.Observe([bench.Client], Interval, Timeout);
        await _monitor.StartAsync(CancellationToken.None);
        await server.WhenRequestsAsync(1);

        await _monitor.StopAsync(CancellationToken.None);

        await server.Requests.Single().Aborted.WaitAsync(UpstreamBench.Patience);
    }

    private UpstreamBench Bench(string url, Func<UpstreamConfig, UpstreamConfig>? configure = null) =>
        new(url, configure, new UpstreamContext { Time = _time, Environment = _ => null });

    private async Task<HealthState> CheckAsync(UpstreamBench bench)
    {
        _monitor.Observe([bench.Client], Interval, Timeout);
        return (await _monitor.CheckAsync(CancellationToken.None)).Single().State;
    }

    // The request has arrived; its result is booked a moment later.
    private static async Task WhenProbedAsync(UpstreamBench bench)
    {
        var patience = Task.Delay(UpstreamBench.Patience);
        while (bench.State.Health.UnderWay is not null || bench.State.Health.Status is null)
        {
            patience.IsCompleted.Should().BeFalse("a probe should have ended");
            await Task.Yield();
        }
    }

    private sealed class Lifetime : IHostApplicationLifetime, IDisposable
    {
        private readonly CancellationTokenSource _started = new();

        public CancellationToken ApplicationStarted => _started.Token;

        public CancellationToken ApplicationStopping => CancellationToken.None;

        public CancellationToken ApplicationStopped => CancellationToken.None;

        public void Start() => _started.Cancel();

        public void StopApplication()
        {
            // Nobody asks for it here.
        }

        public void Dispose() => _started.Dispose();
    }
}
