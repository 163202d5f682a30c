using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Synthwave.Simulation;
using Synthwave.TestKit;

namespace Synthwave.IntegrationTests.Gateway;

/// <summary>What the gateway says is what its description says, path by path.</summary>
public sealed class DescribedAnswersTests
{
    private const string Chat = "/v1/chat/completions";
    private const string Question = "\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]";
    private const string Trace = "\"x_meta_model\":{\"trace\":true}";
    private const string ChatTool = "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"parameters\":{\"type\":\"object\"}}}]";

    public static TheoryData<string, string> Asked => new()
    {
        { Chat, "{\"model\":\"moa\"," + Question + "," + Trace + "}" },
        { Chat, "{\"model\":\"cascade\"," + Question + "," + Trace + "}" },
        { Chat, "{\"model\":\"jury\"," + Question + "," + Trace + "}" },
        { Chat, "{\"model\":\"a\"," + Question + "}" },
        { Chat, "{\"model\":\"caller\"," + Question + "," + ChatTool + "}" },
        { "/v1/completions", "{\"model\":\"a\",\"prompt\":\"Hi\"," + Trace + "}" },
        { "/v1/messages", "{\"model\":\"moa\",\"max_tokens\":64," + Question + "," + Trace + "}" },
        { "/v1/messages", "{\"model\":\"thinker\",\"max_tokens\":64,\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":1024}," + Question + "}" },
        { "/v1/messages", "{\"model\":\"caller\",\"max_tokens\":64,\"tools\":[{\"name\":\"f\",\"input_schema\":{\"type\":\"object\"}}]," + Question + "}" },
        { "/v1/responses", "{\"model\":\"moa\",\"input\":\"Hi\"," + Trace + "}" },
        { "/v1/responses", "{\"model\":\"thinker\",\"input\":\"Hi\"}" },
        { "/v1/responses", "{\"model\":\"caller\",\"input\":\"Hi\",\"tools\":[{\"type\":\"function\",\"name\":\"f\",\"parameters\":{\"type\":\"object\"}}]}" },
        { "/v1/responses", "{\"model\":\"caller\",\"input\":\"Hi\",\"tools\":[{\"type\":\"custom\",\"name\":\"f\"}]}" },
        { "/v1/responses", "{\"model\":\"broken\",\"input\":\"Hi\"}" },
        { Chat, "{\"model\":\"nobody\"," + Question + "}" },
        { Chat, "{\"model\":\"broken\"," + Question + "}" },
        { Chat, "{\"model\":\"a\"}" },
        { "/v1/completions", "{\"model\":\"a\"}" },
        { "/v1/messages", "{\"model\":\"nobody\",\"max_tokens\":5," + Question + "}" },
        { "/v1/messages", "{\"model\":\"broken\",\"max_tokens\":5," + Question + "}" },
        { "/v1/messages", "{\"model\":\"a\"}" },
        { "/v1/responses", "{\"model\":\"nobody\",\"input\":\"Hi\"}" },
    };

    [Theory]
    [MemberData(nameof(Asked))]
    public async Task Whole_answers_are_as_described(string path, string body)
    {
        await using var scenario = await StartAsync();

        using var response = await scenario.Client.PostAsync(path, Json(body));

        (await ProblemsAsync(response, path, "post")).Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(Asked))]
    public async Task Every_event_of_a_stream_is_as_described(string path, string body)
    {
        await using var scenario = await StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = Json(body[..^1] + ",\"stream\":true" + (path == Chat ? ",\"stream_options\":{\"include_usage\":true}}" : "}")) };
        using var response = await scenario.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        if (response.Content.Headers.ContentType!.MediaType == "application/json")
        {
            (await ProblemsAsync(response, path, "post")).Should().BeEmpty();
            return;
        }

        var stream = await SseCapture.ReadAsync(response);

        stream.Chunks.Should().NotBeEmpty().And.AllSatisfy(e => ApiDescription.Problems(path, "post", 200, "text/event-stream", e).Should().BeEmpty(e.GetRawText()));
    }

    [Theory]
    [InlineData("/v1/messages/count_tokens", "{\"model\":\"moa\"," + Question + "}", 200)]
    [InlineData("/v1/messages/count_tokens", "{\"model\":\"nobody\"," + Question + "}", 404)]
    [InlineData("/v1/responses/input_tokens", "{\"model\":\"moa\",\"input\":\"Hi\"}", 200)]
    [InlineData("/v1/embeddings", "{\"model\":\"a\",\"input\":[\"x\",\"y\"]}", 200)]
    [InlineData("/v1/embeddings", "{\"model\":\"a\",\"input\":\"x\",\"encoding_format\":\"base64\"}", 200)]
    [InlineData("/v1/embeddings", "{\"model\":\"moa\",\"input\":\"x\"}", 400)]
    [InlineData("/tokenize", "{\"model\":\"nobody\",\"prompt\":\"x\"}", 404)]
    public async Task Other_answers_to_a_body_are_as_described(string path, string body, int status)
    {
        await using var scenario = await StartAsync();

        using var response = await scenario.Client.PostAsync(path, Json(body));

        ((int)response.StatusCode).Should().Be(status, "{0}", await response.Content.ReadAsStringAsync());
        (await ProblemsAsync(response, path, "post")).Should().BeEmpty();
    }

    [Theory]
    [InlineData("/", "/", 200)]
    [InlineData("/v1/models", "/v1/models", 200)]
    [InlineData("/v1/models?client_version=1", "/v1/models", 200)]
    [InlineData("/v1/models/moa", "/v1/models/{id}", 200)]
    [InlineData("/v1/models/nobody", "/v1/models/{id}", 404)]
    [InlineData("/healthz", "/healthz", 200)]
    [InlineData("/health", "/health", 503)]
    [InlineData("/v1/health", "/v1/health", 503)]
    [InlineData("/metrics", "/metrics", 200)]
    [InlineData("/v1/metrics/moa", "/v1/metrics/moa", 200)]
    [InlineData("/openapi.json", "/openapi.json", 200)]
    [InlineData("/admin", "/admin", 200)]
    [InlineData("/admin/live", "/admin/live", 200)]
    [InlineData("/admin/requests", "/admin/requests", 200)]
    [InlineData("/admin/requests?limit=0", "/admin/requests", 400)]
    [InlineData("/admin/requests/$ID", "/admin/requests/{id}", 200)]
    [InlineData("/admin/requests/nobody", "/admin/requests/{id}", 404)]
    [InlineData("/admin/upstreams", "/admin/upstreams", 200)]
    [InlineData("/admin/config", "/admin/config", 200)]
    [InlineData("/v1/responses/resp_1", "/v1/responses/{id}", 404)]
    [InlineData("/v1/responses/resp_1/input_items", "/v1/responses/{id}/input_items", 404)]
    public async Task What_is_read_is_as_described(string path, string described, int status)
    {
        await using var scenario = await StartAsync();
        using var asked = await scenario.Client.PostAsync(Chat, Json("{\"model\":\"moa\"," + Question + "}"));

        using var response = await scenario.Client.GetAsync(path.Replace("$ID", asked.Headers.GetValues("X-MetaModel-Request-Id").Single(), StringComparison.Ordinal));

        ((int)response.StatusCode).Should().Be(status);
        (await ProblemsAsync(response, described, "get")).Should().BeEmpty();
    }

    [Theory]
    [InlineData("/v1/models", "/v1/models")]
    [InlineData("/v1/models/moa", "/v1/models/{id}")]
    public async Task Models_are_as_described_for_clients_of_Anthropic_too(string path, string described)
    {
        await using var scenario = await StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "anthropic-version", "2023-06-01" } } };

        using var response = await scenario.Client.SendAsync(request);

        (await response.Content.ReadAsStringAsync()).Should().Contain("display_name");
        (await ProblemsAsync(response, described, "get")).Should().BeEmpty();
    }

    [Fact]
    public async Task A_stored_response_is_as_described_until_it_is_gone()
    {
        await using var scenario = await StartAsync();
        using var made = await scenario.Client.PostAsync("/v1/responses", Json("{\"model\":\"a\",\"input\":[{\"role\":\"user\",\"content\":\"Hi\"}]}"));
        var id = (await made.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString();

        using var read = await scenario.Client.GetAsync($"/v1/responses/{id}");
        using var items = await scenario.Client.GetAsync($"/v1/responses/{id}/input_items");
        using var replayed = await scenario.Client.GetAsync($"/v1/responses/{id}?stream=true", HttpCompletionOption.ResponseHeadersRead);
        var stream = await SseCapture.ReadAsync(replayed);
        using var deleted = await scenario.Client.DeleteAsync($"/v1/responses/{id}");

        ((int)read.StatusCode).Should().Be(200);
        (await ProblemsAsync(read, "/v1/responses/{id}", "get")).Should().BeEmpty();
        (await ProblemsAsync(items, "/v1/responses/{id}/input_items", "get")).Should().BeEmpty();
        stream.Chunks.Should().NotBeEmpty().And.AllSatisfy(e => ApiDescription.Problems("/v1/responses/{id}", "get", 200, "text/event-stream", e).Should().BeEmpty(e.GetRawText()));
        ((int)deleted.StatusCode).Should().Be(200);
        (await ProblemsAsync(deleted, "/v1/responses/{id}", "delete")).Should().BeEmpty();
    }

    [Fact]
    public async Task A_missing_token_is_answered_as_described_everywhere_it_is_needed()
    {
        await using var gateway = await TestGateway.StartAsync("[server]\nbearer_token = \"secret\"");
        var guarded = ApiDescription.Operations.Where(o => o.Method != "head" && !o.Path.StartsWith("/admin", StringComparison.Ordinal) && !(o.Operation.TryGetProperty("security", out var ways) && ways.GetArrayLength() == 0)).ToArray();

        guarded.Should().HaveCountGreaterThan(12);
        foreach (var (path, method, _) in guarded)
        {
            using var request = new HttpRequestMessage(new HttpMethod(method.ToUpperInvariant()), path.Replace("{id}", "x", StringComparison.Ordinal));
            using var response = await gateway.Client.SendAsync(request);

            ((int)response.StatusCode).Should().Be(401, path);
            (await ProblemsAsync(response, path, method)).Should().BeEmpty(path);
        }
    }

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");

    private static async Task<IReadOnlyList<string>> ProblemsAsync(HttpResponseMessage response, string path, string method) => ApiDescription.Problems(
        path, method, (int)response.StatusCode, response.Content.Headers.ContentType!.MediaType!, await response.Content.ReadFromJsonAsync<JsonElement>());

    // Nobody listens where "broken" is: not every upstream is up.
    private static async Task<GatewayScenario> StartAsync() => await GatewayScenario.StartAsync(
        [
            SimulatedModel.Saying("a", "yes"), SimulatedModel.Saying("b", "yes"), SimulatedModel.Saying("c", "no"), SimulatedModel.Saying("s", "merged"),
            SimulatedModel.Answering("caller", _ => new SimulatedAnswer { ToolCalls = [new("f", "{\"input\":\"x\"}")] }),
            SimulatedModel.Answering("thinker", _ => SimulatedAnswer.Of("done") with { Reasoning = "thinking" }),
        ],
        more: """
        [upstreams.caller]
        model_id = "caller"
        base_url = "$BASE_URL"
        context = 32768
        max_output = 4096
        [upstreams.thinker]
        model_id = "thinker"
        base_url = "$BASE_URL"
        context = 32768
        max_output = 4096
        [upstreams.broken]
        model_id = "broken"
        base_url = "http://127.0.0.1:9/v1"
        context = 32768
        max_output = 4096
        retries = 0
        [features]
        voting = true
        [profiles.jury]
        type = "voting"
        upstreams = ["a", "b", "c"]
        """);
}
