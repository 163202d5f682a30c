using System.Collections.Frozen;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Synthwave.Configuration;
using Synthwave.Simulation;
using Synthwave.Telemetry.Reports;
using Synthwave.Telemetry.Tracing;
using Synthwave.TestKit;
using Synthwave.Upstreams;
using Synthwave.Upstreams.Calls;
using Synthwave.Upstreams.Faults;
using Synthwave.Upstreams.Health;
using Synthwave.Upstreams.Learned;

namespace Synthwave.IntegrationTests.Upstreams;

public sealed class BufferedCallTests
{
    private const string Completion = """{"id":"x","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}]}""";

    [Fact]
    public async Task Answer_comes_back_whole_and_is_reported()
    {
        await using var server = await SimulatedServer.StartAsync(UpstreamBench.Model());
        using var bench = new UpstreamBench(server.BaseUrl);

        var reply = await bench.CallAsync();

        var complete = reply.Should().BeOfType<CompleteUpstreamReply>().Which;
        JsonElement.Parse(complete.Body.Span).GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString().Should().Be("one two three four five");
        bench.LastCall.Should().BeEquivalentTo(new { Outcome = CallOutcome.Succeeded, Reason = (string?)null, Status = 200, Attempts = 1, ResponseModel = "m", Upstream = "north", Model = "m" });
        bench.LastCall.Usage.Should().NotBeNull();
        bench.LastCall.FirstByteAt.Should().NotBeNull();
        bench.LastCall.EndedAt.Should().NotBeNull();
        bench.State.InFlight.Should().Be(0);
    }

    [Fact]
    public async Task Request_carries_the_gateways_headers_and_the_prepared_body()
    {
        await using var server = await SimulatedServer.StartAsync(UpstreamBench.Model());
        using var bench = new UpstreamBench(server.BaseUrl, c => c with
        {
            Credentials = new UpstreamCredentials { ApiKey = new Secret("key-1") },
            Headers = new Dictionary<string, Secret> { ["X-Team"] = new("blue"), ["Accept"] = new("application/x") }.ToFrozenDictionary(),
        });

        await bench.CallAsync(body: ChatCall.Body("ensemble", more: "\"x_meta_model\":{\"trace\":true}"));

        var request = server.ChatCalls.Single();
        request.Headers["Authorization"].Should().Be("Bearer key-1");
        request.Headers["X-Team"].Should().Be("blue");
        request.Headers["Accept"].Should().Be("application/x");
        request.Headers["Accept-Encoding"].Should().Be("identity");
        request.Headers["Content-Type"].Should().Be("application/json");
        request.Headers["Content-Length"].Should().Be(request.Body.Length.ToString(System.Globalization.CultureInfo.InvariantCulture));
        request.Headers["User-Agent"].Should().StartWith("synthwave/");
        request.BodyText.Should().Be(ChatCall.Body("m"));
    }

    [Theory]
    [InlineData("Allow", "POST")]
    [InlineData("Expires", "0")]
    [InlineData("Last-Modified", "Thu, 26 Nov 2026 00:00:00 GMT")]
    [InlineData("Cache-Control", "no-store")]
    [InlineData("TE", "trailers")]
    public async Task Every_configured_header_is_sent_whatever_its_kind(string name, string value)
    {
        await using var server = await SimulatedServer.StartAsync(UpstreamBench.Model());
        using var bench = new UpstreamBench(server.BaseUrl, c => c with { Headers = new Dictionary<string, Secret> { [name] = new(value) }.ToFrozenDictionary() });

        await bench.CallAsync();
        var probe = await HealthProbe.RunAsync(bench.Client, UpstreamBench.Listings, TimeProvider.System, UpstreamBench.Patience, CancellationToken.None);

        server.ChatCalls.Single().Headers[name].Should().Be(value);
        probe.Status.Should().Be(HealthState.Up, "a probe without a body leaves out what it cannot carry");
    }

    [Fact]
    public async Task The_calls_own_span_is_named_to_the_upstream_where_spans_are_listened_to_and_nothing_else_of_the_trace()
    {
        await using var server = await SimulatedServer.StartAsync(UpstreamBench.Model());
        using var bench = new UpstreamBench(server.BaseUrl);
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == Spans.SourceName,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
        };
        ActivitySource.AddActivityListener(listener);
        using var span = new Activity("request") { TraceStateString = "vendor=theirs" }.SetIdFormat(ActivityIdFormat.W3C).AddBaggage("tenant", "theirs").Start();

        await bench.CallAsync();

