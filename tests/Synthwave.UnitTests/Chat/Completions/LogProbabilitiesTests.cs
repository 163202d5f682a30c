using System.Text.Json;
using Synthwave.Chat.Cleaning;
using Synthwave.Configuration;
using static Synthwave.UnitTests.Chat.AnswerSamples;

namespace Synthwave.UnitTests.Chat.Completions;

public sealed class LogProbabilitiesTests
{
    [Theory]
    [InlineData("<think>|hm|</think>|Hel|lo|!", "Hel|lo|!")]
    [InlineData("<think>|hm|</think>|\n\n|Hel|lo|!", "Hel|lo|!")]
    [InlineData("<think>|hm|</think>|\n\nHel|lo|!\n", "\n\nHel|lo|!\n")]
    [InlineData("<think>|hm|</think>|Hel|lo|!|<｜end｜>", "Hel|lo|!")]
    [InlineData("<think>|hm|</think>|Hel|lo|!|</s>", "Hel|lo|!")]
    [InlineData("<think>|hm|</think>|Hel|lo|!|\n|</s>", "Hel|lo|!")]
    [InlineData("<think>|hm</think>Hel|lo|!", null)]
    [InlineData("<think>|hm|</think>|Hel|lo", null)]
    [InlineData("<think>|hm", null)]
    [InlineData("", null)]
    public void Only_tokens_that_spell_the_visible_text_stay(string tokens, string? expected)
    {
        var body = Utf8(Body("<think>hm</think>Hello!", Of(tokens)));

        var clean = CompletionEditor.Clean(body, new AnswerPolicy())!;

        Tokens(clean.Body).Should().Be(expected);
        clean.Completion.Text.Should().Be("Hello!");
        Text(clean.Body).Should().NotContain("hm");
    }

    [Fact]
    public void A_token_that_is_half_a_character_is_known_by_its_bytes()
    {
        var body = Utf8(Body("<think>hm</think>é!", """
            {"content":[{"token":"<think>","logprob":0},{"token":"hm","logprob":0},{"token":"</think>","logprob":0},
            {"token":"\ufffd","logprob":-1,"bytes":[195]},{"token":"\ufffd","logprob":-2,"bytes":[169]},{"token":"!","logprob":-3,"bytes":[33]}],"refusal":null}
            """));

        var clean = CompletionEditor.Clean(body, new AnswerPolicy())!;

        var probabilities = JsonDocument.Parse(clean.Body).RootElement.GetProperty("choices")[0].GetProperty("logprobs");
        probabilities.GetProperty("content").EnumerateArray().Select(t => t.GetProperty("logprob").GetInt32()).Should().Equal(-1, -2, -3);
        probabilities.GetProperty("refusal").ValueKind.Should().Be(JsonValueKind.Null);
    }

    [Theory]
    [InlineData("""{"content":"Hi","reasoning_content":"hm"}""", "hm|Hi", "Hi")]
    [InlineData("""{"content":"Hi","reasoning":"hm"}""", "Hi", "Hi")]
    [InlineData("""{"content":null,"reasoning":"hm"}""", "hm", "hm")]
    [InlineData("""{"content":null,"tool_calls":[{"id":"1"}],"reasoning":"hm"}""", "hm|x", null)]
    [InlineData("""{"content":[{"type":"text","text":"Hi"},{"type":"text","text":"Ho"}],"reasoning":"hm"}""", "hm|Hi|Ho", null)]
    public void Hidden_reasoning_members_take_their_tokens_with_them(string message, string tokens, string? expected)
    {
        var body = Utf8("{\"choices\":[{\"logprobs\":" + Of(tokens) + ",\"message\":" + message + "}]}");

        Tokens(CompletionEditor.Clean(body, new AnswerPolicy())!.Body).Should().Be(expected);
    }

    [Theory]
    [InlineData("""{"tokens":["<think>","hm"],"token_logprobs":[0,0]}""")]
    [InlineData("""{"content":[{"token":"Hello!","logprob":0}],"reasoning_content":[{"token":"hm","logprob":0}]}""")]
    [InlineData("""{"content":["hm"]}""")]
    [InlineData("""{"content":[{"token":"hm","bytes":["x"]}]}""")]
    [InlineData("\"hm\"")]
    public void Forms_nobody_knows_let_nothing_through(string probabilities)
    {
        var clean = CompletionEditor.Clean(Utf8(Body("<think>hm</think>Hello!", probabilities)), new AnswerPolicy())!;

        Text(clean.Body).Should().NotContain("hm").And.Contain("\"logprobs\":");
    }

    [Theory]
    [InlineData("""{"content":"Hi","reasoning_content":null,"reasoning":""}""", "odd|tokens")]
    [InlineData("""{"content":"Hi","reasoning_details":[]}""", "odd|tokens")]
    [InlineData("""{"content":"Hi","reasoning_details":[{"text":"hm"}]}""", null)]
    [InlineData("""{"content":null,"tool_calls":[{"id":"1"}],"reasoning":null}""", "odd|tokens")]
    public void A_member_that_hides_nothing_takes_nothing_with_it(string message, string? expected)
    {
        var body = Utf8("{\"choices\":[{\"logprobs\":" + Of("odd|tokens") + ",\"message\":" + message + "}]}");

        Tokens(CompletionEditor.Clean(body, new AnswerPolicy())!.Body).Should().Be(expected);
    }

    [Fact]
    public async Task A_streamed_call_keeps_its_tokens_where_nothing_is_hidden()
    {
        var events = await ReadAsync(
            null,
            Chunk("""{"role":"assistant","reasoning_content":null,"tool_calls":[{"index":0,"id":"1","function":{"name":"f","arguments":"{}"}}]}""")
                .Replace("\"finish", "\"logprobs\":" + Of("f|{}") + ",\"finish", StringComparison.Ordinal));

        events.Select(e => Tokens(Utf8(e))).Should().Equal("f|{}");
    }

