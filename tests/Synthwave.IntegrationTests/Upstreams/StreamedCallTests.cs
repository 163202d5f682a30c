using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text;
using Synthwave.Chat.Events;
using Synthwave.Simulation;
using Synthwave.Telemetry.Conventions;
using Synthwave.Telemetry.Metrics;
using Synthwave.Telemetry.Reports;
using Synthwave.TestKit;
using Synthwave.Upstreams;
using Synthwave.Upstreams.Calls;
using Synthwave.Upstreams.Faults;
using Synthwave.Upstreams.Learned;

namespace Synthwave.IntegrationTests.Upstreams;

public sealed class StreamedCallTests
{
    private const string StreamHead = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n";

    [Fact]
    public async Task Stream_arrives_event_by_event_and_is_reported()
    {
        await using var server = await SimulatedServer.StartAsync(UpstreamBench.Model());
        using var bench = new UpstreamBench(server.BaseUrl);

        await using var stream = await bench.StreamAsync();
        var events = await UpstreamBench.DrainAsync(stream);

        events[^1].Should().Be("data: [DONE]\n\n");
        stream.Failure.Should().BeNull();
        stream.Fault.Should().BeNull();
        bench.LastCall.Should().BeEquivalentTo(new { Outcome = CallOutcome.Succeeded, Reason = (string?)null, Status = 200, Attempts = 1, Streamed = true, FinishReason = "stop", ResponseModel = "m" });
        bench.LastCall.Usage!.CompletionTokens.Should().BePositive("usage is asked for although the client did not");
        bench.LastCall.FirstContentAt.Should().NotBeNull();
        stream.Report.Should().BeSameAs(bench.LastCall);
    }

    [Fact]
    public async Task Place_is_held_until_the_stream_is_disposed()
    {
        await using var server = await SimulatedServer.StartAsync(UpstreamBench.Model());
        using var bench = new UpstreamBench(server.BaseUrl);

        var stream = await bench.StreamAsync();
        await UpstreamBench.DrainAsync(stream);
        var during = bench.State.InFlight;
        await stream.DisposeAsync();
        await stream.DisposeAsync();

        during.Should().Be(1);
        bench.State.InFlight.Should().Be(0);
    }

    [Fact]
    public async Task Finished_streams_share_one_connection()
    {
        await using var server = new RawUpstream(call => call.SendAsync(StreamHead + Chunks(Text("hi"), Finish, "data: [DONE]\n\n") + "0\r\n\r\n"));
        using var bench = new UpstreamBench(server.BaseUrl);

        for (var i = 0; i < 50; i++)
        {
            await using var stream = await bench.StreamAsync();
            await UpstreamBench.DrainAsync(stream);
        }

        server.Connections.Should().Be(1);
    }

    [Fact]
    public async Task End_of_the_body_that_comes_late_holds_up_nobody_and_still_saves_the_connection()
    {
        var release = new TaskCompletionSource();
        await using var server = new RawUpstream(async call =>
        {
            await call.SendAsync(StreamHead + Chunks(Text("hi"), Finish, "data: [DONE]\n\n"));
            await release.Task;
            await call.SendAsync("0\r\n\r\n");
        });
        using var bench = new UpstreamBench(server.BaseUrl);
        var stream = await bench.StreamAsync();
        await UpstreamBench.DrainAsync(stream);

        await stream.DisposeAsync();
        var inFlight = bench.State.InFlight;
        release.SetResult();

        inFlight.Should().Be(0);
        bench.LastCall.Outcome.Should().Be(CallOutcome.Succeeded);
    }

    [Fact]
    public async Task End_of_the_body_that_never_comes_costs_the_connection_after_two_seconds()
    {
        var time = new ManualTimeProvider();
        var closed = new TaskCompletionSource();
        await using var server = new RawUpstream(async call =>
        {
            await call.SendAsync(StreamHead + Chunks(Text("hi"), Finish, "data: [DONE]\n\n"));
            await call.WhenClosedAsync();
            closed.TrySetResult();
        });
        using var bench = new UpstreamBench(server.BaseUrl, context: new UpstreamContext { Time = time });
        var stream = await bench.StreamAsync();
        await UpstreamBench.DrainAsync(stream);

        await stream.DisposeAsync();
        var early = closed.Task.IsCompleted;
        time.Advance(TimeSpan.FromSeconds(2));
        await closed.Task.WaitAsync(UpstreamBench.Patience);

        early.Should().BeFalse();
        time.ActiveTimers.Should().Be(0);
    }

