using System.Text;
using System.Text.Json.Nodes;
using Synthwave.Configuration;
using Synthwave.Upstreams.Learned;
using Synthwave.Upstreams.Protocols.OpenAi;
using Body = Synthwave.Chat.Bodies.ChatBody;

namespace Synthwave.UnitTests.Upstreams.Protocols;

public sealed class OpenAiBodyTests
{
    private static readonly UpstreamConfig Plain = new() { Name = "a", ModelId = "m-1", BaseUrl = "http://host/v1", Context = 1000, MaxOutput = 100 };

    [Fact]
    public void Plain_upstream_gets_the_body_with_its_model_and_nothing_else_changed()
    {
        var sent = Prepare("""{ "messages" : [{"role":"user","content":"h\u00e9"}], "seed": 1.10, "x_new":{"a":[1,2]}, "n":1, "model":"ensemble" }""", Plain);

        sent.Should().Be("""{ "messages" : [{"role":"user","content":"h\u00e9"}], "seed": 1.10, "x_new":{"a":[1,2]}, "n":1, "model":"m-1" }""");
    }

    [Fact]
    public void Extension_never_leaves_the_gateway() =>
        Json("""{"model":"x","x_meta_model":{"trace":true},"messages":[]}""", Plain).ContainsKey("x_meta_model").Should().BeFalse();

