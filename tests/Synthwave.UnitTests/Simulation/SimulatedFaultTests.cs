using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Synthwave.Simulation;
using Synthwave.TestKit;

namespace Synthwave.UnitTests.Simulation;

public sealed class SimulatedFaultTests : IDisposable
{
    private const string Text = "one two three four five six";

    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false, MaxResponseDrainSize = 0 });
    private readonly CancellationTokenSource _watch = new(TimeSpan.FromSeconds(30));

    public void Dispose()
    {
        _client.Dispose();
        _watch.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Refuse_closes_the_connection_before_any_byte(bool streamed)
    {
        await using var server = await StartAsync(new(SimulatedFaultKind.Refuse));

        var (bytes, reset) = await RawAsync(server, streamed);

        bytes.Should().BeEmpty();
        reset.Should().BeFalse();
    }

    [Fact]
    public async Task Refused_port_refuses_the_connection()
    {
        using var port = new RefusedPort();

        var call = () => _client.PostChatAsync(port.BaseUrl, ChatCall.Body("m"), _watch.Token);

        (await call.Should().ThrowAsync<HttpRequestException>()).Which.InnerException
            .Should().BeOfType<SocketException>().Which.SocketErrorCode.Should().Be(SocketError.ConnectionRefused);
    }

    [Fact]
    public async Task Status_has_an_openai_body_and_retry_after()
    {
        await using var server = await StartAsync(new(SimulatedFaultKind.Status) { Status = 429, RetryAfter = 7 });

        using var response = await CallAsync(server, streamed: true);

        await response.ShouldBeErrorAsync(HttpStatusCode.TooManyRequests, "simulated_fault", "rate_limit_error");
        response.Headers.RetryAfter!.Delta.Should().Be(TimeSpan.FromSeconds(7));
    }

    [Theory]
    [InlineData("{\"detail\":1}", "application/json")]
    [InlineData("upstream is sad", "text/plain")]
    public async Task Status_can_have_any_body(string body, string type)
    {
        await using var server = await StartAsync(new(SimulatedFaultKind.Status) { Status = 502, Body = body });

        using var response = await CallAsync(server, streamed: false);

        response.StatusCode.Should().Be(HttpStatusCode.BadGateway);
        (await response.Content.ReadAsStringAsync()).Should().Be(body);
        response.Content.Headers.ContentType!.MediaType.Should().Be(type);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Stall_before_the_head_lasts_until_the_client_leaves(bool streamed)
    {
        await using var server = await StartAsync(new(SimulatedFaultKind.Stall));
        using var abort = new CancellationTokenSource();

        var call = _client.PostChatAsync(server.BaseUrl, ChatCall.Body("m", stream: streamed), abort.Token);
        await server.WhenRequestsAsync(1, _watch.Token);
        call.IsCompleted.Should().BeFalse();
        await abort.CancelAsync();

        await call.Invoking(c => c).Should().ThrowAsync<OperationCanceledException>();
        await server.Requests.Single().Aborted.WaitAsync(_watch.Token);
        await server.Requests.Single().Ended.WaitAsync(_watch.Token);
    }

    [Theory]
    [InlineData(0, "")]
    [InlineData(2, "one two")]
    public async Task Stall_after_tokens_sends_the_head_and_that_many(int tokens, string content)
    {
        await using var server = await StartAsync(new(SimulatedFaultKind.Stall) { AfterTokens = tokens });

        using var response = await CallAsync(server, streamed: true);
        var stream = await response.Content.ReadAsStreamAsync(_watch.Token);
        var seen = await ReadUntilAsync(stream, bytes => CountEvents(bytes) == tokens + 1);
        var more = stream.ReadAsync(new byte[1], _watch.Token).AsTask();

        (await SseCapture.ReadAsync(new MemoryStream(seen))).Content.Should().Be(content);
        more.IsCompleted.Should().BeFalse();
        response.Dispose();
        await server.Requests.Single().Aborted.WaitAsync(_watch.Token);
        await more.Invoking(m => m).Should().ThrowAsync<Exception>("the body was disposed under the read");
    }

    [Fact]
    public async Task Stall_in_a_buffered_answer_sends_half_of_it()
    {
        await using var server = await StartAsync(new(SimulatedFaultKind.Stall) { AfterTokens = 1 });

        using var response = await CallAsync(server, streamed: false);
        var stream = await response.Content.ReadAsStreamAsync(_watch.Token);
        var some = new byte[10];
        await stream.ReadExactlyAsync(some, _watch.Token);

        Encoding.UTF8.GetString(some).Should().StartWith("{\"id\":");
        server.Requests.Single().Ended.IsCompleted.Should().BeFalse();
    }

    [Theory]
    [InlineData(true, 0, "")]
    [InlineData(true, 3, "one two three")]
    [InlineData(false, 0, "")]
    public async Task Reset_is_an_rst_after_the_tokens_have_arrived(bool streamed, int tokens, string content)
    {
        await using var server = await StartAsync(new(SimulatedFaultKind.Reset) { AfterTokens = tokens });

        var (bytes, reset) = await RawAsync(server, streamed);

        reset.Should().BeTrue();
        var text = Encoding.UTF8.GetString(bytes);
        text.Should().StartWith("HTTP/1.1 200 OK\r\n").And.Contain(streamed ? "text/event-stream" : "application/json");
        text.Should().NotContain("[DONE]").And.NotEndWith("0\r\n\r\n");
        if (streamed)
        {
            string.Concat(Events(text).Select(e => e.GetProperty("choices")[0].GetProperty("delta").GetProperty("content").GetString())).Should().Be(content);
        }
    }

    [Fact]
    public async Task Reset_breaks_the_body_of_an_http_client()
    {
        await using var server = await StartAsync(new(SimulatedFaultKind.Reset) { AfterTokens = 2 });

        using var response = await CallAsync(server, streamed: true);
        var stream = await SseCapture.ReadAsync(response, cancellationToken: _watch.Token);

        stream.Content.Should().Be("one two");
        stream.Broken.Should().NotBeNull();
        stream.Done.Should().BeFalse();
        await server.Requests.Single().Ended.WaitAsync(_watch.Token);
        server.Requests.Single().Aborted.IsCompleted.Should().BeFalse("the server ended it, not the client");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Trickle_sends_a_byte_each_interval(bool streamed)
    {
        var clock = new ManualTimeProvider();
        var fault = new SimulatedFault(SimulatedFaultKind.Trickle) { Interval = TimeSpan.FromSeconds(1) };
        await using var server = await SimulatedServer.StartAsync([SimulatedModel.Saying("m", Text) with { Fault = fault }], new() { Time = clock });

        using var response = await CallAsync(server, streamed);
        var stream = await response.Content.ReadAsStreamAsync(_watch.Token);
        var seen = new List<byte>();
        var buffer = new byte[100];
        for (var i = 0; i < 10; i++)
        {
            var read = await stream.ReadAsync(buffer, _watch.Token);
            read.Should().Be(1);
            seen.Add(buffer[0]);
            await clock.WhenTimersAsync(1, _watch.Token);
            clock.Advance(TimeSpan.FromSeconds(1));
        }

        Encoding.UTF8.GetString([.. seen]).Should().Be(streamed ? "data: {\"id" : "{\"id\":\"cha");
        response.Dispose();
        await server.Requests.Single().Aborted.WaitAsync(_watch.Token);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Endless_goes_on_until_the_client_leaves(bool streamed)
    {
        await using var server = await StartAsync(new(SimulatedFaultKind.Endless));

        using var response = await CallAsync(server, streamed);
        var stream = await response.Content.ReadAsStreamAsync(_watch.Token);
        var seen = await ReadUntilAsync(stream, bytes => bytes.Length > 300_000);

        Encoding.UTF8.GetString(seen).Should().NotContain("[DONE]");
        (CountEvents(seen) > 1000).Should().Be(streamed);
        response.Dispose();
        await server.Requests.Single().Aborted.WaitAsync(_watch.Token);
        await server.Requests.Single().Ended.WaitAsync(_watch.Token);
    }

    [Fact]
    public async Task Endless_ends_when_the_server_is_disposed()
    {
        var server = await StartAsync(new(SimulatedFaultKind.Endless));
        using var response = await CallAsync(server, streamed: true);
        await using var body = await response.Content.ReadAsStreamAsync(_watch.Token);
        var reading = body.CopyToAsync(Stream.Null, _watch.Token);

        await server.DisposeAsync().AsTask().WaitAsync(_watch.Token);

        await reading.Invoking(r => r).Should().ThrowAsync<IOException>("the body was cut off, not ended");
        await server.Requests.Single().Ended.WaitAsync(_watch.Token);
    }

    [Fact]
    public async Task Bad_json_buffered_breaks_off_in_a_complete_body()
    {
        await using var server = await StartAsync(new(SimulatedFaultKind.BadJson));

        using var response = await CallAsync(server, streamed: false);
        var body = await response.Content.ReadAsStringAsync(_watch.Token);

        response.StatusCode.Should().Be(HttpStatusCode.OK);
        var parse = () => JsonElement.Parse(body);
        parse.Should().Throw<JsonException>();
    }

    [Fact]
    public async Task Bad_json_streamed_breaks_one_event_and_goes_on()
    {
        await using var server = await StartAsync(new(SimulatedFaultKind.BadJson) { AfterTokens = 1 });

        using var response = await CallAsync(server, streamed: true);
        var stream = await SseCapture.ReadAsync(response, cancellationToken: _watch.Token);

        stream.Events.Should().HaveCount(5);
        var parse = () => stream.Events.ElementAt(2).Json;
        parse.Should().Throw<JsonException>();
        stream.Done.Should().BeTrue();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Bad_sse_has_the_type_but_no_event(bool streamed)
    {
        await using var server = await StartAsync(new(SimulatedFaultKind.BadSse));

        using var response = await CallAsync(server, streamed);
        var stream = await SseCapture.ReadAsync(response, cancellationToken: _watch.Token);

        response.Content.Headers.ContentType!.MediaType.Should().Be("text/event-stream");
        stream.Broken.Should().BeNull();
        stream.Events.Where(e => e.Text.Length > 0).Should().BeEmpty();
    }

    [Fact]
    public async Task Wrong_type_is_a_web_page_with_status_200()
    {
        await using var server = await StartAsync(new(SimulatedFaultKind.WrongType));

        using var response = await CallAsync(server, streamed: true);

        response.StatusCode.Should().Be(HttpStatusCode.OK);
        response.Content.Headers.ContentType!.MediaType.Should().Be("text/html");
        (await response.Content.ReadAsStringAsync()).Should().StartWith("<!doctype html>");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Empty_is_a_complete_answer_without_text(bool streamed)
    {
        await using var server = await StartAsync(new(SimulatedFaultKind.Empty));

        using var response = await CallAsync(server, streamed);

        if (streamed)
        {
            (await response.ShouldBeChatStreamAsync()).Content.Should().BeEmpty();
        }
        else
        {
            (await response.ShouldBeChatCompletionAsync()).GetProperty("content").GetString().Should().BeEmpty();
        }
    }

    [Fact]
    public async Task Empty_body_has_no_byte()
    {
        await using var server = await StartAsync(new(SimulatedFaultKind.EmptyBody));

        using var response = await CallAsync(server, streamed: false);

        response.StatusCode.Should().Be(HttpStatusCode.OK);
        response.Content.Headers.ContentType!.MediaType.Should().Be("application/json");
        (await response.Content.ReadAsByteArrayAsync()).Should().BeEmpty();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Invalid_utf8_is_in_the_text(bool streamed)
    {
        await using var server = await StartAsync(new(SimulatedFaultKind.InvalidUtf8));

        using var response = await CallAsync(server, streamed);
        var bytes = await response.Content.ReadAsByteArrayAsync();

        var strict = () => new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
        strict.Should().Throw<DecoderFallbackException>();
        Encoding.UTF8.GetString(bytes).Should().Contain("caf\uFFFD(");
    }

    [Fact]
    public async Task Redirect_points_elsewhere()
    {
        await using var server = await StartAsync(new(SimulatedFaultKind.Redirect));

        using var response = await CallAsync(server, streamed: false);

        response.StatusCode.Should().Be(HttpStatusCode.Found);
        response.Headers.Location.Should().Be(new Uri($"http://127.0.0.1:{server.Port}/elsewhere"));
    }

    [Fact]
    public async Task Early_close_ends_the_stream_in_order_but_unfinished()
    {
        await using var server = await StartAsync(new(SimulatedFaultKind.EarlyClose) { AfterTokens = 2 });

        using var response = await CallAsync(server, streamed: true);
        var stream = await SseCapture.ReadAsync(response, cancellationToken: _watch.Token);

        stream.Broken.Should().BeNull();
        stream.Content.Should().Be("one two");
        stream.FinishReason.Should().BeNull();
        stream.Done.Should().BeFalse();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Huge_is_valid_and_of_the_size_asked_for(bool streamed)
    {
        const int size = 3_000_001;
        await using var server = await StartAsync(new(SimulatedFaultKind.Huge) { Bytes = size });

        using var response = await CallAsync(server, streamed);

        if (streamed)
        {
            (await response.ShouldBeChatStreamAsync()).Content.Should().HaveLength(size);
        }
        else
        {
            (await response.ShouldBeChatCompletionAsync()).GetProperty("content").GetString().Should().HaveLength(size);
        }
    }

    [Fact]
    public async Task Json_for_stream_is_a_complete_json_answer()
    {
        await using var server = await StartAsync(new(SimulatedFaultKind.JsonForStream));

        using var response = await CallAsync(server, streamed: true);

        (await response.ShouldBeChatCompletionAsync()).GetProperty("content").GetString().Should().Be(Text);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Wrong_length_promises_more_than_it_sends(bool streamed)
    {
        await using var server = await StartAsync(new(SimulatedFaultKind.WrongLength));

        using var response = await CallAsync(server, streamed);
        var promised = response.Content.Headers.ContentLength;
        var read = () => response.Content.ReadAsByteArrayAsync(_watch.Token);

        promised.Should().BePositive();
        (await read.Should().ThrowAsync<HttpRequestException>()).Which.HttpRequestError.Should().Be(HttpRequestError.ResponseEnded);
    }

    [Fact]
    public async Task Every_and_first_choose_the_calls_that_are_struck()
    {
        await using var server = await StartAsync(new(SimulatedFaultKind.Status) { Status = 503, Every = 2, First = 5 });
        var statuses = new List<int>();

        for (var i = 0; i < 8; i++)
        {
            using var response = await CallAsync(server, streamed: false);
            statuses.Add((int)response.StatusCode);
        }

        statuses.Should().Equal(200, 503, 200, 503, 200, 200, 200, 200);
    }

    [Fact]
    public async Task Responder_can_strike_one_call()
    {
        await using var server = await SimulatedServer.StartAsync(
            SimulatedModel.Answering("m", r => r.LastUserText == "fail" ? new() { Fault = new(SimulatedFaultKind.Status) { Status = 418 } } : SimulatedAnswer.Of("fine")));

        using var bad = await _client.PostChatAsync(server.BaseUrl, ChatCall.Body("m", "fail"));
        using var good = await _client.PostChatAsync(server.BaseUrl, ChatCall.Body("m", "please"));

        ((int)bad.StatusCode).Should().Be(418);
        await good.ShouldBeChatCompletionAsync();
    }

    [Fact]
    public async Task Catalog_can_fail_and_recover()
    {
        await using var server = await StartAsync(fault: null);

        server.CatalogFault = new(SimulatedFaultKind.Status) { Status = 503 };
        using var down = await _client.GetAsync(new Uri(server.BaseUrl + "/models"));
        server.CatalogFault = null;
        using var up = await _client.GetAsync(new Uri(server.BaseUrl + "/models"));

        down.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        up.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Connection_serves_again_after_a_fault_in_correct_http()
    {
        await using var server = await StartAsync(new(SimulatedFaultKind.EarlyClose) { First = 1 });

        using (var faulty = await CallAsync(server, streamed: true))
        {
            await faulty.Content.ReadAsByteArrayAsync(_watch.Token);
        }

        using var good = await CallAsync(server, streamed: true);
        (await good.ShouldBeChatStreamAsync()).Content.Should().Be(Text);
    }

    private static Task<SimulatedServer> StartAsync(SimulatedFault? fault) => SimulatedServer.StartAsync(SimulatedModel.Saying("m", Text) with { Fault = fault });

    private Task<HttpResponseMessage> CallAsync(SimulatedServer server, bool streamed) =>
        _client.PostChatAsync(server.BaseUrl, ChatCall.Body("m", stream: streamed), _watch.Token);

    /// <summary>All bytes of the answer as they are on the wire, and whether they end in a reset.</summary>
    private async Task<(byte[] Bytes, bool Reset)> RawAsync(SimulatedServer server, bool streamed)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, server.Port, _watch.Token);
        var body = ChatCall.Body("m", stream: streamed);
        var request = $"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}";
        await socket.SendAsync(Encoding.UTF8.GetBytes(request), _watch.Token);
        var received = new List<byte>();
        var buffer = new byte[4096];
        try
        {
            int read;
            while ((read = await socket.ReceiveAsync(buffer, _watch.Token)) > 0)
            {
                received.AddRange(buffer.AsSpan(0, read));
            }

            return ([.. received], false);
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionReset)
        {
            return ([.. received], true);
        }
    }

    private async Task<byte[]> ReadUntilAsync(Stream stream, Func<byte[], bool> enough)
    {
        var seen = new MemoryStream();
        var buffer = new byte[64 * 1024];
        while (!enough(seen.ToArray()))
        {
            var read = await stream.ReadAsync(buffer, _watch.Token);
            read.Should().BePositive();
            seen.Write(buffer, 0, read);
        }

        return seen.ToArray();
    }

    private static int CountEvents(byte[] bytes) => bytes.AsSpan().Count("\n\n"u8);

    private static IEnumerable<JsonElement> Events(string wire) =>
        wire.Split('\n').Where(l => l.StartsWith("data: ", StringComparison.Ordinal)).Select(l => JsonElement.Parse(l["data: ".Length..]));
}
