using Synthwave.TestKit;
using Synthwave.Upstreams.Learned;

namespace Synthwave.UnitTests.Upstreams.Learned;

public sealed class CallPlacesTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(10);

    private readonly ManualTimeProvider _time = new();
    private readonly CallPlaces _places;

    public CallPlacesTests() => _places = new(_time);

    [Fact]
    public void There_are_as_many_places_as_the_limit_says()
    {
        var entered = Enumerable.Range(0, 3).Select(_ => _places.TryEnter(2)).ToArray();
        _places.Leave();

        entered.Should().Equal(true, true, false);
        _places.TryEnter(2).Should().BeTrue();
        _places.TryEnter(null).Should().BeTrue("no limit is no limit");
        _places.InFlight.Should().Be(3);
    }

    [Fact]
    public async Task Who_came_first_is_served_first_and_nobody_overtakes()
    {
        _places.TryEnter(1);
        var first = _places.EnterAsync(1, Long, default);
        var second = _places.EnterAsync(1, Long, default);

        var overtaken = _places.TryEnter(2);
        _places.Leave();
        await first;
        var isSecondEarly = second.IsCompleted;
        _places.Leave();

        overtaken.Should().BeFalse();
        isSecondEarly.Should().BeFalse();
        (await second).Should().BeTrue();
        _places.InFlight.Should().Be(1);
    }

    [Fact]
    public async Task A_wait_that_is_over_leaves_the_queue()
    {
        _places.TryEnter(1);
        var waiting = _places.EnterAsync(1, Long, default);

        _time.Advance(Long);
        var entered = await waiting;
        _places.Leave();

        entered.Should().BeFalse();
        _places.InFlight.Should().Be(0);
        _time.ActiveTimers.Should().Be(0);
    }

    [Fact]
    public async Task Who_leaves_makes_way_for_the_next()
    {
        using var leaving = new CancellationTokenSource();
        _places.TryEnter(1);
        var gone = _places.EnterAsync(1, Long, leaving.Token);
        var next = _places.EnterAsync(1, Long, default);

        await leaving.CancelAsync();
        await ((Func<Task>)(() => gone)).Should().ThrowAsync<OperationCanceledException>();
        _places.Leave();

        (await next).Should().BeTrue();
        _places.Leave();
        _places.InFlight.Should().Be(0);
    }

    [Fact]
    public async Task A_lower_limit_at_the_head_is_gone_with_its_waiter()
    {
        _places.TryEnter(null);
        using var leaving = new CancellationTokenSource();
        var old = _places.EnterAsync(1, Long, leaving.Token);
        var raised = _places.EnterAsync(2, Long, default);

        await leaving.CancelAsync();

        await ((Func<Task>)(() => old)).Should().ThrowAsync<OperationCanceledException>();
        (await raised).Should().BeTrue();
    }

    [Fact]
    public async Task The_queue_is_bounded()
    {
        _places.TryEnter(1);
        var waiting = Enumerable.Range(0, CallPlaces.MostWaiting).Select(_ => _places.EnterAsync(1, Long, default)).ToArray();

        (await _places.EnterAsync(1, Long, default)).Should().BeFalse();

        _time.Advance(Long);
        (await Task.WhenAll(waiting)).Should().AllBeEquivalentTo(false);
    }
}
