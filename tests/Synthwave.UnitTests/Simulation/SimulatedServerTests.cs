using System.Globalization;
using System.Net;
using System.Text.Json;
using Synthwave.Simulation;
using Synthwave.TestKit;

namespace Synthwave.UnitTests.Simulation;

public sealed class SimulatedServerTests : IDisposable
{
    private readonly HttpClient _client = new();

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task Buffered_answer_is_a_chat_completion_with_usage()
    {
        await using var server = await SimulatedServer.StartAsync(SimulatedModel.Saying("m", "Hello \"you\" é👍"));

        using var response = await _client.PostChatAsync(server.BaseUrl, ChatCall.Body("m"));

        var message = await response.ShouldBeChatCompletionAsync();
        message.GetProperty("content").GetString().Should().Be("Hello \"you\" é👍");
        var root = JsonElement.Parse(await response.Content.ReadAsStringAsync());
        root.GetProperty("model").GetString().Should().Be("m");
        root.GetProperty("usage").GetProperty("total_tokens").GetInt32().Should().BePositive();
    }

    [Fact]
    public async Task Stream_has_role_first_then_content_finish_usage_and_done()
    {
        await using var server = await SimulatedServer.StartAsync(SimulatedModel.Saying("m", "One two three"));

        using var response = await _client.PostChatAsync(server.BaseUrl, ChatCall.Body("m", stream: true, usage: true));

        var stream = await response.ShouldBeChatStreamAsync();
        stream.Content.Should().Be("One two three");
        stream.FinishReason.Should().Be("stop");
        stream.Usage!.Value.GetProperty("completion_tokens").GetInt32().Should().Be(3);
        var chunks = stream.Chunks.ToArray();
        chunks[0].GetProperty("choices")[0].GetProperty("delta").GetRawText().Should().Be("""{"role":"assistant","content":""}""");
        chunks[^1].GetProperty("choices").GetArrayLength().Should().Be(0);
        chunks[..^1].Should().OnlyContain(c => c.GetProperty("usage").ValueKind == JsonValueKind.Null);
        chunks.Select(c => c.GetProperty("id").GetString()).Distinct().Should().HaveCount(1);
    }

