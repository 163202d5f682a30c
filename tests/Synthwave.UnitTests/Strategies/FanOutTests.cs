using Synthwave.Strategies;
using Synthwave.TestKit;

namespace Synthwave.UnitTests.Strategies;

public sealed class FanOutTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void All_results_come_back_in_config_order()
    {
        var results = Run(Learned(), Call(3, "c"), Call(1, "a"), Call(2, "b"));

        results.Select(r => r.Value).Should().Equal("c", "a", "b");
    }

    [Fact]
    public void A_straggler_is_waited_for_until_its_own_learned_time()
    {
        var results = Run(Learned(), Call(5, "a"), Call(7, "b"), Call(19, "c", learned: 20));

        results.Select(r => r.Value).Should().Equal("a", "b", "c");
    }

    [Fact]
    public void A_hung_call_is_cut_at_its_learned_time_after_quorum()
    {
        var results = Run(Learned(), Call(5, "a"), Call(7, "b"), Call(1000, "c", learned: 12));

        results[2].WasCut.Should().BeTrue();
        results[2].CutAfter.Should().Be(TimeSpan.FromSeconds(12));
        _time.Elapsed.Should().Be(TimeSpan.FromSeconds(12));
    }

    [Fact]
    public void An_overdue_straggler_still_gets_a_second_after_quorum()
    {
        var results = Run(Learned(), Call(5, "a"), Call(7, "b"), Call(7.5, "c", learned: 6));

        results[2].Value.Should().Be("c");
    }

    [Fact]
    public void Nobody_is_waited_for_longer_than_the_largest_grace()
    {
        Run(Learned(), Call(5, "a"), Call(7, "b"), Call(1000, "c", learned: 500));

        _time.Elapsed.Should().Be(TimeSpan.FromSeconds(37));
    }

    [Fact]
    public void A_call_whose_time_is_unknown_gets_thirty_seconds_after_quorum()
    {
        Run(Learned(), Call(5, "a"), Call(7, "b"), Call(1000, "c"));

        _time.Elapsed.Should().Be(TimeSpan.FromSeconds(37));
    }

    [Fact]
    public void A_failure_lowers_the_quorum_to_those_alive()
    {
        Run(Learned(), Call(5, "a"), Call(1, "!"), Call(1000, "c", learned: 9));

        _time.Elapsed.Should().Be(TimeSpan.FromSeconds(18), "one draft of two alive is no quorum, so the other gets twice its learned time");
    }

    [Fact]
    public void Without_a_quorum_pending_calls_get_a_minute_after_the_first_draft_at_most()
    {
        Run(Learned(), Call(5, "a"), Call(1000, "b", learned: 900), Call(1000, "c"));

        _time.Elapsed.Should().Be(TimeSpan.FromSeconds(65));
    }

    [Fact]
    public void A_fixed_grace_runs_from_quorum_for_everyone()
    {
        Run(new Patience(TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(30)), Call(5, "a"), Call(7, "b"), Call(1000, "c", learned: 500));

        _time.Elapsed.Should().Be(TimeSpan.FromSeconds(11));
    }

    [Fact]
    public void A_fixed_grace_of_zero_cuts_stragglers_at_quorum()
    {
        Run(new Patience(TimeSpan.Zero, TimeSpan.FromSeconds(30)), Call(5, "a"), Call(7, "b"), Call(1000, "c"));

        _time.Elapsed.Should().Be(TimeSpan.FromSeconds(7));
    }

    [Fact]
    public void All_failures_end_the_fan_out_without_any_wait()
    {
        var results = Run(Learned(), Call(1, "!"), Call(2, "!"), Call(3, "!"));

        results.Select(r => r.Value).Should().Equal("!", "!", "!");
        _time.Elapsed.Should().Be(TimeSpan.FromSeconds(3));
    }

    [Fact]
    public void A_decided_outcome_ends_the_wait()
    {
        var policy = Policy(Learned()) with { IsDecided = static (successes, _) => successes.Count == 2 };

        var results = Run(policy, Call(5, "a"), Call(6, "a"), Call(900, "c"));

        results[2].WasCut.Should().BeTrue();
        _time.Elapsed.Should().Be(TimeSpan.FromSeconds(6));
    }

    [Fact]
    public async Task Cancellation_ends_every_call_before_it_is_thrown()
    {
        using var source = new CancellationTokenSource();
        var ended = 0;
        FanOutCall<string> Slow() => new(async token =>
        {
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, _time, token);
                return "never";
            }
            finally
            {
                Interlocked.Increment(ref ended);
            }
        });

        var running = FanOut.RunAsync([Slow(), Slow()], Policy(Learned()), _time, source.Token);
        await source.CancelAsync();

        await running.Invoking(r => r).Should().ThrowAsync<OperationCanceledException>();
        ended.Should().Be(2);
    }

    [Fact]
    public void A_result_that_lands_during_the_cut_is_kept()
    {
        var stubborn = new FanOutCall<string>(async token =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, _time, token).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            return "late";
        });

        var results = Run(new Patience(TimeSpan.Zero, TimeSpan.Zero), Call(1, "a"), Call(2, "b"), stubborn);

        results[2].Value.Should().Be("late");
        results[2].WasCut.Should().BeFalse();
    }

    private static Patience Learned() => new(null, TimeSpan.FromSeconds(30));

    private static FanOutPolicy<string> Policy(Patience patience) => new()
    {
        IsSuccess = static value => value != "!",
        Quorum = static alive => Math.Max(1, ((2 * alive) + 2) / 3),
        Patience = patience,
    };

    private FanOutCall<string> Call(double seconds, string value, double? learned = null) => new(
        async token =>
        {
            await Task.Delay(TimeSpan.FromSeconds(seconds), _time, token);
            return value;
        },
        () => learned is { } s ? TimeSpan.FromSeconds(s) : null);

    private FanOutResult<string>[] Run(Patience patience, params FanOutCall<string>[] calls) => Run(Policy(patience), calls);

    private FanOutResult<string>[] Run(FanOutPolicy<string> policy, params FanOutCall<string>[] calls) =>
        VirtualTime.Run(_time, () => FanOut.RunAsync(calls, policy, _time, CancellationToken.None));
}