        var headers = server.ChatCalls.Single().Headers;
        headers["traceparent"].Should().Contain(span.TraceId.ToHexString()).And.NotContain(span.SpanId.ToHexString());
        headers.Keys.Should().NotContain(["tracestate", "baggage", "Correlation-Context"]);
    }

    [Fact]
    public async Task Large_body_is_sent_whole()
    {
        await using var server = await SimulatedServer.StartAsync(UpstreamBench.Model());
        using var bench = new UpstreamBench(server.BaseUrl);
        var body = ChatCall.Body("ensemble", new string('x', 3_000_000), more: "\"x_meta_model\":{}");

        await bench.CallAsync(body: body);

        server.ChatCalls.Single().BodyText.Should().Be(ChatCall.Body("m", new string('x', 3_000_000)));
    }

    [Fact]
    public async Task Hundred_calls_in_a_row_use_one_connection()
    {
        await using var server = new RawUpstream(call => call.SendAsync(Http(Completion)));
        using var bench = new UpstreamBench(server.BaseUrl);

        for (var i = 0; i < 100; i++)
        {
            (await bench.CallAsync()).Should().BeOfType<CompleteUpstreamReply>();
        }

        server.Connections.Should().Be(1);
    }

    [Fact]
    public async Task Refused_connection_is_unreachable_and_found_before_anything_was_sent()
    {
        using var port = new RefusedPort();
        using var bench = new UpstreamBench(port.BaseUrl);

        var fault = await bench.FaultAsync();

        fault.Should().Be(new UpstreamFault(UpstreamFaultKind.Unreachable) { DuringConnect = true, Trouble = TransportTrouble.Refused });
        bench.LastCall.Attempts.Should().Be(1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Connection_closed_before_the_head_is_unreachable(bool reset)
    {
        await using var server = new RawUpstream(call =>
        {
            call.Close(reset);
            return Task.CompletedTask;
        });
        using var bench = new UpstreamBench(server.BaseUrl);

        var fault = await bench.FaultAsync();

        (fault.Kind, fault.Status, fault.DuringConnect).Should().Be((UpstreamFaultKind.Unreachable, null, false));
    }

    [Theory]
    [InlineData("Reset", "Unreachable")]
    [InlineData("WrongLength", "Unreachable")]
    [InlineData("EarlyClose", "Malformed")]
    [InlineData("BadJson", "Malformed")]
    [InlineData("BadSse", "Malformed")]
    [InlineData("WrongType", "Malformed")]
    [InlineData("EmptyBody", "Malformed")]
    [InlineData("InvalidUtf8", "Malformed")]
    [InlineData("Redirect", "Redirected")]
    [InlineData("Refuse", "Unreachable")]
    public async Task Broken_reply_is_the_fault_it_is(string simulated, string kind)
    {
        await using var server = await SimulatedServer.StartAsync(UpstreamBench.Model(new SimulatedFault(Enum.Parse<SimulatedFaultKind>(simulated))));
        using var bench = new UpstreamBench(server.BaseUrl);

        var fault = await bench.FaultAsync();

        fault.Kind.ToString().Should().Be(kind);
        fault.IsRetryable().Should().BeFalse();
        server.RequestCount.Should().Be(1, "a redirect is not followed");
    }

    [Theory]
    [InlineData("data: {\"choices\":[]}\n\n", "StreamBroken")]
    [InlineData("data: [DONE]\n\n", "Malformed")]
    [InlineData("data: {\"choices\":[{\"delta\":{\"content\":\"hi\"}}]}\n\n", "StreamBroken")]
    [InlineData("data: {\"error\":{\"message\":\"Rate limit reached\"}}\n\n", "RateLimited")]
    [InlineData("data: nonsense\n\ndata: [DONE]\n\n", "Malformed")]
    public async Task Event_stream_without_an_answer_for_a_buffered_call_is_the_fault_it_is(string events, string kind)
    {
        await using var server = RawUpstream.Sending(Http(events, type: "text/event-stream"));
        using var bench = new UpstreamBench(server.BaseUrl);

        (await bench.FaultAsync()).Kind.ToString().Should().Be(kind);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/octet-stream")]
    [InlineData("not a type")]
    public async Task Good_json_under_a_wrong_type_is_an_answer(string type)
    {
        await using var server = RawUpstream.Sending(Http(Completion, type));
        using var bench = new UpstreamBench(server.BaseUrl);

        (await bench.CallAsync()).Should().BeOfType<CompleteUpstreamReply>().Which.Body.ToArray().Should().Equal(Encoding.UTF8.GetBytes(Completion));
    }

    [Fact]
    public async Task Reply_that_is_not_compressed_as_it_says_is_malformed()
    {
        await using var server = RawUpstream.Sending(Http(Completion, more: "Content-Encoding: gzip\r\n"));
        using var bench = new UpstreamBench(server.BaseUrl);

        (await bench.FaultAsync()).Kind.Should().Be(UpstreamFaultKind.Malformed);
    }

    [Fact]
    public async Task Reply_longer_than_stated_is_cut_at_its_length_and_its_connection_is_not_used_again()
    {
        await using var server = RawUpstream.Sending(Http(Completion) + "{\"smuggled\":true}");
        using var bench = new UpstreamBench(server.BaseUrl);

        var first = await bench.CallAsync();
        var second = await bench.CallAsync();

        first.Should().BeOfType<CompleteUpstreamReply>().Which.Body.ToArray().Should().Equal(Encoding.UTF8.GetBytes(Completion));
        second.Should().BeOfType<CompleteUpstreamReply>();
        server.Connections.Should().Be(2);
    }

    [Theory]
    [InlineData("Huge")]
    [InlineData("Endless")]
    public async Task Reply_over_the_limit_is_given_up_without_being_kept(string simulated)
    {
        await using var server = await SimulatedServer.StartAsync(UpstreamBench.Model(new SimulatedFault(Enum.Parse<SimulatedFaultKind>(simulated))));
        using var bench = new UpstreamBench(server.BaseUrl, maxReplyBytes: 1024 * 1024);

        (await bench.FaultAsync()).Kind.Should().Be(UpstreamFaultKind.TooLarge);

        await server.ChatCalls.Single().Aborted.WaitAsync(UpstreamBench.Patience);
    }

    [Fact]
    public async Task Stated_length_over_the_limit_is_refused_before_a_byte_is_read()
    {
        await using var server = RawUpstream.Sending("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 999999999999\r\n\r\n{");
        using var bench = new UpstreamBench(server.BaseUrl);

        (await bench.FaultAsync()).Kind.Should().Be(UpstreamFaultKind.TooLarge);
    }

    [Fact]
    public async Task Reply_of_many_megabytes_within_the_limit_arrives_whole()
    {
        await using var server = await SimulatedServer.StartAsync(UpstreamBench.Model(new SimulatedFault(SimulatedFaultKind.Huge) { Bytes = 20_000_000 }));
        using var bench = new UpstreamBench(server.BaseUrl);

        (await bench.CallAsync()).Should().BeOfType<CompleteUpstreamReply>().Which.Body.Length.Should().BeGreaterThan(20_000_000);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(0)]
    public async Task Stalled_reply_times_out_at_the_deadline(int? afterTokens)
    {
        var time = new ManualTimeProvider();
        await using var server = await SimulatedServer.StartAsync(UpstreamBench.Model(new SimulatedFault(SimulatedFaultKind.Stall) { AfterTokens = afterTokens }));
        using var bench = new UpstreamBench(server.BaseUrl, context: new UpstreamContext { Time = time });
        var pending = bench.FaultAsync(deadline: TimeSpan.FromSeconds(30));
        await server.WhenRequestsAsync(1);

        time.Advance(TimeSpan.FromSeconds(29.9));
        var early = pending.IsCompleted;
        time.Advance(TimeSpan.FromSeconds(0.1));
        var fault = await pending;

        early.Should().BeFalse();
        fault.Kind.Should().Be(UpstreamFaultKind.TimedOut);
        await server.ChatCalls.Single().Aborted.WaitAsync(UpstreamBench.Patience);
    }

    [Fact]
    public async Task Trickling_reply_times_out_at_the_deadline()
    {
        await using var server = await SimulatedServer.StartAsync(UpstreamBench.Model(new SimulatedFault(SimulatedFaultKind.Trickle) { Interval = TimeSpan.FromMilliseconds(5) }));
        using var bench = new UpstreamBench(server.BaseUrl);

        var fault = await bench.FaultAsync(deadline: TimeSpan.FromMilliseconds(300));

        fault.Kind.Should().Be(UpstreamFaultKind.TimedOut);
        await server.ChatCalls.Single().Aborted.WaitAsync(UpstreamBench.Patience);
    }

    [Fact]
    public async Task First_byte_limit_binds_a_buffered_call_when_it_is_set()
    {
        var time = new ManualTimeProvider();
        await using var server = await SimulatedServer.StartAsync(UpstreamBench.Model(new SimulatedFault(SimulatedFaultKind.Stall)));
        using var bench = new UpstreamBench(server.BaseUrl, c => c with { FirstByteTimeout = TimeSpan.FromSeconds(3) }, new UpstreamContext { Time = time });
        var pending = bench.FaultAsync();
        await server.WhenRequestsAsync(1);

        time.Advance(TimeSpan.FromSeconds(3));

        (await pending).Kind.Should().Be(UpstreamFaultKind.TimedOut);
    }

    [Fact]
    public async Task Connect_that_takes_too_long_is_a_timeout_before_anything_was_sent()
    {
        // A listener whose queue is full does not answer further connection requests.
        using var listener = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.InterNetwork, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
        listener.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0));
        listener.Listen(0);
        var fillers = Enumerable.Range(0, 8).Select(_ => new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.InterNetwork, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp)).ToList();
        fillers.ForEach(f => f.Blocking = false);
        fillers.ForEach(f => TryConnect(f, listener.LocalEndPoint!));
        using var bench = new UpstreamBench($"http://{listener.LocalEndPoint}/v1", c => c with { ConnectTimeout = TimeSpan.FromMilliseconds(200) });

        var fault = await bench.FaultAsync();

        (fault.Kind, fault.DuringConnect).Should().Be((UpstreamFaultKind.TimedOut, true));
        fillers.ForEach(f => f.Dispose());
    }

    [Fact]
    public async Task Caller_that_cancels_gets_a_cancellation_and_the_upstream_notices_within_a_tenth_of_a_second()
    {
        await using var server = await SimulatedServer.StartAsync(UpstreamBench.Model(new SimulatedFault(SimulatedFaultKind.Stall)));
        using var bench = new UpstreamBench(server.BaseUrl);

        var delay = await UpstreamBench.FastestAsync(async () =>
        {
            using var caller = new CancellationTokenSource();
            var pending = bench.CallAsync(cancellationToken: caller.Token);
            await server.WhenRequestsAsync(1);
            var cancelledAt = TimeProvider.System.GetUtcNow();
            await caller.CancelAsync();
            await ((Func<Task>)(() => pending)).Should().ThrowAsync<OperationCanceledException>();
            var abortedAt = await server.ChatCalls.Single().Aborted.WaitAsync(UpstreamBench.Patience);
            server.ForgetRequests();
            return abortedAt - cancelledAt;
        });

        delay.Should().BeLessThan(TimeSpan.FromMilliseconds(100));
        (bench.LastCall.Outcome, bench.LastCall.Reason).Should().Be((CallOutcome.Cancelled, "cancelled"));
        bench.State.InFlight.Should().Be(0);
        bench.State.Breaker.IsOpen.Should().BeFalse();
    }

    [Fact]
    public async Task Caller_that_cancelled_before_makes_no_call()
    {
        await using var server = await SimulatedServer.StartAsync(UpstreamBench.Model());
        using var bench = new UpstreamBench(server.BaseUrl);

        var act = () => bench.CallAsync(cancellationToken: new CancellationToken(canceled: true));

        await act.Should().ThrowAsync<OperationCanceledException>();
        server.RequestCount.Should().Be(0);
        bench.LastCall.Outcome.Should().Be(CallOutcome.Cancelled);
        bench.LastCall.Attempts.Should().Be(0);
    }

    [Fact]
    public async Task Error_document_is_kept_and_its_status_decides()
    {
        const string Body = """{"error":{"message":"slow down","type":"rate","param":null,"code":"r"}}""";
        await using var server = await SimulatedServer.StartAsync(UpstreamBench.Model(new SimulatedFault(SimulatedFaultKind.Status) { Status = 429, RetryAfter = 9, Body = Body }));
        using var bench = new UpstreamBench(server.BaseUrl);

        var fault = await bench.FaultAsync();

        (fault.Kind, fault.Status, fault.RetryAfter).Should().Be((UpstreamFaultKind.RateLimited, 429, TimeSpan.FromSeconds(9)));
        Encoding.UTF8.GetString(fault.ErrorBody!.Value.Span).Should().Be(Body);
        bench.LastCall.Status.Should().Be(429);
    }

    [Fact]
    public async Task Error_whose_body_never_ends_is_judged_by_its_status_after_five_seconds()
    {
        var time = new ManualTimeProvider();
        await using var server = new RawUpstream(async call =>
        {
            await call.SendAsync("HTTP/1.1 503 Down\r\nRetry-After: 4\r\nContent-Length: 1000\r\n\r\n{\"error\"");
            await call.WhenClosedAsync();
        });
        using var bench = new UpstreamBench(server.BaseUrl, context: new UpstreamContext { Time = time });
        var pending = bench.FaultAsync();
        await time.WhenTimersAsync(2);

        time.Advance(TimeSpan.FromSeconds(5));
        var fault = await pending;

        (fault.Kind, fault.Status, fault.RetryAfter).Should().Be((UpstreamFaultKind.ServerError, 503, TimeSpan.FromSeconds(4)));
    }

    [Fact]
    public async Task Error_body_is_read_to_its_limit_only()
    {
        await using var server = RawUpstream.Sending($"HTTP/1.1 500 No\r\nContent-Length: 50000000\r\n\r\n{new string('x', 200_000)}");
        using var bench = new UpstreamBench(server.BaseUrl);

        var fault = await bench.FaultAsync();

        (fault.Status, fault.ErrorBody).Should().Be((500, null));
    }

    [Fact]
    public async Task Missing_key_variable_makes_no_call()
    {
        await using var server = await SimulatedServer.StartAsync(UpstreamBench.Model());
        using var bench = new UpstreamBench(server.BaseUrl, c => c with { Credentials = new UpstreamCredentials { ApiKeyEnv = "ABSENT" } });

        var fault = await bench.FaultAsync();

        fault.Kind.Should().Be(UpstreamFaultKind.AuthUnconfigured);
        bench.LastCall.Attempts.Should().Be(0);
        server.RequestCount.Should().Be(0);
    }

    [Theory]
    [InlineData("localhost:8000/v1", "env", "OpenAi")]
    [InlineData("http://127.0.0.1:1/v1", "no proxy url", "OpenAi")]
    [InlineData("ftp://127.0.0.1:1/v1", "env", "Anthropic")]
    public async Task Upstream_that_cannot_be_called_as_configured_says_so(string baseUrl, string proxy, string protocol)
    {
        using var bench = new UpstreamBench(baseUrl, c => c with { Proxy = proxy, Protocol = Enum.Parse<UpstreamProtocol>(protocol) });

        var fault = await bench.FaultAsync();

        fault.Kind.Should().Be(UpstreamFaultKind.Misconfigured);
        bench.LastCall.Attempts.Should().Be(0);
    }

    [Fact]
    public async Task Configured_proxy_is_used_and_gets_its_credentials()
    {
        var heads = new List<string>();
        await using var proxy = new RawUpstream(async call =>
        {
            heads.Add(call.Head);
            await call.SendAsync(call.Head.Contains("Proxy-Authorization", StringComparison.OrdinalIgnoreCase)
                ? Http(Completion)
                : "HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic realm=\"p\"\r\nContent-Length: 0\r\n\r\n");
        });
        var address = proxy.BaseUrl.Replace("http://", "http://user:p%40ss@", StringComparison.Ordinal)[..^3];
        using var bench = new UpstreamBench("http://model.invalid/v1", c => c with { Proxy = address });

        var reply = await bench.CallAsync();

        reply.Should().BeOfType<CompleteUpstreamReply>();
        heads[^1].Should().StartWith("POST http://model.invalid/v1/chat/completions");
        heads[^1].Should().Contain(Convert.ToBase64String("user:p@ss"u8));
    }

    [Fact]
    public async Task Call_over_the_concurrency_limit_is_refused_at_once_and_the_place_is_free_again_afterwards()
    {
        await using var server = await SimulatedServer.StartAsync(UpstreamBench.Model(new SimulatedFault(SimulatedFaultKind.Stall) { First = 1 }));
        using var bench = new UpstreamBench(server.BaseUrl, c => c with { MaxConcurrency = 1 });
        using var first = new CancellationTokenSource();
        var pending = bench.CallAsync(cancellationToken: first.Token);
        await server.WhenRequestsAsync(1);

        var refused = await bench.CallAsync();
        await first.CancelAsync();
        await ((Func<Task>)(() => pending)).Should().ThrowAsync<OperationCanceledException>();
        var next = await bench.CallAsync();

        refused.Should().BeOfType<FaultedUpstreamReply>().Which.Fault.Kind.Should().Be(UpstreamFaultKind.Overloaded);
        next.Should().BeOfType<CompleteUpstreamReply>();
    }

    private static void TryConnect(System.Net.Sockets.Socket socket, System.Net.EndPoint endpoint)
    {
        try
        {
            socket.Connect(endpoint);
        }
        catch (System.Net.Sockets.SocketException)
        {
            // Would block: the connection request is on its way, which is all that is wanted.
        }
    }

    private static string Http(string body, string type = "application/json", string more = "") =>
        $"HTTP/1.1 200 OK\r\nContent-Type: {type}\r\n{more}Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}";
}
