using System.Text.Json;
using Synthwave.Chat.Cleaning;
using Synthwave.Chat.Completions;
using Synthwave.Configuration;
using static Synthwave.UnitTests.Chat.AnswerSamples;

namespace Synthwave.UnitTests.Chat.Cleaning;

public sealed class CompletionEditorTests
{
    private static CleanCompletion Clean(string message, AnswerPolicy? policy = null) =>
        CompletionEditor.Clean(Utf8(Completion(message)), policy ?? new AnswerPolicy())!;

    private static string Message(CleanCompletion clean) => Text(clean.Completion.Message!.Whole.In(clean.Body));

    [Fact]
    public void A_captured_answer_passes_as_the_same_memory()
    {
        ReadOnlyMemory<byte> body = Utf8(LlamaCompletion);

        var clean = CompletionEditor.Clean(body, new AnswerPolicy())!;

        clean.Body.Equals(body).Should().BeTrue();
        clean.Completion.Text.Should().Be("@XT-Sq-@[0>4");
        clean.Should().BeEquivalentTo(new { IsStripped = false, IsRescued = false, IsUsable = true, ContentChars = 12L, ToolCallCount = 0, FinishReason = "length", ResponseModel = "tiny-1" });
        clean.Usage.Should().Be(new TokenUsage { PromptTokens = 34, CompletionTokens = 12, TotalTokens = 46, CachedTokens = 0 });
    }

    [Theory]
    [InlineData("""{"role":"assistant","content":"answer","reasoning_content":"r","reasoning":"q"}""", """{"role":"assistant","content":"answer"}""")]
    [InlineData("""{ "reasoning" : "q" , "content" : "answer" , "x" : 1.10 }""", """{ "content" : "answer" , "x" : 1.10 }""")]
    [InlineData("""{"content":"answer","reasoning_content":null,"y":[1, 2],"reasoning_details":[{}]}""", """{"content":"answer","y":[1, 2]}""")]
    [InlineData("""{"content":"short","reasoning":"a","reasoning":"b"}""", """{"content":"short"}""")]
    [InlineData("""{"content":null,"reasoning_content":"R"}""", """{"content":"R"}""")]
    [InlineData("""{"content":"","reasoning_content":"R"}""", """{"content":"R"}""")]
    [InlineData("""{"content":[],"reasoning_content":"R"}""", """{"content":"R"}""")]
    [InlineData("""{"reasoning_content":" ","reasoning":" L "}""", """{"content":"L"}""")]
    [InlineData("""{"role":"assistant","reasoning":" L "}""", """{"content":"L","role":"assistant"}""")]
    [InlineData("""{"content":"<think>a","reasoning_content":"R"}""", """{"content":"R"}""")]
    [InlineData("""{"content":[{"type":"text","text":"<think>a</think> "}],"reasoning":"R"}""", """{"content":"R"}""")]
    [InlineData("""{"content":[{"type":"text","text":"<think>a</think> b"},{"type":"text","text":"c"}]}""", """{"content":[{"type":"text","text":"b"},{"type":"text","text":"c"}]}""")]
    [InlineData("""{"content":null,"refusal":"no","reasoning":"R"}""", """{"content":null,"refusal":"no"}""")]
    [InlineData("""{"content":"<think>z</think>","tool_calls":[{"id":"1"}],"reasoning":"R"}""", """{"content":"","tool_calls":[{"id":"1"}]}""")]
    [InlineData("""{"content":null,"tool_calls":[{"id":"1"}],"reasoning":"R"}""", """{"content":null,"tool_calls":[{"id":"1"}]}""")]
    [InlineData("""{"content":null,"tool_calls":[],"function_call":{},"reasoning":"R"}""", """{"content":"R","tool_calls":[],"function_call":{}}""")]
    [InlineData("""{"content":null,"reasoning_content":"<think>R</think>A"}""", """{"content":"A"}""")]
    [InlineData("""{"content":"\u003cthink\u003ea\u003c/think\u003e\n\u00e9 \"b\""}""", """{"content":"é \"b\""}""")]
    public void A_message_is_cleaned(string message, string expected)
    {
        Message(Clean(message)).Should().Be(expected);
    }

    [Fact]
    public void Every_choice_is_cleaned()
    {
        var body = Utf8("""{"choices":[{"message":{"content":"<think>a</think>b"}},"x",{"message":{"content":"c","reasoning":"r"}}],"model":"m"}""");

        var clean = CompletionEditor.Clean(body, new AnswerPolicy { Brand = "Bränd\"" })!;

        Text(clean.Body).Should().Be("""{"choices":[{"message":{"content":"b"}},"x",{"message":{"content":"c"}}],"model":"Bränd\""}""");
        clean.ResponseModel.Should().Be("m");
    }

    [Theory]
    [InlineData("{\"choices\":[]}", "{\"choices\":[],\"model\":\"B\"}")]
    [InlineData("{}", "{\"model\":\"B\"}")]
    [InlineData("{\"model\":null}", "{\"model\":\"B\"}")]
    public void A_brand_is_added_where_no_name_was(string body, string expected)
    {
        Text(CompletionEditor.Clean(Utf8(body), new AnswerPolicy { Brand = "B" })!.Body).Should().Be(expected);
    }

