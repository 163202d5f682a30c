using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Synthwave.IntegrationTests.Upstreams;
using Synthwave.TestKit;

namespace Synthwave.IntegrationTests.BadDays;

/// <summary>A 200 whose stream begins with an error is that error: it is retried or goes to the next one as if it had come with its status.</summary>
public sealed class FirstEventErrorTests
{
    private const string OpenAi = "openai";
    private const string Anthropic = "anthropic";
    private const string Head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n";

    private const string OpenAiRole = "data: {\"id\":\"x\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null}]}\n\n";
    private const string Text = "data: {\"id\":\"x\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hello there\"},\"finish_reason\":null}]}\n\n";
    private const string Ended = "data: {\"id\":\"x\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";

    private const string AnthropicStart = "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"content\":[],\"model\":\"m\",\"stop_reason\":null,\"usage\":{\"input_tokens\":5,\"output_tokens\":1}}}\n\n";
    private const string AnthropicText =
        "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n"
        + "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"Hello there\"}}\n\n";

    private const string AnthropicEnded =
        "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n"
        + "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\",\"stop_sequence\":null},\"usage\":{\"output_tokens\":3}}\n\n"
        + "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";

    // The status it would have come with, and how it is told.
    private static readonly ImmutableArray<(string Protocol, int Status, string Event)> Errors =
    [
        (Anthropic, 503, AnthropicError("overloaded_error", "Overloaded")),
        (Anthropic, 429, AnthropicError("rate_limit_error", "This request would exceed your organization's rate limit.")),
        (Anthropic, 500, AnthropicError("api_error", "Internal server error")),
        (Anthropic, 504, AnthropicError("timeout_error", "The request took too long.")),
        (Anthropic, 503, "data: {\"error\":{\"code\":503,\"message\":\"no healthy upstream\"}}\n\n"),
        (OpenAi, 503, "data: {\"error\":{\"message\":\"The engine is currently overloaded, please try again later\",\"type\":\"engine_overloaded_error\"}}\n\n"),
        (OpenAi, 429, "data: {\"error\":{\"message\":\"Rate limit reached for model\",\"type\":\"tokens\",\"code\":\"rate_limit_exceeded\"}}\n\n"),
        (OpenAi, 500, "data: {\"error\":{\"message\":\"The server had an error while processing your request.\",\"type\":\"server_error\",\"param\":null,\"code\":null}}\n\n"),
        (OpenAi, 502, "event: error\ndata: {\"error\":{\"message\":\"Provider returned error\",\"code\":502}}\n\n"),
        (OpenAi, 503, "data: {\"error\":{\"message\":\"Overloaded\",\"type\":\"overloaded_error\"}}\n\n"),
        (OpenAi, 500, "data: {\"object\":\"error\",\"message\":\"boom\",\"type\":\"InternalServerError\",\"param\":null,\"code\":500}\n\n"),
        (OpenAi, 429, "data: {\"code\":\"429\",\"msg\":\"too many requests\"}\n\n"),
        (OpenAi, 502, "data: {\"id\":\"x\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"error\":{\"code\":502,\"message\":\"Upstream error\"},\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\"},\"finish_reason\":\"error\"}]}\n\n"),
    ];

