using Synthwave.TestKit;
using Synthwave.Upstreams.Calls;

namespace Synthwave.UnitTests.Upstreams.Calls;

public sealed class CallClockTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void Deadline_cancels_at_its_time_and_not_before()
    {
        using var clock = new CallClock(_time, 10 * Second, CancellationToken.None);

        _time.Advance(9.999 * Second);
        var before = clock.Token.IsCancellationRequested;
        _time.Advance(0.001 * Second);

        before.Should().BeFalse();
        clock.TimedOut.Should().BeTrue();
        clock.Token.IsCancellationRequested.Should().BeTrue();
    }

    [Fact]
    public void Deadline_in_the_past_cancels_at_once()
    {
        using var clock = new CallClock(_time, TimeSpan.Zero, CancellationToken.None);

        clock.TimedOut.Should().BeTrue();
    }

    [Fact]
    public void Wait_is_limited_on_its_own()
    {
        using var clock = new CallClock(_time, 100 * Second, CancellationToken.None);
        clock.StartWait(2 * Second);

        _time.Advance(2 * Second);

        clock.TimedOut.Should().BeTrue();
    }

    [Fact]
    public void Progress_starts_the_wait_again()
    {
        using var clock = new CallClock(_time, 100 * Second, CancellationToken.None);
        for (var i = 0; i < 20; i++)
        {
            clock.StartWait(2 * Second);
            _time.Advance(1.9 * Second);
            clock.StopWait();
        }

        clock.Token.IsCancellationRequested.Should().BeFalse();
    }

    [Fact]
    public void Time_in_which_nothing_is_awaited_does_not_count()
    {
        using var clock = new CallClock(_time, 100 * Second, CancellationToken.None);
        clock.StartWait(2 * Second);
        clock.StopWait();

        _time.Advance(50 * Second);
        clock.StartWait(2 * Second);
        _time.Advance(1.999 * Second);
        var before = clock.TimedOut;
        _time.Advance(0.001 * Second);

        before.Should().BeFalse();
        clock.TimedOut.Should().BeTrue();
    }

    [Fact]
    public void Shorter_limit_binds_although_a_longer_one_was_set_before()
    {
        using var clock = new CallClock(_time, 100 * Second, CancellationToken.None);
        clock.StartWait(60 * Second);
        clock.StopWait();
        clock.StartWait(Second);

        _time.Advance(Second);

        clock.TimedOut.Should().BeTrue();
    }

    [Fact]
    public void Lifted_deadline_leaves_only_the_wait()
    {
        using var clock = new CallClock(_time, 10 * Second, CancellationToken.None);

        clock.MoveDeadline(null);
        _time.Advance(TimeSpan.FromDays(30));

        clock.Token.IsCancellationRequested.Should().BeFalse();
    }

    [Fact]
    public void Moved_deadline_counts_from_the_move()
    {
        using var clock = new CallClock(_time, 10 * Second, CancellationToken.None);
        _time.Advance(9 * Second);
        clock.MoveDeadline(5 * Second);

        _time.Advance(4.999 * Second);
        var before = clock.TimedOut;
        _time.Advance(0.001 * Second);

        before.Should().BeFalse();
        clock.TimedOut.Should().BeTrue();
    }

    [Fact]
    public void Outer_cancellation_is_no_timeout()
    {
        using var outer = new CancellationTokenSource();
        using var clock = new CallClock(_time, 10 * Second, outer.Token);

        outer.Cancel();
        _time.Advance(20 * Second);

        clock.Token.IsCancellationRequested.Should().BeTrue();
        clock.IsCancelled.Should().BeTrue();
        clock.TimedOut.Should().BeFalse();
    }

    [Fact]
    public void Thousand_reads_under_the_same_limit_set_one_timer()
    {
        using var clock = new CallClock(_time, 100 * Second, CancellationToken.None);
        clock.StartWait(Second);
        clock.StopWait();
        var before = GC.GetAllocatedBytesForCurrentThread();

        for (var i = 0; i < 1000; i++)
        {
            clock.StartWait(Second);
            clock.StopWait();
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(1000);
        _time.ActiveTimers.Should().Be(1);
    }

    [Fact]
    public void Disposed_clock_leaves_no_timer_and_ignores_everything()
    {
        using var outer = new CancellationTokenSource();
        var clock = new CallClock(_time, 10 * Second, outer.Token);

        clock.Dispose();
        clock.Dispose();
        clock.Cancel();
        outer.Cancel();

        _time.ActiveTimers.Should().Be(0);
    }

    [Fact]
    public void Any_order_of_waits_times_out_exactly_when_a_limit_is_exceeded() => Seeded.Run(300, random =>
    {
        var time = new ManualTimeProvider();
        using var clock = new CallClock(time, TimeSpan.FromHours(10), CancellationToken.None);
        for (var i = 0; i < 30 && !clock.TimedOut; i++)
        {
            var limit = random.Next(1, 100) * Second;
            var wait = random.Next(0, 150) * Second;
            time.Advance(random.Next(0, 200) * Second);

            clock.StartWait(limit);
            time.Advance(wait);

            clock.TimedOut.Should().Be(wait >= limit, "a wait of {0} under a limit of {1}", wait, limit);
            clock.StopWait();
        }
    });
}