    [Fact]
    public async Task Stream_that_is_given_up_is_cut_off_within_a_tenth_of_a_second()
    {
        await using var server = await SimulatedServer.StartAsync(UpstreamBench.Model(new SimulatedFault(SimulatedFaultKind.Stall) { AfterTokens = 1 }));
        using var bench = new UpstreamBench(server.BaseUrl);

        var delay = await UpstreamBench.FastestAsync(async () =>
        {
            var stream = await bench.StreamAsync();
            await stream.MoveNextAsync(CancellationToken.None);
            var givenUpAt = TimeProvider.System.GetUtcNow();
            await stream.DisposeAsync();
            return await server.ChatCalls[^1].Aborted.WaitAsync(UpstreamBench.Patience) - givenUpAt;
        });

        delay.Should().BeLessThan(TimeSpan.FromMilliseconds(100));
        bench.LastCall.Outcome.Should().Be(CallOutcome.Cancelled);
        bench.State.InFlight.Should().Be(0);
    }

    [Fact]
    public async Task Endless_stream_that_is_given_up_ends_for_the_upstream()
    {
        await using var server = await SimulatedServer.StartAsync(UpstreamBench.Model(new SimulatedFault(SimulatedFaultKind.Endless)));
        using var bench = new UpstreamBench(server.BaseUrl);
        var stream = await bench.StreamAsync();
        await stream.MoveNextAsync(CancellationToken.None);

        await stream.DisposeAsync();

        await server.ChatCalls.Single().Aborted.WaitAsync(UpstreamBench.Patience);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Cancelled_read_ends_the_call_at_once(bool byTheCallsToken)
    {
        await using var server = await SimulatedServer.StartAsync(UpstreamBench.Model(new SimulatedFault(SimulatedFaultKind.Stall) { AfterTokens = 1 }));
        using var bench = new UpstreamBench(server.BaseUrl);
        using var caller = new CancellationTokenSource();
        using var reader = new CancellationTokenSource();
        await using var stream = await bench.StreamAsync(cancellationToken: caller.Token);
        var drain = UpstreamBench.DrainAsync(stream, byTheCallsToken ? caller.Token : reader.Token);

        await (byTheCallsToken ? caller : reader).CancelAsync();
        await ((Func<Task>)(() => drain)).Should().ThrowAsync<OperationCanceledException>();
        await server.ChatCalls.Single().Aborted.WaitAsync(UpstreamBench.Patience);

        bench.LastCall.Outcome.Should().Be(CallOutcome.Cancelled);
        bench.State.InFlight.Should().Be(0);
        (await stream.MoveNextAsync(CancellationToken.None)).Should().BeFalse();
    }

    [Theory]
    [InlineData("Reset", 0, "Unreachable", "upstream_error")]
    [InlineData("Reset", 2, "StreamBroken", "upstream_error")]
    [InlineData("EarlyClose", 0, "Unreachable", "upstream_error")]
    [InlineData("EarlyClose", 2, "StreamBroken", "upstream_error")]
    [InlineData("BadJson", 0, "Malformed", "upstream_protocol_error")]
    [InlineData("BadSse", 0, null, null)]
    [InlineData("InvalidUtf8", 0, "Malformed", "upstream_protocol_error")]
    [InlineData("EmptyBody", 0, "Unreachable", "upstream_error")]
    [InlineData("Huge", 0, "TooLarge", "upstream_protocol_error")]
    public async Task Broken_stream_ends_with_the_fault_it_is(string simulated, int afterTokens, string? kind, string? code)
    {
        await using var server = await SimulatedServer.StartAsync(UpstreamBench.Model(new SimulatedFault(Enum.Parse<SimulatedFaultKind>(simulated)) { AfterTokens = afterTokens }));
        using var bench = new UpstreamBench(server.BaseUrl);

        await using var stream = await bench.StreamAsync();
        await UpstreamBench.DrainAsync(stream);

        stream.Fault.Should().NotBeNull();
        (kind is null || stream.Fault!.Kind.ToString() == kind).Should().BeTrue("the fault is {0}", stream.Fault);
        (code is null || stream.Failure!.Code == code).Should().BeTrue();
        stream.Failure!.Message.Should().Contain("'north'").And.NotContain("127.0.0.1");
        (bench.LastCall.Outcome, bench.LastCall.Reason).Should().Be((CallOutcome.Failed, stream.Fault!.ReportReason()));
        bench.State.InFlight.Should().Be(0, "a broken stream holds nothing, disposed or not");
        stream.Fault!.IsRetryable().Should().BeFalse();
    }

    [Theory]
    [InlineData("Redirect", "Redirected")]
    [InlineData("WrongType", "Malformed")]
    [InlineData("Status", "ServerError")]
    [InlineData("Refuse", "Unreachable")]
    public async Task Fault_before_the_stream_is_a_faulted_reply(string simulated, string kind)
    {
        await using var server = await SimulatedServer.StartAsync(UpstreamBench.Model(new SimulatedFault(Enum.Parse<SimulatedFaultKind>(simulated))));
        using var bench = new UpstreamBench(server.BaseUrl);

        (await bench.FaultAsync(stream: true)).Kind.ToString().Should().Be(kind);
    }

    [Fact]
    public async Task Json_for_a_streamed_call_is_a_complete_reply()
    {
        await using var server = await SimulatedServer.StartAsync(UpstreamBench.Model(new SimulatedFault(SimulatedFaultKind.JsonForStream)));
        using var bench = new UpstreamBench(server.BaseUrl);

        var reply = await bench.CallAsync(stream: true);

        reply.Should().BeOfType<CompleteUpstreamReply>();
        bench.LastCall.Outcome.Should().Be(CallOutcome.Succeeded);
        bench.State.InFlight.Should().Be(0);
    }

    [Fact]
    public async Task Stream_closed_after_its_finish_reason_is_complete_without_the_end_mark()
    {
        await using var server = new RawUpstream(call => call.SendAsync(StreamHead + Chunks(Text("hi"), Finish) + "0\r\n\r\n"));
        using var bench = new UpstreamBench(server.BaseUrl);

        await using var stream = await bench.StreamAsync();
        var events = await UpstreamBench.DrainAsync(stream);

        events.Should().HaveCount(2);
        stream.Fault.Should().BeNull();
        bench.LastCall.Outcome.Should().Be(CallOutcome.Succeeded);
    }

    [Theory]
    [InlineData("data: {\"error\":{\"message\":\"m\",\"code\":\"context_length_exceeded\"}}\n\n", "ContextTooLong")]
    [InlineData("data: {\"error\":{\"message\":\"secret text\"}}\n\n", "StreamBroken")]
    [InlineData("data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"error\"}]}\n\n", "StreamBroken")]
    public async Task Error_event_ends_the_stream_and_its_text_goes_no_further(string raw, string kind)
    {
        await using var server = new RawUpstream(call => call.SendAsync(StreamHead + Chunks(raw, Text("never read")) + "0\r\n\r\n"));
        using var bench = new UpstreamBench(server.BaseUrl);

        await using var stream = await bench.StreamAsync();
        var events = await UpstreamBench.DrainAsync(stream);

        events.Should().BeEmpty();
        stream.Fault!.Kind.ToString().Should().Be(kind);
        stream.Failure!.Message.Should().NotContain("secret");
    }

    [Fact]
    public async Task First_byte_limit_ends_a_stream_without_a_head()
    {
        var time = new ManualTimeProvider();
        await using var server = await SimulatedServer.StartAsync(UpstreamBench.Model(new SimulatedFault(SimulatedFaultKind.Stall)));
        using var bench = new UpstreamBench(server.BaseUrl, c => c with { FirstByteTimeout = TimeSpan.FromSeconds(7) }, new UpstreamContext { Time = time });
        var pending = bench.FaultAsync(stream: true, deadline: TimeSpan.FromSeconds(100));
        await server.WhenRequestsAsync(1);

        time.Advance(TimeSpan.FromSeconds(7));

        (await pending).Kind.Should().Be(UpstreamFaultKind.TimedOut);
    }

    [Theory]
    [InlineData(0, "TimedOut", "timeout")]
    [InlineData(2, "StreamBroken", "stream_broken")]
    public async Task Silence_longer_than_the_idle_limit_ends_the_stream(int afterTokens, string kind, string reason)
    {
        var time = new ManualTimeProvider();
        await using var server = await SimulatedServer.StartAsync(UpstreamBench.Model(new SimulatedFault(SimulatedFaultKind.Stall) { AfterTokens = afterTokens }));
        using var bench = new UpstreamBench(server.BaseUrl, c => c with { IdleTimeout = TimeSpan.FromSeconds(5) }, new UpstreamContext { Time = time });
        await using var stream = await bench.StreamAsync(deadline: TimeSpan.FromSeconds(1000));
        for (var i = 0; i < afterTokens + 1; i++)
        {
            (await stream.MoveNextAsync(CancellationToken.None)).Should().BeTrue();
        }

        var next = stream.MoveNextAsync(CancellationToken.None).AsTask();
        time.Advance(TimeSpan.FromSeconds(4.9));
        var early = next.IsCompleted;
        time.Advance(TimeSpan.FromSeconds(0.1));

        early.Should().BeFalse();
        (await next).Should().BeFalse();
        (stream.Fault!.Kind.ToString(), bench.LastCall.Reason, stream.Failure!.Code).Should().Be((kind, reason, "upstream_timeout"));
        await server.ChatCalls.Single().Aborted.WaitAsync(UpstreamBench.Patience);
    }

    [Fact]
    public async Task Comments_are_progress()
    {
        var time = new ManualTimeProvider();
        var next = new SemaphoreSlim(0);
        await using var server = new RawUpstream(async call =>
        {
            await call.SendAsync(StreamHead);
            for (var i = 0; i < 10; i++)
            {
                await next.WaitAsync(call.Stop);
                await call.SendAsync(Chunks(": thinking\n\n"));
            }

            await call.SendAsync(Chunks(Text("hi"), Finish, "data: [DONE]\n\n") + "0\r\n\r\n");
        });
        using var bench = new UpstreamBench(server.BaseUrl, c => c with { IdleTimeout = TimeSpan.FromSeconds(5) }, new UpstreamContext { Time = time });
        await using var stream = await bench.StreamAsync(deadline: TimeSpan.FromSeconds(1000));

        for (var i = 0; i < 10; i++)
        {
            var pending = stream.MoveNextAsync(CancellationToken.None);
            time.Advance(TimeSpan.FromSeconds(4));
            next.Release();
            (await pending).Should().BeTrue();
            stream.Current.Kind.Should().Be(StreamEventKind.Comment);
        }

        await UpstreamBench.DrainAsync(stream);
        stream.Fault.Should().BeNull();
        bench.LastCall.Outcome.Should().Be(CallOutcome.Succeeded);
    }

    [Fact]
    public async Task Slow_reader_does_not_count_as_a_silent_upstream()
    {
        var time = new ManualTimeProvider();
        await using var server = await SimulatedServer.StartAsync(UpstreamBench.Model());
        using var bench = new UpstreamBench(server.BaseUrl, c => c with { IdleTimeout = TimeSpan.FromSeconds(5) }, new UpstreamContext { Time = time });
        await using var stream = await bench.StreamAsync(deadline: TimeSpan.FromSeconds(1000));

        while (await stream.MoveNextAsync(CancellationToken.None))
        {
            time.Advance(TimeSpan.FromSeconds(60));
        }

        stream.Fault.Should().BeNull();
    }

    [Fact]
    public async Task Deadline_binds_until_the_commit_and_not_after_it()
    {
        var time = new ManualTimeProvider();
        await using var server = await SimulatedServer.StartAsync(UpstreamBench.Model());
        using var bench = new UpstreamBench(server.BaseUrl, context: new UpstreamContext { Time = time });
        await using var committed = await bench.StreamAsync(deadline: TimeSpan.FromSeconds(10));
        await committed.MoveNextAsync(CancellationToken.None);

        committed.Commit(TimeSpan.Zero);
        time.Advance(TimeSpan.FromSeconds(60));
        await UpstreamBench.DrainAsync(committed);

        committed.Fault.Should().BeNull();
    }

    [Fact]
    public async Task Stream_that_is_not_committed_ends_at_the_deadline()
    {
        var time = new ManualTimeProvider();
        await using var server = await SimulatedServer.StartAsync(UpstreamBench.Model(new SimulatedFault(SimulatedFaultKind.Stall) { AfterTokens = 0 }));
        using var bench = new UpstreamBench(server.BaseUrl, context: new UpstreamContext { Time = time });
        await using var stream = await bench.StreamAsync(deadline: TimeSpan.FromSeconds(10));
        await stream.MoveNextAsync(CancellationToken.None);
        var next = stream.MoveNextAsync(CancellationToken.None).AsTask();

        time.Advance(TimeSpan.FromSeconds(10));

        (await next).Should().BeFalse();
        stream.Fault!.Kind.Should().Be(UpstreamFaultKind.TimedOut);
        stream.Failure!.Status.Should().Be(504);
    }

    [Fact]
    public async Task Committed_stream_ends_at_its_longest_duration()
    {
        var time = new ManualTimeProvider();
        await using var server = await SimulatedServer.StartAsync(UpstreamBench.Model(new SimulatedFault(SimulatedFaultKind.Stall) { AfterTokens = 2 }));
        using var bench = new UpstreamBench(server.BaseUrl, context: new UpstreamContext { Time = time });
        await using var stream = await bench.StreamAsync(deadline: TimeSpan.FromSeconds(10));
        await stream.MoveNextAsync(CancellationToken.None);
        await stream.MoveNextAsync(CancellationToken.None);
        stream.Commit(TimeSpan.FromSeconds(50));
        var drain = UpstreamBench.DrainAsync(stream);

        time.Advance(TimeSpan.FromSeconds(49));
        var early = drain.IsCompleted;
        time.Advance(TimeSpan.FromSeconds(1));
        await drain;

        early.Should().BeFalse();
        (stream.Failure!.Status, stream.Failure.Code).Should().Be((504, "deadline_exceeded"));
        stream.Failure.Message.Should().Contain("max_stream_secs");
        (bench.LastCall.Outcome, bench.LastCall.Reason).Should().Be((CallOutcome.Cancelled, "cancelled"));
    }

    [Fact]
    public async Task Committed_stream_that_stalls_is_the_upstreams_fault()
    {
        var time = new ManualTimeProvider();
        await using var server = await SimulatedServer.StartAsync(UpstreamBench.Model(new SimulatedFault(SimulatedFaultKind.Stall) { AfterTokens = 2 }));
        using var bench = new UpstreamBench(server.BaseUrl, c => c with { IdleTimeout = TimeSpan.FromSeconds(20) }, new UpstreamContext { Time = time });
        await using var stream = await bench.StreamAsync(deadline: TimeSpan.FromSeconds(10));
        await stream.MoveNextAsync(CancellationToken.None);
        await stream.MoveNextAsync(CancellationToken.None);
        stream.Commit(TimeSpan.FromSeconds(50));
        var drain = UpstreamBench.DrainAsync(stream);

        await BadDays.BadDay.Until(() =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return drain.IsCompleted;
        }, "the idle clock ends it");

        time.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(50));
        (stream.Fault!.Kind, stream.Failure!.Code).Should().Be((UpstreamFaultKind.StreamBroken, "upstream_timeout"));
    }

    [Fact]
    public async Task Streams_that_our_own_limit_ends_are_not_held_against_the_upstream()
    {
        var time = new ManualTimeProvider();
        await using var server = await SimulatedServer.StartAsync(UpstreamBench.Model(new SimulatedFault(SimulatedFaultKind.Stall) { AfterTokens = 0 }));
        using var bench = new UpstreamBench(server.BaseUrl, context: new UpstreamContext { Time = time });
        for (var i = 0; i < CircuitBreaker.Threshold; i++)
        {
            // No content yet: an answer may be committed for its reasoning.
            await using var stream = await bench.StreamAsync(deadline: TimeSpan.FromSeconds(10));
            await stream.MoveNextAsync(CancellationToken.None);
            stream.Commit(TimeSpan.FromSeconds(50));
            var drain = UpstreamBench.DrainAsync(stream);
            time.Advance(TimeSpan.FromSeconds(50));
            await drain;
        }

        bench.Client.Resting.Should().BeNull();
    }

    [Fact]
    public async Task Every_gap_between_two_pieces_is_measured_while_somebody_listens()
    {
        const string Model = "gaps-are-measured";
        var gaps = new ConcurrentQueue<double>();
        using var metrics = new GatewayMetrics(TimeProvider.System);
        await using var server = await SimulatedServer.StartAsync(SimulatedModel.Saying(Model, "one two three four five"));
        using var bench = new UpstreamBench(server.BaseUrl, c => c with { ModelId = Model }, new UpstreamContext { Environment = _ => null, FollowStream = metrics.Follow });
        await using (var unheard = await bench.StreamAsync())
        {
            await UpstreamBench.DrainAsync(unheard);
            bench.LastCall.Gaps.Should().BeNull();
        }

        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Name == GenAi.Metrics.TimePerOutputChunk)
            {
                l.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<double>((_, value, tags, _) =>
        {
            if (tags.ToArray().Contains(new(GenAi.ResponseModel, Model)))
            {
                gaps.Enqueue(value);
            }
        });
        listener.Start();
        var startedAt = TimeProvider.System.GetTimestamp();
        await using var stream = await bench.StreamAsync();
        var pieces = (await UpstreamBench.DrainAsync(stream)).Count(e => e.Contains("\"content\":\"", StringComparison.Ordinal) && !e.Contains("\"content\":\"\"", StringComparison.Ordinal));

        pieces.Should().BeGreaterThan(2);
        gaps.Should().HaveCount(pieces - 1).And.OnlyContain(g => g >= 0);
        gaps.Sum().Should().BeLessThan(TimeProvider.System.GetElapsedTime(startedAt).TotalSeconds);
    }

    [Fact]
    public async Task Buffered_events_are_known_so_that_a_writer_can_wait_with_its_flush()
    {
        await using var server = new RawUpstream(call => call.SendAsync(StreamHead + Chunks(Text("a") + Text("b") + Finish + "data: [DONE]\n\n") + "0\r\n\r\n"));
        using var bench = new UpstreamBench(server.BaseUrl);
        await using var stream = await bench.StreamAsync();

        await stream.MoveNextAsync(CancellationToken.None);

        stream.Step().Should().Be(StreamStep.Event);
    }

    [Fact]
    public async Task Hundred_streams_given_up_at_once_leave_nothing_behind()
    {
        await using var server = await SimulatedServer.StartAsync(UpstreamBench.Model(new SimulatedFault(SimulatedFaultKind.Stall) { AfterTokens = 1 }));
        using var bench = new UpstreamBench(server.BaseUrl);
        var streams = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => bench.StreamAsync()));

        await Task.WhenAll(streams.Select(async s =>
        {
            await s.MoveNextAsync(CancellationToken.None);
            await s.DisposeAsync();
        }));

        await Task.WhenAll(server.ChatCalls.Select(c => c.Ended)).WaitAsync(UpstreamBench.Patience);
        bench.State.InFlight.Should().Be(0);
        server.InFlight.Should().Be(0);
    }

    private static string Text(string text) => $"data: {{\"id\":\"1\",\"model\":\"m\",\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{text}\"}},\"finish_reason\":null}}]}}\n\n";

    private const string Finish = "data: {\"id\":\"1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";

    private static string Chunks(params string[] events) => string.Concat(events.Select(e => $"{Encoding.Latin1.GetByteCount(e):x}\r\n{e}\r\n"));
}
