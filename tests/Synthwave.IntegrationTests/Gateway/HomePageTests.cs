using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Synthwave.IntegrationTests.Doors;
using Synthwave.Simulation;
using Synthwave.TestKit;

namespace Synthwave.IntegrationTests.Gateway;

public sealed class HomePageTests
{
    private const string Browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

    [Fact]
    public async Task The_root_is_a_page_for_browsers_and_JSON_for_programs()
    {
        await using var scenario = await GatewayScenario.StartAsync(SimulatedModel.Saying("a", "x"));
        using var head = new HttpRequestMessage(HttpMethod.Head, "/") { Headers = { { "Accept", "text/html" } } };

        var (page, html) = await GetAsync(scenario.Gateway, "/");
        var json = await scenario.Client.GetAsync("/");
        var only = await scenario.Client.SendAsync(head);

        page.Content.Headers.ContentType!.MediaType.Should().Be("text/html");
        html.Should().Contain("href=\"/v1/models\"").And.Contain("href=\"/health\"").And.Contain("href=\"/docs\"").And.Contain("href=\"/metrics\"");
        page.Header("Vary").Should().Contain("Accept");
        (await json.Content.ReadFromJsonAsync<JsonElement>()).At("name").GetString().Should().Be("synthwave");
        only.StatusCode.Should().Be(HttpStatusCode.OK);
        only.Content.Headers.ContentLength.Should().BePositive();
        (await only.Content.ReadAsByteArrayAsync()).Should().BeEmpty();
    }

    [Fact]
    public async Task It_names_what_can_be_asked_for_and_shows_commands_for_this_address()
    {
        await using var scenario = await GatewayScenario.StartAsync(SimulatedModel.Saying("a", "x"));

        var (_, html) = await GetAsync(scenario.Gateway, "/");

        html.Should().Contain("<li><code>moa</code></li>").And.Contain("<li><code>cascade</code></li>").And.Contain("<li><code>a</code></li>");
        Commands(html).Should().Equal(
            $"curl http://127.0.0.1:{scenario.Gateway.Address.Port}/v1/models",
            $$$"""
            curl http://127.0.0.1:{{{scenario.Gateway.Address.Port}}}/v1/chat/completions \
              -H 'Content-Type: application/json' \
              -d '{"model":"cascade","messages":[{"role":"user","content":"Say hello."}]}'
            """,
            $"export OPENAI_BASE_URL=http://127.0.0.1:{scenario.Gateway.Address.Port}/v1 OPENAI_API_KEY=none");
    }

    [Fact]
    public async Task It_says_whether_the_gateway_can_answer()
    {
        await using var scenario = await GatewayScenario.StartAsync(SimulatedModel.Saying("a", "x"), SimulatedModel.Saying("b", "x"), SimulatedModel.Saying("c", "x"), SimulatedModel.Saying("s", "x"));
        await using var empty = await TestGateway.StartAsync("");
        (await scenario.Client.GetAsync("/health")).StatusCode.Should().Be(HttpStatusCode.OK);

        (await GetAsync(scenario.Gateway, "/")).Html.Should().Contain("Ready: 4 of 4 upstreams are up.");
        (await GetAsync(empty, "/")).Html.Should().Contain("Not ready: no upstream is configured.").And.Contain("<code>synthwave init</code>");
    }

    [Fact]
    public async Task Behind_a_token_the_models_are_shown_to_whoever_sends_it()
    {
        await using var gateway = await TestGateway.StartAsync(Upstream("zebra") + "[server]\nbearer_token = \"secret\"");

        var (page, html) = await GetAsync(gateway, "/");
        var (_, wrong) = await GetAsync(gateway, "/", ("Authorization", "Bearer wrong"));
        var (_, shown) = await GetAsync(gateway, "/", ("Authorization", "Bearer secret"));

        page.StatusCode.Should().Be(HttpStatusCode.OK);
        html.Should().Contain("needs a token").And.NotContain("zebra").And.NotContain("secret");
        Commands(html)[0].Should().EndWith("/v1/models \\\n  -H \"Authorization: Bearer $SYNTHWAVE_TOKEN\"");
        wrong.Should().Contain("needs a token").And.NotContain("zebra");
        shown.Should().Contain("<code>zebra</code>").And.NotContain("needs a token").And.NotContain("secret");
    }

    [Fact]
    public async Task A_name_that_anybody_could_have_pointed_here_is_told_no_models()
    {
        await using var gateway = await TestGateway.StartAsync(Upstream("zebra"));

        var (page, html) = await GetAsync(gateway, "/", ("Host", "rebound.example.com"));

        page.StatusCode.Should().Be(HttpStatusCode.OK);
        html.Should().NotContain("zebra").And.Contain("must be called by localhost");
    }

