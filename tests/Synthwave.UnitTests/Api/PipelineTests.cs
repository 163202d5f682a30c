using System.Text;
using System.Text.Json;
using Synthwave.Configuration;

namespace Synthwave.UnitTests.Api;

public class PipelineTests
{
    private static readonly ServerConfig Locked = new() { BearerToken = new Secret(" sesame ") };

    [Theory]
    [InlineData("GET", "/nowhere", 404, "Not Found. The API is below /v1, for example POST /v1/chat/completions, and GET /v1/models lists what can be asked for. /docs describes every path.", "not_found_error", "not_found")]
    [InlineData("GET", "/dispatch", 405, "Method Not Allowed. This path takes POST.", "invalid_request_error", "method_not_allowed")]
    public async Task Routing_errors_have_the_envelope(string method, string path, int status, string message, string type, string code)
    {
        await using var host = await GatewayHost.StartAsync();

        using var answer = await host.SendAsync(new HttpMethod(method), path);

        ((int)answer.StatusCode).Should().Be(status);
        answer.Content.Headers.ContentType!.ToString().Should().Be("application/json");
        (await answer.Content.ReadAsStringAsync()).Should().Be($"{{\"error\":{{\"message\":\"{message}\",\"type\":\"{type}\",\"param\":null,\"code\":\"{code}\"}}}}");
        if (status == 405)
        {
            answer.Content.Headers.Allow.Should().Equal("POST");
        }
    }

    [Theory]
    [InlineData("POST", "/v1/messages", "Bearer sesame", 400, "invalid_request_error")]
    [InlineData("POST", "/v1/messages", "", 401, "authentication_error")]
    [InlineData("GET", "/v1/messages", "Bearer sesame", 405, "invalid_request_error")]
    [InlineData("POST", "/v1/messages/batches", "Bearer sesame", 404, "not_found_error")]
    [InlineData("POST", "/v1/messages/batches", "", 401, "authentication_error")]
    public async Task Errors_have_the_shape_of_the_nearest_route(string method, string path, string key, int status, string type)
    {
        await using var host = await GatewayHost.StartAsync(Locked);

        using var answer = await host.SendAsync(new HttpMethod(method), path, ("Authorization", key));

        ((int)answer.StatusCode).Should().Be(status);
        var document = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
        document.GetProperty("type").GetString().Should().Be("error");
        document.GetProperty("error").GetProperty("type").GetString().Should().Be(type);
        answer.Headers.TryGetValues("request-id", out var ids).Should().Be(method == "POST");
        if (ids is not null)
        {
            ids.Should().Equal(document.GetProperty("request_id").GetString());
        }
    }

    [Theory]
    [InlineData("/v1/responses/x", "resp_")]
    [InlineData("/v1/messages", "metamodel-")]
    [InlineData("/nowhere", "metamodel-")]
    public async Task A_request_id_begins_as_its_route_says(string path, string prefix)
    {
        await using var host = await GatewayHost.StartAsync();

        using var answer = await host.SendAsync(HttpMethod.Post, path);

        answer.Headers.GetValues("X-MetaModel-Request-Id").Single().Should().StartWith(prefix);
    }

    [Fact]
    public async Task A_bug_is_a_500_without_detail_that_browsers_can_read_and_the_log_explains()
    {
        await using var host = await GatewayHost.StartAsync(Locked);

        using var answer = await host.SendAsync(HttpMethod.Post, "/bug", ("Origin", "https://app.example"), ("Authorization", "Bearer sesame"));

        ((int)answer.StatusCode).Should().Be(500);
        (await answer.Content.ReadAsStringAsync()).Should().Be("{\"error\":{\"message\":\"internal server error\",\"type\":\"api_error\",\"param\":null,\"code\":null}}");
        answer.Headers.GetValues("Access-Control-Allow-Origin").Should().Equal("*");
        answer.Headers.Should().Contain(h => h.Key == "X-MetaModel-Request-Id").And.NotContain(h => h.Key == "X-Leftover");
        (await host.StopAsync()).Should().Contain("secret detail");
    }

