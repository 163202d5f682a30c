using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Synthwave.IntegrationTests.Doors;
using Synthwave.IntegrationTests.Gateway;
using Synthwave.Simulation;

namespace Synthwave.IntegrationTests.Upstreams;

/// <summary>Models behind Anthropic's API, which refuses what the real one refuses, asked by clients of the chat API and of Anthropic's own.</summary>
public sealed class AnthropicUpstreamTests
{
    private const string Anthropic = "protocol = \"anthropic\"\napi_key = \"k\"\nretries = 0\n";
    private const string Tools = "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"weather\",\"parameters\":{\"type\":\"object\"}}}]";

    private static readonly SimulatedModel[] Models =
    [
        SimulatedModel.Answering("a", request => new SimulatedAnswer { Text = $"{request.LastUserText} → \"ø\" 😀\n", Usage = new(30, 4) }),
        SimulatedModel.Answering("b", request => request.AllText.Contains("tool_result", StringComparison.Ordinal) || request.Root.GetRawText().Contains("tool_result", StringComparison.Ordinal)
            ? new SimulatedAnswer { Text = "Rain.", Reasoning = "so it rains" }
            : new SimulatedAnswer { Text = "Let me see.", Reasoning = "I need \"weather\" 🌧", ToolCalls = [new("weather", """{"city":"Reykjavík"}""", "call_1")] }),
        SimulatedModel.Saying("c", "gamma"),
        SimulatedModel.Saying("s", "both"),
    ];

