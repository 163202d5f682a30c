using Synthwave.TestKit;

namespace Synthwave.UnitTests.TestKit;

public sealed class ManualTimeProviderTests
{
    private readonly ManualTimeProvider _clock = new();

    [Fact]
    public void Time_stands_still_until_advanced()
    {
        var start = (_clock.GetUtcNow(), _clock.GetTimestamp());

        _clock.Advance(TimeSpan.FromSeconds(90));

        (_clock.GetUtcNow() - start.Item1).Should().Be(TimeSpan.FromSeconds(90));
        _clock.GetElapsedTime(start.Item2).Should().Be(TimeSpan.FromSeconds(90));
    }

    [Fact]
    public void Timers_fire_in_due_order_each_at_its_own_time()
    {
        var fired = new List<(string, TimeSpan)>();
        using var late = _clock.CreateTimer(_ => fired.Add(("late", _clock.Elapsed)), null, TimeSpan.FromSeconds(3), Timeout.InfiniteTimeSpan);
        using var early = _clock.CreateTimer(_ => fired.Add(("early", _clock.Elapsed)), null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
        using var same = _clock.CreateTimer(_ => fired.Add(("same", _clock.Elapsed)), null, TimeSpan.FromSeconds(3), Timeout.InfiniteTimeSpan);

        _clock.Advance(TimeSpan.FromSeconds(10));

        fired.Should().Equal(("early", TimeSpan.FromSeconds(1)), ("late", TimeSpan.FromSeconds(3)), ("same", TimeSpan.FromSeconds(3)));
        _clock.ActiveTimers.Should().Be(0);
    }

    [Fact]
    public void Periodic_timer_fires_each_period_until_disposed()
    {
        var fired = 0;
        var timer = _clock.CreateTimer(_ => fired++, null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2));

        _clock.Advance(TimeSpan.FromSeconds(6));
        timer.Dispose();
        _clock.Advance(TimeSpan.FromSeconds(6));

        fired.Should().Be(3);
    }

    [Fact]
    public void Timer_set_by_a_callback_fires_within_the_same_advance()
    {
        var at = TimeSpan.Zero;
        using var second = _clock.CreateTimer(_ => at = _clock.Elapsed, null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        using var first = _clock.CreateTimer(_ => second.Change(TimeSpan.FromSeconds(2), Timeout.InfiniteTimeSpan), null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);

        _clock.Advance(TimeSpan.FromSeconds(5));

        at.Should().Be(TimeSpan.FromSeconds(3));
    }

    [Fact]
    public async Task Delays_and_cancellation_sources_follow_the_clock()
    {
        var delay = Task.Delay(TimeSpan.FromMinutes(5), _clock);
        using var source = new CancellationTokenSource(TimeSpan.FromMinutes(1), _clock);

        _clock.Advance(TimeSpan.FromMinutes(1));
        source.IsCancellationRequested.Should().BeTrue();
        delay.IsCompleted.Should().BeFalse();
        _clock.AdvanceToNextTimer().Should().BeTrue();

        await delay.WaitAsync(TimeSpan.FromSeconds(10));
        _clock.AdvanceToNextTimer().Should().BeFalse();
    }
}
