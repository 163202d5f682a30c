using System.Text;
using System.Text.Json;
using Synthwave.Chat.Completions;
using Synthwave.Chat.Events;
using Synthwave.Json;
using Synthwave.Sse;
using Synthwave.TestKit;
using static Synthwave.UnitTests.Chat.AnswerSamples;

namespace Synthwave.UnitTests.Chat.Events;

public sealed class ChunkScannerTests
{
    private static ChunkShape Scan(string payload, ChunkScanner? scanner = null)
    {
        (scanner ?? new ChunkScanner()).TryScan(Utf8(payload), out var shape, out _).Should().BeTrue();
        return shape;
    }

    private static string At(ByteRange range, string payload) => Encoding.UTF8.GetString(range.In(Utf8(payload)));

    [Fact]
    public void Every_member_is_found()
    {
        const string Payload = """
            {"id":"c1","created":7,"model":"m\u0031","choices":[{"index":0,"finish_reason":"stop","delta":{"role":"assistant","content":"h\ni",
            "reasoning_content":"rc","reasoning":"r","tool_calls":[{"index":0}]}}],"usage":{"prompt_tokens":1}}
            """;

        var shape = Scan(Payload);

        At(shape.Id, Payload).Should().Be("\"c1\"");
        At(shape.Created, Payload).Should().Be("7");
        At(shape.Model, Payload).Should().Be("\"m\\u0031\"");
        At(shape.Content, Payload).Should().Be("h\\ni");
        At(shape.ReasoningContent, Payload).Should().Be("rc");
        At(shape.Reasoning, Payload).Should().Be("r");
        At(shape.FinishReason, Payload).Should().Be("stop");
        At(shape.ToolCalls, Payload).Should().Be("[{\"index\":0}]");
        At(shape.Usage, Payload).Should().Be("{\"prompt_tokens\":1}");
        At(shape.UsageMember, Payload).Should().Be("\"usage\":{\"prompt_tokens\":1}");
        At(shape.Delta, Payload).Should().StartWith("{\"role\"").And.EndWith("]}");
        shape.Should().Match<ChunkShape>(s => s.HasChoice && s.HasRole && s.HasReasoningMember && s.HasOtherVisible && !s.HasOtherChoices);
    }

    [Fact]
    public void Null_and_empty_members_are_absent()
    {
        var shape = Scan("""{"model":null,"choices":[{"index":0,"finish_reason":null,"delta":{"role":null,"content":"","reasoning":null,"tool_calls":[],"refusal":null,"function_call":{}}}],"usage":null}""");

        shape.Model.IsAbsent.Should().BeTrue();
        shape.Content.IsAbsent.Should().BeTrue();
        shape.Usage.IsAbsent.Should().BeTrue();
        shape.UsageMember.IsPresent.Should().BeTrue();
        shape.Should().Match<ChunkShape>(s => s.HasChoice && !s.HasRole && s.HasReasoningMember && !s.HasOtherVisible);
    }

    [Fact]
    public void An_empty_finish_reason_of_a_known_shape_is_empty_in_a_shorter_chunk_too()
    {
        const string Frame = """{"choices":[{"index":0,"delta":{"content":"CONTENT"},"finish_reason":""}]}""";
        var scanner = new ChunkScanner();
        foreach (var content in (string[])["a longer piece of text", "a longer piece of text", "b", "", "c"])
        {
            var payload = Frame.Replace("CONTENT", content, StringComparison.Ordinal);

            var shape = Scan(payload, scanner);

            shape.FinishReason.In(Utf8(payload)).IsEmpty.Should().BeTrue();
            At(shape.Content, payload).Should().Be(content);
        }
    }

    [Theory]
    [InlineData("""{"refusal":"no"}""", true)]
    [InlineData("""{"function_call":{"name":"f"}}""", true)]
    [InlineData("""{"audio":{"id":"a"}}""", true)]
    [InlineData("""{"content":[{"type":"text","text":"x"}]}""", true)]
    [InlineData("""{"token_id":17,"provider_specific_fields":{"a":1}}""", false)]
    public void Only_what_a_client_shows_is_visible(string delta, bool isVisible)
    {
        Scan(Chunk(delta)).HasOtherVisible.Should().Be(isVisible);
    }

