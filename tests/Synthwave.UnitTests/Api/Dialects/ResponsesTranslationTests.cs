using System.Buffers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Synthwave.Api.Dialects;
using Synthwave.Api.Dialects.Responses;
using Synthwave.Chat.Memory;
using Synthwave.TestKit;

namespace Synthwave.UnitTests.Api.Dialects;

public class ResponsesTranslationTests
{
    [Theory]
    [InlineData("""{"type":"input_text","text":"t"},{"type":"input_file","filename":"a.pdf","file_id":null,"file_data":"data:application/pdf;base64,AA=="}""", """[{"type":"text","text":"t"},{"type":"file","file":{"file_data":"data:application/pdf;base64,AA==","filename":"a.pdf"}}]""", "")]
    [InlineData("""{"type":"input_text","text":"t"},{"type":"input_image","file_id":"file_1","detail":"auto"}""", "\"t\"", "input_image")]
    [InlineData("""{"type":"input_text","text":"t"},{"type":"input_file","file_url":"https://x/a.pdf"}""", "\"t\"", "input_file")]
    [InlineData("""{"type":"input_text","text":"t"},{"type":"made_up","text":"u"}""", "\"t\"", "made_up")]
    [InlineData("""{"type":"input_text","text":"t","prompt_cache_breakpoint":{}},{"type":"summary_text","text":"u"}""", "\"t\\n\\nu\"", "")]
    [InlineData("""{"type":"input_image","image_url":"https://x/a.png","detail":"low"}""", """[{"type":"image_url","image_url":{"url":"https://x/a.png","detail":"low"}}]""", "")]
    [InlineData("""{"type":"input_audio","audio_url":"data:audio/wav;base64,AA=="}""", """[{"type":"input_audio","input_audio":{"data":"data:audio/wav;base64,AA==","format":"wav"}}]""", "")]
    public void Parts_become_chat_parts(string parts, string content, string ignored)
    {
        var (messages, left) = Translate($$"""{"input":[{"role":"user","content":[{{parts}}]}]}""");

        messages[0].At("content").ToString().Should().Be(JsonElement.Parse(content).ToString());
        left.Should().Be(ignored);
    }

    [Fact]
    public void Images_and_files_of_a_tool_stay_in_its_message()
    {
        const string Image = """{"type":"input_image","image_url":"data:image/png;base64,AA=="}""";

        var (messages, _) = Translate($$"""
            {"input":["x",{"type":"function_call","call_id":"c","name":"look","arguments":"{}"},{"type":"custom_tool_call","call_id":"d","name":"n","input":""},{"type":"computer_call","call_id":"e","actions":[{"type":"screenshot"}]},
             {"type":"function_call_output","call_id":"c","output":[{"type":"input_text","text":"a.png"},{{Image}},{"type":"input_file","file_data":"AA==","filename":"f"}]},
             {"type":"custom_tool_call_output","call_id":"d","output":[{{Image}}]},
             {"type":"computer_call_output","call_id":"e","output":{"type":"computer_screenshot","image_url":"data:image/png;base64,BB=="} }]}
            """);

        messages[2].At("content").EnumerateArray().Select(p => p.At("type").GetString()).Should().Equal("text", "image_url", "file");
        messages[3].At("content[0].image_url.url").GetString().Should().Be("data:image/png;base64,AA==");
        messages[4].At("content[0].image_url.url").GetString().Should().Be("data:image/png;base64,BB==");
    }

