using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Synthwave.IntegrationTests.Doors;
using Synthwave.IntegrationTests.Gateway;
using Synthwave.Simulation;

namespace Synthwave.IntegrationTests.Upstreams;

/// <summary>Conversations as clients have them, which Anthropic's API would refuse as they are; the simulated one refuses what the real one does.</summary>
public sealed class AnthropicConversationTests
{
    private const string Anthropic = "protocol = \"anthropic\"\napi_key = \"k\"\nretries = 0\n";
    private const string Tools = "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"look\",\"parameters\":{\"type\":\"object\"}}}]";

    private static readonly SimulatedModel[] Models = [.. new[] { "a", "b", "c", "s" }.Select(static id => SimulatedModel.Saying(id, $"{id} says so"))];

    [Fact]
    public async Task Texts_that_say_nothing_are_left_out()
    {
        var sent = await SendAsync("""
            {"role":"system","content":" "},{"role":"user","content":[{"type":"text","text":"x"},{"type":"text","text":"\n"}]},
            {"role":"assistant","content":"\n\n","tool_calls":[{"id":"1","type":"function","function":{"name":"look","arguments":"{}"}}]},
            {"role":"tool","tool_call_id":"1","content":[{"type":"text","text":" "},{"type":"text","text":"rain"}]}
            """);

        sent.TryGetProperty("system", out _).Should().BeFalse();
        Kinds(sent).Should().Equal("text", "tool_use", "tool_result");
        sent.At("messages[2].content[0].content").GetArrayLength().Should().Be(1);
    }

    [Fact]
    public async Task Ids_that_begin_anew_in_every_answer_are_made_distinct_and_stay_so()
    {
        const string Round = """
            {"role":"assistant","content":null,"tool_calls":[{"id":"call_0","type":"function","function":{"name":"look","arguments":"{}"}},{"id":"call_1","type":"function","function":{"name":"look","arguments":"{}"}}]},
            {"role":"tool","tool_call_id":"call_1","content":"second"},{"role":"tool","tool_call_id":"call_0","content":"first"}
            """;

        var shorter = await SendAsync($$"""{"role":"user","content":"x"},{{Round}},{{Round}}""");
        var longer = await SendAsync($$"""{"role":"user","content":"x"},{{Round}},{{Round}},{{Round}}""");

        longer.At("messages[1]").GetRawText().Should().Contain("call_0").And.Contain("call_1", "what is unique keeps its id");
        longer.At("messages").EnumerateArray().Take(5).Select(m => m.GetRawText()).Should().Equal(shorter.At("messages").EnumerateArray().Select(m => m.GetRawText()));
        var second = longer.At("messages[3].content[0].id").GetString();
        second.Should().NotBe("call_0");
        longer.At("messages[4].content").EnumerateArray().Single(b => b.At("tool_use_id").GetString() == second).At("content").GetString().Should().Be("first");
    }

    [Fact]
    public async Task Functions_of_the_older_form_may_be_called_again()
    {
        const string Round = """{"role":"assistant","content":null,"function_call":{"name":"look","arguments":"{}"}},{"role":"function","name":"look","content":"rain"}""";

        var sent = await SendAsync($$"""{"role":"user","content":"x"},{{Round}},{{Round}}""");

        Kinds(sent).Should().Equal("text", "tool_use", "tool_result", "tool_use", "tool_result");
    }

    [Fact]
    public async Task A_refusal_is_what_the_model_said_and_a_picture_of_the_systems_is_seen()
    {
        var sent = await SendAsync("""
            {"role":"system","content":[{"type":"text","text":"Look:"},{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgoAAAANSUhEUg=="}}]},
            {"role":"user","content":"x"},{"role":"assistant","content":null,"refusal":"I will not."},{"role":"user","content":"y"}
            """, upstream: "modalities = [\"text\", \"image\"]\n");

        Kinds(sent).Should().Equal("text", "image", "text", "text", "text");
        sent.At("messages[0].content[0].text").GetString().Should().Be("[SYSTEM]: Look:");
        sent.At("messages[1].content[0].text").GetString().Should().Be("I will not.");
    }

    [Fact]
    public async Task White_space_behind_words_put_into_its_mouth_is_left_out()
    {
        var sent = await SendAsync("""{"role":"user","content":"x"},{"role":"assistant","content":"The answer is: \n"}""");

        sent.At("messages[1].content[0].text").GetString().Should().Be("The answer is:");
    }

