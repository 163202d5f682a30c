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