    [Fact]
    public void Overrides_replace_and_add_members_but_not_the_model()
    {
        var config = Plain with { RequestOverrides = [new("temperature", "0.1"), new("model", "\"other\""), new("top_k", "{\"a\":1}"), new("x_meta_model", "{}")] };

        var sent = Json("""{"model":"x","temperature":1,"messages":[]}""", config);

        sent.ToJsonString().Should().Be("""{"model":"m-1","temperature":0.1,"messages":[],"top_k":{"a":1}}""");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Overrides_do_not_decide_whether_a_reply_is_streamed(bool stream)
    {
        var config = Plain with { RequestOverrides = [new("stream", stream ? "false" : "true")] };

        var sent = Json("""{"model":"x","messages":[]}""", config, stream);

        (sent["stream"]?.GetValue<bool>() ?? false).Should().Be(stream);
    }

    [Fact]
    public void Buffered_call_carries_no_stream_members()
    {
        var sent = Json("""{"model":"x","stream":true,"stream_options":{"include_usage":true},"messages":[]}""", Plain);

        sent.ToJsonString().Should().Be("""{"model":"m-1","messages":[]}""");
    }

    [Theory]
    [InlineData("""{"model":"x","messages":[]}""", """{"include_usage":true}""")]
    [InlineData("""{"model":"x","stream_options":null,"messages":[]}""", """{"include_usage":true}""")]
    [InlineData("""{"model":"x","stream_options":{},"messages":[]}""", """{"include_usage":true}""")]
    [InlineData("""{"model":"x","stream_options":{"include_usage":false,"include_obfuscation":false},"messages":[]}""", """{"include_obfuscation":false,"include_usage":true}""")]
    public void Streamed_call_asks_for_usage_and_keeps_the_clients_other_options(string body, string expected)
    {
        var sent = Json(body, Plain, stream: true);

        sent["stream"]!.GetValue<bool>().Should().BeTrue();
        sent["stream_options"]!.ToJsonString().Should().Be(expected);
    }

    [Fact]
    public void Usage_is_not_asked_for_when_the_upstream_opts_out()
    {
        var config = Plain with { StreamUsage = false };

        Json("""{"model":"x","messages":[]}""", config, stream: true).ContainsKey("stream_options").Should().BeFalse();
        Json("""{"model":"x","stream_options":{"include_usage":true},"messages":[]}""", config, stream: true)["stream_options"]!.ToJsonString()
            .Should().Be("""{"include_usage":true}""");
    }

    [Fact]
    public void Dropped_stream_options_stay_dropped()
    {
        var config = Plain with { OpenAi = new OpenAiOptions { DropParams = ["stream_options"] } };

        Json("""{"model":"x","stream_options":{"a":1},"messages":[]}""", config, stream: true).ContainsKey("stream_options").Should().BeFalse();
    }

    [Fact]
    public void Reasoning_effort_wins_over_client_and_overrides()
    {
        var config = Plain with { RequestOverrides = [new("reasoning_effort", "\"low\"")], OpenAi = new OpenAiOptions { ReasoningEffort = "minimal" } };

        Json("""{"model":"x","reasoning_effort":"high","messages":[]}""", config)["reasoning_effort"]!.GetValue<string>().Should().Be("minimal");
    }

    [Theory]
    [InlineData("max_completion_tokens", """{"max_tokens":5}""", """{"max_completion_tokens":5}""")]
    [InlineData("max_completion_tokens", """{"max_tokens":null}""", """{"max_completion_tokens":null}""")]
    [InlineData("max_completion_tokens", """{"max_tokens":5,"max_completion_tokens":9}""", """{"max_completion_tokens":5}""")]
    [InlineData("max_completion_tokens", """{"max_completion_tokens":9}""", """{"max_completion_tokens":9}""")]
    [InlineData("max_tokens", """{"max_completion_tokens":9}""", """{"max_tokens":9}""")]
    [InlineData("max_tokens", """{"max_tokens":5}""", """{"max_tokens":5}""")]
    public void Written_cap_name_is_used_whichever_the_client_used(string name, string body, string expected)
    {
        var config = Plain with { OpenAi = new OpenAiOptions { MaxTokensParam = name, MaxTokensParamIsExplicit = true } };

        var sent = Json(body, config);
        sent.Remove("model");

        sent.ToJsonString().Should().Be(expected);
    }

    [Fact]
    public void Cap_keeps_its_name_when_none_is_written()
    {
        var config = Plain with { OpenAi = new OpenAiOptions() };

        Json("""{"model":"x","max_completion_tokens":9}""", config).ContainsKey("max_completion_tokens").Should().BeTrue();
    }

    [Fact]
    public void Dropped_parameters_go_after_the_rename_and_never_model_or_messages()
    {
        var config = Plain with
        {
            OpenAi = new OpenAiOptions { MaxTokensParam = "max_completion_tokens", MaxTokensParamIsExplicit = true, DropParams = ["temperature", "max_completion_tokens", "model", "messages"] },
        };

        Json("""{"model":"x","temperature":1,"max_tokens":5,"messages":[]}""", config).ToJsonString().Should().Be("""{"model":"m-1","messages":[]}""");
    }

    [Theory]
    [InlineData(true, """{"enable_thinking":true}""", """{"enable_thinking":true}""")]
    [InlineData(true, null, null)]
    [InlineData(false, """{"enable_thinking":true}""", null)]
    public void Template_switches_are_the_operators(bool supportsThinking, string? configured, string? expected)
    {
        var config = Plain with { SupportsThinking = supportsThinking, ChatTemplateKwargsJson = configured };

        var sent = Json("""{"model":"x","chat_template_kwargs":{"client":1},"messages":[]}""", config);

        sent["chat_template_kwargs"]?.ToJsonString().Should().Be(expected);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Preparing_twice_changes_nothing_more(bool stream)
    {
        var config = Plain with
        {
            RequestOverrides = [new("top_p", "0.5")],
            RequiresLeadingSystemOnly = true,
            SupportsThinking = true,
            ChatTemplateKwargsJson = """{"a":1}""",
            OpenAi = new OpenAiOptions { ReasoningEffort = "low", MaxTokensParam = "max_completion_tokens", MaxTokensParamIsExplicit = true, DropParams = ["temperature"] },
        };
        var body = Body.FromJson(Encoding.UTF8.GetBytes(
            """{"model":"x","max_tokens":5,"messages":[{"role":"system","content":"a"},{"role":"system","content":"b"},{"role":"user","content":"c"},{"role":"system","content":"d"}]}"""));

        var once = OpenAiBody.Prepare(body, stream, config);
        var twice = OpenAiBody.Prepare(once, stream, config);

        Encoding.UTF8.GetString(twice.ToArray()).Should().Be(Encoding.UTF8.GetString(once.ToArray()));
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("reasoning_content", """{"role":"assistant","content":"c","reasoning_content":"t"}""")]
    public void Reasoning_of_a_translated_body_goes_where_it_is_shown_only(string? shown, string? expected)
    {
        var memory = new ThinkingStore(TimeProvider.System).Open();
        if (shown is not null)
        {
            memory.NoteMember(shown);
        }

        var body = Body.FromJson("""{"x_anthropic":{},"messages":[{"role":"assistant","content":"c","reasoning_content":"t"}]}"""u8.ToArray());
        var sent = Encoding.UTF8.GetString(OpenAiBody.Prepare(body, false, Plain, memory).ToArray());

        sent.Should().Contain(expected ?? """{"role":"assistant","content":"c"}""");
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("reasoning", """{"role":"assistant","content":"c","reasoning":"t\u00e9"}""")]
    [InlineData("reasoning_content", """{"role":"assistant","content":"c","reasoning_content":"t\u00e9"}""")]
    public void What_a_dialect_knows_of_reasoning_goes_where_it_is_shown_and_under_that_name(string? shown, string? expected)
    {
        var memory = new ThinkingStore(TimeProvider.System).Open();
        if (shown is not null)
        {
            memory.NoteMember(shown);
        }

        var body = Body.FromJson("""{"model":"x","messages":[{"role":"assistant","content":"c","x_reasoning":"t\u00e9"}]}"""u8.ToArray());
        var sent = Encoding.UTF8.GetString(OpenAiBody.Prepare(body, false, Plain, memory).ToArray());

        sent.Should().Contain(expected ?? """{"role":"assistant","content":"c"}""");
    }

    [Fact]
    public void Calls_of_others_say_nothing_of_reasoning_to_those_who_want_it_with_every_call()
    {
        var memory = new ThinkingStore(TimeProvider.System).Open();
        memory.NoteMember("reasoning_content");
        const string Calls = "\"tool_calls\":[{\"id\":\"c\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]";
        var messages = "[{\"role\":\"user\",\"content\":\"u\"},{\"role\":\"assistant\",\"content\":\"a\"},{\"role\":\"assistant\",\"reasoning_content\":\"\"," + Calls
            + "},{\"role\":\"tool\",\"tool_call_id\":\"c\",\"content\":\"o\"},{\"role\":\"assistant\",\"content\":\"b\"}]";

        var sent = OpenAiBody.Prepare(Body.FromJson(Encoding.UTF8.GetBytes("{\"messages\":" + messages + "}")), false, Plain, memory);

        JsonNode.Parse(sent.ToArray())!["messages"]!.AsArray().Select(m => (string?)m!["reasoning_content"]).Should().Equal(null, null, " ", null, " ");
    }

    [Fact]
    public void A_translated_body_has_text_for_content_that_is_nothing_else()
    {
        const string Messages = """
            [{"role":"system","content":[{"type":"text","text":"a","cache_control":{"type":"ephemeral"}},{"type":"text","text":"\u0062"}]},{"role":"user","content":[{"type":"text","text":"u"}]},{"role":"user","content":[{"type":"text","text":"c","cache_control":{}},{"type":"image_url","image_url":{"url":"x"}}]}]
            """;

        Prepare("""{"x_anthropic":{},"messages":""" + Messages + "}", Plain).Should().Contain(
            """[{"role":"system","content":"a\n\n\u0062"},{"role":"user","content":"u"},{"role":"user","content":[{"type":"text","text":"c"},{"type":"image_url","image_url":{"url":"x"}}]}]""");
        Prepare("""{"messages":""" + Messages + "}", Plain).Should().Contain(Messages.Trim());
    }

    [Theory]
    [InlineData(null, "tool user")]
    [InlineData("tool", "tool")]
    [InlineData("user", "tool user")]
    public void Images_of_tools_go_where_the_upstream_takes_them(string? place, string expected)
    {
        var config = Plain with { ToolImages = place switch { "tool" => ToolImagePlace.Tool, "user" => ToolImagePlace.User, _ => null } };
        var sent = Json("""{"messages":[{"role":"assistant","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"c","content":[{"type":"image_url","image_url":{"url":"x"}}]}]}""", config);

        string.Join(' ', sent["messages"]!.AsArray().Skip(1).Select(m => m!["role"]!.GetValue<string>())).Should().Be(expected);
    }

    private static string Prepare(string json, UpstreamConfig config, bool stream = false) =>
        Encoding.UTF8.GetString(OpenAiBody.Prepare(Body.FromJson(Encoding.UTF8.GetBytes(json)), stream, config).ToArray());

    private static JsonObject Json(string json, UpstreamConfig config, bool stream = false) => JsonNode.Parse(Prepare(json, config, stream))!.AsObject();
}
