using System.Globalization;
using System.Text.Json;
using Synthwave.Chat;
using Synthwave.Chat.Cleaning;
using Synthwave.Chat.Completions;
using static Synthwave.UnitTests.Chat.AnswerSamples;

namespace Synthwave.UnitTests.Chat.Cleaning;

public sealed class SlicedStreamTests
{
    private static async Task<List<string>> SliceAsync(string body)
    {
        await using var stream = new SlicedStream(Utf8(body), TimeProvider.System);
        var events = await ReadAllAsync(stream);
        stream.Failure.Should().BeNull();
        events[^1].Should().Be("data: [DONE]\n\n");
        return events[..^1];
    }

    private static List<string> Deltas(List<string> events) =>
        [.. events.Select(e => JsonDocument.Parse(e[6..]).RootElement.GetProperty("choices")).Where(c => c.GetArrayLength() > 0).Select(c => c[0].GetProperty("delta").GetRawText())];

    [Fact]
    public async Task A_completion_becomes_role_text_finish_usage()
    {
        var events = await SliceAsync(Completion("""{"role":"assistant","content":"Hi \"é\""}"""));

        const string Usage = """{"id":"c1","object":"chat.completion.chunk","created":7,"model":"m","choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}""";
        events.Should().Equal(SseOf(Role), SseOf(ContentChunk("Hi \"é\"")), SseOf(Stop), SseOf(Usage));
    }