    [Theory]
    [InlineData("""{"choices":[{"index":1,"delta":{"content":"x"}}]}""")]
    [InlineData("""{"choices":[{"index":0,"delta":{}},{"index":1,"delta":{}}]}""")]
    public void Other_choices_are_noticed(string payload)
    {
        Scan(payload).HasOtherChoices.Should().BeTrue();
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("hello")]
    [InlineData("{\"a\":1")]
    [InlineData("{\"a\":1}{")]
    [InlineData("{\"a\":1} x")]
    [InlineData("{\"a\":\"\u0001\"}")]
    [InlineData("")]
    public void What_is_no_json_object_is_refused(string payload)
    {
        new ChunkScanner().TryScan(Utf8(payload), out _, out _).Should().BeFalse();
    }

    [Fact]
    public void Deep_nesting_is_refused()
    {
        var payload = "{\"a\":" + new string('[', 100_000) + new string(']', 100_000) + "}";

        new ChunkScanner().TryScan(Utf8(payload), out _, out _).Should().BeFalse();
    }

    [Fact]
    public void Of_repeated_names_the_last_counts()
    {
        const string Payload = """{"choices":[{"index":0,"delta":{"content":"a","tool_calls":[1]},"delta":{"content":"b"}}],"choices":[{"index":0,"delta":{"content":"c","content":"d"}}]}""";

        var shape = Scan(Payload);

        At(shape.Content, Payload).Should().Be("d");
        shape.ToolCalls.IsAbsent.Should().BeTrue();
    }

    [Fact]
    public void Escaped_names_are_names()
    {
        const string Payload = """{"choices":[{"index":0,"delta":{"con\u0074ent":"a"}}]}""";

        At(Scan(Payload).Content, Payload).Should().Be("a");
    }

    [Theory]
    [InlineData("second, longer piece")]
    [InlineData("x")]
    [InlineData("öλ😀 with \\n and \\\"quotes\\\"")]
    [InlineData("\\u00e9 needs the full reading")]
    public void A_chunk_in_a_known_frame_has_the_shape_a_fresh_reading_finds(string text)
    {
        var scanner = new ChunkScanner();
        const string First = """{"id":"c1","choices":[{"index":0,"delta":{"content":"first"},"finish_reason":null}],"model":"m","usage":{"prompt_tokens":1}}""";
        Scan(First, scanner);
        var second = First.Replace("first", text, StringComparison.Ordinal);

        var reused = Scan(second, scanner);

        reused.Should().Be(Scan(second));
        At(reused.Content, second).Should().Be(text);
        At(reused.Model, second).Should().Be("\"m\"");
    }

    [Theory]
    [InlineData("a\"b")]
    [InlineData("a\\")]
    [InlineData("a\\x")]
    [InlineData("a\u0007b")]
    public void A_known_frame_does_not_excuse_bad_text(string text)
    {
        var scanner = new ChunkScanner();
        Scan(Chunk("{\"content\":\"first\"}"), scanner);

        scanner.TryScan(Utf8(Chunk($"{{\"content\":\"{text}\"}}")), out _, out _).Should().BeFalse();
    }

    [Fact]
    public void Invalid_utf8_is_refused_with_and_without_a_known_frame()
    {
        var scanner = new ChunkScanner();
        var payload = Utf8(ContentChunk("first"));
        scanner.TryScan(payload, out var shape, out _);
        var broken = payload.ToArray();
        broken[shape.Content.Start] = 0xFF;

        scanner.TryScan(broken, out _, out _).Should().BeFalse();
        new ChunkScanner().TryScan(broken, out _, out _).Should().BeFalse();
    }

    [Fact]
    public void A_closing_member_injected_into_a_known_frame_is_read_in_full()
    {
        var scanner = new ChunkScanner();
        Scan(ContentChunk("first"), scanner);
        var payload = Chunk("""{"content":"x","tool_calls":[{"a":"b"}],"c":"d"}""");

        Scan(payload, scanner).ToolCalls.IsPresent.Should().BeTrue();
    }