    [Fact]
    public async Task A_bug_after_the_head_breaks_the_body_off()
    {
        await using var host = await GatewayHost.StartAsync();

        var read = async () =>
        {
            using var answer = await host.SendAsync(HttpMethod.Post, "/half");
            return await answer.Content.ReadAsStringAsync();
        };

        await read.Should().ThrowAsync<HttpRequestException>();
    }

    [Theory]
    [InlineData(401, "WWW-Authenticate", "Bearer")]
    [InlineData(429, "Retry-After", "2")]
    [InlineData(501, "x-should-retry", "false")]
    public async Task An_error_brings_its_headers(int status, string header, string value)
    {
        await using var host = await GatewayHost.StartAsync();

        using var answer = await host.SendAsync(HttpMethod.Post, $"/error/{status}");

        answer.Headers.GetValues(header).Should().Equal(value);
    }

    [Theory]
    [InlineData("/health/?a=1", "/health?a=1")]
    [InlineData("/v1/models/", "/v1/models")]
    [InlineData("/v1/models/org/name/", "/v1/models/org/name")]
    public async Task A_trailing_slash_is_redirected_to_the_real_path(string path, string target)
    {
        await using var host = await GatewayHost.StartAsync();

        using var answer = await host.SendAsync(HttpMethod.Get, path);

        ((int)answer.StatusCode).Should().Be(307);
        answer.Headers.Location!.OriginalString.Should().Be(target);
    }