    [Fact]
    public async Task A_captured_answer_keeps_its_labels_and_fingerprint()
    {
        var events = await SliceAsync(LlamaCompletion);

        Join(events).Should().Be("@XT-Sq-@[0>4");
        events.Should().OnlyContain(e => e.Contains("\"id\":\"chatcmpl-XnbEr0hDMHi2hlf30u7nrCN7Amhh029a\"", StringComparison.Ordinal) &&
            e.Contains("\"system_fingerprint\":\"b11669-Debian\"", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{"content":""}""", """{"role":"assistant","content":""} {}""")]
    [InlineData("""{"content":null,"reasoning":"b","reasoning_content":"a"}""", """{"role":"assistant","content":""} {"reasoning_content":"a","reasoning":"b"} {}""")]
    [InlineData("""{"content":null,"refusal":"no"}""", """{"role":"assistant","content":""} {"refusal":"no"} {}""")]
    [InlineData("""{"content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}""", """{"role":"assistant","content":""} {"content":"a"} {"content":"b"} {}""")]
    [InlineData("""{"content":null,"tool_calls":[{"id":"x","function":{"name":"f","arguments":"{}"}}]}""", """{"role":"assistant","content":null} {"tool_calls":[{"index":0,"id":"x","type":"function","function":{"name":"f","arguments":"{}"}}]} {}""")]
    [InlineData("""{"content":"t","tool_calls":[{"id":"x","function":{"name":"f","arguments":{"a": 1}}}]}""", """{"role":"assistant","content":""} {"content":"t"} {"tool_calls":[{"index":0,"id":"x","type":"function","function":{"name":"f","arguments":"{\"a\": 1}"}}]} {}""")]
    [InlineData("""{"content":null,"function_call":{"name":"f"}}""", """{"role":"assistant","content":null} {"function_call":{"name":"f","arguments":""}} {}""")]
    [InlineData("""{"content":"t","function_call":{"name":"f","arguments":"\ud83d"}}""", """{"role":"assistant","content":""} {"content":"t"} {"function_call":{"name":"f","arguments":"\ud83d"}} {}""")]
    public async Task A_message_becomes_deltas(string message, string expected)
    {
        string.Join(' ', Deltas(await SliceAsync(Completion(message)))).Should().Be(expected);
    }

    [Fact]
    public async Task Missing_call_ids_and_labels_are_made()
    {
        var events = await SliceAsync("""{"choices":[{"message":{"content":null,"tool_calls":[{"id":null,"function":{"name":"f"}}]}}]}""");

        string.Concat(events).Should().MatchRegex("\"id\":\"call_[0-9a-f]{24}\"").And.MatchRegex("\"id\":\"chatcmpl-[0-9a-f]{24}\"");
        events[^1].Should().Contain("\"finish_reason\":\"tool_calls\"");
    }

    [Theory]
    [InlineData("nope")]
    [InlineData("{\"choices\":[]}")]
    [InlineData("{\"error\":{}}")]
    [InlineData("""{"choices":[{"message":{"tool_calls":"x"}}]}""")]
    [InlineData("""{"choices":[{"message":{"tool_calls":[1]}}]}""")]
    [InlineData("""{"choices":[{"message":{"tool_calls":[{"function":{"name":" "}}]}}]}""")]
    [InlineData("""{"choices":[{"message":{"tool_calls":[{"id":"x"}]}}]}""")]
    [InlineData("""{"choices":[{"message":{"function_call":"x"}}]}""")]
    public async Task A_malformed_completion_fails_before_any_event(string body)
    {
        await using var stream = new SlicedStream(Utf8(body), TimeProvider.System);

        (await ReadAllAsync(stream)).Should().BeEmpty();
        stream.Failure.Should().Match<GatewayError>(e => e.Status == 502 && e.Code == "upstream_protocol_error");
    }

    [Fact]
    public async Task Line_breaks_of_a_pretty_document_do_not_break_events()
    {
        var events = await SliceAsync("{\n\"choices\": [{\"message\": {\"content\": null, \"audio\": {\n\"id\": \"a\"\n}},\r\n\"logprobs\": {\n}}],\n\"usage\": {\n\"prompt_tokens\": 1\n}\n}");

        events.Should().OnlyContain(e => e.IndexOf('\n') == e.Length - 2 && !e.Contains('\r'));
        Deltas(events).Should().Contain("{\"audio\":{ \"id\": \"a\" }}");
    }

    [Fact]
    public async Task A_sliced_answer_commits_like_any_stream()
    {
        await using var stream = new CleanAnswerStream(
            new SlicedStream(Utf8(Completion("""{"content":"<think>a</think>b"}""")), TimeProvider.System), new AnswerPolicy { Brand = "B" }, TimeProvider.System);

        (await stream.CommitAsync(CancellationToken.None)).Should().Be(AnswerStart.Committed);
        Join(await ReadAllAsync(stream)).Should().Be("b");
        stream.Usage!.TotalTokens.Should().Be(3);
    }

    [Theory]
    [InlineData(95, 'A', "", "40,40,15")]
    [InlineData(40, 'a', "", "40")]
    [InlineData(39, 'a', " b", "40,1")]
    [InlineData(20, 'x', " yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy", "21,40,10")]
    [InlineData(19, 'x', " yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy", "40,30")]
    public void Text_is_cut_behind_space_where_there_is_some(int count, char letter, string tail, string lengths)
    {
        string.Join(',', SlicedText.Cut(new string(letter, count) + tail).Select(p => p.Length)).Should().Be(lengths);
    }

    [Fact]
    public void Pieces_join_to_the_text_and_never_split_a_grapheme()
    {
        string[] parts = ["a", " ", "\r\n", "é", "e\u0301", "😀", "👩‍👩‍👧‍👦", "🇩🇪", " \u0301", "word", "\n"];
        var seed = Environment.TickCount;
        var random = new Random(seed);
        for (var i = 0; i < 1000; i++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(0, 200)).Select(_ => parts[random.Next(parts.Length)]));
            var boundaries = StringInfo.ParseCombiningCharacters(text).Append(text.Length).ToHashSet();

            var pieces = SlicedText.Cut(text).ToList();

            string.Concat(pieces).Should().Be(text, "seed {0}", seed);
            var at = 0;
            foreach (var piece in pieces)
            {
                at += piece.Length;
                boundaries.Should().Contain(at, "seed {0}", seed);
            }
        }
    }

    [Fact]
    public void A_grapheme_without_end_is_cut_all_the_same()
    {
        var text = "a" + new string('\u0301', 10_000);

        var pieces = SlicedText.Cut(text).ToList();

        pieces.Should().HaveCountGreaterThan(1);
        string.Concat(pieces).Should().Be(text);
    }
}
