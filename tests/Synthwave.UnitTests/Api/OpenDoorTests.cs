using System.Text.Json;
using Synthwave.Configuration;

namespace Synthwave.UnitTests.Api;

/// <summary>What a gateway without a token refuses, so that nobody's web page uses it through somebody's browser.</summary>
public sealed class OpenDoorTests
{
    private static readonly ServerConfig Locked = new() { BearerToken = new Secret("sesame") };

    [Theory]
    [InlineData("localhost:8400")]
    [InlineData("127.0.0.1")]
    [InlineData("[::1]:8400")]
    [InlineData("192.168.1.20:8400")]
    [InlineData("gateway:8400")]
    public async Task It_answers_where_it_is_called_by_a_name_of_its_own(string host)
    {
        await using var gateway = await GatewayHost.StartAsync();

        using var answer = await gateway.SendAsync(HttpMethod.Post, "/dispatch", ("Host", host));

        ((int)answer.StatusCode).Should().Be(200);
    }

    [Theory]
    [InlineData("POST", "/dispatch")]
    [InlineData("POST", "/v1/messages")]
    [InlineData("GET", "/v1/models")]
    [InlineData("GET", "/v1/responses/resp_1")]
    [InlineData("GET", "/v1/metrics/moa")]
    [InlineData("GET", "/nowhere")]
    public async Task A_name_that_was_made_to_point_here_is_refused(string method, string path)
    {
        await using var gateway = await GatewayHost.StartAsync();

        // Of the same origin for its browser, which therefore says nothing else.
        using var answer = await gateway.SendAsync(new HttpMethod(method), path, ("Host", "rebound.example:8400"));

        await ShouldBeRefusedAsync(answer, "host_not_allowed", "allow_open");
    }

    [Theory]
    [InlineData("/healthz", 200)]
    [InlineData("/health", 503)]
    [InlineData("/metrics", 200)]
    [InlineData("/openapi.json", 200)]
    public async Task What_needs_no_token_anyway_is_answered_to_every_probe(string path, int status)
    {
        await using var gateway = await GatewayHost.StartAsync();

        foreach (var host in new[] { "10.1.2.3:8400", "synthwave.prod", "gateway.example" })
        {
            using var answer = await gateway.SendAsync(HttpMethod.Get, path, ("Host", host));
            ((int)answer.StatusCode).Should().Be(status);
        }
    }

    [Theory]
    [InlineData("https://evil.example", "cors_allow_origins")]
    [InlineData("http://192.168.1.20:3000", "cors_allow_origins")]
    [InlineData("http://localhost.evil.example", "cors_allow_origins")]
    [InlineData("null", "http://localhost")]
    public async Task A_foreign_page_is_refused_and_cannot_read_why(string origin, string words)
    {
        await using var gateway = await GatewayHost.StartAsync();

        using var answer = await gateway.SendAsync(HttpMethod.Post, "/dispatch", ("Origin", origin));
        using var preflight = await gateway.SendAsync(HttpMethod.Options, "/dispatch", ("Origin", origin), ("Access-Control-Request-Headers", "content-type"));

        await ShouldBeRefusedAsync(answer, "origin_not_allowed", words);
        answer.Headers.Contains("Access-Control-Allow-Origin").Should().BeFalse();
        ((int)preflight.StatusCode).Should().Be(204);
        preflight.Headers.Where(h => h.Key.StartsWith("Access-Control", StringComparison.Ordinal)).Should().BeEmpty();
    }

    [Theory]
    [InlineData("http://localhost:3000")]
    [InlineData("http://127.0.0.1:5173")]
    [InlineData("http://[::1]:8400")]
    public async Task A_page_of_this_machine_may_call_and_read(string origin)
    {
        await using var gateway = await GatewayHost.StartAsync();

        // Two ports of localhost are one site, localhost and 127.0.0.1 are two.
        using var answer = await gateway.SendAsync(HttpMethod.Post, "/dispatch", ("Origin", origin), ("Sec-Fetch-Site", "cross-site"));
        using var preflight = await gateway.SendAsync(HttpMethod.Options, "/dispatch", ("Origin", origin), ("Access-Control-Request-Headers", "content-type"));

        ((int)answer.StatusCode).Should().Be(200);
        answer.Headers.GetValues("Access-Control-Allow-Origin").Should().Equal(origin);
        preflight.Headers.GetValues("Access-Control-Allow-Origin").Should().Equal(origin);
        preflight.Headers.GetValues("Access-Control-Allow-Headers").Should().Equal("content-type");
    }