    [Fact]
    public async Task Stream_without_include_usage_has_no_usage_member()
    {
        await using var server = await SimulatedServer.StartAsync(SimulatedModel.Saying("m", "Hi"));

        using var response = await _client.PostChatAsync(server.BaseUrl, ChatCall.Body("m", stream: true));

        var stream = await response.ShouldBeChatStreamAsync();
        stream.Chunks.SelectMany(c => c.EnumerateObject()).Select(m => m.Name).Should().NotContain("usage");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Reasoning_and_text_arrive_in_their_own_fields(bool streamed)
    {
        await using var server = await SimulatedServer.StartAsync(SimulatedModel.Saying("m", "Answer.") with { Reasoning = "First I think." });

        using var response = await _client.PostChatAsync(server.BaseUrl, ChatCall.Body("m", stream: streamed));

        if (streamed)
        {
            var stream = await response.ShouldBeChatStreamAsync();
            stream.Reasoning.Should().Be("First I think.");
            stream.Content.Should().Be("Answer.");
        }
        else
        {
            var message = await response.ShouldBeChatCompletionAsync();
            message.GetProperty("reasoning_content").GetString().Should().Be("First I think.");
            message.GetProperty("content").GetString().Should().Be("Answer.");
        }
    }

    [Fact]
    public async Task Tool_calls_stream_as_a_start_and_argument_deltas()
    {
        var model = new SimulatedModel
        {
            Id = "m",
            Responder = _ => new SimulatedAnswer { ToolCalls = [new("add", """{"a": 1, "b": "two words"}"""), new("noop", "{}", "call_x")] },
        };
        await using var server = await SimulatedServer.StartAsync(model);

        using var response = await _client.PostChatAsync(server.BaseUrl, ChatCall.Body("m", stream: true));

        var stream = await response.ShouldBeChatStreamAsync();
        stream.FinishReason.Should().Be("tool_calls");
        stream.Chunks.First().GetProperty("choices")[0].GetProperty("delta").GetProperty("content").ValueKind.Should().Be(JsonValueKind.Null);
        var deltas = stream.Chunks.SelectMany(c => c.GetProperty("choices").EnumerateArray()).Select(c => c.GetProperty("delta"))
            .Where(d => d.TryGetProperty("tool_calls", out _)).Select(d => d.GetProperty("tool_calls")[0]).ToArray();
        var first = deltas.Where(d => d.GetProperty("index").GetInt32() == 0).ToArray();
        first[0].GetProperty("function").GetProperty("name").GetString().Should().Be("add");
        first[0].GetProperty("id").GetString().Should().StartWith("call_");
        first.Should().HaveCountGreaterThan(3);
        string.Concat(first.Select(d => d.GetProperty("function").GetProperty("arguments").GetString())).Should().Be("""{"a": 1, "b": "two words"}""");
        deltas.Single(d => d.TryGetProperty("id", out var id) && id.GetString() == "call_x").GetProperty("index").GetInt32().Should().Be(1);
    }

    [Fact]
    public async Task Tool_calls_of_a_buffered_answer_have_null_content()
    {
        await using var server = await SimulatedServer.StartAsync(SimulatedModel.Answering("m", _ => new() { ToolCalls = [new("f", "{}")] }));

        using var response = await _client.PostChatAsync(server.BaseUrl, ChatCall.Body("m"));

        var message = await response.ShouldBeChatCompletionAsync();
        message.GetProperty("content").ValueKind.Should().Be(JsonValueKind.Null);
        message.GetProperty("tool_calls")[0].GetProperty("function").GetProperty("name").GetString().Should().Be("f");
    }

    [Fact]
    public async Task Role_chunk_can_have_null_content()
    {
        await using var server = await SimulatedServer.StartAsync(SimulatedModel.Saying("m", "Hi") with { NullRoleContent = true });

        using var response = await _client.PostChatAsync(server.BaseUrl, ChatCall.Body("m", stream: true));

        var stream = await response.ShouldBeChatStreamAsync();
        stream.Content.Should().Be("Hi");
        stream.Chunks.First().GetProperty("choices")[0].GetProperty("delta").GetRawText().Should().Be("""{"role":"assistant","content":null}""");
    }

    [Fact]
    public async Task Replay_is_sent_byte_for_byte_in_portions_of_their_own()
    {
        var clock = new ManualTimeProvider();
        ReadOnlyMemory<byte>[] portions = ["da"u8.ToArray(), "ta: {}\n"u8.ToArray(), "\n"u8.ToArray()];
        var replay = new SimulatedReplay(203, "text/event-stream", [.. portions]) { Pause = TimeSpan.FromSeconds(1) };
        await using var server = await SimulatedServer.StartAsync([SimulatedModel.Answering("m", _ => new() { Replay = replay })], new() { Time = clock });

        using var response = await _client.PostChatAsync(server.BaseUrl, ChatCall.Body("m"));
        await using var stream = await response.Content.ReadAsStreamAsync();
        var buffer = new byte[100];
        var seen = new List<string>();
        for (var i = 0; i < portions.Length; i++)
        {
            seen.Add(System.Text.Encoding.UTF8.GetString(buffer, 0, await stream.ReadAsync(buffer)));
            await clock.WhenTimersAsync(1);
            clock.Advance(TimeSpan.FromSeconds(1));
        }

        ((int)response.StatusCode).Should().Be(203);
        seen.Should().Equal("da", "ta: {}\n", "\n");
        (await stream.ReadAsync(buffer)).Should().Be(0);
    }

    [Fact]
    public async Task Texts_are_given_in_turn_also_to_calls_at_once()
    {
        await using var server = await SimulatedServer.StartAsync(SimulatedModel.Saying("m", "a", "b", "c"));

        var answers = await Task.WhenAll(Enumerable.Range(0, 30).Select(async _ =>
        {
            using var response = await _client.PostChatAsync(server.BaseUrl, ChatCall.Body("m"));
            return (await response.ShouldBeChatCompletionAsync()).GetProperty("content").GetString();
        }));

        answers.GroupBy(a => a).Select(g => (g.Key, g.Count())).Should().BeEquivalentTo([("a", 10), ("b", 10), ("c", 10)]);
        server.CallsTo("m").Should().Be(30);
    }

    [Fact]
    public async Task Responder_sees_messages_with_text_parts()
    {
        await using var server = await SimulatedServer.StartAsync(
            SimulatedModel.Answering("m", r => SimulatedAnswer.Of($"{r.Call} {r.Stream} {r.Messages.Length} {r.LastUserText}")));

        using var response = await _client.PostChatAsync(server.BaseUrl, """
            {"messages":[{"role":"system","content":"s"},{"role":"user","content":[{"type":"text","text":"one"},{"type":"image_url","image_url":{"url":"x"}},{"type":"text","text":"two"}]}],"model":"m"}
            """);

        (await response.ShouldBeChatCompletionAsync()).GetProperty("content").GetString().Should().Be("1 False 2 one\ntwo");
    }

    [Fact]
    public async Task Max_tokens_cuts_the_answer_with_finish_reason_length()
    {
        await using var server = await SimulatedServer.StartAsync(SimulatedModel.Saying("m", "one two three four"));

        using var response = await _client.PostChatAsync(server.BaseUrl, ChatCall.Body("m", stream: true, more: "\"max_tokens\":2"));

        var stream = await response.ShouldBeChatStreamAsync();
        stream.Content.Should().Be("one two");
        stream.FinishReason.Should().Be("length");
    }

    [Fact]
    public async Task Unknown_model_bad_json_and_missing_model_are_openai_errors()
    {
        await using var server = await SimulatedServer.StartAsync(SimulatedModel.Saying("m", "Hi"));

        using var unknown = await _client.PostChatAsync(server.BaseUrl, ChatCall.Body("other"));
        using var broken = await _client.PostChatAsync(server.BaseUrl, "{\"model\":");
        using var nameless = await _client.PostChatAsync(server.BaseUrl, "{}");
        using var path = await _client.GetAsync(new Uri(server.BaseUrl + "/nothing"));

        await unknown.ShouldBeErrorAsync(HttpStatusCode.NotFound, "model_not_found", "not_found_error");
        await broken.ShouldBeErrorAsync(HttpStatusCode.BadRequest, code: null, "invalid_request_error");
        await nameless.ShouldBeErrorAsync(HttpStatusCode.BadRequest, code: null, "invalid_request_error");
        await path.ShouldBeErrorAsync(HttpStatusCode.NotFound, code: null, "not_found_error");
    }

    [Fact]
    public async Task Key_is_required_when_one_is_set()
    {
        await using var server = await SimulatedServer.StartAsync([SimulatedModel.Saying("m", "Hi")], new() { BearerKey = "k1" });

        using var without = await _client.PostChatAsync(server.BaseUrl, ChatCall.Body("m"));
        _client.DefaultRequestHeaders.Authorization = new("Bearer", "k1");
        using var with = await _client.PostChatAsync(server.BaseUrl, ChatCall.Body("m"));

        await without.ShouldBeErrorAsync(HttpStatusCode.Unauthorized, "invalid_api_key", "authentication_error");
        await with.ShouldBeChatCompletionAsync();
    }

    [Fact]
    public async Task Catalog_lists_listed_models_with_their_context()
    {
        await using var server = await SimulatedServer.StartAsync(
            SimulatedModel.Saying("a", "x") with { ContextLength = 4096 }, SimulatedModel.Saying("hidden", "x") with { Listed = false }, SimulatedModel.Saying("b", "x"));

        var root = JsonElement.Parse(await _client.GetStringAsync(new Uri(server.BaseUrl + "/models")));

        root.GetProperty("data").EnumerateArray().Select(m => m.GetProperty("id").GetString()).Should().Equal("a", "b");
        root.GetProperty("data")[0].GetProperty("context_length").GetInt32().Should().Be(4096);
        root.TryGetProperty("has_more", out _).Should().BeFalse();
    }

    [Fact]
    public async Task Catalog_in_pages_gives_each_model_once()
    {
        var models = Enumerable.Range(0, 7).Select(i => SimulatedModel.Saying(i.ToString(CultureInfo.InvariantCulture), "x"));
        await using var server = await SimulatedServer.StartAsync(models, new() { CatalogPageSize = 3 });
        var seen = new List<string?>();
        var pages = 0;

        for (var more = true; more; pages++)
        {
            var query = seen.Count == 0 ? "" : "?after=" + seen[^1];
            var root = JsonElement.Parse(await _client.GetStringAsync(new Uri($"{server.BaseUrl}/models{query}")));
            seen.AddRange(root.GetProperty("data").EnumerateArray().Select(m => m.GetProperty("id").GetString()));
            more = root.GetProperty("has_more").GetBoolean();
        }

        seen.Should().Equal("0", "1", "2", "3", "4", "5", "6");
        pages.Should().Be(3);
    }

    [Fact]
    public async Task Tokenize_numbers_equal_tokens_equally()
    {
        await using var server = await SimulatedServer.StartAsync(SimulatedModel.Saying("m", "x"));

        using var response = await _client.PostAsync(new Uri($"http://127.0.0.1:{server.Port}/tokenize"), ChatCall.Content("""{"content":"a b b"}"""));
        using var wrong = await _client.PostAsync(new Uri($"http://127.0.0.1:{server.Port}/tokenize"), ChatCall.Content("[1]"));

        var tokens = JsonElement.Parse(await response.Content.ReadAsStringAsync()).GetProperty("tokens").EnumerateArray().Select(t => t.GetInt32()).ToArray();
        tokens.Should().HaveCount(3);
        tokens[1].Should().Be(tokens[2]).And.NotBe(tokens[0]);
        await wrong.ShouldBeErrorAsync(HttpStatusCode.BadRequest, code: null);
    }

    [Fact]
    public async Task Paced_stream_sends_each_token_when_it_is_due()
    {
        var clock = new ManualTimeProvider();
        var model = SimulatedModel.Saying("m", "one two three") with { FirstTokenDelay = TimeSpan.FromMilliseconds(200), TokensPerSecond = 10 };
        await using var server = await SimulatedServer.StartAsync([model], new() { Time = clock });
        using var watch = new CancellationTokenSource(TimeSpan.FromSeconds(20));

        var sent = _client.PostChatAsync(server.BaseUrl, ChatCall.Body("m", stream: true), watch.Token);
        await clock.WhenTimersAsync(1, watch.Token);
        sent.IsCompleted.Should().BeFalse("the head comes with the first token");
        clock.UntilNextTimer.Should().Be(TimeSpan.FromMilliseconds(200));
        clock.Advance(TimeSpan.FromMilliseconds(200));
        using var response = await sent;
        var reading = SseCapture.ReadAsync(response, clock, watch.Token);
        for (var token = 0; token < 2; token++)
        {
            await clock.WhenTimersAsync(1, watch.Token);
            clock.UntilNextTimer.Should().Be(TimeSpan.FromMilliseconds(100));
            clock.Advance(TimeSpan.FromMilliseconds(100));
        }

        (await reading).Content.Should().Be("one two three");
    }

    [Fact]
    public async Task Paced_buffered_answer_takes_as_long_as_its_stream()
    {
        var clock = new ManualTimeProvider();
        var model = SimulatedModel.Saying("m", "one two three") with { FirstTokenDelay = TimeSpan.FromSeconds(1), TokensPerSecond = 1 };
        await using var server = await SimulatedServer.StartAsync([model], new() { Time = clock });

        var sent = _client.PostChatAsync(server.BaseUrl, ChatCall.Body("m"));
        await clock.WhenTimersAsync(1);

        clock.UntilNextTimer.Should().Be(TimeSpan.FromSeconds(3));
        clock.AdvanceToNextTimer();
        using var response = await sent;
        await response.ShouldBeChatCompletionAsync();
    }

    [Fact]
    public async Task Requests_are_recorded_with_path_headers_and_bytes()
    {
        await using var server = await SimulatedServer.StartAsync(SimulatedModel.Saying("m", "Hi"));
        _client.DefaultRequestHeaders.Add("X-Test", "v");
        var body = ChatCall.Body("m", "é");

        using var response = await _client.PostChatAsync(server.BaseUrl, body);
        await response.ShouldBeChatCompletionAsync();
        await server.WhenRequestsAsync(1);

        var record = server.ChatCalls.Should().ContainSingle().Which;
        record.Method.Should().Be("POST");
        record.Path.Should().Be("/v1/chat/completions");
        record.Headers["x-test"].Should().Be("v");
        record.BodyText.Should().Be(body);
        record.Model.Should().Be("m");
        await record.Ended.WaitAsync(TimeSpan.FromSeconds(10));
        record.Aborted.IsCompleted.Should().BeFalse();
    }

    [Fact]
    public async Task Recording_keeps_the_newest_and_can_be_off()
    {
        await using var two = await SimulatedServer.StartAsync([SimulatedModel.Saying("m", "Hi")], new() { RecordLimit = 2 });
        await using var none = await SimulatedServer.StartAsync([SimulatedModel.Saying("m", "Hi")], new() { RecordLimit = 0 });

        foreach (var prompt in new[] { "a", "b", "c" })
        {
            using var first = await _client.PostChatAsync(two.BaseUrl, ChatCall.Body("m", prompt));
            using var second = await _client.PostChatAsync(none.BaseUrl, ChatCall.Body("m", prompt));
        }

        two.Requests.Select(r => r.Json.GetProperty("messages")[0].GetProperty("content").GetString()).Should().Equal("b", "c");
        none.Requests.Should().BeEmpty();
        none.RequestCount.Should().Be(3);
    }

    [Fact]
    public async Task Client_that_goes_away_is_noticed_and_counts_no_longer()
    {
        await using var server = await SimulatedServer.StartAsync(SimulatedModel.Saying("m", "Hi") with { FirstTokenDelay = TimeSpan.FromHours(1) });
        using var abort = new CancellationTokenSource();

        var call = _client.PostChatAsync(server.BaseUrl, ChatCall.Body("m"), abort.Token);
        await server.WhenRequestsAsync(1);
        var inFlight = server.InFlight;
        await abort.CancelAsync();

        await call.Invoking(c => c).Should().ThrowAsync<OperationCanceledException>();
        var record = server.Requests.Single();
        await record.Aborted.WaitAsync(TimeSpan.FromSeconds(10));
        await record.Ended.WaitAsync(TimeSpan.FromSeconds(10));
        inFlight.Should().Be(1);
        server.InFlight.Should().Be(0);
    }

    [Fact]
    public async Task Peak_concurrency_is_the_most_calls_at_once()
    {
        var clock = new ManualTimeProvider();
        await using var server = await SimulatedServer.StartAsync(
            [SimulatedModel.Saying("m", "Hi") with { FirstTokenDelay = TimeSpan.FromSeconds(1) }], new() { Time = clock });

        var calls = Enumerable.Range(0, 3).Select(_ => _client.PostChatAsync(server.BaseUrl, ChatCall.Body("m"))).ToArray();
        await clock.WhenTimersAsync(3);
        clock.Advance(TimeSpan.FromSeconds(1));
        foreach (var response in await Task.WhenAll(calls))
        {
            response.Dispose();
        }

        server.PeakConcurrency.Should().Be(3);
    }

    [Fact]
    public async Task Disposing_ends_answers_in_progress_without_calling_it_an_abort()
    {
        var server = await SimulatedServer.StartAsync(SimulatedModel.Saying("m", "Hi") with { FirstTokenDelay = TimeSpan.FromHours(1) });
        var call = _client.PostChatAsync(server.BaseUrl, ChatCall.Body("m"));
        await server.WhenRequestsAsync(1);

        await server.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10));

