using Synthwave.Api.Answers;
using Synthwave.TestKit;

namespace Synthwave.UnitTests.Api.Answers;

public sealed class TimedWaitTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task An_operation_that_ends_in_time_ends_the_wait()
    {
        using var wait = new TimedWait(_time);
        var operation = new TaskCompletionSource();
        wait.Watch(operation.Task);

        var within = wait.IsDoneWithinAsync(5 * Second);
        operation.SetResult();

        within.IsCompleted.Should().BeTrue();
        (await within).Should().BeTrue();
    }

    [Fact]
    public async Task However_the_operation_ends_it_is_done()
    {
        using var wait = new TimedWait(_time);
        var operation = new TaskCompletionSource();
        wait.Watch(operation.Task);
        operation.SetException(new InvalidOperationException("broken"));

        (await wait.IsDoneWithinAsync(Second)).Should().BeTrue();

        operation.Task.Exception.Should().NotBeNull();
    }

    [Fact]
    public async Task Time_that_is_over_first_ends_the_wait_and_another_one_may_follow()
    {
        using var wait = new TimedWait(_time);
        var operation = new TaskCompletionSource();
        wait.Watch(operation.Task);
        for (var i = 0; i < 3; i++)
        {
            var within = wait.IsDoneWithinAsync(5 * Second);
            _time.Advance(4.9 * Second);
            within.IsCompleted.Should().BeFalse();
            _time.Advance(0.1 * Second);
            (await within).Should().BeFalse();
        }

        var last = wait.IsDoneWithinAsync(5 * Second);
        wait.Watch(operation.Task);
        operation.SetResult();

        (await last).Should().BeTrue();
    }

    [Fact]
    public async Task An_operation_that_ends_between_two_waits_is_not_missed()
    {
        using var wait = new TimedWait(_time);
        var operation = new TaskCompletionSource();
        wait.Watch(operation.Task);
        (await wait.IsDoneWithinAsync(TimeSpan.Zero)).Should().BeFalse();

        operation.SetResult();

        (await wait.IsDoneWithinAsync(TimeSpan.Zero)).Should().BeTrue();
    }

    [Fact]
    public async Task One_operation_follows_the_other_under_one_timer()
    {
        using var wait = new TimedWait(_time);
        for (var i = 0; i < 10; i++)
        {
            var operation = new TaskCompletionSource();
            wait.Watch(new ValueTask(operation.Task).GetAwaiter());
            var within = wait.IsDoneWithinAsync((i + 1) * Second);
            _time.ActiveTimers.Should().Be(1);

            operation.SetResult();

            (await within).Should().BeTrue();
        }

        wait.Dispose();
        _time.ActiveTimers.Should().Be(0);
    }

    [Fact]
    public async Task A_shorter_wait_after_a_longer_one_ends_at_its_own_time()
    {
        using var wait = new TimedWait(_time);
        var first = new TaskCompletionSource();
        wait.Watch(first.Task);
        var longer = wait.IsDoneWithinAsync(60 * Second);
        first.SetResult();
        (await longer).Should().BeTrue();
        wait.Watch(new TaskCompletionSource().Task);

        var shorter = wait.IsDoneWithinAsync(Second);
        _time.Advance(Second);

        (await shorter).Should().BeFalse();
    }

    [Fact]
    public async Task A_cut_between_two_waits_ends_the_next_one()
    {
        using var wait = new TimedWait(_time);
        wait.Watch(new TaskCompletionSource().Task);

        wait.Cut();
        var next = wait.IsDoneWithinAsync(5 * Second);
        next.IsCompleted.Should().BeTrue();
        (await next).Should().BeFalse();
        var later = wait.IsDoneWithinAsync(5 * Second);
        later.IsCompleted.Should().BeFalse("one cut ends one wait");
        wait.Cut();
        (await later).Should().BeFalse();
    }

    [Fact]
    public async Task Ends_and_times_that_meet_lose_nothing()
    {
        using var wait = new TimedWait(TimeProvider.System);
        for (var i = 0; i < 300; i++)
        {
            var operation = new TaskCompletionSource();
            wait.Watch(operation.Task);
            var ending = Task.Run(async () =>
            {
                await Task.Delay(i % 3);
                operation.SetResult();
            });
            while (!await wait.IsDoneWithinAsync(TimeSpan.FromMilliseconds(1)))
            {
            }

            operation.Task.IsCompleted.Should().BeTrue();
            await ending;
        }
    }
}