    [Theory]
    [InlineData("a")]
    [InlineData("cascade")]
    [InlineData("moa")]
    public async Task Chat_clients_are_answered(string model)
    {
        await using var scenario = await GatewayScenario.StartAsync(Models, upstream: Anthropic);
        var expected = model == "moa" ? "both" : "Hello? → \"ø\" 😀\n";

        var (response, body) = await scenario.AskAsync(model, "\"temperature\":1.5,\"top_p\":0.5,\"seed\":7,\"stop\":[\"END\",\" \"]");
        var (_, stream) = await scenario.StreamAsync(model, "\"stream_options\":{\"include_usage\":true}");

        response.StatusCode.Should().Be(HttpStatusCode.OK, "{0}", body);
        body.At("choices[0].message.content").GetString().Should().Be(expected);
        body.At("choices[0].finish_reason").GetString().Should().Be("stop");
        stream.Content.Should().Be(expected);
        stream.FinishReason.Should().Be("stop");
        stream.Usage!.Value.GetProperty("prompt_tokens").GetInt32().Should().BePositive();
        stream.Done.Should().BeTrue();
        var sent = scenario.Models.Requests.First(r => r.Path == "/v1/messages");
        sent.Headers["x-api-key"].Should().Be("k");
        sent.Headers["anthropic-version"].Should().Be("2023-06-01");
        sent.Headers.Should().NotContainKey("Authorization");
        sent.Json.At("max_tokens").GetInt32().Should().Be(4096);
        if (model == "a")
        {
            sent.Json.At("temperature").GetDouble().Should().Be(1);
            sent.Json.At("stop_sequences").GetArrayLength().Should().Be(1);
            sent.Json.TryGetProperty("top_p", out _).Should().BeFalse();
            sent.Json.TryGetProperty("seed", out _).Should().BeFalse();
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Thinking_and_tools_go_together_over_turns_though_chat_clients_never_see_the_thinking(bool streamed)
    {
        await using var scenario = await GatewayScenario.StartAsync(Models, upstream: Anthropic, more: "[upstreams.b.anthropic]\nthinking = \"enabled\"\nbudget_tokens = 2000\n");
        const string History = """{"role":"user","content":"Weather?"},{"role":"assistant","content":"Let me see.","tool_calls":[{"id":"call_1","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Reykjavík\"}"}}]},{"role":"tool","tool_call_id":"call_1","content":"rain"}""";

        var calls = await CallsAsync($$"""{"model":"b","messages":[{"role":"user","content":"Weather?"}],{{Tools}}""");
        var (second, answer) = await scenario.PostAsync("/v1/chat/completions", $$"""{"model":"b","messages":[{{History}}],{{Tools}}}""");

        calls.Should().Be("call_1");
        second.StatusCode.Should().Be(HttpStatusCode.OK, "{0}", answer);
        answer.At("choices[0].message.content").GetString().Should().Be("Rain.");
        var turn = scenario.Models.Requests.Last(r => r.Path == "/v1/messages").Json.At("messages[1].content");
        turn.EnumerateArray().Select(b => b.At("type").GetString()).Should().Equal("thinking", "text", "tool_use");
        turn[0].At("thinking").GetString().Should().Be("I need \"weather\" 🌧");

        async Task<string?> CallsAsync(string start)
        {
            if (!streamed)
            {
                var (_, body) = await scenario.PostAsync("/v1/chat/completions", start + "}");
                body.ToString().Should().NotContain("thinking_blocks").And.NotContain("I need");
                return body.At("choices[0].message.tool_calls[0].id").GetString();
            }

            var (_, stream) = await scenario.PostStreamAsync("/v1/chat/completions", start + ",\"stream\":true}");
            stream.ToString().Should().NotContain("thinking_blocks").And.NotContain("I need");
            return stream.Chunks.Select(c => c.At("choices[0].delta")).Where(d => d.TryGetProperty("tool_calls", out _)).Select(d => d.At("tool_calls[0]"))
                .Where(c => c.TryGetProperty("id", out _)).Select(c => c.At("id").GetString()).Single();
        }
    }

    [Fact]
    public async Task A_loop_whose_thinking_is_lost_goes_on_without_it()
    {
        await using var scenario = await GatewayScenario.StartAsync(Models, upstream: Anthropic, more: "[upstreams.b.anthropic]\nthinking = \"enabled\"\n");

        var (response, body) = await scenario.PostAsync("/v1/chat/completions", $$$"""{"model":"b","messages":[{"role":"user","content":"x"},{"role":"assistant","tool_calls":[{"id":"odd id: ä","type":"function","function":{"name":"weather","arguments":"not json"}}]},{"role":"tool","tool_call_id":"odd id: ä","content":[{"type":"text","text":"rain"}]}],{{{Tools}}}}""");

        response.StatusCode.Should().Be(HttpStatusCode.OK, "{0}", body);
        var sent = scenario.Models.Requests.Last(r => r.Path == "/v1/messages").Json;
        sent.TryGetProperty("thinking", out _).Should().BeFalse();
        sent.At("messages[1].content[0].id").GetString().Should().MatchRegex("^toolu_[0-9a-f]{24}$").And.Be(sent.At("messages[2].content[0].tool_use_id").GetString());
        sent.At("messages[1].content[0].input._raw").GetString().Should().Be("not json");
    }

    [Fact]
    public async Task Arguments_that_would_make_the_request_too_deep_go_as_text()
    {
        await using var scenario = await GatewayScenario.StartAsync(Models, upstream: Anthropic);
        var deep = $$"""{"a":{{new string('[', 252)}}{{new string(']', 252)}}}""";

        var (response, body) = await scenario.PostAsync("/v1/chat/completions", $$$"""{"model":"a","messages":[{"role":"user","content":"x"},{"role":"assistant","tool_calls":[{"id":"1","type":"function","function":{"name":"weather","arguments":"{{{deep.Replace("\"", "\\\"", StringComparison.Ordinal)}}}"}}]},{"role":"tool","tool_call_id":"1","content":"rain"}],{{{Tools}}}}""");

        response.StatusCode.Should().Be(HttpStatusCode.OK, "{0}", body);
        scenario.Models.Requests.Last(r => r.Path == "/v1/messages").Json.At("messages[1].content[0].input._raw").GetString().Should().Be(deep);
    }

    [Theory]
    [InlineData("\"required\"", "any")]
    [InlineData("{\"type\":\"function\",\"function\":{\"name\":\"weather\"}}", "tool")]
    [InlineData("\"none\"", "none")]
    public async Task Choices_have_Anthropics_form_and_a_demand_drops_thinking(string choice, string expected)
    {
        await using var scenario = await GatewayScenario.StartAsync(Models, upstream: Anthropic, more: "[upstreams.b.anthropic]\nthinking = \"adaptive\"\neffort = \"low\"\n");

        await scenario.PostAsync("/v1/chat/completions", $$"""{"model":"b","parallel_tool_calls":false,"messages":[{"role":"user","content":"x"}],{{Tools}},"tool_choice":{{choice}}}""");

        var sent = scenario.Models.Requests.Last(r => r.Path == "/v1/messages").Json;
        sent.At("tool_choice.type").GetString().Should().Be(expected);
        sent.At("tool_choice").TryGetProperty("disable_parallel_tool_use", out _).Should().Be(expected != "none");
        sent.TryGetProperty("thinking", out _).Should().Be(expected == "none");
        sent.TryGetProperty("output_config", out var config).Should().Be(expected == "none");
        (expected == "none" ? config.At("effort").GetString() : "low").Should().Be("low");
        sent.At("tools[0].input_schema.type").GetString().Should().Be("object");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Anthropics_own_clients_get_their_thinking_signed_and_send_it_back(bool streamed)
    {
        await using var scenario = await GatewayScenario.StartAsync(Models, upstream: Anthropic);
        const string Start = """{"model":"b","max_tokens":4000,"thinking":{"type":"enabled","budget_tokens":1500},"top_k":3,"tools":[{"name":"weather","input_schema":{"type":"object"},"cache_control":{"type":"ephemeral"}}],"messages":[{"role":"user","content":[{"type":"text","text":"Weather?","cache_control":{"type":"ephemeral"}}]}""";

        var content = await ContentAsync(Start + "]}");
        var (second, answer) = await scenario.PostAsync("/v1/messages", $$"""{{Start}},{"role":"assistant","content":{{content.ToJsonString()}}},{"role":"user","content":[{"type":"tool_result","tool_use_id":"call_1","content":"rain"}]}]}""");

        content.Select(b => b!["type"]!.GetValue<string>()).Should().Equal("thinking", "text", "tool_use");
        content[0]!["signature"]!.GetValue<string>().Should().StartWith("sig_");
        second.StatusCode.Should().Be(HttpStatusCode.OK, "{0}", answer);
        answer.At("content").EnumerateArray().Select(b => b.At("type").GetString()).Should().Equal("thinking", "text");
        var sent = scenario.Models.Requests.Last(r => r.Path == "/v1/messages").Json;
        sent.At("thinking.budget_tokens").GetInt32().Should().Be(1500);
        sent.At("messages[0].content[0].cache_control.type").GetString().Should().Be("ephemeral");
        sent.At("tools[0].cache_control.type").GetString().Should().Be("ephemeral");
        sent.TryGetProperty("top_k", out _).Should().BeFalse("it does not go with thinking");
        sent.TryGetProperty("x_anthropic", out _).Should().BeFalse();

        async Task<JsonArray> ContentAsync(string body)
        {
            if (!streamed)
            {
                var (_, whole) = await scenario.PostAsync("/v1/messages", body);
                return JsonNode.Parse(whole.At("content").GetRawText())!.AsArray();
            }

            var (_, stream) = await scenario.PostStreamAsync("/v1/messages", body[..^1] + ",\"stream\":true}");
            return MessagesTests.Assemble([.. stream.Chunks]).Content;
        }
    }

    [Theory]
    [InlineData(529, 503, 1)]
    [InlineData(429, 429, 7)]
    [InlineData(401, 502, null)]
    [InlineData(400, 400, null)]
    public async Task Errors_reach_chat_clients_in_OpenAIs_shape(int status, int expected, int? retryAfter)
    {
        await using var scenario = await GatewayScenario.StartAsync(
            [SimulatedModel.Saying("a", "x") with { Fault = new(SimulatedFaultKind.Status) { Status = status, RetryAfter = status == 429 ? retryAfter : null } }, .. Models[1..]], upstream: Anthropic);

        var (response, body) = await scenario.AskAsync("a");

        ((int)response.StatusCode).Should().Be(expected, "{0}", body);
        body.EnumerateObject().Select(m => m.Name).Should().Equal("error");
        body.At("error.message").GetString().Should().NotBeEmpty();
        response.Headers.RetryAfter?.Delta?.TotalSeconds.Should().Be(retryAfter);
    }

    [Fact]
    public async Task A_stream_that_breaks_is_an_error_event_and_one_that_breaks_early_falls_over()
    {
        await using var scenario = await GatewayScenario.StartAsync(
            [SimulatedModel.Saying("a", "one two three") with { Fault = new(SimulatedFaultKind.Reset) { AfterTokens = 2 } }, SimulatedModel.Saying("b", "x") with { Fault = new(SimulatedFaultKind.Reset) { AfterTokens = 0 } }, .. Models[2..]],
            upstream: Anthropic, more: "[profiles.fall]\ntype = \"cascade\"\nupstreams = [\"b\", \"c\"]");

        var (_, broken) = await scenario.StreamAsync("a");
        var (_, fallen) = await scenario.StreamAsync("fall");

        broken.Error!.Value.GetProperty("code").GetString().Should().Be("upstream_error");
        broken.Done.Should().BeFalse();
        fallen.Content.Should().Be("gamma");
    }

    [Fact]
    public async Task Pictures_schemas_systems_and_cache_marks_are_told_in_its_words()
    {
        await using var scenario = await GatewayScenario.StartAsync(Models, upstream: Anthropic, more: "[upstreams.c.anthropic]\nprompt_cache = \"auto\"\n");

        await scenario.PostAsync("/v1/chat/completions", $$$"""{"model":"c","messages":[{"role":"developer","content":"A"},{"role":"system","content":"B"},{"role":"assistant","content":"hi"},{"role":"user","content":"go"}],"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object"} } },{{{Tools}}}}""");

        var sent = scenario.Models.Requests.Last(r => r.Path == "/v1/messages").Json;
        sent.At("system").EnumerateArray().Select(b => b.At("text").GetString()).Should().Equal("A", "B");
        sent.At("system[1].cache_control.type").GetString().Should().Be("ephemeral");
        sent.At("messages").EnumerateArray().Select(m => m.At("role").GetString()).Should().Equal("user", "assistant", "user");
        sent.At("messages[2].content[0].cache_control.type").GetString().Should().Be("ephemeral");
        sent.At("tools[0].cache_control.type").GetString().Should().Be("ephemeral");
        sent.At("output_config.format.type").GetString().Should().Be("json_schema");
    }

    [Theory]
    [InlineData("data:image/jpeg;base64,iVBORw0KGgoAAAANSUhEUg==", "image/png", "iVBORw0KGgoAAAANSUhEUg==")]
    [InlineData("data:image/png;base64,iVBORw0KGgoAAAANSUhEUg", "image/png", "iVBORw0KGgoAAAANSUhEUg==")]
    [InlineData("DATA:;BASE64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==", "image/gif", "R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==")]
    [InlineData("data:image/bmp;base64,Qk0=", "image/bmp", "Qk0=")]
    public async Task Pictures_are_what_they_are_whatever_their_label(string url, string type, string data)
    {
        await using var scenario = await GatewayScenario.StartAsync(Models, upstream: Anthropic + "modalities = [\"text\", \"image\"]\n");

        await scenario.PostAsync("/v1/chat/completions", $$$"""{"model":"c","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"{{{url}}}"}}]}]}""");

        var source = scenario.Models.Requests.Last(r => r.Path == "/v1/messages").Json.At("messages[0].content[0].source");
        source.At("type").GetString().Should().Be("base64");
        source.At("media_type").GetString().Should().Be(type);
        source.At("data").GetString().Should().Be(data);
    }

    [Fact]
    public async Task Its_catalog_answers_the_health_probe()
    {
        await using var scenario = await GatewayScenario.StartAsync(Models, upstream: Anthropic);

        var health = JsonElement.Parse(await scenario.Client.GetStringAsync("/v1/health"));

        health.ToString().Should().NotContain("misconfigured");
    }
}
