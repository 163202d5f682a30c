using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Synthwave.Api.Middleware;
using Synthwave.Api.Routes;

namespace Synthwave.UnitTests.Api.Middleware;

public class NearestRouteTests
{
    [Theory]
    [InlineData("/v1/messages", "/v1/messages")]
    [InlineData("/V1/Messages/", "/v1/messages")]
    [InlineData("/v1/messages/batches/7", "/v1/messages")]
    [InlineData("/v1/messages/count_tokens", "/v1/messages/count_tokens")]
    [InlineData("/v1/messagesX", "")]
    [InlineData("/v1/responses", "/v1/responses")]
    [InlineData("/v1/responses/", "/v1/responses")]
    [InlineData("/v1/responses/resp_1", "/v1/responses/{id}")]
    [InlineData("/v1/responses/resp_1/cancel", "/v1/responses/{id}")]
    [InlineData("/v1/models/org/name", "/v1/models/{**id}")]
    [InlineData("/v1", "")]
    [InlineData("/", "")]
    [InlineData("", "")]
    [InlineData("//v1/messages", "")]
    public async Task The_deepest_route_above_a_path_speaks_for_it(string path, string pattern)
    {
        var http = new DefaultHttpContext();
        http.Request.Path = path;

        await new NearestRoute(static _ => Task.CompletedTask, Routes()).InvokeAsync(http);

        RouteTraits.Of(http).Pattern.Should().Be(pattern);
    }

    [Fact]
    public async Task A_request_that_met_a_route_is_left_alone()
    {
        var routes = Routes();
        var http = new DefaultHttpContext();
        http.Request.Path = "/v1/messages";
        http.SetEndpoint(routes.Endpoints[^1]);

        await new NearestRoute(static _ => Task.CompletedTask, routes).InvokeAsync(http);

        RouteTraits.Of(http).Pattern.Should().Be("/v1/models/{**id}");
        http.Features.Get<RouteTraits>().Should().BeNull();
    }

    private static DefaultEndpointDataSource Routes() => new(
        new[] { "/v1/messages", "/v1/messages/count_tokens", "/v1/responses", "/v1/responses/{id}", "/v1/models/{**id}" }.Select(pattern => new RouteEndpoint(
            static _ => Task.CompletedTask, RoutePatternFactory.Parse(pattern), 0, new EndpointMetadataCollection(new RouteTraits { Pattern = pattern }), pattern)));
}
