using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Synthwave.IntegrationTests.Doors;
using Synthwave.Simulation;

namespace Synthwave.IntegrationTests.Gateway;

public sealed class RouteSpellingTests
{
    private const string Chat = "{\"model\":\"a\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}],\"max_tokens\":5}";

    [Theory]
    [InlineData("/chat/completions")]
    [InlineData("/v1/v1/chat/completions")]
    [InlineData("/openai/v1/chat/completions")]
    [InlineData("/api/v1/chat/completions")]
    [InlineData("/v1/openai/chat/completions")]
    [InlineData("/v1beta/openai/chat/completions")]
    [InlineData("/anthropic/v1/messages")]
    [InlineData("/anthropic/messages")]
    [InlineData("/v1/v1/messages")]
    [InlineData("/messages")]
    [InlineData("/v1//chat/completions")]
    [InlineData("//v1/chat/completions")]
    [InlineData("/v1/chat/completions/chat/completions")]
    [InlineData("/API/V1/Chat/Completions")]
    public async Task A_base_address_of_another_kind_is_understood(string path)
    {
        await using var scenario = await GatewayScenario.StartAsync(SimulatedModel.Saying("a", "x"));

        // Written out: a path that begins with two slashes would be taken for a host.
        var response = await scenario.Client.PostAsync(new Uri(scenario.Gateway.Address.GetLeftPart(UriPartial.Authority) + path), new StringContent(Chat, Encoding.UTF8, "application/json"));

        response.StatusCode.Should().Be(HttpStatusCode.OK, "{0}", await response.Content.ReadAsStringAsync());
        scenario.Models.CallsTo("a").Should().Be(1);
    }

    [Theory]
    [InlineData("/models", "data[0].id")]
    [InlineData("/v1/v1/models", "data[0].id")]
    [InlineData("/api/models/a", "id")]
    [InlineData("/v1/models/a", "id")]
    [InlineData("/openai/v1/models/a", "id")]
    [InlineData("/v1/healthz", "status")]
    [InlineData("/api/health", "status")]
    public async Task What_is_read_is_found_too(string path, string member)
    {
        await using var scenario = await GatewayScenario.StartAsync(SimulatedModel.Saying("a", "x"));

        var response = await scenario.Client.GetAsync(path);

        (await response.Content.ReadFromJsonAsync<JsonElement>()).At(member).GetString().Should().NotBeEmpty();
    }

    [Theory]
    [InlineData("/openai/deployments/a/chat/completions", "/v1/chat/completions")]
    [InlineData("/v1/chat", "/v1/chat/completions")]
    [InlineData("/engines/a/embeddings", "/v1/embeddings")]
    [InlineData("/v1", "/v1/chat/completions")]
    [InlineData("/wp-login.php", "/v1/chat/completions")]
    public async Task Elsewhere_the_right_path_is_named(string path, string right)
    {
        await using var scenario = await GatewayScenario.StartAsync(SimulatedModel.Saying("a", "x"));

        var response = await scenario.Client.PostAsync(path, new StringContent(Chat));

        response.StatusCode.Should().Be(HttpStatusCode.NotFound);
        (await response.Content.ReadFromJsonAsync<JsonElement>()).At("error.message").GetString().Should().Contain(right);
    }

    [Fact]
    public async Task A_rewritten_path_needs_the_token_like_the_right_one()
    {
        await using var gateway = await Synthwave.TestKit.TestGateway.StartAsync("[server]\nbearer_token = \"secret\"");

        foreach (var path in (string[])["/chat/completions", "/v1/v1/models", "/models", "/nothing"])
        {
            (await gateway.Client.GetAsync(path)).StatusCode.Should().Be(HttpStatusCode.Unauthorized, path);
        }

        (await gateway.Client.GetAsync("/")).StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task The_root_is_a_page_for_browsers_and_JSON_for_programs()
    {
        await using var scenario = await GatewayScenario.StartAsync(SimulatedModel.Saying("a", "x"));
        using var browser = new HttpRequestMessage(HttpMethod.Get, "/") { Headers = { { "Accept", "text/html,application/xhtml+xml,*/*;q=0.8" } } };
        using var head = new HttpRequestMessage(HttpMethod.Head, "/") { Headers = { { "Accept", "text/html" } } };

        var page = await scenario.Client.SendAsync(browser);
        var json = await scenario.Client.GetAsync("/");
        var only = await scenario.Client.SendAsync(head);

        page.Content.Headers.ContentType!.MediaType.Should().Be("text/html");
        var html = await page.Content.ReadAsStringAsync();
        html.Should().Contain("/v1/models").And.Contain("/health").And.NotContain("http://").And.NotContain("https://").And.NotContain("<script");
        page.Header("Vary").Should().Contain("Accept");
        (await json.Content.ReadFromJsonAsync<JsonElement>()).At("name").GetString().Should().Be("synthwave");
        only.StatusCode.Should().Be(HttpStatusCode.OK);
        only.Content.Headers.ContentLength.Should().BePositive();
        (await only.Content.ReadAsByteArrayAsync()).Should().BeEmpty();
    }
}
