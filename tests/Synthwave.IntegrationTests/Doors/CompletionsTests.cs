using System.Net;
using Synthwave.IntegrationTests.Gateway;
using Synthwave.Simulation;

namespace Synthwave.IntegrationTests.Doors;

public sealed class CompletionsTests
{
    private const string Path = "/v1/completions";

    private static readonly SimulatedModel[] Models =
    [
        SimulatedModel.Answering("a", request => new SimulatedAnswer { Text = $"{request.LastUserText} → \"ø\"\n", Usage = new(3, 4) }),
        SimulatedModel.Saying("b", "beta"),
        SimulatedModel.Saying("c", "gamma"),
        SimulatedModel.Saying("s", "both"),
    ];

    [Fact]
    public async Task A_prompt_is_answered_with_a_text_completion()
    {
        await using var scenario = await GatewayScenario.StartAsync(Models);

        var (response, body) = await scenario.PostAsync(Path, """{"model":"a","prompt":"Say 😀","max_tokens":7,"user":"u","custom":{"kept":true}}""");

        response.StatusCode.Should().Be(HttpStatusCode.OK);
        body.At("id").GetString().Should().StartWith("cmpl-");
        body.At("object").GetString().Should().Be("text_completion");
        body.At("choices[0].text").GetString().Should().Be("Say 😀 → \"ø\"\n");
        body.At("choices[0].index").GetInt32().Should().Be(0);
        body.At("choices[0].logprobs").ValueKind.Should().Be(System.Text.Json.JsonValueKind.Null);
        body.At("choices[0].finish_reason").GetString().Should().Be("stop");
        body.At("usage.total_tokens").GetInt32().Should().Be(7);
        response.Header("X-MetaModel-Profile").Should().Be("a");
        var sent = scenario.Models.ChatCalls.Single().Json;
        sent.TryGetProperty("prompt", out _).Should().BeFalse();
        sent.At("max_tokens").GetInt32().Should().Be(7);
        sent.At("custom.kept").GetBoolean().Should().BeTrue();
    }

    [Theory]
    [InlineData("a", "Go → \"ø\"\n")]
    [InlineData("cascade", "Go → \"ø\"\n")]
    [InlineData("moa", "both")]
    public async Task A_stream_is_completion_chunks_and_nothing_else(string model, string expected)
    {
        await using var scenario = await GatewayScenario.StartAsync(Models);

        var (_, stream) = await scenario.PostStreamAsync(Path, $$$"""{"model":"{{{model}}}","prompt":["Go"],"stream":true,"stream_options":{"include_usage":true}}""");

        var chunks = stream.Chunks.ToList();
        chunks.Should().OnlyContain(c => c.GetProperty("object").GetString() == "text_completion" && c.GetProperty("id").GetString()!.StartsWith("cmpl-", StringComparison.Ordinal));
        var choices = chunks.Where(c => c.GetProperty("choices").GetArrayLength() > 0).Select(c => c.At("choices[0]")).ToList();
        string.Concat(choices.Select(c => c.GetProperty("text").GetString())).Should().Be(expected);
        choices[^1].GetProperty("finish_reason").GetString().Should().Be("stop");
        choices[..^1].Should().OnlyContain(c => c.GetProperty("finish_reason").ValueKind == System.Text.Json.JsonValueKind.Null);
        chunks[^1].At("usage.total_tokens").GetInt32().Should().BePositive();
        stream.Done.Should().BeTrue();
    }

    [Fact]
    public async Task Usage_comes_only_when_asked_for()
    {
        await using var scenario = await GatewayScenario.StartAsync(Models);

        var (_, stream) = await scenario.PostStreamAsync(Path, """{"model":"a","prompt":"Go","stream":true}""");

        stream.Usage.Should().BeNull();
        stream.Done.Should().BeTrue();
    }