        await call.Invoking(c => c).Should().ThrowAsync<HttpRequestException>();
        var record = server.Requests.Single();
        await record.Ended.WaitAsync(TimeSpan.FromSeconds(10));
        record.Aborted.IsCompleted.Should().BeFalse();
    }

    [Fact]
    public async Task Scripting_a_known_model_replaces_it_and_counts_anew()
    {
        await using var server = await SimulatedServer.StartAsync(SimulatedModel.Saying("m", "old") with { Fault = new(SimulatedFaultKind.Status) });
        using var before = await _client.PostChatAsync(server.BaseUrl, ChatCall.Body("m"));

        server.Script(SimulatedModel.Saying("m", "new"));
        using var after = await _client.PostChatAsync(server.BaseUrl, ChatCall.Body("m"));

        before.StatusCode.Should().Be(HttpStatusCode.InternalServerError);
        (await after.ShouldBeChatCompletionAsync()).GetProperty("content").GetString().Should().Be("new");
        server.CallsTo("m").Should().Be(1);
    }

    [Fact]
    public async Task Taken_port_is_an_io_exception()
    {
        await using var server = await SimulatedServer.StartAsync(SimulatedModel.Saying("m", "Hi"));

        var second = () => SimulatedServer.StartAsync([], new() { Port = server.Port });

        await second.Should().ThrowAsync<IOException>();
    }

    [Fact]
    public async Task Model_without_texts_and_responder_is_refused()
    {
        var start = () => SimulatedServer.StartAsync(new SimulatedModel { Id = "m", Texts = [] });

        await start.Should().ThrowAsync<ArgumentException>().WithMessage("*'m'*");
    }
}
