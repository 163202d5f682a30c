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
    [InlineData("/v1", "The API is below /v1, for example POST /v1/chat/completions")]
    [InlineData("/openai/deployments/a/chat/completions?api-version=1", "Did you mean POST /v1/chat/completions? What was a deployment's name goes into \"model\".")]
    [InlineData("/v1/chat/completions/stream", "Did you mean POST /v1/chat/completions?")]
    [InlineData("/v1/chat/completion", "Did you mean POST /v1/chat/completions?")]
    [InlineData("/v2/mesages", "Did you mean POST /v1/messages?")]
    [InlineData("/v1beta1/messages/count-tokens", "Did you mean POST /v1/messages/count_tokens?")]
    [InlineData("/v1/embeding", "Did you mean POST /v1/embeddings?")]
    [InlineData("/api/v2/response", "Did you mean POST /v1/responses?")]
    [InlineData("/v1/audio/speech", "The API is below /v1")]
    [InlineData("/v1/files", "The API is below /v1")]
    [InlineData("/v1/image/generations", "The API is below /v1")]
    [InlineData("/v1/conversation", "The API is below /v1")]
    [InlineData("/wp-login.php", "/v1/chat/completions")]
    public async Task Elsewhere_the_right_path_is_named(string path, string right)
    {
        await using var scenario = await GatewayScenario.StartAsync(SimulatedModel.Saying("a", "x"));

        var response = await scenario.Client.PostAsync(path, new StringContent(Chat));

        response.StatusCode.Should().Be(HttpStatusCode.NotFound);
        (await response.Content.ReadFromJsonAsync<JsonElement>()).At("error.message").GetString().Should().Contain(right);
    }

    [Fact]
    public async Task A_wrong_method_names_those_the_path_takes()
    {
        await using var scenario = await GatewayScenario.StartAsync(SimulatedModel.Saying("a", "x"));

        var response = await scenario.Client.GetAsync("/chat/completions");

        response.StatusCode.Should().Be(HttpStatusCode.MethodNotAllowed);
        var error = await response.Content.ReadFromJsonAsync<JsonElement>();
        error.At("error.message").GetString().Should().Be("Method Not Allowed. This path takes POST.");
        error.At("error.code").GetString().Should().Be("method_not_allowed");
    }

    [Theory]
    [InlineData("/v1/chat/completions", "")]
    [InlineData("/v1/completions", "\"prompt\":\"x\"")]
    [InlineData("/v1/responses", "\"input\":\"x\"")]
    [InlineData("/v1/messages", "\"max_tokens\":5")]
    [InlineData("/v1/embeddings", "\"input\":\"x\"")]
    public async Task Every_door_says_alike_that_a_model_is_unknown(string path, string members)
    {
        await using var scenario = await GatewayScenario.StartAsync(SimulatedModel.Saying("a", "x"));
        var body = "{\"model\":\"nobody\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]" + (members.Length > 0 ? "," + members : "") + "}";

        var response = await scenario.Client.PostAsync(path, new StringContent(body, Encoding.UTF8, "application/json"));
        var read = await scenario.Client.GetAsync("/v1/models/nobody");

        var (error, ofRead) = (await response.Content.ReadFromJsonAsync<JsonElement>(), await read.Content.ReadFromJsonAsync<JsonElement>());
        response.StatusCode.Should().Be(HttpStatusCode.NotFound);
        foreach (var member in (string[])["message", "code", "param"])
        {
            error.At("error." + member).GetString().Should().Be(ofRead.At("error." + member).GetString());
        }
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
}