    public static TheoryData<int, string> Cells
    {
        get
        {
            var cells = new TheoryData<int, string>();
            for (var i = 0; i < Errors.Length; i++)
            {
                foreach (var ahead in (string[])["nothing", "comment", "ping", "role"])
                {
                    cells.Add(i, ahead);
                }
            }

            return cells;
        }
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task It_is_retried_where_nobody_else_can_answer(int error, string ahead)
    {
        var asked = 0;
        await using var upstream = Script(error, ahead, fails: _ => Interlocked.Increment(ref asked) == 1);
        await using var gateway = await TestGateway.StartAsync(Toml(upstream.BaseUrl, Errors[error].Protocol, "max_retry_wait_secs = 0"));

        using var response = await gateway.Client.PostChatAsync(gateway.Address + "v1", ChatCall.Body("a", stream: true, more: "\"x_meta_model\":{\"trace\":true}"));
        var stream = await response.ShouldBeChatStreamAsync();

        stream.Content.Should().Be("Hello there");
        asked.Should().Be(2);
        var calls = Trace(stream).GetProperty("calls");
        calls.GetArrayLength().Should().Be(1, "an attempt is no call of its own");
        calls[0].GetProperty("attempts").GetInt32().Should().Be(2);
        calls[0].GetProperty("outcome").GetString().Should().Be("success");
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task It_goes_to_the_next_one(int error, string ahead)
    {
        await using var upstream = Script(error, ahead, fails: name => name == "a");
        await using var gateway = await TestGateway.StartAsync(Toml(upstream.BaseUrl, Errors[error].Protocol));

        using var response = await gateway.Client.PostChatAsync(gateway.Address + "v1", ChatCall.Body("cascade", stream: true, more: "\"x_meta_model\":{\"trace\":true}"));
        var stream = await response.ShouldBeChatStreamAsync();

        stream.Content.Should().Be("Hello there");
        var calls = Trace(stream).GetProperty("calls").EnumerateArray().ToArray();
        calls.Select(c => $"{c.GetProperty("upstream")}:{c.GetProperty("outcome")}:{c.GetProperty("attempts")}").Should().Equal("a:failed:1", "b:success:1");
        calls[0].GetProperty("reason").GetString().Should().Be("non_2xx");
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task It_has_its_status_when_nobody_answers(int error, string ahead)
    {
        await using var upstream = Script(error, ahead, fails: _ => true);
        await using var gateway = await TestGateway.StartAsync(Toml(upstream.BaseUrl, Errors[error].Protocol, "retries = 1\nmax_retry_wait_secs = 0"));

        foreach (var profile in (string[])["a", "cascade"])
        {
            using var response = await gateway.Client.PostChatAsync(gateway.Address + "v1", ChatCall.Body(profile, stream: true));

            ((int)response.StatusCode).Should().Be(Errors[error].Status, "{0}: {1}", profile, await response.Content.ReadAsStringAsync());
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_synthesizer_and_a_buffered_call_are_retried_too(bool stream)
    {
        var asked = 0;
        await using var upstream = new RawUpstream(async call =>
        {
            if (!IsChat(call, out var name))
            {
                await RefuseAsync(call);
            }
            else if (call.Body.Contains("\"stream\":true", StringComparison.Ordinal))
            {
                await call.SendAsync(Head + (Interlocked.Increment(ref asked) == 1 ? Errors[5].Event : OpenAiRole + Text + Ended));
            }
            else
            {
                // Events that nobody asked for.
                await call.SendAsync(Head + (name == "s" && Interlocked.Increment(ref asked) == 1 ? OpenAiRole + Errors[5].Event : OpenAiRole + Text.Replace("there", name, StringComparison.Ordinal) + Ended));
            }

            call.Close();
        });
        await using var gateway = await TestGateway.StartAsync(Toml(upstream.BaseUrl, OpenAi, "max_retry_wait_secs = 0"));

        using var response = await gateway.Client.PostChatAsync(gateway.Address + "v1", ChatCall.Body("moa", stream: stream));
        var text = await response.Content.ReadAsStringAsync();

        text.Should().Contain(stream ? "Hello there" : "Hello s");
        asked.Should().Be(2);
    }

    [Theory]
    [InlineData(OpenAi)]
    [InlineData(Anthropic)]
    public async Task After_the_first_content_it_is_an_event_of_its_kind(string protocol)
    {
        var asked = 0;
        await using var upstream = new RawUpstream(async call =>
        {
            if (!IsChat(call, out _))
            {
                await RefuseAsync(call);
                call.Close();
                return;
            }

            asked++;
            await call.SendAsync(Head + (protocol == OpenAi ? OpenAiRole + Text + Errors[5].Event : AnthropicStart + AnthropicText + Errors[0].Event));
            call.Close();
        });
        await using var gateway = await TestGateway.StartAsync(Toml(upstream.BaseUrl, protocol));

        using var response = await gateway.Client.PostChatAsync(gateway.Address + "v1", ChatCall.Body("cascade", stream: true));
        var stream = await SseCapture.ReadAsync(response);

        stream.Content.Should().Be("Hello there");
        stream.Error!.Value.GetProperty("code").GetString().Should().Be("upstream_error");
        stream.Error!.Value.GetProperty("type").GetString().Should().NotBeNullOrEmpty();
        stream.Done.Should().BeFalse();
        asked.Should().Be(1);
    }

    [Fact]
    public async Task An_error_after_content_that_nobody_saw_is_not_paid_for_twice()
    {
        var asked = 0;
        await using var upstream = new RawUpstream(async call =>
        {
            if (!IsChat(call, out _))
            {
                await RefuseAsync(call);
                call.Close();
                return;
            }

            asked++;
            await call.SendAsync(Head + OpenAiRole + Text.Replace("Hello there", "<think>A long thought", StringComparison.Ordinal) + Errors[5].Event);
            call.Close();
        });
        await using var gateway = await TestGateway.StartAsync(Toml(upstream.BaseUrl, OpenAi));

        using var response = await gateway.Client.PostChatAsync(gateway.Address + "v1", ChatCall.Body("a", stream: true));

        ((int)response.StatusCode).Should().Be(503);
        asked.Should().Be(1);
    }

    private static RawUpstream Script(int error, string ahead, Func<string, bool> fails)
    {
        var (protocol, _, words) = Errors[error];
        var start = (protocol, ahead) switch
        {
            (_, "comment") => ": OPENROUTER PROCESSING\n\n",
            (Anthropic, "ping") => "event: ping\ndata: {\"type\":\"ping\"}\n\n",
            (OpenAi, "ping") => "event: ping\ndata: {\"choices\":[],\"object\":\"chat.completion.chunk\"}\n\n",
            (Anthropic, "role") => AnthropicStart,
            (OpenAi, "role") => OpenAiRole,
            _ => "",
        };
        var answer = protocol is OpenAi ? OpenAiRole + Text + Ended : AnthropicStart + AnthropicText + AnthropicEnded;
        return new RawUpstream(async call =>
        {
            if (IsChat(call, out var name))
            {
                await call.SendAsync(Head + (fails(name) ? start + words : answer));
            }
            else
            {
                await RefuseAsync(call);
            }

            call.Close();
        });
    }

    private static bool IsChat(RawCall call, out string name)
    {
        name = "";
        if (!call.Head.StartsWith("POST", StringComparison.Ordinal))
        {
            return false;
        }

        name = JsonElement.Parse(call.Body).GetProperty("model").GetString()!;
        return true;
    }

    private static Task RefuseAsync(RawCall call) => call.SendAsync("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");

    private static string AnthropicError(string type, string message) => $"event: error\ndata: {{\"type\":\"error\",\"error\":{{\"type\":\"{type}\",\"message\":\"{message}\"}}}}\n\n";

    private static JsonElement Trace(SseCapture stream) => stream.Chunks.Select(c => c.TryGetProperty("x_meta_model", out var trace) ? trace : default).Last(t => t.ValueKind is JsonValueKind.Object);

    private static string Toml(string baseUrl, string protocol, string more = "") =>
        string.Concat(((string[])["a", "b", "s"]).Select(n => string.Create(
            CultureInfo.InvariantCulture,
            $"[upstreams.{n}]\nmodel_id = \"{n}\"\nbase_url = \"{baseUrl}\"\nprotocol = \"{protocol}\"\ncontext = 8192\nmax_output = 512\n{more}\n")))
        + "[profiles.cascade]\ntype = \"cascade\"\nupstreams = [\"a\", \"b\"]\n"
        + "[profiles.moa]\ntype = \"moa\"\ngenerators = [\"a\", \"b\"]\nsynthesizer = \"s\"\n";
}