    [Theory]
    [InlineData("/nowhere/")]
    [InlineData("//evil.example/")]
    public async Task A_trailing_slash_on_no_route_is_not_found(string path)
    {
        await using var host = await GatewayHost.StartAsync();

        var answer = await host.SendRawAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));

        answer.Should().StartWith("HTTP/1.1 404");
    }

    [Theory]
    [InlineData("Authorization", "Bearer sesame")]
    [InlineData("Authorization", "bearer   sesame")]
    [InlineData("x-api-key", "sesame")]
    [InlineData("api-key", "sesame")]
    public async Task The_right_key_passes_however_it_is_shown(string header, string value)
    {
        await using var host = await GatewayHost.StartAsync(Locked);

        using var answer = await host.SendAsync(HttpMethod.Get, "/v1/models", (header, value));

        ((int)answer.StatusCode).Should().Be(200);
    }

    [Theory]
    [InlineData(null, null, "missing_api_key")]
    [InlineData("Authorization", "Basic sesame", "missing_api_key")]
    [InlineData("Authorization", "Bearersesame", "missing_api_key")]
    [InlineData("Authorization", "Bearer", "invalid_api_key")]
    [InlineData("Authorization", "Bearer nope", "invalid_api_key")]
    [InlineData("Authorization", "Bearer Sesame", "invalid_api_key")]
    [InlineData("Authorization", "Bearer sesame sesame", "invalid_api_key")]
    [InlineData("x-api-key", "nope", "invalid_api_key")]
    public async Task Without_the_right_key_the_answer_is_401(string? header, string? value, string code)
    {
        await using var host = await GatewayHost.StartAsync(Locked);

        using var answer = header is null ? await host.SendAsync(HttpMethod.Post, "/dispatch") : await host.SendAsync(HttpMethod.Post, "/dispatch", (header, value!));

        ((int)answer.StatusCode).Should().Be(401);
        var error = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("error");
        error.GetProperty("code").GetString().Should().Be(code);
        error.GetProperty("type").GetString().Should().Be("invalid_request_error");
        answer.Headers.WwwAuthenticate.ToString().Should().Be("Bearer");
        answer.Headers.GetValues("X-MetaModel-Request-Id").Single().Should().StartWith("metamodel-");
        answer.Headers.GetValues("Vary").Should().Equal("Origin");
    }

    [Fact]
    public async Task The_message_for_a_missing_key_names_the_header()
    {
        await using var host = await GatewayHost.StartAsync(Locked);

        using var answer = await host.SendAsync(HttpMethod.Get, "/v1/models");

        (await answer.Content.ReadAsStringAsync()).Should().Contain("Authorization");
    }

    [Fact]
    public async Task Header_bytes_beyond_ascii_are_401()
    {
        await using var host = await GatewayHost.StartAsync(Locked);

        var answer = await host.SendRawAsync([.. "GET /v1/models HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer "u8, 0xFF, 0xC3, 0x28, .. "\r\n\r\n"u8]);

        answer.Should().StartWith("HTTP/1.1 401").And.Contain("invalid_api_key");
    }

    [Theory]
    [InlineData("/healthz", 200)]
    [InlineData("/openapi.json", 200)]
    [InlineData("/metrics", 200)]
    [InlineData("/health", 503)]
    [InlineData("/v1/health", 503)]
    [InlineData("/health/", 401)]
    [InlineData("/v1/metrics/moa", 401)]
    [InlineData("/nowhere", 401)]
    public async Task Only_the_exempt_paths_need_no_key(string path, int status)
    {
        await using var host = await GatewayHost.StartAsync(Locked);

        using var answer = await host.SendAsync(HttpMethod.Get, path);

        ((int)answer.StatusCode).Should().Be(status);
    }

    [Theory]
    [InlineData("POST", "/health", 405)]
    [InlineData("HEAD", "/openapi.json", 405)]
    [InlineData("GET", "/HEALTH", 401)]
    [InlineData("GET", "/health/more", 401)]
    [InlineData("POST", "/v1/models", 401)]
    public async Task A_wrong_method_needs_no_key_where_the_path_needs_none(string method, string path, int status)
    {
        await using var host = await GatewayHost.StartAsync(Locked);

        using var answer = await host.SendAsync(new HttpMethod(method), path);

        ((int)answer.StatusCode).Should().Be(status);
    }

    [Fact]
    public async Task Metrics_need_the_key_when_protected()
    {
        await using var host = await GatewayHost.StartAsync(Locked with { ProtectMetrics = true });

        using var answer = await host.SendAsync(HttpMethod.Get, "/metrics");

        ((int)answer.StatusCode).Should().Be(401);
    }

    [Theory]
    [InlineData("from-env", 200)]
    [InlineData("sesame", 401)]
    public async Task The_variables_token_beats_the_literal_one(string key, int status)
    {
        await using var host = await GatewayHost.StartAsync(Locked with { BearerTokenEnv = "TOKEN" }, environment: new() { ["TOKEN"] = "from-env" });

        using var answer = await host.SendAsync(HttpMethod.Get, "/v1/models", ("Authorization", "Bearer " + key));

        ((int)answer.StatusCode).Should().Be(status);
    }

    [Fact]
    public async Task An_empty_variable_leaves_the_literal_token()
    {
        await using var host = await GatewayHost.StartAsync(Locked with { BearerTokenEnv = "TOKEN" }, environment: new() { ["TOKEN"] = "  " });

        using var answer = await host.SendAsync(HttpMethod.Get, "/v1/models", ("Authorization", "Bearer sesame"));

        ((int)answer.StatusCode).Should().Be(200);
    }

    [Theory]
    [InlineData("/v1/models")]
    [InlineData("/nowhere")]
    public async Task A_preflight_is_answered_anywhere_without_a_key(string path)
    {
        await using var host = await GatewayHost.StartAsync(Locked);

        using var answer = await host.SendAsync(HttpMethod.Options, path, ("Origin", "https://a.example"), ("Access-Control-Request-Headers", "X-One, x-two"));

        ((int)answer.StatusCode).Should().Be(204);
        answer.Headers.GetValues("Access-Control-Allow-Origin").Should().Equal("*");
        answer.Headers.GetValues("Access-Control-Allow-Methods").Should().Equal("GET, POST, OPTIONS");
        answer.Headers.GetValues("Access-Control-Allow-Headers").Should().Equal("X-One, x-two");
        answer.Headers.GetValues("Access-Control-Max-Age").Should().Equal("86400");
        answer.Headers.GetValues("Vary").Should().Equal("Origin");
    }

    [Theory]
    [InlineData("/v1/responses/resp_1", "GET, POST, DELETE, OPTIONS")]
    [InlineData("/v1/responses", "GET, POST, OPTIONS")]
    [InlineData("/v1/messages", "GET, POST, OPTIONS")]
    public async Task A_preflight_lists_delete_where_it_exists(string path, string methods)
    {
        await using var host = await GatewayHost.StartAsync(Locked);

        using var bare = await host.SendAsync(HttpMethod.Options, path, ("Origin", "https://a.example"));
        using var browser = await host.SendAsync(HttpMethod.Options, path, ("Origin", "https://a.example"), ("Access-Control-Request-Method", "DELETE"));

        bare.Headers.GetValues("Access-Control-Allow-Methods").Should().Equal(methods);
        browser.Headers.GetValues("Access-Control-Allow-Methods").Should().Equal(methods);
    }

    [Fact]
    public async Task Only_listed_origins_may_read()
    {
        await using var host = await GatewayHost.StartAsync(new ServerConfig { CorsAllowOrigins = ["https://a.example"] });

        using var mine = await host.SendAsync(HttpMethod.Get, "/v1/models", ("Origin", "https://a.example"));
        using var other = await host.SendAsync(HttpMethod.Get, "/v1/models", ("Origin", "https://A.example"));
        using var refused = await host.SendAsync(HttpMethod.Options, "/v1/models", ("Origin", "https://b.example"));

        mine.Headers.GetValues("Access-Control-Allow-Origin").Should().Equal("https://a.example");
        mine.Headers.GetValues("Access-Control-Expose-Headers").Single().Should().Contain("X-MetaModel-Synth-Decision").And.Contain("Retry-After").And.Contain("OpenAI-Request-Id");
        other.Headers.Contains("Access-Control-Allow-Origin").Should().BeFalse();
        other.Headers.GetValues("Vary").Should().Equal("Origin");
        ((int)refused.StatusCode).Should().Be(204);
        refused.Headers.Where(h => h.Key.StartsWith("Access-Control", StringComparison.Ordinal)).Should().BeEmpty();
        refused.Headers.GetValues("Vary").Should().Equal("Origin");
    }

    [Fact]
    public async Task A_dispatched_request_is_counted_and_logged_once()
    {
        await using var host = await GatewayHost.StartAsync();

        using var answer = await host.SendAsync(HttpMethod.Post, "/dispatch", ("X-Request-Id", "my id"));
        var log = await host.StopAsync();

        var id = answer.Headers.GetValues("X-Request-Id").Single();
        id.Should().StartWith("metamodel-");
        host.Metrics.ToPrometheusText().Should()
            .Contain("synthwave_requests_total{profile=\"p\",strategy=\"passthrough\",outcome=\"success\"} 1\n").And.Contain("synthwave_requests_in_flight 0\n");
        var line = log.Split('\n').Where(l => l.Contains("\"event\":\"request\"", StringComparison.Ordinal)).Should().ContainSingle().Subject;
        line.Should().Contain($"\"request_id\":\"{id}\"").And.Contain("\"client_request_id\":\"my?id\"").And.Contain("\"bytes_out\":2").And.Contain("\"status\":200");
    }

    [Fact]
    public async Task A_client_that_leaves_is_logged_as_cancelled_and_not_as_a_bug()
    {
        await using var host = await GatewayHost.StartAsync();
        using var leaving = new CancellationTokenSource();

        var sending = host.Client.PostAsync(new Uri("/gone", UriKind.Relative), null, leaving.Token);
        SpinWait.SpinUntil(() => host.Metrics.ToPrometheusText().Contains("synthwave_requests_in_flight 1\n", StringComparison.Ordinal), TimeSpan.FromSeconds(10)).Should().BeTrue();
        await leaving.CancelAsync();
        SpinWait.SpinUntil(() => host.Metrics.ToPrometheusText().Contains("synthwave_requests_in_flight 0\n", StringComparison.Ordinal), TimeSpan.FromSeconds(10)).Should().BeTrue();
        await sending.Invoking(s => s).Should().ThrowAsync<OperationCanceledException>();
        var log = await host.StopAsync();

        log.Should().Contain("\"status\":499").And.Contain("\"outcome\":\"cancelled\"").And.NotContain("\"level\":\"error\"");
    }
}