    [Fact]
    public async Task Calls_whose_tools_are_not_given_any_more_have_one_that_stands_for_them()
    {
        const string History = """
            {"role":"user","content":"x"},{"role":"assistant","content":null,"tool_calls":[{"id":"1","type":"function","function":{"name":"look","arguments":"{}"}}]},
            {"role":"tool","tool_call_id":"1","content":"rain"},{"role":"user","content":"Sum up."}
            """;

        var sent = await SendAsync(History, tools: "\"temperature\":0");
        var plain = await SendAsync("""{"role":"user","content":"x"}""", tools: "\"temperature\":0");

        sent.At("tools").GetArrayLength().Should().Be(1);
        sent.At("tool_choice.type").GetString().Should().Be("none");
        plain.TryGetProperty("tools", out _).Should().BeFalse();
    }

    [Theory]
    [InlineData("{\"properties\":{\"a\":{\"type\":\"string\"}}}")]
    [InlineData("{}")]
    [InlineData("{\"type\":\"object\"}")]
    public async Task A_schema_says_its_type(string schema)
    {
        var sent = await SendAsync("""{"role":"user","content":"x"}""", tools: $$$"""  "tools":[{"type":"function","function":{"name":"look","parameters":{{{schema}}}}}]""");

        sent.At("tools[0].input_schema.type").GetString().Should().Be("object");
        sent.At("tools[0].input_schema").TryGetProperty("properties", out var properties).Should().Be(schema.Length != 17);
        (schema.Length > 17 ? properties.At("a.type").GetString() : "string").Should().Be("string");
    }

    [Theory]
    [InlineData("", 3)]
    [InlineData("\"cache_control\":{\"type\":\"ephemeral\"}", 4)]
    [InlineData("\"cache_control\":{\"type\":\"ephemeral\",\"ttl\":\"1h\"}", 1)]
    public async Task Marks_of_the_gateways_own_go_with_the_clients(string mark, int expected)
    {
        var part = mark.Length > 0 ? $"{{\"type\":\"text\",\"text\":\"first\",{mark}}}" : """{"type":"text","text":"first"}""";
        var sent = await SendAsync(
            $$"""{"role":"system","content":"S"},{"role":"user","content":[{{part}}]},{"role":"assistant","content":"yes"},{"role":"user","content":"x"}""", upstream: "anthropic = { prompt_cache = \"auto\" }\n");

        sent.GetRawText().Split("\"cache_control\"").Length.Should().Be(expected + 1);
    }

    [Fact]
    public async Task Marks_of_the_gateways_own_are_left_out_where_the_client_has_set_all()
    {
        const string Marked = """{"type":"text","text":"t","cache_control":{"type":"ephemeral"}}""";
        var sent = await SendAsync(
            $$"""{"role":"system","content":"S"},{"role":"user","content":[{{Marked}},{{Marked}},{{Marked}},{{Marked}}]},{"role":"assistant","content":"yes"},{"role":"user","content":"x"}""", upstream: "anthropic = { prompt_cache = \"auto\" }\n");

        sent.GetRawText().Split("\"cache_control\"").Length.Should().Be(5);
    }

    [Theory]
    [InlineData("tool_choice", "tools")]
    [InlineData("tools", "messages")]
    [InlineData("stop_sequences", "tool_choice")]
    public async Task What_the_operator_says_an_endpoint_does_not_know_is_not_sent(string name, string other)
    {
        var sent = await SendAsync("""{"role":"user","content":"x"}""", $"anthropic = {{ drop_params = [\"{name}\"] }}\n", Tools + ",\"tool_choice\":\"required\",\"stop\":\"END\"");

        sent.TryGetProperty(name, out _).Should().BeFalse();
        sent.TryGetProperty(other, out _).Should().BeTrue();
    }

    [Fact]
    public async Task A_turn_in_which_its_servers_paused_goes_on_with_its_thinking()
    {
        var sent = await SendOwnAsync($$"""
            [{"role":"user","content":"x"},{"role":"assistant","content":[{{Thought}},{"type":"server_tool_use","id":"srvtoolu_1","name":"web_search","input":{"query":"x"} }]}]
            """);

        sent.At("thinking.type").GetString().Should().Be("enabled");
        Kinds(sent).Should().Equal("text", "thinking", "server_tool_use");
    }

    [Fact]
    public async Task A_turn_that_was_cut_in_its_thoughts_is_left_out()
    {
        var sent = await SendOwnAsync($$"""
            [{"role":"user","content":"x"},{"role":"assistant","content":[{{Thought}}]},{"role":"user","content":"y"},{"role":"assistant","content":[{{Thought}},{"type":"text","text":"so"},{{Thought}}]},{"role":"user","content":"z"}]
            """);

        Kinds(sent).Should().Equal("text", "text", "thinking", "text", "text");
    }

