using System.Net;
using System.Text.Json;
using Synthwave.IntegrationTests.Gateway;
using Synthwave.Simulation;

namespace Synthwave.IntegrationTests.Doors;

public sealed class EmbeddingsTests
{
    private const string Path = "/v1/embeddings";

    private static readonly SimulatedModel[] Models = [SimulatedModel.Saying("a", "x"), SimulatedModel.Saying("b", "x"), SimulatedModel.Saying("c", "x"), SimulatedModel.Saying("s", "x")];

    [Theory]
    [InlineData("a", "\"hello\"", 1)]
    [InlineData("cascade", "[\"hello\",\"world\"]", 2)]
    [InlineData("single", "[1,2,3]", 1)]
    [InlineData("a", "[[1,2],[3]]", 2)]
    public async Task An_input_has_its_vectors(string model, string input, int expected)
    {
        await using var scenario = await GatewayScenario.StartAsync(
            Models, more: "[profiles.single]\ntype = \"moa\"\ngenerators = [\"a\"]\nsynthesizer = \"a\"");

        var (response, body) = await scenario.PostAsync(Path, $$$"""{"model":"{{{model}}}","input":{{{input}}},"dimensions":4,"custom":1,"x_meta_model":{"trace":true}}""");

        response.StatusCode.Should().Be(HttpStatusCode.OK, "{0}", body);
        body.At("data").GetArrayLength().Should().Be(expected);
        body.At("data[0].embedding").GetArrayLength().Should().Be(4);
        body.At("usage.prompt_tokens").GetInt32().Should().BePositive();
        body.At("x_meta_model.calls[0].upstream").GetString().Should().Be("a");
        response.Header("X-MetaModel-Profile").Should().Be(model);
        var sent = scenario.Models.Requests.Single(r => r.Method == "POST");
        sent.Path.Should().Be(Path);
        sent.Json.EnumerateObject().Select(m => m.Name).Should().Equal("model", "input", "dimensions", "custom");
        sent.Model.Should().Be("a");
    }

    [Theory]
    [InlineData("\"input\":[{\"type\":\"text\",\"text\":\"x\"},{\"type\":\"image_url\",\"image_url\":{\"url\":\"https://x/y\"}}]")]
    [InlineData("\"input\":[{\"content\":[{\"type\":\"text\",\"text\":\"x\"}]},\"y\"]")]
    [InlineData("\"input\":[[{\"type\":\"text\",\"text\":\"x\"}]]")]
    [InlineData("\"input\":{\"text\":\"x\"}")]
    [InlineData("\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]")]
    [InlineData("\"input\":\"x\",\"encoding_format\":\"int8\"")]
    [InlineData("\"input\":\"x\",\"input_type\":\"query\",\"encoding_format\":\"ubinary\"")]
    public async Task Inputs_and_encodings_only_the_upstream_knows_go_on_as_they_came(string members)
    {
        await using var scenario = await GatewayScenario.StartAsync(Models);

        foreach (var model in (string[])["a", "cascade"])
        {
            var (response, body) = await scenario.PostAsync(Path, $$"""{"model":"{{model}}",{{members}}}""");

            response.StatusCode.Should().Be(HttpStatusCode.OK, "{0}", body);
            scenario.Models.Requests.Last(r => r.Method == "POST").BodyText.Should().Contain(members);
        }
    }

    [Fact]
    public async Task A_cascade_goes_on_where_vectors_are_missing()
    {
        await using var scenario = await GatewayScenario.StartAsync(
            [SimulatedModel.Saying("a", "x") with { Fault = new(SimulatedFaultKind.Status) { Status = 503 } }, .. Models[1..]]);

        var (response, body) = await scenario.PostAsync(Path, """{"model":"cascade","input":["x","y"],"encoding_format":"base64"}""");

        response.StatusCode.Should().Be(HttpStatusCode.OK, "{0}", body);
        body.At("model").GetString().Should().Be("b");
        body.At("data[1].embedding").ValueKind.Should().Be(JsonValueKind.String);
        response.Header("X-MetaModel-Cascade-Winner").Should().Be("b");
        response.Header("X-MetaModel-Cascade-Attempts").Should().Be("a:non_2xx");
    }

