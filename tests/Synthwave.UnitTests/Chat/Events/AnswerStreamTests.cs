using System.Text.Json;
using Synthwave.Chat;
using Synthwave.Chat.Cleaning;
using Synthwave.Chat.Completions;
using Synthwave.Chat.Events;
using Synthwave.Chat.Reasoning;
using Synthwave.Chat.Tools;
using Synthwave.Configuration;
using Synthwave.TestKit;
using static Synthwave.UnitTests.Chat.AnswerSamples;

namespace Synthwave.UnitTests.Chat.Events;

public sealed class AnswerStreamTests
{
    private const string Done = "[DONE]";

    private static async Task<(AnswerStart Start, List<string> Events, CleanAnswerStream Stream)> RunAsync(string sse, AnswerPolicy? policy = null)
    {
        var stream = Clean(sse, policy);
        var start = await stream.CommitAsync(CancellationToken.None);
        return (start, await ReadAllAsync(stream), stream);
    }

    private static Task<(AnswerStart Start, List<string> Events, CleanAnswerStream Stream)> RunAsync(AnswerPolicy? policy, params string[] payloads) =>
        RunAsync(SseOf(payloads), policy);

    [Fact]
    public async Task A_captured_stream_passes_byte_for_byte_up_to_its_usage_chunk()
    {
        var (start, events, stream) = await RunAsync(LlamaStream);

        start.Should().Be(AnswerStart.Committed);
        string.Concat(events).Should().Be(LlamaStream[..LlamaStream.IndexOf("data: {\"choices\":[]", StringComparison.Ordinal)]);
        stream.Failure.Should().BeNull();
        Text(stream.UsageChunk!.Value).Should().Contain("\"timings\"");
        stream.Should().BeEquivalentTo(new { FinishReason = "length", ResponseModel = "tiny-1", ContentChars = 2L, ToolCallCount = 0, IsRescued = false, IsStripped = false });
        stream.Usage.Should().Be(new TokenUsage { PromptTokens = 34, CompletionTokens = 6, TotalTokens = 40, CachedTokens = 33 });
        stream.Labels.Should().Be(new StreamLabels("\"chatcmpl-6tXaVtXjaEWzrYfCeXGLZ5laFAUivA8z\"", "1795182637", "\"tiny-1\""));
    }

    [Fact]
    public async Task The_first_event_with_content_commits()
    {
        var source = new ByteStream(Utf8(SseOf(Chunk("""{"role":"assistant","content":"a"}"""), ContentChunk("b"))));
        await using var stream = new CleanAnswerStream(source, new AnswerPolicy(), TimeProvider.System);

        var start = await stream.CommitAsync(CancellationToken.None);

        start.Should().Be(AnswerStart.Committed);
        Text(source.Current.Data).Should().Contain("\"a\"");
    }

    [Fact]
    public async Task The_role_comes_out_first_and_comments_do_not_come_out()
    {
        var (_, events, _) = await RunAsync(": hi\n\n" + SseOf(Role) + ": ping\n\n" + SseOf(ContentChunk("a")) + ": ping\n\n" + SseOf(Stop, Done));

        events.Should().Equal(SseOf(Role), SseOf(ContentChunk("a")), SseOf(Stop));
    }

    [Fact]
    public async Task Bytes_are_not_touched_where_nothing_has_to_change()
    {
        var odd = "event: message\r\nid: 4\r\ndata: " + ContentChunk(" é\\u0041 ").Replace(":", " : ", StringComparison.Ordinal) + "\r\n\r\n";

        var (_, events, _) = await RunAsync(SseOf(ContentChunk("a")) + odd + SseOf(Stop, Done));

        events[1].Should().Be(odd);
    }

    [Fact]
    public async Task A_block_that_begins_beside_the_role_is_taken_out_of_both_chunks()
    {
        var (_, events, _) = await RunAsync(null, Chunk("""{"role":"assistant","content":"<th"}"""), ContentChunk("ink>hm</think>Hi"), ContentChunk(" there"), Stop, Done);

        events.Should().Equal(SseOf(Role), SseOf(ContentChunk("Hi")), SseOf(ContentChunk(" there")), SseOf(Stop));
    }

    [Fact]
    public async Task Hidden_reasoning_members_are_cut_out()
    {
        var (_, events, _) = await RunAsync(
            null,
            Chunk("""{"role":"assistant","content":"","reasoning_content":"r1"}"""),
            Chunk("""{"content":null,"reasoning_content":"r2"}"""),
            Chunk("""{"content":"a","reasoning_content":null}"""),
            Chunk("""{"reasoning":"late","reasoning_details":[{"text":"x"}]}"""),
            Chunk("""{"reasoning":"late"}""", "\"stop\""),
            Done);

        events.Should().Equal(SseOf(Role), SseOf(ContentChunk("a")), SseOf(Stop));
    }