    [Theory]
    [InlineData("{\"edits\":[{\"type\":\"clear_thinking_20251015\",\"keep\":\"all\"}]}", null)]
    [InlineData("{\"edits\":[{\"type\":\"clear_thinking_20251015\"},{\"type\":\"clear_tool_uses_20250919\"}]}", "{\"edits\":[{\"type\":\"clear_tool_uses_20250919\"}]}")]
    public async Task Where_thinking_is_left_out_so_is_how_it_is_cleared(string management, string? expected)
    {
        await using var scenario = await GatewayScenario.StartAsync(Models, upstream: Anthropic);
        var body = $$$"""{"model":"a","max_tokens":3000,"thinking":{"type":"enabled","budget_tokens":1500},"context_management":{{{management}}},"messages":[{"role":"user","content":"x"}],"tools":[{"name":"look","input_schema":{"type":"object"}}]""";

        var (with, _) = await scenario.PostAsync("/v1/messages", body + "}");
        var (without, answer) = await scenario.PostAsync("/v1/messages", body + ",\"tool_choice\":{\"type\":\"any\"}}");

        with.StatusCode.Should().Be(HttpStatusCode.OK);
        without.StatusCode.Should().Be(HttpStatusCode.OK, "{0}", answer);
        without.Header("X-MetaModel-Ignored").Should().Contain("thinking");
        var sent = scenario.Models.Requests.Where(static r => r.Path is "/v1/messages").Select(static r => r.Json).ToList();
        sent[0].At("context_management").GetRawText().Should().Be(management);
        (sent[1].TryGetProperty("context_management", out var left) ? left.GetRawText() : null).Should().Be(expected);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Thinking_that_a_server_does_not_sign_comes_back_to_it(bool stream)
    {
        const string Answer = """
            {"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"thinking","thinking":"I must look.","signature":""},{"type":"tool_use","id":"toolu_01A2b3C4d5E6f7G8h9","name":"look","input":{"at":"it"}}],"stop_reason":"tool_use","stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":2}}
            """;
        await using var claude = await ScriptedClaude.StartAsync(Answer, "max_output = 4096\n");
        const string Members = ""","thinking":{"type":"enabled","budget_tokens":1024},"tools":[{"name":"look","input_schema":{"type":"object"}}]""";

        var (_, first) = await claude.AskAsync("own", stream, Members);
        var (response, _) = await claude.AskAsync("own", stream, Members, messages: $$"""
            [{"role":"user","content":"x"},{"role":"assistant","content":{{first["content"]!.ToJsonString()}} },{"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_01A2b3C4d5E6f7G8h9","content":"seen"}]}]
            """);

        response.StatusCode.Should().Be(HttpStatusCode.OK);
        var sent = claude.Calls.Last().Body;
        sent.At("thinking.type").GetString().Should().Be("enabled");
        Kinds(sent).Should().Equal("text", "thinking", "tool_use", "tool_result");
        sent.At("messages[1].content[0].thinking").GetString().Should().Be("I must look.");
    }

    private static string Thought { get; } = new JsonObject { ["type"] = "thinking", ["thinking"] = "hm", ["signature"] = MessagesRules.Sign("hm") }.ToJsonString();

    private static IEnumerable<string> Kinds(JsonElement sent) => sent.At("messages").EnumerateArray().SelectMany(static m =>
        m.At("content") is { ValueKind: JsonValueKind.Array } blocks ? blocks.EnumerateArray().Select(static b => b.At("type").GetString()!) : ["text"]);

    private static async Task<JsonElement> SendAsync(string messages, string upstream = "", string tools = Tools)
    {
        await using var scenario = await GatewayScenario.StartAsync(Models, upstream: Anthropic + upstream);

        var (response, body) = await scenario.PostAsync("/v1/chat/completions", $$"""{"model":"a","messages":[{{messages}}],{{tools}}}""");

        response.StatusCode.Should().Be(HttpStatusCode.OK, "{0}", body);
        return scenario.Models.Requests.Last(static r => r.Path is "/v1/messages").Json;
    }

    private static async Task<JsonElement> SendOwnAsync(string messages)
    {
        await using var scenario = await GatewayScenario.StartAsync(Models, upstream: Anthropic);

        var (response, body) = await scenario.PostAsync("/v1/messages", $$$"""
            {"model":"a","max_tokens":3000,"thinking":{"type":"enabled","budget_tokens":1500},"messages":{{{messages}}},"tools":[{"type":"web_search_20250305","name":"web_search"}]}
            """);

        response.StatusCode.Should().Be(HttpStatusCode.OK, "{0}", body);
        return scenario.Models.Requests.Last(static r => r.Path is "/v1/messages").Json;
    }
}