    [Fact]
    public void Nothing_hidden_means_nothing_touched()
    {
        ReadOnlyMemory<byte> plain = Utf8(Body("Hello!", Of("odd|tokens")));
        ReadOnlyMemory<byte> exposed = Utf8(Body("<think>hm</think>Hello!", Of("<think>|hm|</think>|Hello!")));

        CompletionEditor.Clean(plain, new AnswerPolicy())!.Body.Equals(plain).Should().BeTrue();
        Tokens(CompletionEditor.Clean(exposed, new AnswerPolicy { ExposeReasoning = true })!.Body).Should().Be("<think>|hm|</think>|Hello!");
    }

    [Fact]
    public async Task In_a_stream_the_tokens_leave_with_their_text()
    {
        var events = await ReadAsync(
            null,
            Piece("<think>", "<think>"),
            Piece("hm", "hm"),
            Piece(".</think>\n\nHel", ".|</think>|\n\n|Hel"),
            Piece("lo", "lo"),
            Chunk("{}", "\"stop\""));

        events.Select(e => (Content(e), Tokens(Utf8(e)))).Should().Equal(("Hel", "Hel"), ("lo", "lo"), ("", null));
        string.Concat(events).Should().NotContain("hm");
    }

    [Fact]
    public async Task In_a_stream_tokens_without_text_are_those_of_what_is_hidden()
    {
        var events = await ReadAsync(
            null,
            Chunk("""{"role":"assistant","reasoning_content":"hm"}""").Replace("\"finish", "\"logprobs\":" + Of("hm") + ",\"finish", StringComparison.Ordinal),
            Chunk("""{"reasoning_content":".","content":"Hi"}""").Replace("\"finish", "\"logprobs\":" + Of("hm.|Hi") + ",\"finish", StringComparison.Ordinal),
            Chunk("{}", "\"stop\"").Replace("\"finish", "\"logprobs\":" + Of("hm|Hi") + ",\"finish", StringComparison.Ordinal));

        string.Concat(events).Should().NotContain("hm");
        events.Select(e => Tokens(Utf8(e))).Should().Equal(null, "Hi", null);
    }

    [Fact]
    public async Task A_block_that_is_recognised_late_leaves_no_tokens_of_what_was_held()
    {
        var events = await ReadAsync(
            null,
            Chunk("""{"role":"assistant","content":"<th"}""").Replace("\"finish", "\"logprobs\":" + Of("<th") + ",\"finish", StringComparison.Ordinal),
            Piece("ink>hm</think>Hi", "ink>|hm|</think>|Hi"));

        string.Concat(events).Should().NotContain("hm").And.NotContain("<th");
        events.Select(e => Tokens(Utf8(e))).Should().Equal(null, "Hi");
    }

    [Fact]
    public async Task A_stream_that_hides_nothing_keeps_its_bytes()
    {
        var pieces = new[] { Piece("<b>", "<b>"), Piece("Hi", "odd"), Chunk("{}", "\"stop\"") };

        (await ReadAsync(null, pieces)).Should().Equal(pieces);
    }

    [Theory]
    [InlineData(nameof(ReasoningStrip.Leading))]
    [InlineData(nameof(ReasoningStrip.Anywhere))]
    public async Task A_document_that_is_streamed_brings_no_hidden_tokens_at_its_end(string strip)
    {
        var document = Utf8(Body("<think>hm</think>Hello!", Of("<think>|hm|</think>|Hello!")));
        await using var stream = new CleanAnswerStream(new SlicedStream(document, TimeProvider.System), new AnswerPolicy { Strip = Enum.Parse<ReasoningStrip>(strip) }, TimeProvider.System);

        var events = await ReadAllAsync(stream);

        string.Concat(events).Should().Contain("Hello!").And.NotContain("hm");
    }

    private static string Body(string text, string probabilities) =>
        "{\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":" + Quote(text) + "},\"logprobs\":" + probabilities + ",\"finish_reason\":\"stop\"}]}";

    private static string Piece(string text, string tokens) =>
        ContentChunk(text).Replace("\"finish", "\"logprobs\":" + Of(tokens) + ",\"finish", StringComparison.Ordinal);

    private static string Of(string tokens) =>
        "{\"content\":[" + string.Join(',', tokens.Split('|', StringSplitOptions.RemoveEmptyEntries).Select(t => "{\"token\":" + Quote(t) + ",\"logprob\":-0.5,\"top_logprobs\":[]}")) + "],\"refusal\":null}";

    private static string? Tokens(ReadOnlyMemory<byte> json)
    {
        var choice = JsonDocument.Parse(json).RootElement.GetProperty("choices")[0];
        return choice.TryGetProperty("logprobs", out var probabilities) && probabilities.ValueKind is JsonValueKind.Object
            ? string.Join('|', probabilities.GetProperty("content").EnumerateArray().Select(t => t.GetProperty("token").GetString()))
            : null;
    }

    private static string Content(string payload) =>
        JsonDocument.Parse(payload).RootElement.GetProperty("choices")[0].GetProperty("delta") is var delta && delta.TryGetProperty("content", out var content) ? content.GetString()! : "";

    private static async Task<List<string>> ReadAsync(AnswerPolicy? policy, params string[] payloads)
    {
        await using var stream = Clean(SseOf([.. payloads, "[DONE]"]), policy);
        return [.. (await ReadAllAsync(stream)).Select(e => e["data: ".Length..].TrimEnd())];
    }
}