    [Fact]
    public async Task Exposed_reasoning_commits_and_passes()
    {
        var reasoning = Chunk("""{"reasoning_content":"r"}""");

        var (start, events, _) = await RunAsync(new AnswerPolicy { ExposeReasoning = true }, Role, reasoning, ContentChunk("a"), Stop, Done);

        start.Should().Be(AnswerStart.Committed);
        events.Should().Equal(SseOf(Role), SseOf(reasoning), SseOf(ContentChunk("a")), SseOf(Stop));
    }

    [Fact]
    public async Task Exposed_reasoning_in_the_text_is_moved()
    {
        var (_, events, stream) = await RunAsync(
            new AnswerPolicy { ExposeReasoning = true }, Role, ContentChunk("<thi"), ContentChunk("nk>why\"</th"), ContentChunk("ink>\n\nan"), ContentChunk("swer"), Stop, Done);

        Join(events).Should().Be("answer");
        Join(events, "reasoning_content").Should().Be("why\"");
        stream.IsStripped.Should().BeTrue();
    }

    [Fact]
    public async Task A_leading_block_never_comes_out_and_does_not_commit()
    {
        var payloads = new[] { Role, ContentChunk("<think>"), ContentChunk("plan"), ContentChunk("</think>"), ContentChunk("\n\n"), ContentChunk("answer "), Stop, Done };

        var (start, events, stream) = await RunAsync(null, payloads);

        start.Should().Be(AnswerStart.Committed);
        events.Should().Equal(SseOf(Role), SseOf(ContentChunk("answer ")), SseOf(Stop));
        stream.ContentChars.Should().Be(7);
        stream.IsStripped.Should().BeTrue();
    }

    [Fact]
    public async Task White_space_the_filter_lets_through_belongs_to_the_answer()
    {
        var (start, events, _) = await RunAsync(null, Role, ContentChunk("<|begin_of_solution|><|end_of"), ContentChunk("_solution|> "), ContentChunk("x"), Stop, Done);

        start.Should().Be(AnswerStart.Committed);
        Join(events).Should().Be(" x");
    }

    [Fact]
    public async Task Text_that_only_looked_like_a_block_comes_out_untouched()
    {
        var payloads = new[] { Role, ContentChunk("\n"), ContentChunk("<t"), ContentChunk("able>"), Stop };

        var (_, events, stream) = await RunAsync(null, [.. payloads, Done]);

        events.Should().Equal(payloads.Select(p => SseOf(p)));
        stream.ContentChars.Should().Be(8);
    }

    [Theory]
    [InlineData("\n<thi")]
    [InlineData("<")]
    public async Task Text_that_ends_while_undecided_is_the_answer(string text)
    {
        var (start, events, stream) = await RunAsync(null, Role, ContentChunk(text), Stop, Done);

        start.Should().Be(AnswerStart.Committed);
        Join(events).Should().Be(text);
        stream.ContentChars.Should().Be(text.Length);
    }

