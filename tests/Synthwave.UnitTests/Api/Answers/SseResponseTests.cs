using System.Buffers;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using Synthwave.Api.Answers;
using Synthwave.TestKit;

namespace Synthwave.UnitTests.Api.Answers;

public sealed class SseResponseTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task What_is_left_in_the_buffer_of_an_answer_that_was_given_up_never_leaves()
    {
        var http = new DefaultHttpContext();
        using var body = new MemoryStream();
        http.Response.Body = body;
        var sse = new SseResponse(http, ReadOnlyMemory<byte>.Empty, TimeSpan.FromSeconds(15), new ManualTimeProvider());
        sse.Write("data: sent\n\n"u8);
        await sse.FlushAsync();

        sse.Write("data: half"u8);
        sse.Dispose();
        await http.Response.CompleteAsync();
        await http.Response.BodyWriter.CompleteAsync();

        Encoding.UTF8.GetString(body.ToArray()).Should().Be("data: sent\n\n");
    }

    [Fact]
    public async Task A_heartbeat_waits_for_its_time_in_one_go_however_timers_are_cut()
    {
        var time = new FakeTimeProvider();
        var http = new DefaultHttpContext();
        using var body = new MemoryStream();
        http.Response.Body = body;
        using var sse = new SseResponse(http, ": beat\n\n"u8.ToArray(), TimeSpan.FromSeconds(15), time);
        var pending = new TaskCompletionSource<int>();
        time.Advance(TimeSpan.FromMilliseconds(0.4));

        // A wait that rounds down would ask for what is left of a millisecond for ever: this clock stands still meanwhile.
        var waiting = sse.WaitAsync(pending.Task).AsTask();
        time.Advance(TimeSpan.FromSeconds(14.99));
        Encoding.UTF8.GetString(body.ToArray()).Should().BeEmpty();
        time.Advance(TimeSpan.FromMilliseconds(10));
        SpinWait.SpinUntil(() => body.Length == 8, Patience).Should().BeTrue();
        time.Advance(TimeSpan.FromSeconds(15));
        SpinWait.SpinUntil(() => body.Length == 16, Patience).Should().BeTrue();
        pending.SetResult(7);

        (await waiting).Should().Be(7);
        Encoding.UTF8.GetString(body.ToArray()).Should().Be(": beat\n\n: beat\n\n");
    }

    [Fact]
    public async Task What_was_not_flushed_before_disposal_is_not_sent()
    {
        var http = new DefaultHttpContext();
        using var body = new MemoryStream();
        http.Response.Body = body;
        using (var sse = new SseResponse(http, ": beat\n\n"u8.ToArray(), TimeSpan.FromSeconds(15), new ManualTimeProvider()))
        {
            sse.Write("data: sent\n\n"u8);
            await sse.FlushAsync();
            sse.Write("data: half an ans"u8);
        }

        await http.Response.BodyWriter.FlushAsync();

        Encoding.UTF8.GetString(body.ToArray()).Should().Be("data: sent\n\n");
    }

    [Fact]
    public async Task Where_sending_fails_the_read_under_way_is_waited_for_all_the_same()
    {
        var time = new ManualTimeProvider();
        var http = new DefaultHttpContext();
        var body = new MemoryStream();
        http.Response.Body = body;
        using var sse = new SseResponse(http, ": beat\n\n"u8.ToArray(), TimeSpan.FromSeconds(15), time);
        var read = new TaskCompletionSource();
        var givenUp = new TaskCompletionSource();
        var waiting = sse.FlushAndWaitAsync(new ValueTask(read.Task), givenUp.SetResult).AsTask();

        await body.DisposeAsync();
        time.Advance(TimeSpan.FromSeconds(15));
        await givenUp.Task.WaitAsync(TimeSpan.FromSeconds(10));
        waiting.IsCompleted.Should().BeFalse();
        read.SetResult();

        await ((Func<Task>)(() => waiting)).Should().ThrowAsync<Exception>();
    }

    [Fact]
    public async Task A_heartbeat_that_is_asked_for_from_elsewhere_leaves_at_once()
    {
        var time = new ManualTimeProvider();
        var http = new DefaultHttpContext();
        using var body = new MemoryStream();
        http.Response.Body = body;
        using var sse = new SseResponse(http, ": beat\n\n"u8.ToArray(), TimeSpan.FromSeconds(15), time);
        var pending = new TaskCompletionSource<int>();

        sse.BeatSoon();
        var waiting = sse.WaitAsync(pending.Task).AsTask();
        SpinWait.SpinUntil(() => body.Length == 8, Patience).Should().BeTrue("it was asked for before the wait");
        sse.BeatSoon();
        SpinWait.SpinUntil(() => body.Length == 16, Patience).Should().BeTrue("it was asked for during the wait");
        pending.SetResult(7);

        (await waiting).Should().Be(7);
        Encoding.UTF8.GetString(body.ToArray()).Should().Be(": beat\n\n: beat\n\n");
    }
}
