using System.Text.Json;
using Microsoft.Extensions.Primitives;
using Synthwave.Api.Endpoints;
using Synthwave.Configuration;
using Synthwave.Routing.Names;
using Synthwave.Telemetry.Metrics.Prometheus;
using Synthwave.UnitTests.Telemetry;
using Synthwave.Upstreams.Health;
using Synthwave.Upstreams.Learned;

namespace Synthwave.UnitTests.Api;

public class QuietEndpointsTests
{
    private static readonly ModelNames Names = new(Config("org/raw") with
    {
        Server = new ServerConfig { ModelName = "brand" },
        Profiles =
        [
            new MoaProfileConfig { Name = "ensemble", Aliases = ["Best"], Generators = [new("org/raw", Samples: 2)], Synthesizer = "org/raw" },
            new VotingProfileConfig { Name = "jury", Upstreams = ["org/raw"] },
        ],
        Vision = new VisionConfig { Endpoints = ["org/raw"] },
    });

    [Theory]
    [InlineData(null, null)]
    [InlineData("*/*", null)]
    [InlineData("application/json", null)]
    [InlineData("application/*", null)]
    [InlineData("text/plain, application/json", null)]
    [InlineData("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", null)]
    [InlineData("nonsense;;;", null)]
    [InlineData("text/plain;version=1.0.0", null)]
    [InlineData("application/openmetrics-text;version=0.0.1", null)]
    [InlineData("application/openmetrics-text;q=0", null)]
    [InlineData("text/plain", ExpositionFormat.Prometheus)]
    [InlineData("text/*", ExpositionFormat.Prometheus)]
    [InlineData("application/json;q=0.5, text/plain;version=0.0.4;q=0.6", ExpositionFormat.Prometheus)]
    [InlineData("application/openmetrics-text; version=0.0.1,text/plain;version=0.0.4;q=0.5,*/*;q=0.1", ExpositionFormat.Prometheus)]
    [InlineData("application/openmetrics-text;q=0.4, text/plain;q=0.5, */*;q=0.1", ExpositionFormat.Prometheus)]
    [InlineData("application/json;q=0, */*", ExpositionFormat.OpenMetrics)]
    [InlineData("application/openmetrics-text", ExpositionFormat.OpenMetrics)]
    [InlineData("application/openmetrics-text; version=\"1.0.0\"", ExpositionFormat.OpenMetrics)]
    [InlineData("text/plain, application/openmetrics-text", ExpositionFormat.OpenMetrics)]
    [InlineData("application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2", ExpositionFormat.OpenMetrics)]
    [InlineData("application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1", ExpositionFormat.OpenMetrics)]
    public void Metrics_come_as_the_scraper_prefers_them(string? accept, object? format) =>
        MetricsEndpoints.Preferred(accept is null ? StringValues.Empty : new StringValues(accept)).Should().Be((ExpositionFormat?)format);

    [Theory]
    [InlineData("/metrics")]
    [InlineData("/v1/metrics/moa")]
    public async Task Metrics_come_in_three_forms(string path)
    {
        await using var host = await GatewayHost.StartAsync();

        using var json = await host.SendAsync(HttpMethod.Get, path);
        using var text = await host.SendAsync(HttpMethod.Get, path, ("Accept", "text/plain"));
        using var open = await host.SendAsync(HttpMethod.Get, path, ("Accept", "application/openmetrics-text"));

        (await json.Content.ReadAsStringAsync()).Should().Be("{\"ring_size\":100,\"profiles\":{}}");
        string.Join(", ", json.Headers.GetValues("Vary")).Should().Be("Origin, Accept");
        text.Content.Headers.ContentType!.ToString().Should().Be("text/plain; version=0.0.4; charset=utf-8");
        (await text.Content.ReadAsStringAsync()).Should().StartWith("# HELP synthwave_requests_total ").And.NotContain("# EOF");
        open.Content.Headers.ContentType!.ToString().Should().Be("application/openmetrics-text; version=1.0.0; charset=utf-8");
        (await open.Content.ReadAsStringAsync()).Should().StartWith("# HELP synthwave_requests ").And.EndWith("\n# EOF\n");
    }