    [Theory]
    [InlineData("gateway.lan:8400", "http://gateway.lan:8400/v1/models")]
    [InlineData("[::1]:8400", "http://[::1]:8400/v1/models")]
    [InlineData("$(id)", "http://127.0.0.1:$PORT/v1/models")]
    [InlineData("a;id", "http://127.0.0.1:$PORT/v1/models")]
    [InlineData("<b>", "http://127.0.0.1:$PORT/v1/models")]
    public async Task A_host_that_could_mean_something_to_a_shell_is_not_repeated(string host, string shown)
    {
        await using var gateway = await TestGateway.StartAsync("[server]\nallow_open = true\n" + Upstream("m"));
        using var client = new System.Net.Sockets.TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, gateway.Address.Port);
        await client.GetStream().WriteAsync(Encoding.Latin1.GetBytes($"GET / HTTP/1.1\r\nHost: {host}\r\nAccept: text/html\r\nConnection: close\r\n\r\n"));
        using var reader = new StreamReader(client.GetStream(), Encoding.UTF8);

        var answer = await reader.ReadToEndAsync();

        if (answer.StartsWith("HTTP/1.1 400", StringComparison.Ordinal))
        {
            // The server itself refuses what no host can be.
            host.Should().NotMatchRegex("^[a-z0-9.:\\[\\]]+$");
            answer.Should().NotContain(host);
            return;
        }

        Commands(answer)[0].Should().Be("curl " + shown.Replace("$PORT", gateway.Address.Port.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_name_with_markup_and_quotes_is_shown_as_it_is()
    {
        const string Name = "<script>it's</script>";
        await using var gateway = await TestGateway.StartAsync(Upstream(Name));

        var (_, html) = await GetAsync(gateway, "/");

        html.Should().NotContain("<script>it").And.Contain("&lt;script&gt;it");
        Commands(html)[1].Should().Contain(@"""model"":""<script>it'\''s</script>""");
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/docs")]
    public async Task A_page_runs_nothing_but_its_own_script_and_loads_nothing(string path)
    {
        await using var gateway = await TestGateway.StartAsync("");

        var (page, html) = await GetAsync(gateway, path);

        var policy = page.Header("Content-Security-Policy")!;
        policy.Should().StartWith("default-src 'none';").And.Contain("frame-ancestors 'none'").And.Contain("base-uri 'none'").And.Contain("form-action 'none'").And.NotContain("unsafe").And.NotContain("*");
        policy.Contains("connect-src 'self'", StringComparison.Ordinal).Should().Be(path == "/docs");
        page.Header("X-Content-Type-Options").Should().Be("nosniff");
        page.Header("Referrer-Policy").Should().Be("no-referrer");
        foreach (var kind in (string[])["script", "style"])
        {
            var text = Regex.Match(html, $"<{kind}>(.*?)</{kind}>", RegexOptions.Singleline).Groups[1].Value;
            text.Should().NotBeEmpty();
            policy.Should().Contain($"{kind}-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}'");
        }

        html.Should().NotMatchRegex("(src|href)=\"(https?:)?//").And.NotContain("@import").And.NotMatchRegex(" on[a-z]+=").And.NotMatchRegex(" style=");
        html.Length.Should().BeLessThan(64 * 1024);
    }

    [Fact]
    public async Task Below_a_prefix_links_and_commands_have_it()
    {
        await using var gateway = await TestGateway.StartAsync("[server]\npath_prefix = \"/llm\"\n" + Upstream("m"));

        var (_, html) = await GetAsync(gateway, "/llm");

        html.Should().Contain("href=\"/llm/docs\"").And.Contain("href=\"/llm/v1/models\"");
        Commands(html)[0].Should().Be($"curl http://127.0.0.1:{gateway.Address.Port}/llm/v1/models");
        (await GetAsync(gateway, "/llm/docs")).Html.Should().Contain("fetch('openapi.json')");
    }

    private static string Upstream(string name) =>
        $"[upstreams.\"{name}\"]\nmodel_id = \"m\"\nbase_url = \"http://127.0.0.1:9/v1\"\ncontext = 8192\nmax_output = 512\n";

    private static string[] Commands(string html) => [.. Regex.Matches(html, "<pre[^>]*>(.*?)</pre>", RegexOptions.Singleline).Select(m => WebUtility.HtmlDecode(m.Groups[1].Value))];

    private static async Task<(HttpResponseMessage Response, string Html)> GetAsync(TestGateway gateway, string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Accept", Browser);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        var response = await gateway.Client.SendAsync(request);
        return (response, await response.Content.ReadAsStringAsync());
    }
}
