using System.Net;
using Synthwave.TestKit;

namespace Synthwave.IntegrationTests.Admin;

/// <summary>Who may read /admin.</summary>
public sealed class AdminAccessTests
{
    private const string AdminToken = "admin-token-0123456789";
    private const string ClientToken = "client-token-0123456789";

    private const string Toml = """
        [upstreams.a]
        model_id = "a"
        base_url = "http://127.0.0.1:9/v1"
        context = 32768
        max_output = 4096
        """;

    public static TheoryData<string> Paths =>
        ["/admin", "/admin/live", "/admin/requests", "/admin/requests/metamodel-1", "/admin/upstreams", "/admin/config", "/admin/unknown", "/ADMIN/LIVE", "/v1/admin/config", "/admin/live/"];

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task With_an_admin_token_nothing_else_opens_admin(string path)
    {
        await using var gateway = await StartAsync($"admin_token = \"{AdminToken}\"\nbearer_token = \"{ClientToken}\"");

        (await SendAsync(gateway, path)).StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        (await SendAsync(gateway, path, ("Authorization", $"Bearer {ClientToken}"))).StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        (await SendAsync(gateway, path, ("Authorization", $"Bearer {AdminToken}x"))).StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        (await SendAsync(gateway, path, ("x-api-key", ClientToken))).StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        var opened = await SendAsync(gateway, path, ("Authorization", $"Bearer {AdminToken}"), ("X-Forwarded-For", "203.0.113.9"), ("Origin", "https://elsewhere.example"));
        ((int)opened.StatusCode).Should().BeOneOf(200, 404, 307);
        opened.Headers.CacheControl!.NoStore.Should().BeTrue();
        opened.Headers.Should().NotContain(h => h.Key.StartsWith("Access-Control", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task The_admin_token_does_not_open_the_api()
    {
        await using var gateway = await StartAsync($"admin_token = \"{AdminToken}\"\nbearer_token = \"{ClientToken}\"");

        (await SendAsync(gateway, "/v1/models", ("Authorization", $"Bearer {AdminToken}"))).StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        (await SendAsync(gateway, "/v1/models", ("Authorization", $"Bearer {ClientToken}"))).StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task The_api_stays_open_where_only_admin_has_a_token()
    {
        await using var gateway = await StartAsync($"admin_token = \"{AdminToken}\"");

        (await SendAsync(gateway, "/v1/models")).StatusCode.Should().Be(HttpStatusCode.OK);
        (await SendAsync(gateway, "/admin/live")).StatusCode.Should().Be(HttpStatusCode.Unauthorized);
    }

    [Theory]
    [InlineData("X-Forwarded-For", "127.0.0.1")]
    [InlineData("Forwarded", "for=127.0.0.1")]
    [InlineData("X-Forwarded-Anything", "x")]
    [InlineData("Via", "1.1 proxy")]
    [InlineData("X-Real-IP", "127.0.0.1")]
    [InlineData("Host", "gateway.example")]
    [InlineData("Host", "localhost.example")]
    [InlineData("Host", "192.168.1.4:8400")]
    [InlineData("Origin", "https://elsewhere.example")]
    [InlineData("Origin", "null")]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    public async Task Without_an_admin_token_nothing_that_may_come_from_elsewhere_is_answered(string header, string value)
    {
        await using var gateway = await StartAsync($"bearer_token = \"{ClientToken}\"");

        var response = await SendAsync(gateway, "/admin/live", (header, value), ("Authorization", $"Bearer {ClientToken}"));

        response.StatusCode.Should().Be(HttpStatusCode.Forbidden);
        response.Headers.CacheControl!.NoStore.Should().BeTrue();
        (await response.Content.ReadAsStringAsync()).Should().Contain("admin_token_env");
        response.Headers.Should().NotContain(h => h.Key.StartsWith("Access-Control", StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("127.0.0.1:8400")]
    [InlineData("[::1]:8400")]
    public async Task Without_an_admin_token_this_machine_is_answered(string host)
    {
        await using var gateway = await StartAsync($"bearer_token = \"{ClientToken}\"");

        (await SendAsync(gateway, "/admin/live", ("Host", host))).StatusCode.Should().Be(HttpStatusCode.OK);
        (await SendAsync(gateway, "/admin/live", ("Host", host), ("Origin", "http://localhost:3000"))).StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task No_page_is_told_that_it_may_read_admin()
    {
        await using var gateway = await StartAsync("cors_allow_origins = [\"*\", \"https://console.example\"]");
        using var preflight = new HttpRequestMessage(HttpMethod.Options, "/admin/config");
        preflight.Headers.Add("Origin", "https://console.example");
        preflight.Headers.Add("Access-Control-Request-Method", "GET");

        var response = await gateway.Client.SendAsync(preflight);

        response.Headers.Should().NotContain(h => h.Key.StartsWith("Access-Control", StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("DELETE")]
    public async Task Admin_is_for_reading(string method)
    {
        await using var gateway = await StartAsync("");
        using var request = new HttpRequestMessage(new HttpMethod(method), "/admin/live");

        (await gateway.Client.SendAsync(request)).StatusCode.Should().Be(HttpStatusCode.MethodNotAllowed);
    }

    private static Task<TestGateway> StartAsync(string server) => TestGateway.StartAsync($"[server]\n{server}\n{Toml}");

    private static async Task<HttpResponseMessage> SendAsync(TestGateway gateway, string path, params (string Name, string Value)[] headers)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { BaseAddress = gateway.Address };
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value).Should().BeTrue();
        }

        return await http.SendAsync(request);
    }
}