    [Fact]
    public async Task Liveness_answers_get_and_head_and_nothing_else()
    {
        await using var host = await GatewayHost.StartAsync();

        using var get = await host.SendAsync(HttpMethod.Get, "/healthz");
        using var head = await host.SendAsync(HttpMethod.Head, "/healthz");
        using var post = await host.SendAsync(HttpMethod.Post, "/healthz");
        using var headElsewhere = await host.SendAsync(HttpMethod.Head, "/health");

        (await get.Content.ReadAsStringAsync()).Should().Be("{\"status\":\"ok\"}");
        ((int)head.StatusCode).Should().Be(200);
        (await head.Content.ReadAsByteArrayAsync()).Should().BeEmpty();
        ((int)post.StatusCode).Should().Be(405);
        ((int)headElsewhere.StatusCode).Should().Be(405);
    }

    [Fact]
    public void Readiness_without_a_monitor_or_upstreams_says_why()
    {
        Readiness(null, null).Should().Be((503, "{\"status\":\"unhealthy\",\"reason\":\"no_monitor_configured\",\"unhealthy_upstreams\":[],\"version\":\"0.1.0\"}"));
        Readiness(new GatewayConfig(), []).Should().Be((503, "{\"status\":\"unhealthy\",\"reason\":\"no_upstreams_configured\",\"unhealthy_upstreams\":[],\"version\":\"0.1.0\"}"));
    }

    [Fact]
    public void Readiness_lists_who_is_not_up_by_name()
    {
        var config = Config("a", "b", "c", "d");

        Readiness(config, [new("a", HealthState.Up), new("b", HealthState.Up), new("c", HealthState.Up), new("d", HealthState.Up)])
            .Should().Be((200, "{\"status\":\"ok\",\"unhealthy_upstreams\":[],\"version\":\"0.1.0\"}"));
        Readiness(config, [new("d", HealthState.Misconfigured), new("c", HealthState.AuthFailed), new("b", HealthState.Down), new("a", HealthState.Up)])
            .Should().Be((503, "{\"status\":\"unhealthy\",\"unhealthy_upstreams\":[{\"name\":\"b\",\"reason\":\"down\"},{\"name\":\"c\",\"reason\":\"auth_failed\"},{\"name\":\"d\",\"reason\":\"misconfigured\"}],\"version\":\"0.1.0\"}"));
    }

    [Theory]
    [InlineData("a", 200)]
    [InlineData("b", 200)]
    [InlineData("s", 503)]
    [InlineData("", 503)]
    public void A_serviceable_gateway_is_ready_while_every_profile_can_answer(string up, int status)
    {
        var config = Config("a", "b", "s") with
        {
            Server = new ServerConfig { HealthPolicy = HealthPolicy.Serviceable },
            Profiles =
            [
                new MoaProfileConfig { Name = "m", Generators = [new("a"), new("b")], Synthesizer = "s" },
                new CascadeProfileConfig { Name = "c", Upstreams = ["b", "a"] },
                new VotingProfileConfig { Name = "off", Upstreams = ["s", "x"] },
            ],
        };

        Readiness(config, [.. config.Upstreams.Select(u => new UpstreamHealth(u.Name, u.Name == up ? HealthState.Up : HealthState.Down))]).Status.Should().Be(status);
    }

    [Fact]
    public void A_vote_needs_as_many_voters_as_it_asks_for()
    {
        var config = Config("a", "b") with
        {
            VotingEnabled = true,
            Server = new ServerConfig { HealthPolicy = HealthPolicy.Serviceable },
            Profiles = [new VotingProfileConfig { Name = "v", Upstreams = ["a", "b"], MinVotes = 2 }],
        };

        Readiness(config, [new("a", HealthState.Up), new("b", HealthState.Down)]).Status.Should().Be(503);
    }

