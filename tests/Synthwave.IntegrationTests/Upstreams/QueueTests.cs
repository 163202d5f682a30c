using System.Collections.Concurrent;
using Synthwave.Telemetry.Reports;
using Synthwave.TestKit;
using Synthwave.Upstreams;
using Synthwave.Upstreams.Calls;
using Synthwave.Upstreams.Faults;

namespace Synthwave.IntegrationTests.Upstreams;

/// <summary>Calls beyond <c>max_concurrency</c> wait their turn for <c>queue_secs</c>.</summary>
public sealed class QueueTests : IDisposable
{
    private const string Json = "{\"model\":\"m\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"Hi.\"},\"finish_reason\":\"stop\"}]}";

    private readonly ManualTimeProvider _time = new();
    private readonly SemaphoreSlim _gate = new(0);
    private readonly ConcurrentQueue<string> _asked = new();

    private UpstreamContext Context => new() { Time = _time, Environment = _ => null };

    public void Dispose() => _gate.Dispose();

    [Fact]
    public async Task Calls_wait_for_a_place_in_the_order_they_came()
    {
        await using var server = Gated();
        using var bench = Bench(server);
        var calls = new List<Task<UpstreamReply>>();
        for (var i = 0; i < 4; i++)
        {
            calls.Add(bench.CallAsync(body: ChatCall.Body("m", $"number {i}")));
        }

        _gate.Release(4);
        var replies = await Task.WhenAll(calls);

        replies.Should().AllBeOfType<CompleteUpstreamReply>();
        _asked.Should().Equal("number 0", "number 1", "number 2", "number 3");
        bench.State.InFlight.Should().Be(0);
    }

    [Theory]
    [InlineData(10, 20, 10)]
    [InlineData(10, 3, 3)]
    public async Task Who_gets_no_place_in_time_counts_as_overloaded(double queue, double deadline, double until)
    {
        await using var server = Gated();
        using var bench = Bench(server, queue);
        var first = bench.CallAsync();
        var second = bench.CallAsync(deadline: TimeSpan.FromSeconds(deadline));

        _time.Advance(TimeSpan.FromSeconds(until - 0.1));
        var isEarly = second.IsCompleted;
        _time.Advance(TimeSpan.FromSeconds(0.1));
        var reply = await second;
        var call = bench.LastCall;
        _gate.Release();
        await first;

        isEarly.Should().BeFalse();
        reply.Should().BeOfType<FaultedUpstreamReply>().Which.Fault.Kind.Should().Be(UpstreamFaultKind.Overloaded);
        (call.Outcome, call.Reason, call.Attempts).Should().Be((CallOutcome.Failed, "overloaded", 0));
        _asked.Should().HaveCount(1);
    }

    [Fact]
    public async Task Without_a_queue_it_is_refused_at_once()
    {
        await using var server = Gated();
        using var bench = Bench(server, queue: 0);
        var first = bench.CallAsync();

        var second = await bench.CallAsync();
        _gate.Release();
        await first;

        second.Should().BeOfType<FaultedUpstreamReply>().Which.Fault.Kind.Should().Be(UpstreamFaultKind.Overloaded);
    }

    [Fact]
    public async Task A_caller_that_leaves_leaves_the_queue_at_once()
    {
        await using var server = Gated();
        using var bench = Bench(server);
        using var leaving = new CancellationTokenSource();
        var first = bench.CallAsync();
        var gone = bench.CallAsync(cancellationToken: leaving.Token);
        var goneCall = bench.LastCall;
        var next = bench.CallAsync(body: ChatCall.Body("m", "next"));

        await leaving.CancelAsync();
        await ((Func<Task>)(() => gone)).Should().ThrowAsync<OperationCanceledException>();
        _gate.Release(2);
        await first;

        (await next).Should().BeOfType<CompleteUpstreamReply>();
        (goneCall.Outcome, goneCall.Attempts).Should().Be((CallOutcome.Cancelled, 0));
        _asked.Should().Equal("Hello", "next");
        bench.State.InFlight.Should().Be(0);
    }

    [Fact]
    public async Task Nobody_waits_for_an_upstream_that_rests()
    {
        await using var server = Gated();
        using var bench = Bench(server);
        var first = bench.CallAsync();
        bench.State.Rest.Begin(TimeSpan.FromSeconds(60));

        var second = await bench.CallAsync();
        _gate.Release();
        await first;

        second.Should().BeOfType<FaultedUpstreamReply>();
    }

    private UpstreamBench Bench(RawUpstream server, double queue = 10) =>
        new(server.BaseUrl, c => c with { MaxConcurrency = 1, Queue = TimeSpan.FromSeconds(queue) }, Context);

    private RawUpstream Gated() => new(async call =>
    {
        _asked.Enqueue(System.Text.Json.JsonElement.Parse(call.Body).GetProperty("messages")[0].GetProperty("content").GetString()!);
        await _gate.WaitAsync(call.Stop);
        await call.SendAsync($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {Json.Length}\r\n\r\n{Json}");
    });
}