    [Fact]
    public async Task A_page_that_is_named_may_call_and_read()
    {
        await using var gateway = await GatewayHost.StartAsync(new ServerConfig { CorsAllowOrigins = ["*", "https://app.example", "null"] });

        using var named = await gateway.SendAsync(HttpMethod.Post, "/dispatch", ("Origin", "https://app.example"), ("Sec-Fetch-Site", "cross-site"));
        using var other = await gateway.SendAsync(HttpMethod.Post, "/dispatch", ("Origin", "https://other.example"));
        using var nowhere = await gateway.SendAsync(HttpMethod.Post, "/dispatch", ("Origin", "null"));

        ((int)named.StatusCode).Should().Be(200);
        named.Headers.GetValues("Access-Control-Allow-Origin").Should().Equal("https://app.example");
        await ShouldBeRefusedAsync(other, "origin_not_allowed", "cors_allow_origins");
        await ShouldBeRefusedAsync(nowhere, "origin_not_allowed", "null");
        nowhere.Headers.Contains("Access-Control-Allow-Origin").Should().BeFalse();
    }

    [Theory]
    [InlineData("cross-site", false)]
    [InlineData("Cross-Site", false)]
    [InlineData("same-site", true)]
    [InlineData("same-origin", true)]
    [InlineData("none", true)]
    public async Task What_another_site_asks_for_is_refused_although_its_page_is_not_named(string site, bool passes)
    {
        await using var gateway = await GatewayHost.StartAsync();

        using var answer = await gateway.SendAsync(HttpMethod.Get, "/v1/metrics/moa", ("Sec-Fetch-Site", site));

        if (passes)
        {
            ((int)answer.StatusCode).Should().Be(200);
        }
        else
        {
            await ShouldBeRefusedAsync(answer, "cross_site_request", "Sec-Fetch-Site");
        }
    }

    [Fact]
    public async Task A_gateway_that_is_meant_to_be_open_answers_under_every_name_but_not_to_every_page()
    {
        await using var gateway = await GatewayHost.StartAsync(new ServerConfig { AllowOpen = true });

        using var named = await gateway.SendAsync(HttpMethod.Post, "/dispatch", ("Host", "gateway.example"));
        using var page = await gateway.SendAsync(HttpMethod.Post, "/dispatch", ("Host", "gateway.example"), ("Origin", "http://gateway.example"));

        ((int)named.StatusCode).Should().Be(200);
        await ShouldBeRefusedAsync(page, "origin_not_allowed", "cors_allow_origins");
    }

    [Fact]
    public async Task The_name_it_is_told_to_listen_on_is_its_own()
    {
        await using var gateway = await GatewayHost.StartAsync(new ServerConfig { Host = "gateway.example" });

        foreach (var (host, status) in new[] { ("gateway.example", 200), ("Gateway.example:8400", 200), ("gateway.example.evil.example", 403) })
        {
            using var answer = await gateway.SendAsync(HttpMethod.Post, "/dispatch", ("Host", host));
            ((int)answer.StatusCode).Should().Be(status, host);
        }
    }

    [Theory]
    [InlineData("Host", "rebound.example")]
    [InlineData("Origin", "https://evil.example")]
    [InlineData("Origin", "null")]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    public async Task Where_a_token_is_asked_for_it_alone_decides(string header, string value)
    {
        await using var gateway = await GatewayHost.StartAsync(Locked);

        using var shown = await gateway.SendAsync(HttpMethod.Post, "/dispatch", (header, value), ("Authorization", "Bearer sesame"));
        using var bare = await gateway.SendAsync(HttpMethod.Post, "/dispatch", (header, value));

        ((int)shown.StatusCode).Should().Be(200);
        shown.Headers.GetValues("Access-Control-Allow-Origin").Should().Equal("*");
        ((int)bare.StatusCode).Should().Be(401);
    }

    [Fact]
    public async Task A_token_that_is_named_and_not_there_is_no_open_door()
    {
        await using var gateway = await GatewayHost.StartAsync(new ServerConfig { BearerTokenEnv = "GONE" });

        using var answer = await gateway.SendAsync(HttpMethod.Post, "/dispatch");

        ((int)answer.StatusCode).Should().Be(401);
    }

    [Fact]
    public async Task The_refusal_has_the_shape_of_its_route()
    {
        await using var gateway = await GatewayHost.StartAsync();

        using var answer = await gateway.SendAsync(HttpMethod.Post, "/v1/messages", ("Origin", "https://evil.example"));

        var document = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
        document.GetProperty("type").GetString().Should().Be("error");
        document.GetProperty("error").GetProperty("type").GetString().Should().Be("permission_error");
    }

    private static async Task ShouldBeRefusedAsync(HttpResponseMessage answer, string code, string words)
    {
        ((int)answer.StatusCode).Should().Be(403);
        var error = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("error");
        error.GetProperty("code").GetString().Should().Be(code);
        error.GetProperty("message").GetString().Should().Contain(words).And.Contain("token");
    }
}