    [Theory]
    [InlineData("""{"content":"<think>a</think>b"}""", """{"content":"b","reasoning_content":"a"}""")]
    [InlineData("""{"content":"<think>a</think>b","reasoning_content":"r"}""", """{"content":"b","reasoning_content":"r\na"}""")]
    [InlineData("""{"content":"b","reasoning":"r"}""", """{"content":"b","reasoning":"r"}""")]
    [InlineData("""{"content":null,"reasoning":"r"}""", """{"content":null,"reasoning":"r"}""")]
    [InlineData("""{"content":"x <think>a</think>b"}""", """{"content":"x <think>a</think>b"}""")]
    public void Exposed_reasoning_is_moved_not_lost(string message, string expected)
    {
        Message(Clean(message, new AnswerPolicy { ExposeReasoning = true })).Should().Be(expected);
        Message(Clean(message, new AnswerPolicy { ExposeReasoning = true, Strip = ReasoningStrip.Anywhere })).Should().Be(expected);
    }

    [Theory]
    [InlineData("""{"content":"x"}""", true, true)]
    [InlineData("""{"content":" \n"}""", false, false)]
    [InlineData("""{"content":"<think>cut off"}""", false, false)]
    [InlineData("""{"content":null,"reasoning":"r"}""", true, false)]
    [InlineData("""{"content":[{"type":"text","text":"x"}]}""", true, true)]
    [InlineData("""{"content":[{"type":"image_url"}]}""", true, true)]
    [InlineData("""{"content":null,"tool_calls":[{}]}""", true, true)]
    [InlineData("""{"content":null,"function_call":{"name":"f"}}""", true, true)]
    [InlineData("""{"content":null,"refusal":"no"}""", true, true)]
    [InlineData("""{"content":null,"refusal":" "}""", false, false)]
    [InlineData("{}", false, false)]
    public void An_answer_is_judged_after_cleaning(string message, bool usable, bool usableWithoutRescue)
    {
        Clean(message).IsUsable.Should().Be(usable);
        Clean(message, new AnswerPolicy { Rescue = false }).IsUsable.Should().Be(usableWithoutRescue);
    }

    [Theory]
    [InlineData("{\"choices\":[]}")]
    [InlineData("{\"choices\":\"x\"}")]
    [InlineData("{\"choices\":[1]}")]
    [InlineData("{\"choices\":[{\"message\":\"x\"}]}")]
    [InlineData("{\"error\":{\"message\":\"x\"}}")]
    [InlineData("{\"choices\":[null,{\"message\":{\"content\":\"x\"}}]}")]
    public void A_document_without_a_message_is_unusable(string body)
    {
        var clean = CompletionEditor.Clean(Utf8(body), new AnswerPolicy())!;

        clean.IsUsable.Should().BeFalse();
        clean.Completion.Message.Should().BeNull();
    }

    [Theory]
    [InlineData("nope")]
    [InlineData("[]")]
    [InlineData("{} x")]
    [InlineData("{\"a\":")]
    public void What_is_no_object_is_no_completion(string body)
    {
        CompletionEditor.Clean(Utf8(body), new AnswerPolicy()).Should().BeNull();
        CompletionReader.Read(new byte[] { (byte)'{', (byte)'"', 0xFF, (byte)'"', (byte)':', (byte)'1', (byte)'}' }).Should().BeNull();
    }

    [Fact]
    public void Usage_and_extension_are_set_in_place_or_appended()
    {
        var usage = new TokenUsage { PromptTokens = 1, CompletionTokens = 2, TotalTokens = 3 };
        const string Usage = """{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}""";

        Text(CompletionEditor.WithUsage(Utf8("""{"usage":null,"a":1}"""), usage)).Should().Be("{\"usage\":" + Usage + ",\"a\":1}");
        Text(CompletionEditor.WithUsage(Utf8("{ }"), usage)).Should().Be("{ \"usage\":" + Usage + "}");
        Text(CompletionEditor.WithExtension(Utf8("{\"a\":1 }"), Utf8("{\"b\":2}"))).Should().Be("{\"a\":1 ,\"x_meta_model\":{\"b\":2}}");
        Text(CompletionEditor.WithExtension(Utf8("{\"x_meta_model\":1,\"c\":2}"), Utf8("{\"b\":2}"))).Should().Be("{\"x_meta_model\":{\"b\":2},\"c\":2}");
        ReadOnlyMemory<byte> same = Utf8("""{"usage":{"prompt_tokens":1,"completion_tokens":2,"x":9}}""");
        CompletionEditor.WithUsage(same, usage).Equals(same).Should().BeTrue();
    }

    [Fact]
    public void Untouched_bytes_stay_identical_in_random_documents()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        string[] members = ["\"content\":\"x é \\u0041\"", "\"reasoning\":\"r\"", "\"a\" : 1.10", "\"reasoning_content\" :null", "\"b\":{\"reasoning\":\"kept\"}", "\"reasoning_details\":[ ]", "\"c\":\"\\/\""];
        for (var i = 0; i < 1000; i++)
        {
            var chosen = members.OrderBy(_ => random.Next()).Take(random.Next(1, members.Length + 1)).ToList();
            chosen.RemoveAll(m => m.StartsWith("\"content\"", StringComparison.Ordinal));
            chosen.Insert(random.Next(chosen.Count + 1), members[0]);

            var result = Message(Clean("{" + string.Join(", ", chosen) + "}"));

            var expected = chosen.Where(m => !m.StartsWith("\"reasoning", StringComparison.Ordinal)).ToList();
            result.Should().ContainAll(expected, "seed {0}", seed);
            using var parsed = JsonDocument.Parse(result);
            parsed.RootElement.EnumerateObject().Should().HaveCount(expected.Count, "seed {0}", seed);
        }
    }
}