    [Theory]
    [InlineData("""{"type":"reasoning","id":"rs","summary":[],"content":[{"type":"reasoning_text","text":"I \"think\""}]},{"role":"assistant","content":"a"},{"type":"function_call","call_id":"c","name":"f","arguments":"{}"}""", "I \"think\"")]
    [InlineData("""{"type":"reasoning","id":"rs","summary":[],"content":[{"type":"reasoning_text","text":"one"},{"type":"reasoning_text","text":"two"}]},{"type":"function_call","call_id":"c","name":"f","arguments":"{}"}""", "one\ntwo")]
    [InlineData("""{"role":"assistant","content":"a"},{"type":"reasoning","summary":[],"content":[{"type":"reasoning_text","text":"late"}]},{"type":"function_call","call_id":"c","name":"f","arguments":"{}"}""", "late")]
    [InlineData("""{"type":"reasoning","id":"rs","summary":[{"type":"summary_text","text":"s"}],"encrypted_content":"gAAAA"},{"type":"function_call","call_id":"c","name":"f","arguments":"{}"}""", null)]
    public void Reasoning_belongs_to_what_was_said_behind_it(string items, string? reasoning)
    {
        var (messages, _) = Translate($$"""{"input":["x",{{items}},{"type":"function_call_output","call_id":"c","output":"o"}]}""");

        messages.Select(m => m.At("role").GetString()).Should().Equal("user", "assistant", "tool");
        (messages[1].TryGetProperty("x_reasoning", out var found) ? found.GetString() : null).Should().Be(reasoning);
    }

    [Fact]
    public void Sealed_reasoning_is_as_good_as_its_text()
    {
        var content = new ArrayBufferWriter<byte>();
        SealedReasoning.Write("I \\\"think\\\"\\n\\ud83d"u8, content);

        var (text, _) = TranslateText($$"""{"input":["x",{"type":"reasoning","summary":[],"encrypted_content":"{{Encoding.ASCII.GetString(content.WrittenSpan)}}"},{"type":"custom_tool_call","call_id":"c","name":"n","input":"i"}]}""");

        text.Should().Contain("\"x_reasoning\":\"I \\\"think\\\"\\n\\ud83d\"");
    }

    [Fact]
    public void Reasoning_before_other_words_than_the_models_is_dropped()
    {
        var (messages, _) = Translate("""{"input":["x",{"type":"reasoning","summary":[],"content":[{"type":"reasoning_text","text":"t"}]},"y",{"role":"assistant","content":"a"}]}""");

        messages.Should().OnlyContain(m => !m.ToString().Contains("x_reasoning", StringComparison.Ordinal));
    }