    [Fact]
    public async Task A_brand_replaces_the_model_in_every_event()
    {
        var (_, events, stream) = await RunAsync(LlamaStream, new AnswerPolicy { Brand = "Brand" });

        events.Should().HaveCount(4).And.OnlyContain(e => e.Contains("\"model\":\"Brand\"", StringComparison.Ordinal) && !e.Contains("tiny-1", StringComparison.Ordinal));
        Text(stream.UsageChunk!.Value).Should().Contain("\"model\":\"Brand\"").And.Contain("timings");
        stream.ResponseModel.Should().Be("tiny-1");
        stream.Labels.Model.Should().Be("\"Brand\"");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Usage_beside_a_choice_is_told_behind_it_when_wanted(bool isWanted)
    {
        var last = Chunk("{}", "\"stop\"", ""","usage":{"prompt_tokens":1,"completion_tokens":2}""");

        var (_, events, stream) = await RunAsync(new AnswerPolicy { WantsUsage = isWanted }, Role, ContentChunk("a"), last, Done);

        events[^1].Should().Be(SseOf(Stop));
        stream.Usage!.TotalTokens.Should().Be(3);
        stream.UsageChunk.HasValue.Should().Be(isWanted);
        if (isWanted)
        {
            Text(stream.UsageChunk!.Value).Should().Contain("\"choices\":[]").And.Contain("\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}");
        }
    }

    [Fact]
    public async Task Reasoning_becomes_the_answer_when_there_is_no_other()
    {
        var (start, events, stream) = await RunAsync(
            null, Role, Chunk("""{"reasoning_content":" the "}"""), ContentChunk(" "), Chunk("""{"reasoning_content":"an\nswer "}"""), Stop, Done);

        start.Should().Be(AnswerStart.Committed);
        events.Should().Equal(SseOf(Role), SseOf(ContentChunk("the an\nswer")), SseOf(Stop));
        stream.IsRescued.Should().BeTrue();
        stream.ContentChars.Should().Be(11);
    }

    [Fact]
    public async Task Without_rescue_an_answerless_stream_is_blank_and_keeps_its_finish_reason()
    {
        var (start, events, stream) = await RunAsync(
            new AnswerPolicy { Rescue = false }, Role, Chunk("""{"reasoning_content":"r"}"""), Chunk("{}", "\"length\""), Done);

        start.Should().Be(AnswerStart.Blank);
        events.Should().Equal(SseOf(Role), SseOf(Chunk("{}", "\"length\"")));
        stream.Failure.Should().BeNull();
        stream.FinishReason.Should().Be("length");
    }

    [Theory]
    [InlineData("<think>never done")]
    [InlineData(" \n ")]
    public async Task Text_that_is_no_answer_is_blank(string text)
    {
        var (start, _, _) = await RunAsync(null, Role, ContentChunk(text), Stop, Done);

        start.Should().Be(AnswerStart.Blank);
    }

    [Fact]
    public async Task Calls_commit_and_are_counted()
    {
        var first = Chunk("""{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":""}}]}""");
        var second = Chunk("""{"tool_calls":[{"index":1,"id":"b","function":{"name":"g","arguments":"{}"}}]}""");
        var last = Chunk("{}", "\"tool_calls\"");

        var (start, events, stream) = await RunAsync(null, Role, ContentChunk("\n\n"), first, second, last, Done);

        start.Should().Be(AnswerStart.Committed);
        events.Should().Equal(SseOf(Role), SseOf(ContentChunk("\n\n")), SseOf(first), SseOf(second), SseOf(last));
        stream.ToolCallCount.Should().Be(2);
        stream.FinishReason.Should().Be("tool_calls");
    }

    [Fact]
    public async Task A_refusal_is_an_answer_and_reasoning_stays_hidden()
    {
        var refusal = Chunk("""{"refusal":"no"}""");

        var (start, events, stream) = await RunAsync(null, Role, Chunk("""{"reasoning":"r"}"""), refusal, Stop, Done);

        start.Should().Be(AnswerStart.Committed);
        events.Should().Equal(SseOf(Role), SseOf(refusal), SseOf(Stop));
        stream.IsRescued.Should().BeFalse();
    }

    [Fact]
    public async Task The_whole_text_rule_waits_for_the_end()
    {
        var (start, events, stream) = await RunAsync(
            new AnswerPolicy { Strip = ReasoningStrip.Anywhere }, Role, ContentChunk("a <think>b"), ContentChunk("</think>c "), Stop, Done);

        start.Should().Be(AnswerStart.Committed);
        Join(events).Should().Be("a c");
        events.Should().HaveCount(2);
        events[^1].Should().Contain("\"finish_reason\":\"stop\"");
        stream.ContentChars.Should().Be(3);
    }

    [Fact]
    public async Task The_whole_text_rule_delivers_without_a_finish_reason_too()
    {
        var (start, events, _) = await RunAsync(new AnswerPolicy { Strip = ReasoningStrip.Anywhere }, Role, ContentChunk("abc"), Done);

        start.Should().Be(AnswerStart.Committed);
        Join(events).Should().Be("abc");
    }

    [Fact]
    public async Task An_error_event_before_content_fails_and_shows_nothing()
    {
        var (start, events, stream) = await RunAsync(null, Role, """{"error":{"message":"secret"}}""");

        start.Should().Be(AnswerStart.Failed);
        events.Should().BeEmpty();
        stream.FailureKind.Should().Be(AnswerFailure.ErrorEvent);
        stream.Failure!.Message.Should().NotContain("secret");
    }

    [Fact]
    public async Task An_error_event_after_content_ends_the_stream_in_failure()
    {
        var (start, events, stream) = await RunAsync(null, Role, ContentChunk("a"), """{"error":{"message":"x"}}""", ContentChunk("b"));

        start.Should().Be(AnswerStart.Committed);
        events.Should().Equal(SseOf(Role), SseOf(ContentChunk("a")));
        stream.FailureKind.Should().Be(AnswerFailure.ErrorEvent);
    }

    [Fact]
    public async Task A_chunk_after_the_end_is_a_failure()
    {
        var (_, events, stream) = await RunAsync(null, ContentChunk("a"), Done, ContentChunk("b"));

        events.Should().Equal(SseOf(ContentChunk("a")));
        stream.FailureKind.Should().Be(AnswerFailure.OutOfOrder);
    }

    [Theory]
    [InlineData("data: {\"choices\":\n\n")]
    [InlineData("data: hello\n\n")]
    [InlineData("data: {\"choices\":[{\"index\":0,\"del")]
    public async Task A_source_that_breaks_is_a_failure_before_and_after_the_commit(string tail)
    {
        var before = await RunAsync(SseOf(Role) + tail);
        var after = await RunAsync(SseOf(Role, ContentChunk("a")) + tail);

        before.Start.Should().Be(AnswerStart.Failed);
        before.Events.Should().BeEmpty();
        after.Start.Should().Be(AnswerStart.Committed);
        after.Events.Should().HaveCount(2);
        after.Stream.FailureKind.Should().Be(AnswerFailure.Source);
    }

    [Fact]
    public async Task Endless_reasoning_is_bounded()
    {
        var reasoning = SseOf([.. Enumerable.Repeat(Chunk("{\"reasoning\":\"" + new string('r', 100) + "\"}"), 100)]);

        var (start, _, stream) = await RunAsync(SseOf(Role) + reasoning, new AnswerPolicy { MaxHeldBytes = 5000 });

        start.Should().Be(AnswerStart.Failed);
        stream.FailureKind.Should().Be(AnswerFailure.TooLarge);
    }

    [Fact]
    public async Task Endless_reasoning_is_not_held_where_it_cannot_become_the_answer()
    {
        var reasoning = SseOf([.. Enumerable.Repeat(Chunk("{\"reasoning\":\"" + new string('r', 100) + "\"}"), 100)]);

        var (start, _, _) = await RunAsync(SseOf(Role) + reasoning + SseOf(ContentChunk("a")), new AnswerPolicy { MaxHeldBytes = 5000, Rescue = false });

        start.Should().Be(AnswerStart.Committed);
    }

    [Fact]
    public async Task Other_choices_are_left_out()
    {
        var other = """{"choices":[{"index":1,"delta":{"content":"other","reasoning":"r"}}]}""";
        var both = """{"choices":[{"index":0,"delta":{"content":"b"}},{"index":1,"delta":{"content":"other","reasoning":"r"}}]}""";

        var (_, events, _) = await RunAsync(null, ContentChunk("a"), other, both, Done);

        events.Should().Equal(SseOf(ContentChunk("a")), SseOf("""{"choices":[{"index":0,"delta":{"content":"b"}}]}"""));
    }

    [Fact]
    public async Task Repeated_names_do_not_leak_reasoning()
    {
        var (_, events, _) = await RunAsync(null, Chunk("""{"reasoning":"secret","content":"a","reasoning":"secret","content":"b"}"""), Done);

        events.Should().ContainSingle().Which.Should().NotContain("secret").And.Contain("\"b\"");
    }

    [Fact]
    public async Task Data_on_several_lines_is_rewritten_to_one()
    {
        var lines = "data: {\"choices\":[{\"index\":0,\ndata: \"delta\":{\"content\":\"a\",\ndata: \"reasoning\":\"r\"}}]}\n\n";

        var (_, events, _) = await RunAsync(lines + SseOf(Done));

        events.Should().Equal("data: {\"choices\":[{\"index\":0, \"delta\":{\"content\":\"a\"}}]}\n\n");
    }

    [Fact]
    public async Task Held_events_of_several_lines_keep_their_data()
    {
        var lines = "data: {\"choices\":[{\"index\":0,\ndata: \"delta\":{\"role\":\"assistant\"}}]}\n\n";
        await using var stream = Clean(lines + SseOf(ContentChunk("a"), Done));

        await stream.MoveNextAsync(CancellationToken.None);

        Text(stream.Current.Raw).Should().Be(lines);
        JsonDocument.Parse(stream.Current.Data).Dispose();
    }

    [Fact]
    public async Task A_server_without_labels_gets_some()
    {
        var (_, _, stream) = await RunAsync(null, """{"choices":[{"index":0,"delta":{"content":"a"}}]}""", Done);

        stream.Labels.Id.Should().MatchRegex("^\"chatcmpl-[0-9a-f]{24}\"$");
        stream.Labels.Created.Should().MatchRegex("^[0-9]+$");
        stream.Labels.Model.Should().Be("\"\"");
    }

    [Fact]
    public async Task Disposing_disposes_the_source()
    {
        var source = new ByteStream(Utf8(LlamaStream));
        var stream = new CleanAnswerStream(source, new AnswerPolicy(), TimeProvider.System);
        await stream.CommitAsync(CancellationToken.None);

        await stream.DisposeAsync();

        source.IsDisposed.Should().BeTrue();
        (await stream.MoveNextAsync(CancellationToken.None)).Should().BeFalse();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_ending_hears_once_of_the_end_and_goes_after_the_source(bool isReadToItsEnd)
    {
        var source = new ByteStream(Utf8(LlamaStream), new GatewayError(502, "upstream_error", "broken"));
        var stream = new CleanAnswerStream(source, new AnswerPolicy(), TimeProvider.System);
        await stream.CommitAsync(CancellationToken.None);
        var ending = new Ending(source);
        stream.EndWith(ending);

        if (isReadToItsEnd)
        {
            await ReadAllAsync(stream);
            stream.Step().Should().Be(StreamStep.End);
            ending.Told.Should().Be(1);
            stream.Failure!.Message.Should().Be("told otherwise");
        }

        await stream.DisposeAsync();

        ending.Told.Should().Be(1);
        ending.WentAfterTheSource.Should().BeTrue();
    }

    [Fact]
    public async Task A_cleaned_stream_says_what_the_cleaned_document_says()
    {
        string[] parts =
        [
            "<think>", "</think>", "<thinking>", "</thinking>", "plan", " ", "\n", "answer", "é😀", "<", "<b>", "◁think▷", "◁/think▷", "<|channel|>", "analysis", "final",
            "<|message|>", "<|end|>", "<|begin_of_thought|>", "<|end_of_thought|>", "<|begin_of_solution|>", "<|end_of_solution|>", "\"", "\\",
        ];
        var seed = Environment.TickCount;
        var random = new Random(seed);
        for (var i = 0; i < 2000; i++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(1, 12)).Select(_ => parts[random.Next(parts.Length)]));
            var policy = new AnswerPolicy
            {
                Strip = (ReasoningStrip)random.Next(4),
                ExposeReasoning = random.Next(4) == 0,
                Rescue = false,
                Brand = random.Next(3) == 0 ? "B" : null,
            };
            List<string> payloads = [Role, .. Cut(text, random).Select(ContentChunk), Stop, Done];
            if (policy.Strip is ReasoningStrip.Leading or ReasoningStrip.Anywhere && ReasoningCloser.FindLone(text).Length > 0)
            {
                continue;
            }

            var (start, events, stream) = await RunAsync(SseOf([.. payloads]), policy);

            var document = CompletionEditor.Clean(Utf8(Completion("{\"content\":" + Quote(text) + "}")), policy)!;
            var because = $"seed {seed}, text {text}, strip {policy.Strip}, exposed {policy.ExposeReasoning}";
            stream.Failure.Should().BeNull(because);
            Join(events).Should().Be(document.Completion.Text, because);
            stream.ContentChars.Should().Be(document.ContentChars, because);
            if (!policy.ExposeReasoning)
            {
                (start is AnswerStart.Committed).Should().Be(document.IsUsable, because);
            }
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Plain_events_pass_without_allocating(bool withContract)
    {
        var payloads = Enumerable.Range(0, 1000).Select(i => ContentChunk("word" + (i % 10))).ToArray();
        await using var stream = Clean(SseOf(payloads), new AnswerPolicy { Contract = withContract ? ToolContract.WithoutTools : null });
        for (var i = 0; i < 100; i++)
        {
            await stream.MoveNextAsync(CancellationToken.None);
        }

        var allocated = 0L;
        for (var i = 0; i < 600; i++)
        {
            // Waiting for more bytes may allocate; an event that is here may not.
            var before = GC.GetAllocatedBytesForCurrentThread();
            var isHere = stream.Step() is StreamStep.Event;
            allocated += GC.GetAllocatedBytesForCurrentThread() - before;
            if (!isHere)
            {
                await stream.MoveNextAsync(CancellationToken.None);
            }
        }

        // A collection meanwhile counts the rest of the thread's 8 KB allocation buffer; one smallest object an event would be more.
        allocated.Should().BeLessThan(600 * 24);
    }

    private sealed class Ending(ByteStream source) : IAnswerEnding
    {
        public int Told { get; private set; }

        public bool WentAfterTheSource { get; private set; }

        public GatewayError? Note(CleanAnswerStream stream)
        {
            Told++;
            return stream.Failure is { } failure ? failure with { Message = "told otherwise" } : null;
        }

        public void Dispose() => WentAfterTheSource = source.IsDisposed;
    }
}
