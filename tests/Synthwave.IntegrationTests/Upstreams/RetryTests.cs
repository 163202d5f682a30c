using Synthwave.Simulation;
using Synthwave.Telemetry.Reports;
using Synthwave.TestKit;
using Synthwave.Upstreams;
using Synthwave.Upstreams.Calls;
using Synthwave.Upstreams.Faults;
using Synthwave.Upstreams.Learned;

namespace Synthwave.IntegrationTests.Upstreams;

public sealed class RetryTests
{
    // Half of the base delay and so much of the random half.
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(200);

    private readonly ManualTimeProvider _time = new();

    private UpstreamContext Context => new() { Time = _time, Randomizer = () => 0.6, Environment = _ => null };

    [Theory]
    [InlineData(408)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    [InlineData(529)]
    public async Task Passing_failure_is_tried_again_and_the_answer_comes(int status)
    {
        await using var server = await SimulatedServer.StartAsync(UpstreamBench.Model(new SimulatedFault(SimulatedFaultKind.Status) { Status = status, First = 2 }));
        using var bench = new UpstreamBench(server.BaseUrl, context: Context);
        var pending = bench.CallAsync(mayRetry: true);

        await WaitOutAsync(server, 1, FirstWait);
        await WaitOutAsync(server, 2, 2 * FirstWait);

        (await pending).Should().BeOfType<CompleteUpstreamReply>();
        bench.LastCall.Attempts.Should().Be(3);
        bench.LastCall.Outcome.Should().Be(CallOutcome.Succeeded);
        bench.LastCall.Status.Should().Be(200);
    }

    [Fact]
    public async Task Last_failure_counts_when_the_allowance_is_used_up()
    {
        await using var server = await SimulatedServer.StartAsync(UpstreamBench.Model(new SimulatedFault(SimulatedFaultKind.Status) { Status = 503 }));
        using var bench = new UpstreamBench(server.BaseUrl, c => c with { Retries = 1 }, Context);
        var pending = bench.FaultAsync(mayRetry: true);

        await WaitOutAsync(server, 1, FirstWait);

        (await pending).Status.Should().Be(503);
        bench.LastCall.Attempts.Should().Be(2);
    }

    [Theory]
    [InlineData(false, 2)]
    [InlineData(true, 0)]
    public async Task Call_without_an_allowance_is_made_once(bool mayRetry, int retries)
    {
        await using var server = await SimulatedServer.StartAsync(UpstreamBench.Model(new SimulatedFault(SimulatedFaultKind.Status) { Status = 503 }));
        using var bench = new UpstreamBench(server.BaseUrl, c => c with { Retries = retries }, Context);

        await bench.FaultAsync(mayRetry: mayRetry);

        bench.LastCall.Attempts.Should().Be(1);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(404)]
    [InlineData(413)]
    [InlineData(422)]
    [InlineData(501)]
    public async Task Failure_that_will_not_pass_is_not_tried_again(int status)
    {
        await using var server = await SimulatedServer.StartAsync(UpstreamBench.Model(new SimulatedFault(SimulatedFaultKind.Status) { Status = status }));
        using var bench = new UpstreamBench(server.BaseUrl, context: Context);

        await bench.FaultAsync(mayRetry: true);

        server.RequestCount.Should().Be(1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Refused_connection_is_tried_again(bool stream)
    {
        using var port = new RefusedPort();
        using var bench = new UpstreamBench(port.BaseUrl, context: Context);
        var pending = bench.FaultAsync(stream, mayRetry: true);

        await WhenWaitingAsync(FirstWait);
        _time.Advance(FirstWait);
        await WhenWaitingAsync(2 * FirstWait);
        _time.Advance(2 * FirstWait);

        (await pending).Kind.Should().Be(UpstreamFaultKind.Unreachable);
        bench.LastCall.Attempts.Should().Be(3);
    }

    [Fact]
    public async Task Stream_is_tried_again_before_its_head_and_arrives_once()
    {
        await using var server = await SimulatedServer.StartAsync(UpstreamBench.Model(new SimulatedFault(SimulatedFaultKind.Status) { Status = 500, First = 1 }));
        using var bench = new UpstreamBench(server.BaseUrl, context: Context);
        var pending = bench.StreamAsync(mayRetry: true);

        await WaitOutAsync(server, 1, FirstWait);
        await using var stream = await pending;
        await UpstreamBench.DrainAsync(stream);

        stream.Fault.Should().BeNull();
        bench.LastCall.Attempts.Should().Be(2);
    }

    [Fact]
    public async Task Reply_whose_head_was_accepted_is_not_asked_for_again()
    {
        await using var server = await SimulatedServer.StartAsync(UpstreamBench.Model(new SimulatedFault(SimulatedFaultKind.Reset)));
        using var bench = new UpstreamBench(server.BaseUrl, context: Context);

        await bench.FaultAsync(mayRetry: true);

        server.RequestCount.Should().Be(1);
    }

    [Fact]
    public async Task Wait_the_upstream_asks_for_is_kept()
    {
        await using var server = await SimulatedServer.StartAsync(UpstreamBench.Model(new SimulatedFault(SimulatedFaultKind.Status) { Status = 429, RetryAfter = 4, First = 1 }));
        using var bench = new UpstreamBench(server.BaseUrl, context: Context);
        var pending = bench.CallAsync(mayRetry: true);
        await WhenWaitingAsync(TimeSpan.FromSeconds(4));

        _time.Advance(TimeSpan.FromSeconds(3.9));
        var early = server.RequestCount;
        _time.Advance(TimeSpan.FromSeconds(0.1));
        await pending;

        early.Should().Be(1);
        server.RequestCount.Should().Be(2);
    }

    [Fact]
    public async Task Wait_that_outlasts_the_deadline_fails_at_once()
    {
        await using var server = await SimulatedServer.StartAsync(UpstreamBench.Model(new SimulatedFault(SimulatedFaultKind.Status) { Status = 429, RetryAfter = 60 }));
        using var bench = new UpstreamBench(server.BaseUrl, c => c with { MaxRetryWait = TimeSpan.FromSeconds(60) }, Context);

        var fault = await bench.FaultAsync(mayRetry: true, deadline: TimeSpan.FromSeconds(30));

        (fault.Kind, fault.RetryAfter).Should().Be((UpstreamFaultKind.RateLimited, TimeSpan.FromSeconds(60)));
        bench.LastCall.Attempts.Should().Be(1);
    }

    [Fact]
    public async Task Caller_that_cancels_during_the_wait_gets_a_cancellation()
    {
        await using var server = await SimulatedServer.StartAsync(UpstreamBench.Model(new SimulatedFault(SimulatedFaultKind.Status) { Status = 503 }));
        using var bench = new UpstreamBench(server.BaseUrl, context: Context);
        using var caller = new CancellationTokenSource();
        var pending = bench.CallAsync(mayRetry: true, cancellationToken: caller.Token);
        await WhenWaitingAsync(FirstWait);

        await caller.CancelAsync();

        await ((Func<Task>)(() => pending)).Should().ThrowAsync<OperationCanceledException>();
        bench.LastCall.Outcome.Should().Be(CallOutcome.Cancelled);
        bench.State.InFlight.Should().Be(0);
    }

    [Fact]
    public async Task Five_failed_calls_open_the_breaker_and_a_success_closes_it()
    {
        await using var server = await SimulatedServer.StartAsync(UpstreamBench.Model(new SimulatedFault(SimulatedFaultKind.Status) { Status = 503, First = 5 }));
        using var bench = new UpstreamBench(server.BaseUrl, context: Context);
        for (var i = 0; i < 5; i++)
        {
            await bench.FaultAsync();
        }

        var refused = await bench.FaultAsync();
        var attempts = bench.LastCall.Attempts;
        _time.Advance(CircuitBreaker.Rest);
        var trial = await bench.CallAsync();

        (refused.Kind, refused.RetryAfter, attempts).Should().Be((UpstreamFaultKind.CircuitOpen, CircuitBreaker.Rest, 0));
        trial.Should().BeOfType<CompleteUpstreamReply>();
        bench.Client.Resting.Should().BeNull();
    }

    [Theory]
    [InlineData(500, "same", 20, false)]
    [InlineData(500, "other", 5, true)]
    [InlineData(503, "same", 5, true)]
    public async Task Failures_that_one_request_may_have_caused_leave_the_upstream_to_all_others(int status, string second, int calls, bool opens)
    {
        await using var server = await SimulatedServer.StartAsync(UpstreamBench.Model(new SimulatedFault(SimulatedFaultKind.Status) { Status = status }));
        using var bench = new UpstreamBench(server.BaseUrl, context: Context);

        for (var i = 0; i < calls; i++)
        {
            await bench.CallAsync(body: ChatCall.Body("m", i % 2 == 0 ? "same" : second));
        }

        (bench.Client.Resting is RestReason.CircuitOpen).Should().Be(opens);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(14)]
    public async Task Retry_that_an_open_breaker_would_refuse_is_neither_waited_for_nor_taken(int? retryAfter)
    {
        await using var server = await SimulatedServer.StartAsync(UpstreamBench.Model(new SimulatedFault(SimulatedFaultKind.Status) { Status = 503, RetryAfter = retryAfter }));
        using var bench = new UpstreamBench(server.BaseUrl, c => c with { MaxRetryWait = TimeSpan.FromSeconds(60) }, Context);
        await FailUntilOneIsLeftAsync(bench);
        var begun = _time.Elapsed;
        var taken = 0;

        // Its own failure is the fifth; on this clock a wait would never end.
        var fault = await bench.FaultAsync(mayRetry: true, takeRetry: () => ++taken > 0);

        (fault.Status, taken, bench.LastCall.Attempts).Should().Be((503, 0, 1));
        _time.Elapsed.Should().Be(begun);
    }

    [Fact]
    public async Task Retry_that_waits_out_an_open_breaker_is_its_trial()
    {
        await using var server = await SimulatedServer.StartAsync(UpstreamBench.Model(new SimulatedFault(SimulatedFaultKind.Status) { Status = 503, RetryAfter = 15, First = 5 }));
        using var bench = new UpstreamBench(server.BaseUrl, c => c with { MaxRetryWait = TimeSpan.FromSeconds(15) }, Context);
        await FailUntilOneIsLeftAsync(bench);
        var pending = bench.CallAsync(mayRetry: true, deadline: TimeSpan.FromSeconds(60));

        await WaitOutAsync(server, 5, CircuitBreaker.Rest);

        (await pending).Should().BeOfType<CompleteUpstreamReply>();
        bench.Client.Resting.Should().BeNull();
    }

    [Fact]
    public async Task Last_chance_is_retried_although_the_breaker_is_open()
    {
        await using var server = await SimulatedServer.StartAsync(UpstreamBench.Model(new SimulatedFault(SimulatedFaultKind.Status) { Status = 503, First = 5 }));
        using var bench = new UpstreamBench(server.BaseUrl, context: Context);
        await FailUntilOneIsLeftAsync(bench);
        var pending = bench.CallAsync(mayRetry: true, isLastChance: true);

        await WaitOutAsync(server, 5, FirstWait);

        (await pending).Should().BeOfType<CompleteUpstreamReply>();
    }

    [Fact]
    public async Task Call_that_is_the_last_chance_passes_an_open_breaker_and_its_success_closes_it()
    {
        await using var server = await SimulatedServer.StartAsync(UpstreamBench.Model(new SimulatedFault(SimulatedFaultKind.Refuse) { First = 5 }));
        using var bench = new UpstreamBench(server.BaseUrl, context: Context);
        for (var i = 0; i < 5; i++)
        {
            await bench.FaultAsync();
        }

        var before = bench.Client.Resting;
        var reply = await bench.CallAsync(isLastChance: true);

        before.Should().Be(RestReason.CircuitOpen);
        reply.Should().BeOfType<CompleteUpstreamReply>();
        bench.Client.Resting.Should().BeNull();
    }

    [Theory]
    [InlineData("Status", 404)]
    [InlineData("Status", 401)]
    [InlineData("BadJson", null)]
    [InlineData("Redirect", null)]
    public async Task Refusal_of_a_request_is_a_sign_of_life(string simulated, int? status)
    {
        await using var server = await SimulatedServer.StartAsync(UpstreamBench.Model(new SimulatedFault(Enum.Parse<SimulatedFaultKind>(simulated)) { Status = status }));
        using var bench = new UpstreamBench(server.BaseUrl, context: Context);
        for (var i = 0; i < 10; i++)
        {
            await bench.FaultAsync();
        }

        bench.Client.Resting.Should().BeNull();
    }

    [Fact]
    public async Task Stream_that_stalls_before_its_first_content_counts_against_the_upstream()
    {
        await using var server = await SimulatedServer.StartAsync(UpstreamBench.Model(new SimulatedFault(SimulatedFaultKind.Stall) { AfterTokens = 0 }));
        using var bench = new UpstreamBench(server.BaseUrl, context: Context);
        for (var i = 0; i < 5; i++)
        {
            await using var stream = await bench.StreamAsync(deadline: TimeSpan.FromSeconds(1000));
            await stream.MoveNextAsync(CancellationToken.None);
            var next = stream.MoveNextAsync(CancellationToken.None).AsTask();
            _time.Advance(TimeSpan.FromSeconds(120));
            await next;
        }

        bench.Client.Resting.Should().Be(RestReason.CircuitOpen);
    }

    [Theory]
    [InlineData(0.1, null, false)]
    [InlineData(29.9, null, false)]
    [InlineData(30, null, true)]
    [InlineData(2, 4.0, false)]
    [InlineData(4, 4.0, true)]
    public async Task Calls_a_client_gave_too_little_time_do_not_count_against_the_upstream(double given, double? known, bool opens)
    {
        await using var server = await SimulatedServer.StartAsync(UpstreamBench.Model(new SimulatedFault(SimulatedFaultKind.Stall)));
        using var bench = new UpstreamBench(server.BaseUrl, context: Context);
        for (var i = 0; i < LatencyQuantiles.Enough && known is not null; i++)
        {
            bench.State.Latency.Observe(TimeSpan.FromSeconds(known.Value));
        }

        for (var i = 1; i <= CircuitBreaker.Threshold; i++)
        {
            var calling = bench.FaultAsync(deadline: TimeSpan.FromSeconds(given), isHurried: true);
            await server.WhenRequestsAsync(i);
            _time.Advance(TimeSpan.FromSeconds(given));
            (await calling).Kind.Should().Be(UpstreamFaultKind.TimedOut);
        }

        (bench.Client.Resting is RestReason.CircuitOpen).Should().Be(opens);
    }

    [Fact]
    public async Task Latencies_of_successful_calls_are_learned()
    {
        await using var server = await SimulatedServer.StartAsync(UpstreamBench.Model());
        using var bench = new UpstreamBench(server.BaseUrl);
        for (var i = 0; i < LatencyQuantiles.Enough; i++)
        {
            await bench.CallAsync();
            await using var stream = await bench.StreamAsync();
            await UpstreamBench.DrainAsync(stream);
        }

        bench.Client.Latency.Quantile(0.95).Should().NotBeNull();
        bench.Client.FirstContent.Quantile(0.95).Should().NotBeNull();
    }

    // One failure short of an open breaker.
    // The rests that were asked for are over then.
    private async Task FailUntilOneIsLeftAsync(UpstreamBench bench)
    {
        for (var i = 1; i < CircuitBreaker.Threshold; i++)
        {
            await bench.FaultAsync();
            _time.Advance(bench.State.Rest.Remaining);
        }
    }

    private async Task WaitOutAsync(SimulatedServer server, int requests, TimeSpan wait)
    {
        await server.WhenRequestsAsync(requests);
        await WhenWaitingAsync(wait);
        server.RequestCount.Should().Be(requests, "the wait is not over");
        _time.Advance(wait);
    }

    // Other timers come and go meanwhile; the wait is the one that is due at its time.
    private async Task WhenWaitingAsync(TimeSpan wait)
    {
        var patience = Task.Delay(UpstreamBench.Patience);
        while (_time.UntilNextTimer != wait)
        {
            patience.IsCompleted.Should().BeFalse("a wait of {0} was expected; the next timer is due in {1}", wait, _time.UntilNextTimer);
            await Task.Yield();
        }
    }
}