    [Theory]
    [InlineData("""{"model":"a","prompt":"x","echo":true}""", 501, "unsupported_legacy_param", "echo")]
    [InlineData("""{"model":"a","prompt":"x","suffix":"end"}""", 501, "unsupported_legacy_param", "suffix")]
    [InlineData("""{"model":"a","prompt":"x","best_of":3}""", 501, "unsupported_legacy_param", "best_of")]
    [InlineData("""{"model":"a","prompt":"x","logprobs":2}""", 501, "unsupported_legacy_param", "logprobs")]
    [InlineData("""{"model":"a","prompt":"x","max_completion_tokens":2}""", 501, "unsupported_legacy_param", "max_completion_tokens")]
    [InlineData("""{"model":"a","prompt":"x","n":2}""", 501, "unsupported_legacy_param", "n")]
    [InlineData("""{"model":"a","prompt":[1,2]}""", 501, "unsupported_legacy_param", "prompt")]
    [InlineData("""{"model":"a","prompt":["x","y"]}""", 501, "unsupported_legacy_param", "prompt")]
    [InlineData("""{"model":"a","prompt":null}""", 400, "invalid_request", null)]
    [InlineData("""{"model":"a","prompt":"x","prompt":"y"}""", 400, "duplicate_key", "prompt")]
    [InlineData("""[1]""", 400, "invalid_request", null)]
    [InlineData("""{"model":"a",""", 400, "invalid_json", null)]
    [InlineData("""{"prompt":"x"}""", 400, "missing_model", "model")]
    [InlineData("""{"model":"","prompt":"x"}""", 400, "missing_model", "model")]
    [InlineData("""{"model":"nobody","prompt":"x"}""", 404, "model_not_found", "model")]
    [InlineData("""{"model":"a","prompt":"x","temperature":9}""", 400, null, "temperature")]
    [InlineData("""{"model":"a","prompt":"x","x_meta_model":{"odd":1}}""", 400, null, "x_meta_model.odd")]
    public async Task What_a_completion_cannot_be_is_refused(string body, int status, string? code, string? param)
    {
        await using var scenario = await GatewayScenario.StartAsync(Models);

        var (response, answer) = await scenario.PostAsync(Path, body);

        ((int)response.StatusCode).Should().Be(status, "{0}", answer);
        answer.At("error.code").GetString().Should().Be(code);
        answer.At("error.param").GetString().Should().Be(param);
        answer.At("error.type").GetString().Should().Be("invalid_request_error");
        (response.Header("x-should-retry") == "false").Should().Be(status == 501);
        scenario.Models.ChatCalls.Should().BeEmpty();
    }

    [Fact]
    public async Task Values_that_change_nothing_pass_and_are_not_sent_on()
    {
        await using var scenario = await GatewayScenario.StartAsync(Models);

        var (response, _) = await scenario.PostAsync(
            Path,
            """{"model":"a","prompt":"x","echo":false,"suffix":null,"best_of":1,"logprobs":null,"n":1,"response_format":{"type":"text"},"max_completion_tokens":null,"tools":[{"type":"function","function":{"name":"f"}}]}""");

        response.StatusCode.Should().Be(HttpStatusCode.OK);
        scenario.Models.ChatCalls.Single().Json.EnumerateObject().Select(m => m.Name).Should().BeEquivalentTo("model", "n", "messages");
    }

    [Fact]
    public async Task A_failure_after_the_head_is_one_error_event_without_an_end_mark()
    {
        await using var scenario = await GatewayScenario.StartAsync(
            [SimulatedModel.Saying("a", "one two three four") with { Fault = new(SimulatedFaultKind.Reset) { AfterTokens = 2 } }, .. Models[1..]]);

        var (_, stream) = await scenario.PostStreamAsync(Path, """{"model":"a","prompt":"x","stream":true}""");

        stream.Error!.Value.GetProperty("code").GetString().Should().Be("upstream_error");
        stream.Done.Should().BeFalse();
        stream.Broken.Should().BeNull();
    }
}