    [Fact]
    public void A_long_history_is_read_in_one_go()
    {
        var turn = """{"role":"user","content":"x"},{"type":"reasoning","summary":[],"content":[{"type":"reasoning_text","text":"t"}]},{"type":"custom_tool_call","call_id":"c","name":"n","input":"i"},{"type":"custom_tool_call_output","call_id":"c","output":"o"},{"type":"unknown"}""";
        var clock = System.Diagnostics.Stopwatch.StartNew();

        var (messages, _) = Translate($$"""{"input":[{{string.Join(',', Enumerable.Repeat(turn, 5000))}}]}""");

        messages.Should().HaveCount(15_000);
        clock.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public void Only_what_the_chat_API_knows_goes_on()
    {
        var (sent, ignored) = TranslateBody("""
            {"input":"x","client_metadata":{"a":1},"prompt_cache_key":"k","safety_identifier":"s","service_tier":"flex","store":false,"include":["reasoning.encrypted_content"],"metadata":{"m":"1"},
             "temperature":0.5,"top_p":0.5,"user":"u","seed":1,"stop":["z"],"truncation":"auto","max_tool_calls":3,"context_management":[{"type":"compaction"}],"stream_options":{"include_obfuscation":false},
             "max_output_tokens":7,"conversation":null,"prompt":null,"background":false,"unheard_of":null,"logprobs":true,"max_tokens":1}
            """);

        sent.EnumerateObject().Select(m => m.Name).Should().BeEquivalentTo("messages", "model", "prompt_cache_key", "safety_identifier", "service_tier", "temperature", "top_p", "user", "seed", "stop", "max_tokens");
        sent.At("max_tokens").GetInt32().Should().Be(7);
        ignored.Should().Be("client_metadata,truncation,max_tool_calls,context_management,logprobs,max_tokens");
    }

    [Fact]
    public void The_next_turn_begins_with_the_bytes_of_this_one()
    {
        const string Tools = "\"tools\":[{\"type\":\"custom\",\"name\":\"p\"},{\"type\":\"namespace\",\"name\":\"n\",\"tools\":[{\"type\":\"function\",\"name\":\"f\"}]},{\"type\":\"web_search\"}]";
        string[] items =
        [
            "\"x\"", """{"type":"reasoning","summary":[],"content":[{"type":"reasoning_text","text":"t"}]}""", """{"type":"custom_tool_call","call_id":"c","name":"p","input":"i"}""", """{"type":"custom_tool_call_output","call_id":"c","output":"o"}""",
            """{"type":"function_call","call_id":"d","name":"f","namespace":"n","arguments":"{}"}""", """{"type":"function_call_output","call_id":"d","output":"o"}""", """{"role":"assistant","content":"done"}""", "\"more\"",
        ];

        var turns = new[] { 1, 4, 6, 8 }.Select(count => TranslateText($$"""{{{Tools}},"input":[{{string.Join(',', items.Take(count))}}]}""").Body).ToList();

        foreach (var (turn, next) in turns.Zip(turns.Skip(1)))
        {
            var messages = JsonElement.Parse(turn).At("messages").GetRawText();
            next.Should().StartWith("{\"messages\":" + messages[..^1]);
            JsonElement.Parse(next).At("tools").GetRawText().Should().Be(JsonElement.Parse(turn).At("tools").GetRawText());
        }
    }

    [Fact]
    public void Mutilated_requests_are_translated_or_refused() => Seeded.Run(2000, random =>
    {
        const string Whole = """
            {"model":"m","input":["x",{"role":"user","content":[{"type":"input_text","text":"x"},{"type":"input_image","image_url":{"url":"u","detail":"d"}},{"type":"input_file","file_data":"f","filename":"n"},{"type":"input_audio","audio_url":"data:audio/wav;base64,AA=="},{"type":"input_audio","input_audio":{"data":"d","format":"wav"}}]},
             {"type":"reasoning","summary":[],"content":[{"type":"reasoning_text","text":"t"}],"encrypted_content":"synthwave_eA=="},
             {"type":"function_call","call_id":"c","name":"f","namespace":"n","arguments":"{}"},{"type":"custom_tool_call","call_id":"c","name":"p","input":"i"},{"type":"local_shell_call","id":"c","action":{"type":"exec","command":["ls"]}},
             {"type":"shell_call","call_id":"c","action":{"commands":["ls"]}},{"type":"apply_patch_call","call_id":"c","operation":{"type":"delete_file","path":"p"}},{"type":"tool_search_call","call_id":"c","arguments":{"q":"x"}},
             {"type":"computer_call","call_id":"c","actions":[]},{"type":"mcp_call","id":"c","name":"n","server_label":"s","arguments":"{}","output":"o"},{"type":"code_interpreter_call","id":"c","code":"x","outputs":[]},{"type":"file_search_call","id":"c","queries":[],"results":[]},
             {"type":"function_call_output","call_id":"c","output":[{"type":"input_text","text":"t"},{"type":"input_image","image_url":"u"}]},{"type":"custom_tool_call_output","call_id":"c","output":[{"type":"input_text","text":"t"}]},
             {"type":"local_shell_call_output","id":"c","output":"o"},{"type":"shell_call_output","call_id":"c","output":[{"stdout":"s"}]},{"type":"apply_patch_call_output","call_id":"c","status":"failed","output":"o"},
             {"type":"tool_search_output","call_id":"c","tools":[{"type":"namespace","name":"s","tools":[{"type":"function","name":"g"}]}]},{"type":"computer_call_output","call_id":"c","output":{"type":"computer_screenshot","image_url":"u"}},
             {"type":"agent_message","content":[{"type":"input_text","text":"t"}]},{"type":"additional_tools","tools":[{"type":"custom","name":"h"}]},{"type":"unknown"}],
             "tools":[{"type":"function","name":"f","description":"d","parameters":{},"strict":true},{"type":"function","function":{"name":"k"}},{"type":"custom","name":"p","description":"d","format":{"type":"grammar","syntax":"lark","definition":"d"}},
             {"type":"namespace","name":"n","description":"d","tools":[{"type":"function","name":"f"}]},{"type":"shell","environment":{"type":"local"}},{"type":"tool_search","execution":"client","description":"d","parameters":{}},{"type":"web_search"}],
             "tool_choice":{"type":"allowed_tools","mode":"auto","tools":[{"type":"function","name":"f","namespace":"n"}]},"parallel_tool_calls":true,"include":["reasoning.encrypted_content"]}
            """;
        string[] values = ["null", "true", "-1", "1e400", "\"\"", "\"\\ud800\"", "[]", "{}", "[[[]]]", "{\"type\":5}", "{\"\\ud800\":1}", "\"function\"", "\"c\""];
        var root = System.Text.Json.Nodes.JsonNode.Parse(Whole)!;
        var text = root.ToJsonString();
        for (var edits = random.Next(1, 4); edits > 0; edits--)
        {
            var spots = Spots(root).ToList();
            text = text.Replace(spots[random.Next(spots.Count)], values[random.Next(values.Length)], StringComparison.Ordinal);
        }

        using var document = DialectBody.Parse(Encoding.UTF8.GetBytes(text), out _);
        if (document is null)
        {
            return;
        }

        using var history = new ResponsesHistory(new ResponseStore(new FakeTimeProvider()), null, 1_000_000, MemoryShare.Uncounted);
        var translation = new ResponsesTranslation(document.RootElement, history);
        var error = history.Read(document.RootElement, null) ?? translation.Run();
        if (error is null)
        {
            JsonElement.Parse(translation.Body.Span);
        }
        else
        {
            error.Status.Should().BeOneOf(400, 404, 413, 501);
        }
    });

    private static IEnumerable<string> Spots(System.Text.Json.Nodes.JsonNode node)
    {
        yield return node.ToJsonString();
        var children = node switch
        {
            System.Text.Json.Nodes.JsonObject o => o.Select(p => p.Value),
            System.Text.Json.Nodes.JsonArray a => a,
            _ => [],
        };
        foreach (var spot in children.OfType<System.Text.Json.Nodes.JsonNode>().SelectMany(Spots))
        {
            yield return spot;
        }
    }

    private static (List<JsonElement> Messages, string Ignored) Translate(string request)
    {
        var (body, ignored) = TranslateBody(request);
        return ([.. body.At("messages").EnumerateArray()], ignored);
    }

    private static (JsonElement Body, string Ignored) TranslateBody(string request)
    {
        var (text, ignored) = TranslateText(request);
        return (JsonElement.Parse(text), ignored);
    }

    private static (string Body, string Ignored) TranslateText(string request)
    {
        using var document = DialectBody.Parse(Encoding.UTF8.GetBytes(request.Trim().Insert(1, "\"model\":\"m\",")), out var error);
        error.Should().BeNull();
        using var history = new ResponsesHistory(new ResponseStore(new FakeTimeProvider()), null, 1_000_000, MemoryShare.Uncounted);
        history.Read(document!.RootElement, null).Should().BeNull();
        var translation = new ResponsesTranslation(document.RootElement, history);
        translation.Run().Should().BeNull();
        return (Encoding.UTF8.GetString(translation.Body.Span), string.Join(',', translation.Ignored));
    }
}

/// <summary>Reads a value by a path such as <c>choices[0].text</c>.</summary>
internal static class JsonPath
{
    public static JsonElement At(this JsonElement json, string path)
    {
        foreach (var step in path.Split('.', '[').Select(s => s.TrimEnd(']')))
        {
            json = int.TryParse(step, out var index) ? json[index] : json.GetProperty(step);
        }

        return json;
    }
}
