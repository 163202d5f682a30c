using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Synthwave.IntegrationTests.Gateway;
using Synthwave.Simulation;
using Synthwave.TestKit;

namespace Synthwave.IntegrationTests.Doors;

/// <summary>What single clients ask for beside their chats.</summary>
public sealed class ClientCatalogTests
{
    [Fact]
    public async Task The_list_has_a_catalog_beside_it_for_the_client_that_wants_one()
    {
        await using var scenario = await GatewayScenario.StartAsync(SimulatedModel.Saying("a", "x"));

        var list = await scenario.Client.GetFromJsonAsync<JsonElement>("/v1/models?client_version=0.150.0");
        var plain = await scenario.Client.GetFromJsonAsync<JsonElement>("/v1/models");

        list.At("models").ValueKind.Should().Be(JsonValueKind.Array);
        list.At("data").GetArrayLength().Should().Be(plain.At("data").GetArrayLength());
        plain.TryGetProperty("models", out _).Should().BeFalse();
    }

    [Theory]
    [InlineData("/v1/models")]
    [InlineData("/v1/models/a")]
    public async Task The_head_of_a_list_can_be_asked_for(string path)
    {
        await using var scenario = await GatewayScenario.StartAsync(SimulatedModel.Saying("a", "x"));

        var head = await scenario.Client.SendAsync(new(HttpMethod.Head, path));

        head.StatusCode.Should().Be(HttpStatusCode.OK);
        head.Content.Headers.ContentLength.Should().Be((await scenario.Client.GetAsync(path)).Content.Headers.ContentLength);
    }

    [Theory]
    [InlineData("/detokenize", "/detokenize")]
    [InlineData("/v1/detokenize", "/detokenize")]
    [InlineData("/v1/tokenize", "/tokenize")]
    public async Task Tokens_go_to_the_upstream_both_ways(string path, string expected)
    {
        await using var scenario = await GatewayScenario.StartAsync(SimulatedModel.Saying("a", "x"));

        var (response, _) = await scenario.PostAsync(path, """{"model":"a","tokens":[1,2],"prompt":"x"}""");

        response.Header("X-MetaModel-Tokenizer-Upstream").Should().Be("a");
        scenario.Models.Requests.Last(r => r.Method == "POST").Path.Should().Be(expected);
        scenario.Models.Requests.Last(r => r.Method == "POST").BodyText.Should().Contain("\"tokens\":[1,2]");
    }

    [Theory]
    [InlineData("{\"content\":\"one two\"}")]
    [InlineData("{\"model\":\"\",\"content\":\"one two\"}")]
    public async Task No_name_is_needed_where_one_upstream_can_be_meant(string body)
    {
        await using var models = await SimulatedServer.StartAsync([SimulatedModel.Saying("a", "x")]);
        await using var gateway = await TestGateway.StartAsync($"[upstreams.a]\nmodel_id = \"a\"\nbase_url = \"{models.BaseUrl}\"\ncontext = 4096\nmax_output = 512");
        await using var several = await GatewayScenario.StartAsync(SimulatedModel.Saying("a", "x"));

        var response = await gateway.Client.PostAsync("/tokenize", new StringContent(body, Encoding.UTF8, "application/json"));
        var (refused, error) = await several.PostAsync("/tokenize", body);

        response.StatusCode.Should().Be(HttpStatusCode.OK, "{0}", await response.Content.ReadAsStringAsync());
        refused.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        error.At("error.code").GetString().Should().Be("missing_model");
    }
}
