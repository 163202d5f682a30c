using Microsoft.AspNetCore.Routing;
using Synthwave.Api.Routes;
using Synthwave.Configuration;
using Synthwave.Hosting;
using Synthwave.Telemetry.Logging;

namespace Synthwave.UnitTests.Api.Routes;

public class RouteTraitsTests
{
    [Fact]
    public async Task Every_route_of_the_gateway_says_what_it_is()
    {
        using var log = new MemoryStream();
        await using var app = GatewayApp.Build(new GatewayOptions { Config = new GatewayConfig(), Urls = [], Log = new JsonLogOutput(log, TimeProvider.System) });

        var routes = ((IEndpointRouteBuilder)app).DataSources.SelectMany(d => d.Endpoints).Cast<RouteEndpoint>().ToArray();

        routes.Should().HaveCount(32).And.OnlyContain(r => r.Metadata.GetMetadata<RouteTraits>()!.Pattern == r.RoutePattern.RawText);
        routes.Where(r => r.Metadata.GetMetadata<RouteTraits>()!.Access is not (RouteAccess.Token or RouteAccess.Admin)).Select(r => r.RoutePattern.RawText)
            .Should().BeEquivalentTo("/healthz", "/health", "/v1/health", "/openapi.json", "/metrics", "/docs", "/");
    }

    [Theory]
    [InlineData(RouteAccess.Token, "/a", false, false)]
    [InlineData(RouteAccess.Open, "/a", true, true)]
    [InlineData(RouteAccess.Open, "/A", false, true)]
    [InlineData(RouteAccess.Open, "/a/", false, true)]
    [InlineData(RouteAccess.OpenToScrapers, "/a", true, false)]
    [InlineData(RouteAccess.OpenToScrapers, "/a", false, true)]
    public void A_path_is_open_only_as_it_is_mapped(object access, string path, bool isOpen, bool protectsMetrics) =>
        new RouteTraits { Pattern = "/a", Access = (RouteAccess)access }.IsOpen(path, new ServerConfig { ProtectMetrics = protectsMetrics }).Should().Be(isOpen);
}