    [Fact]
    public async Task Readiness_probes_before_it_answers()
    {
        await using var host = await GatewayHost.StartAsync(config: Config("a"), health: new ProbedHealth());

        using var answer = await host.SendAsync(HttpMethod.Get, "/v1/health");

        ((int)answer.StatusCode).Should().Be(200);
    }

    [Fact]
    public async Task Models_are_listed_in_order_with_their_capabilities()
    {
        await using var host = await GatewayHost.StartAsync(names: Names);

        var body = await host.Client.GetStringAsync(new Uri("/v1/models", UriKind.Relative));

        const string Capabilities = "\"object\":\"model\",\"created\":1234,\"owned_by\":\"meta-model\",\"max_model_len\":6400,\"capabilities\":{"
            + "\"vision\":true,\"video\":false,\"audio\":false,\"function_calling\":true,\"effective_image_capability\":true,\"supports_image_tools\":true,\"thinking\":false,\"reasoning_visible\":false}";
        body.Should().Be(
            $"{{\"object\":\"list\",\"data\":[{{\"id\":\"brand\",{Capabilities}}},{{\"id\":\"ensemble\",{Capabilities}}},{{\"id\":\"Best\",{Capabilities},\"alias_of\":\"ensemble\"}}]}}");
    }

    [Fact]
    public async Task Without_configuration_no_model_is_listed()
    {
        await using var host = await GatewayHost.StartAsync();

        (await host.Client.GetStringAsync(new Uri("/v1/models", UriKind.Relative))).Should().Be("{\"object\":\"list\",\"data\":[]}");
    }

    [Theory]
    [InlineData("org/raw", 200, "org/raw", null)]
    [InlineData("org%2Fraw", 200, "org/raw", null)]
    [InlineData("brand", 200, "brand", null)]
    [InlineData("BRAND", 200, "BRAND", null)]
    [InlineData("ensemble", 200, "ensemble", null)]
    [InlineData("Best", 200, "Best", "ensemble")]
    [InlineData("best", 200, "best", "ensemble")]
    [InlineData("jury", 404, null, null)]
    [InlineData("nobody", 404, null, null)]
    public async Task One_model_is_found_by_any_callable_name(string name, int status, string? id, string? aliasOf)
    {
        await using var host = await GatewayHost.StartAsync(names: Names);

        using var answer = await host.SendAsync(HttpMethod.Get, "/v1/models/" + name);

        ((int)answer.StatusCode).Should().Be(status);
        var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
        if (status == 200)
        {
            body.GetProperty("id").GetString().Should().Be(id);
            (body.TryGetProperty("alias_of", out var alias) ? alias.GetString() : null).Should().Be(aliasOf);
        }
        else
        {
            body.GetProperty("error").GetProperty("code").GetString().Should().Be("model_not_found");
            body.GetProperty("error").GetProperty("type").GetString().Should().Be("not_found_error");
        }
    }

    private static (int Status, string Body) Readiness(GatewayConfig? config, IReadOnlyList<UpstreamHealth>? states)
    {
        var (status, body) = HealthEndpoints.Judge(config, states);
        return (status, System.Text.Encoding.UTF8.GetString(body.Span));
    }

    private static GatewayConfig Config(params string[] upstreams) => new() { Upstreams = [.. upstreams.Select(u => ReportBuilder.Upstream(u))] };

    private sealed class ProbedHealth : IHealthStates
    {
        public IReadOnlyList<UpstreamHealth> Current { get; private set; } = [new("a", HealthState.Unknown)];

        public async ValueTask<IReadOnlyList<UpstreamHealth>> CheckAsync(CancellationToken cancellationToken)
        {
            await Task.Yield();
            return Current = [new("a", HealthState.Up)];
        }
    }
}
