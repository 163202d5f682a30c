using Microsoft.Extensions.Time.Testing;
using Synthwave.Upstreams.Learned;

namespace Synthwave.UnitTests.Upstreams.Learned;

public sealed class CircuitBreakerTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly CircuitBreaker _breaker;

    public CircuitBreakerTests() => _breaker = new CircuitBreaker(_time);

    [Fact]
    public void Four_failures_in_a_row_leave_it_closed()
    {
        Fail(4);

        _breaker.IsOpen.Should().BeFalse();
        _breaker.TryEnter(force: false).Should().BeTrue();
    }

    [Fact]
    public void Fifth_failure_in_a_row_opens_it_for_fifteen_seconds()
    {
        Fail(5);

        _breaker.IsOpen.Should().BeTrue();
        _breaker.RemainingRest.Should().Be(TimeSpan.FromSeconds(15));
        _breaker.TryEnter(force: false).Should().BeFalse();
        _time.Advance(TimeSpan.FromSeconds(14.999));
        _breaker.TryEnter(force: false).Should().BeFalse();
    }

    [Fact]
    public void Success_in_between_starts_the_count_again()
    {
        Fail(4);
        _breaker.Succeeded();
        Fail(4);

        _breaker.IsOpen.Should().BeFalse();
    }

    [Fact]
    public void After_the_rest_one_trial_passes_and_the_next_call_does_not()
    {
        Fail(5);
        _time.Advance(CircuitBreaker.Rest);

        var first = _breaker.TryEnter(force: false);
        var second = _breaker.TryEnter(force: false);

        first.Should().BeTrue();
        second.Should().BeFalse();
    }

    [Fact]
    public void Failed_trial_opens_it_for_another_rest()
    {
        Fail(5);
        _time.Advance(CircuitBreaker.Rest);
        _breaker.TryEnter(force: false);
        _time.Advance(TimeSpan.FromSeconds(10));

        _breaker.Failed();

        _breaker.RemainingRest.Should().Be(CircuitBreaker.Rest);
    }

    [Fact]
    public void Successful_trial_closes_it()
    {
        Fail(5);
        _time.Advance(CircuitBreaker.Rest);
        _breaker.TryEnter(force: false);

        _breaker.Succeeded();

        _breaker.IsOpen.Should().BeFalse();
        _breaker.TryEnter(force: false).Should().BeTrue();
    }

    [Fact]
    public void Trial_that_never_reports_does_not_keep_it_shut()
    {
        Fail(5);
        _time.Advance(CircuitBreaker.Rest);
        _breaker.TryEnter(force: false);
        _time.Advance(CircuitBreaker.Rest);

        _breaker.TryEnter(force: false).Should().BeTrue();
    }

    [Fact]
    public void Forced_call_passes_while_open_and_its_success_closes_it()
    {
        Fail(5);

        var passed = _breaker.TryEnter(force: true);
        _breaker.Succeeded();

        passed.Should().BeTrue();
        _breaker.IsOpen.Should().BeFalse();
    }

    [Fact]
    public void One_request_that_may_have_caused_all_failures_proves_nothing()
    {
        Fail(20, suspect: 1);

        _breaker.IsOpen.Should().BeFalse();
    }

    [Theory]
    [InlineData(2)]
    [InlineData(null)]
    public void A_second_request_or_a_failure_that_none_can_have_caused_is_the_proof(int? second)
    {
        Fail(4, suspect: 1);

        _breaker.Failed(second);

        _breaker.IsOpen.Should().BeTrue();
    }

    [Fact]
    public void Two_requests_do_not_make_a_run_longer_than_it_is()
    {
        Fail(2, suspect: 1);
        Fail(2, suspect: 2);

        _breaker.IsOpen.Should().BeFalse();
    }

    [Fact]
    public void Success_clears_the_suspicion_too()
    {
        Fail(4, suspect: 1);
        _breaker.Succeeded();
        Fail(9, suspect: 2);

        _breaker.IsOpen.Should().BeFalse();
    }

    [Fact]
    public void The_suspect_does_not_keep_it_open()
    {
        Fail(4, suspect: 1);
        _breaker.Failed();
        _time.Advance(TimeSpan.FromSeconds(10));

        _breaker.Failed(1);
        var afterSuspect = _breaker.RemainingRest;
        _breaker.Failed(2);

        afterSuspect.Should().Be(TimeSpan.FromSeconds(5));
        _breaker.RemainingRest.Should().Be(CircuitBreaker.Rest);
    }

    private void Fail(int times, int? suspect = null)
    {
        for (var i = 0; i < times; i++)
        {
            _breaker.Failed(suspect);
        }
    }
}