    [Fact]
    public async Task Captured_events_are_classified()
    {
        using var reader = new SseEventReader(new MemoryStream(Utf8(": hi\n\n" + LlamaStream + "data: {\"error\":{\"message\":\"x\",\"code\":500}}\n\ndata: {\"error\":null,\"choices\":[]}\n\ndata: \n\n")));
        var scanner = new ChunkScanner();
        var kinds = new List<StreamEventKind>();

        while (await reader.ReadAsync(CancellationToken.None))
        {
            scanner.TryClassify(reader, out var streamEvent).Should().BeTrue();
            kinds.Add(streamEvent.Kind);
        }

        kinds.Should().Equal(
            StreamEventKind.Comment, StreamEventKind.Chunk, StreamEventKind.Chunk, StreamEventKind.Chunk, StreamEventKind.Chunk, StreamEventKind.Chunk,
            StreamEventKind.Done, StreamEventKind.Error, StreamEventKind.Chunk, StreamEventKind.Comment);
    }

    [Theory]
    [InlineData("""{"prompt_tokens":34,"completion_tokens":6,"total_tokens":40,"prompt_tokens_details":{"cached_tokens":33}}""", 34, 6, 40, 33L, null)]
    [InlineData("""{"prompt_tokens":3.0,"completion_tokens":2e0,"prompt_tokens_details":null,"completion_tokens_details":{"reasoning_tokens":1,"x":{}}}""", 3, 2, 5, null, 1L)]
    [InlineData("""{"prompt_tokens":3,"total_tokens":10}""", 3, 7, 10, null, null)]
    [InlineData("""{"prompt_tokens":3,"completion_tokens":null,"extra":[1]}""", 3, 0, 3, null, null)]
    public void Usage_is_read_tolerantly(string json, long prompt, long completion, long total, long? cached, long? reasoning)
    {
        TokenUsage.Read(Utf8(json)).Should().Be(
            new TokenUsage { PromptTokens = prompt, CompletionTokens = completion, TotalTokens = total, CachedTokens = cached, ReasoningTokens = reasoning });
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("""{"prompt_tokens":"3"}""")]
    [InlineData("""{"prompt_tokens":-3}""")]
    public void What_says_nothing_is_no_usage(string json)
    {
        TokenUsage.Read(Utf8(json)).Should().BeNull();
    }

    [Fact]
    public void Usage_survives_writing()
    {
        var usage = new TokenUsage { PromptTokens = 1, CompletionTokens = 2, TotalTokens = 3, CachedTokens = 0, ReasoningTokens = 2 };

        TokenUsage.Read(usage.ToJson()).Should().Be(usage);
    }

    [Fact]
    public void Composed_chunks_say_what_they_should()
    {
        var composer = new ChunkComposer(new StreamLabels("\"c1\"", "7", "\"m\""));

        Text(composer.Role()).Should().Be(Chunk("""{"role":"assistant","content":""}"""));
        Text(composer.Role(isTextless: true)).Should().Be(Chunk("""{"role":"assistant","content":null}"""));
        Text(composer.Content("h\"é\n<")).Should().Be(Chunk("""{"content":"h\"é\n<"}"""));
        Text(composer.Finish("stop")).Should().Be(Stop);
        Text(composer.Usage("{\"a\":1}"u8, "{\"b\":2}"u8)).Should().Be(
            """{"id":"c1","object":"chat.completion.chunk","created":7,"model":"m","choices":[],"usage":{"a":1},"x_meta_model":{"b":2}}""");
        Text(composer.Extension("{\"b\":2}"u8)).Should().Be(
            """{"id":"c1","object":"chat.completion.chunk","created":7,"model":"m","choices":[],"x_meta_model":{"b":2}}""");
    }

    [Fact]
    public void Text_survives_escaping_half_surrogates_included()
    {
        const string Text = "a\"\\\n\t\u0001\u2028é😀\ud83d|\ude00";

        var quoted = JsonText.Quote(Text);

        JsonText.Unescape(quoted.AsSpan()[1..^1]).Should().Be(Text);
        JsonMeasure.Utf16Length(quoted.AsSpan()[1..^1]).Should().Be(Text.Length);
        JsonDocument.Parse(quoted).Dispose();
    }
}