    [Fact]
    public async Task Everybody_failing_is_said_with_all_attempts()
    {
        await using var scenario = await GatewayScenario.StartAsync(
            Models.Select(m => m with { Fault = new(SimulatedFaultKind.Refuse) }), upstream: "retries = 0");

        var (response, body) = await scenario.PostAsync(Path, """{"model":"cascade","input":"x"}""");
        var (one, oneBody) = await scenario.PostAsync(Path, """{"model":"a","input":"x"}""");

        response.StatusCode.Should().Be(HttpStatusCode.BadGateway);
        body.At("error.code").GetString().Should().Be("cascade_exhausted");
        one.StatusCode.Should().Be(HttpStatusCode.BadGateway);
        oneBody.At("error.code").GetString().Should().Be("upstream_error");
    }

    [Theory]
    [InlineData("""{"model":"a"}""", 400, null, "input")]
    [InlineData("""{"model":"a","input":[]}""", 400, null, "input")]
    [InlineData("""{"model":"a","input":["x",1]}""", 400, null, "input")]
    [InlineData("""{"model":"a","input":[[]]}""", 400, null, "input")]
    [InlineData("""{"model":"a","input":{}}""", 400, null, "input")]
    [InlineData("""{"model":"a","input":"x","encoding_format":8}""", 400, null, "encoding_format")]
    [InlineData("""{"model":"a","input":"x","dimensions":0}""", 400, null, "dimensions")]
    [InlineData("""{"model":"a","input":"x","input":"y"}""", 400, "duplicate_key", "input")]
    [InlineData("""{"model":"a","input":"x","x_meta_model":{"odd":1}}""", 400, null, "x_meta_model.odd")]
    [InlineData("""{"model":7,"input":"x"}""", 400, null, "model")]
    [InlineData("""{"input":"x"}""", 400, "missing_model", "model")]
    [InlineData("""{"model":"nobody","input":"x"}""", 404, "model_not_found", "model")]
    [InlineData("""{"model":"moa","input":"x"}""", 400, "embeddings_not_supported", "model")]
    [InlineData("""{"model":"a","input":"x","x_meta_model":{"max_cost_usd":0.1}}""", 400, "cap_unsatisfiable", "x_meta_model")]
    [InlineData("""{""", 400, "invalid_json", null)]
    public async Task What_has_no_vectors_is_refused(string body, int status, string? code, string? param)
    {
        await using var scenario = await GatewayScenario.StartAsync(Models);

        var (response, answer) = await scenario.PostAsync(Path, body);

        ((int)response.StatusCode).Should().Be(status, "{0}", answer);
        answer.At("error.code").GetString().Should().Be(code);
        answer.At("error.param").GetString().Should().Be(param);
        scenario.Models.Requests.Where(r => r.Method == "POST").Should().BeEmpty();
    }

    [Theory]
    [InlineData("a", "a")]
    [InlineData("moa", "s")]
    [InlineData("cascade", "a")]
    public async Task Tokenize_asks_the_tokenizer_a_name_stands_for(string model, string upstream)
    {
        await using var scenario = await GatewayScenario.StartAsync(Models);

        var (response, body) = await scenario.PostAsync("/tokenize", $$"""{"model":"{{model}}","prompt":"one two","x_meta_model":null}""");

        response.StatusCode.Should().Be(HttpStatusCode.OK, "{0}", body);
        body.At("tokens").GetArrayLength().Should().BePositive();
        response.Header("X-MetaModel-Tokenizer-Upstream").Should().Be(upstream);
        var sent = scenario.Models.Requests.Single(r => r.Method == "POST");
        sent.Path.Should().Be("/tokenize");
        sent.Json.At("model").GetString().Should().Be(upstream);
        sent.Json.TryGetProperty("x_meta_model", out _).Should().BeFalse();
    }

    [Fact]
    public async Task Tokenize_hands_on_what_the_tokenizer_says_and_who_has_none()
    {
        await using var scenario = await GatewayScenario.StartAsync(
            Models, more: "[features]\nvoting = true\n[profiles.vote]\ntype = \"voting\"\nupstreams = [\"a\", \"b\"]");

        var (refused, refusal) = await scenario.PostAsync("/tokenize", """{"model":"a","text":"x"}""");
        var (mixed, conflict) = await scenario.PostAsync("/tokenize", """{"model":"vote","prompt":"x"}""");
        var (unknown, notFound) = await scenario.PostAsync("/tokenize", """{"model":"nobody"}""");

        refused.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        refusal.At("error.message").GetString().Should().Contain("content");
        mixed.StatusCode.Should().Be(HttpStatusCode.Conflict);
        conflict.At("error.code").GetString().Should().Be("heterogeneous_tokenizer");
        conflict.At("error.message").GetString().Should().Contain("tokenizer_upstream");
        unknown.StatusCode.Should().Be(HttpStatusCode.NotFound);
        notFound.At("error.type").GetString().Should().Be("invalid_request_error");
    }
}
