using System.Globalization;
using Synthwave.Telemetry.Reports;
using Synthwave.TestKit;
using Synthwave.Upstreams;
using Synthwave.Upstreams.Calls;
using Synthwave.Upstreams.Faults;
using Synthwave.Upstreams.Learned;

namespace Synthwave.IntegrationTests.Upstreams;

/// <summary>An upstream that says when it wants to be asked again is left alone until then, but for calls that nobody else can take.</summary>
public sealed class RestTests
{
    private const string Json = "{\"model\":\"m\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"Hi.\"},\"finish_reason\":\"stop\"}]}";

    private readonly ManualTimeProvider _time = new(DateTimeOffset.FromUnixTimeSeconds(1_900_000_000));
    private int _requests;

    private UpstreamContext Context => new() { Time = _time, Environment = _ => null };

    [Theory]
    [InlineData(429, "Retry-After: 60", 60)]
    [InlineData(503, "Retry-After: 60", 60)]
    [InlineData(529, "Retry-After: 60", 60)]
    [InlineData(429, "retry-after-ms: 1500", 1.5)]
    [InlineData(429, "Retry-After: $DATE", 60)]
    [InlineData(429, "Date: Wed, 09 Jan 2019 03:00:00 GMT\r\nRetry-After: Wed, 09 Jan 2019 03:01:00 GMT", 60)]
    [InlineData(429, "Retry-After: 99999999999", 3600)]
    public async Task It_rests_as_long_as_it_asked(int status, string header, double seconds)
    {
        var date = (_time.GetUtcNow() + TimeSpan.FromSeconds(60)).ToString("R", CultureInfo.InvariantCulture);
        await using var server = Failing(status, header.Replace("$DATE", date, StringComparison.Ordinal));
        using var bench = new UpstreamBench(server.BaseUrl, context: Context);
        await bench.FaultAsync();

        var resting = bench.Client.Resting;
        _time.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromMilliseconds(500));
        var refused = await bench.FaultAsync();
        var call = bench.LastCall;
        _time.Advance(TimeSpan.FromMilliseconds(500));
        var after = bench.Client.Resting;
        await bench.FaultAsync();

        (resting, after).Should().Be((RestReason.RateLimited, null));
        (refused.Kind, refused.Status, refused.RetryAfter, refused.IsRetryable()).Should().Be((UpstreamFaultKind.RateLimited, null, TimeSpan.FromMilliseconds(500), false));
        (call.Attempts, call.Outcome, call.Reason).Should().Be((0, CallOutcome.Failed, "rate_limited"));
        _requests.Should().Be(2);
    }

    [Theory]
    [InlineData(429, "X-None: 1")]
    [InlineData(429, "Retry-After: 0")]
    [InlineData(429, "Retry-After: soon")]
    [InlineData(500, "Retry-After: 60")]
    [InlineData(400, "Retry-After: 60")]
    public async Task Nothing_else_makes_it_rest(int status, string header)
    {
        await using var server = Failing(status, header);
        using var bench = new UpstreamBench(server.BaseUrl, context: Context);

        await bench.FaultAsync();

        bench.Client.Resting.Should().BeNull();
    }

    [Fact]
    public async Task A_last_chance_is_taken_all_the_same_and_an_answer_ends_the_rest()
    {
        await using var server = Failing(429, "Retry-After: 60", times: 2);
        using var bench = new UpstreamBench(server.BaseUrl, context: Context);
        await bench.FaultAsync();

        var still = await bench.FaultAsync(isLastChance: true);
        var reply = await bench.CallAsync(isLastChance: true);

        still.Status.Should().Be(429);
        reply.Should().BeOfType<CompleteUpstreamReply>();
        bench.Client.Resting.Should().BeNull();
    }

    [Fact]
    public async Task An_answer_to_an_earlier_call_does_not_end_it()
    {
        var release = new TaskCompletionSource();
        await using var server = new RawUpstream(async call =>
        {
            if (Interlocked.Increment(ref _requests) == 1)
            {
                await release.Task;
                await call.SendAsync($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {Json.Length}\r\n\r\n{Json}");
                return;
            }

            await call.SendAsync("HTTP/1.1 429 X\r\nRetry-After: 60\r\nContent-Length: 0\r\n\r\n");
        });
        using var bench = new UpstreamBench(server.BaseUrl, context: Context);
        var early = bench.CallAsync();
        while (Volatile.Read(ref _requests) == 0)
        {
            await Task.Yield();
        }

        _time.Advance(TimeSpan.FromSeconds(1));
        var limited = await bench.CallAsync();
        release.SetResult();
        await early;

        limited.Should().BeOfType<FaultedUpstreamReply>();
        bench.Client.Resting.Should().Be(RestReason.RateLimited);
    }

    [Fact]
    public async Task A_rest_that_began_is_never_made_shorter()
    {
        var waits = new Queue<int>([60, 5]);
        await using var server = new RawUpstream(call => call.SendAsync($"HTTP/1.1 429 X\r\nRetry-After: {waits.Dequeue()}\r\nContent-Length: 0\r\n\r\n"));
        using var bench = new UpstreamBench(server.BaseUrl, context: Context);

        await bench.FaultAsync();
        await bench.FaultAsync(isLastChance: true);

        bench.State.Rest.Remaining.Should().Be(TimeSpan.FromSeconds(60));
    }

    private RawUpstream Failing(int status, string header, int times = int.MaxValue) => new(call => call.SendAsync(
        Interlocked.Increment(ref _requests) <= times
            ? $"HTTP/1.1 {status} X\r\n{header}\r\nContent-Length: 0\r\n\r\n"
            : $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {Json.Length}\r\n\r\n{Json}"));
}
