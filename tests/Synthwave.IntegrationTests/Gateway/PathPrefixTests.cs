using System.Net;
using System.Text;
using Synthwave.Simulation;
using Synthwave.TestKit;

namespace Synthwave.IntegrationTests.Gateway;

/// <summary>A gateway behind a path of a proxy that passes paths on as they are.</summary>
public sealed class PathPrefixTests
{
    [Theory]
    [InlineData("llm/v1/models", 200)]
    [InlineData("LLM/v1/models", 200)]
    [InlineData("llm/models", 200)]
    [InlineData("llm/v1/v1/models", 200)]
    [InlineData("llm", 200)]
    [InlineData("llm/", 200)]
    [InlineData("llm/healthz", 200)]
    [InlineData("llm/metrics", 200)]
    [InlineData("healthz", 200)]
    [InlineData("", 404)]
    [InlineData("v1/models", 404)]
    [InlineData("metrics", 404)]
    [InlineData("health", 404)]
    [InlineData("llmx/v1/models", 404)]
    [InlineData("v1/llm/models", 404)]
    [InlineData("llm/llm/v1/models", 404)]
    [InlineData("llm/v1/nothing", 404)]
    public async Task Every_path_is_below_the_prefix(string path, int status)
    {
        await using var gateway = await TestGateway.StartAsync("[server]\npath_prefix = \"/llm/\"\n");

        using var response = await gateway.Client.GetAsync(new Uri(path, UriKind.Relative));

        ((int)response.StatusCode).Should().Be(status);
        if (status == 404)
        {
            (await response.Content.ReadAsStringAsync()).Should().Contain("\"error\":{");
        }
    }

    [Theory]
    [InlineData("llm", "application/json", "[\"/llm/docs\",\"/llm/v1/models\",\"/llm/health\",\"/llm/metrics\",\"/llm/openapi.json\"]")]
    [InlineData("llm/", "text/html", "href=\"/llm/v1/models\"")]
    [InlineData("llm/openapi.json", "*/*", "\"servers\":[{\"url\":\"/llm\",")]
    [InlineData("llm/v2/chat/completionz", "*/*", "Did you mean POST /llm/v1/chat/completions?")]
    [InlineData("llm/nothing", "*/*", "POST /llm/v1/chat/completions, and GET /llm/v1/models")]
    public async Task Paths_that_are_shown_have_the_prefix(string path, string accept, string shown)
    {
        await using var gateway = await TestGateway.StartAsync("[server]\npath_prefix = \"/llm\"\n");
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.ParseAdd(accept);

        using var response = await gateway.Client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();

        text.Should().Contain(shown);
        if (response.Content.Headers.ContentType!.MediaType == "application/json")
        {
            using var document = System.Text.Json.JsonDocument.Parse(text);
        }
    }

    [Fact]
    public async Task Redirects_and_the_log_have_the_prefix()
    {
        await using var gateway = await TestGateway.StartAsync("[server]\npath_prefix = \"/llm\"\n");
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { BaseAddress = gateway.Address };

        using var response = await client.GetAsync(new Uri("llm/v1/models/?a=b", UriKind.Relative));

        response.StatusCode.Should().Be(HttpStatusCode.TemporaryRedirect);
        response.Headers.Location.Should().Be(new Uri("/llm/v1/models?a=b", UriKind.Relative));
        await BadDays.BadDay.Until(
            () => gateway.Log.Events.Any(e => Synthwave.Telemetry.Logging.RequestRecordValue.Of(e)?.Path == "/llm/v1/models/"), "the log names the whole path");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Chats_and_the_token_are_as_without_it(bool stream)
    {
        await using var models = await SimulatedServer.StartAsync([SimulatedModel.Answering("m", _ => SimulatedAnswer.Of("hello"))]);
        await using var gateway = await TestGateway.StartAsync($"""
            [server]
            path_prefix = "/a/b"
            bearer_token = "t"
            [upstreams.u]
            model_id = "m"
            base_url = "{models.BaseUrl}"
            context = 8192
            max_output = 512
            """);
        async Task<(HttpStatusCode, string)> Post(string path, string? token)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, path)
            {
                Content = new StringContent($$"""{"model":"u","stream":{{(stream ? "true" : "false")}},"messages":[{"role":"user","content":"x"}]}""", Encoding.UTF8, "application/json"),
            };
            request.Headers.Authorization = token is null ? null : new("Bearer", token);
            using var response = await gateway.Client.SendAsync(request);
            return (response.StatusCode, await response.Content.ReadAsStringAsync());
        }

        (await Post("a/b/v1/chat/completions", "t")).Should().Match<(HttpStatusCode Status, string Text)>(r => r.Status == HttpStatusCode.OK && r.Text.Contains("hello"));
        (await Post("a/b/v1/chat/completions", null)).Item1.Should().Be(HttpStatusCode.Unauthorized);
        (await Post("v1/chat/completions", "t")).Item1.Should().Be(HttpStatusCode.NotFound);
    }
}
