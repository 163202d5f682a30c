using Synthwave.Chat.Memory;
using Synthwave.TestKit;

namespace Synthwave.UnitTests.Chat.Memory;

public sealed class MemoryBudgetTests
{
    private const long Mebibyte = 1024 * 1024;

    private readonly ManualTimeProvider _time = new();
    private readonly MemoryBudget _budget;

    public MemoryBudgetTests() => _budget = new MemoryBudget(_time) { Limit = 64 * Mebibyte };

    [Fact]
    public async Task One_client_holds_half_and_all_together_leave_an_eighth_to_small_requests()
    {
        _budget.TryTake(33 * Mebibyte, "a").Should().BeFalse();
        _budget.TryTake(32 * Mebibyte, "a").Should().BeTrue();
        _budget.TryTake(1, "a").Should().BeFalse();
        _budget.TryTake(24 * Mebibyte, "b").Should().BeTrue();
        _budget.TryTake(1, "c").Should().BeFalse();
        (await _budget.EnterAsync("c", default)).Should().BeTrue();

        _budget.Used.Should().Be((56 * Mebibyte) + MemoryBudget.Flat);
    }

    [Fact]
    public void What_is_given_back_can_be_taken_again()
    {
        _budget.TryTake(32 * Mebibyte, "a");
        _budget.Give(16 * Mebibyte, "a");

        _budget.TryTake(17 * Mebibyte, "a").Should().BeFalse();
        _budget.TryTake(16 * Mebibyte, "a").Should().BeTrue();
        _budget.Give(32 * Mebibyte, "a");
        _budget.Used.Should().Be(0);
    }

    [Fact]
    public async Task Who_waits_is_served_in_turn_and_nobody_overtakes()
    {
        _budget.TryTake(32 * Mebibyte, "a");
        _budget.TryTake(24 * Mebibyte, "b");
        var first = _budget.TakeAsync(10 * Mebibyte, "c", default).AsTask();
        var second = _budget.TakeAsync(Mebibyte, "d", default).AsTask();

        _budget.Give(8 * Mebibyte, "b");
        var overtaken = _budget.TryTake(1, "e");
        var isEarly = first.IsCompleted || second.IsCompleted;
        _budget.Give(8 * Mebibyte, "b");

        overtaken.Should().BeFalse();
        isEarly.Should().BeFalse();
        (await first).Should().BeTrue();
        (await second).Should().BeTrue();
    }

    [Fact]
    public async Task Who_waits_for_another_request_of_its_own_client_holds_up_nobody()
    {
        _budget.TryTake(32 * Mebibyte, "a");
        var own = _budget.TakeAsync(Mebibyte, "a", default).AsTask();
        var other = _budget.TakeAsync(Mebibyte, "b", default).AsTask();

        (await other).Should().BeTrue();
        own.IsCompleted.Should().BeFalse();
        _budget.Give(Mebibyte, "a");
        (await own).Should().BeTrue();
    }

    [Fact]
    public async Task Nor_does_it_hold_up_who_cannot_wait()
    {
        _budget.TryTake(32 * Mebibyte, "a");
        var own = _budget.TakeAsync(Mebibyte, "a", default).AsTask();

        _budget.TryTake(Mebibyte, "b").Should().BeTrue();

        own.IsCompleted.Should().BeFalse();
        _budget.Give(Mebibyte, "a");
        (await own).Should().BeTrue();
    }

    [Fact]
    public async Task One_client_does_not_take_all_places_in_the_queue()
    {
        _budget.TryTake(32 * Mebibyte, "a");
        var own = Enumerable.Range(0, 200).Select(_ => _budget.TakeAsync(Mebibyte, "a", default).AsTask()).ToList();
        _budget.TryTake(24 * Mebibyte, "b");

        var other = _budget.TakeAsync(Mebibyte, "c", default).AsTask();

        own.Count(static t => t.IsCompletedSuccessfully && !t.Result).Should().Be(100);
        other.IsCompleted.Should().BeFalse("it waits");
        _budget.Give(Mebibyte, "b");
        (await other).Should().BeTrue();
    }

    [Fact]
    public async Task A_large_taker_in_the_queue_does_not_keep_small_requests_from_what_is_theirs()
    {
        _budget.TryTake(32 * Mebibyte, "a");
        _budget.TryTake(24 * Mebibyte, "b");
        var flats = 0;
        while (_budget.Used + MemoryBudget.Flat <= _budget.Limit)
        {
            (await _budget.EnterAsync("c", default)).Should().BeTrue();
            flats++;
        }

        var large = _budget.TakeAsync(Mebibyte, "c", default).AsTask();
        var small = _budget.EnterAsync("d", default).AsTask();
        _budget.Leave("c");

        flats.Should().Be((int)(8 * Mebibyte / MemoryBudget.Flat));
        (await small).Should().BeTrue();
        large.IsCompleted.Should().BeFalse();
    }

    [Fact]
    public async Task A_wait_is_short()
    {
        _budget.TryTake(32 * Mebibyte, "a");
        var waiting = _budget.TakeAsync(Mebibyte, "a", default).AsTask();

        _time.Advance(MemoryBudget.LongestWait);

        (await waiting).Should().BeFalse();
        _budget.Give(32 * Mebibyte, "a");
        _budget.Used.Should().Be(0);
    }

    [Fact]
    public async Task A_cancelled_wait_holds_nothing()
    {
        using var cancellation = new CancellationTokenSource();
        _budget.TryTake(32 * Mebibyte, "a");
        var waiting = _budget.TakeAsync(Mebibyte, "a", cancellation.Token).AsTask();

        await cancellation.CancelAsync();

        await waiting.Invoking(static w => w).Should().ThrowAsync<OperationCanceledException>();
        _budget.Give(32 * Mebibyte, "a");
        _budget.Used.Should().Be(0);
    }

    [Fact]
    public async Task What_can_never_be_had_is_refused_at_once()
    {
        (await _budget.TakeAsync(33 * Mebibyte, "a", default)).Should().BeFalse();

        _time.ActiveTimers.Should().Be(0);
    }

    [Fact]
    public async Task A_request_waits_for_room_too()
    {
        _budget.TryTake(32 * Mebibyte, "a");
        _budget.TryTake(24 * Mebibyte, "b");
        for (var i = 0; i < 8 * Mebibyte / MemoryBudget.Flat; i++)
        {
            (await _budget.EnterAsync("c", default)).Should().BeTrue();
        }

        var waiting = _budget.EnterAsync("d", default).AsTask();
        var isEarly = waiting.IsCompleted;
        _budget.Leave("c");

        isEarly.Should().BeFalse();
        (await waiting).Should().BeTrue();
        _budget.Used.Should().Be(64 * Mebibyte);
    }

    [Fact]
    public async Task Small_requests_of_one_client_do_not_keep_out_those_of_others()
    {
        var uncounted = 0;
        while (_budget.TryEnter())
        {
            uncounted++;
        }

        var counted = 0;
        for (; counted < 2 * 64 * Mebibyte / MemoryBudget.Flat && await AtOnceAsync("a"); counted++)
        {
        }

        (await AtOnceAsync("b")).Should().BeTrue("another client has room");
        uncounted.Should().Be((int)(16 * Mebibyte / MemoryBudget.Flat));
        counted.Should().Be((int)(32 * Mebibyte / MemoryBudget.Flat));

        // Whoever waits for its own does not wait for the others', nor they for it.
        var own = _budget.EnterAsync("a", default).AsTask();
        _budget.Leave("b");
        own.IsCompleted.Should().BeFalse();
        _budget.Leave("a");
        (await own).Should().BeTrue();
        for (; uncounted > 0; uncounted--)
        {
            _budget.Leave(null);
        }

        for (; counted > 0; counted--)
        {
            _budget.Leave("a");
        }

        _budget.Used.Should().Be(0);

        async Task<bool> AtOnceAsync(string client)
        {
            using var given = new CancellationTokenSource();
            var entering = _budget.EnterAsync(client, given.Token).AsTask();
            if (!entering.IsCompleted)
            {
                await given.CancelAsync();
                await entering.Invoking(static e => e).Should().ThrowAsync<OperationCanceledException>();
                return false;
            }

            return await entering;
        }
    }

    [Fact]
    public async Task A_larger_limit_serves_who_waits()
    {
        _budget.TryTake(32 * Mebibyte, "a");
        var waiting = _budget.TakeAsync(Mebibyte, "a", default).AsTask();

        _budget.Limit = 128 * Mebibyte;

        (await waiting).Should().BeTrue();
    }

    [Fact]
    public async Task Many_at_once_leave_nothing_behind()
    {
        var budget = new MemoryBudget(TimeProvider.System) { Limit = 64 * Mebibyte };
        var granted = 0;

        await Parallel.ForEachAsync(Enumerable.Range(0, 2000), async (i, token) =>
        {
            using var share = new MemoryShare(budget, new Holder($"client {i % 7}"));
            if (await share.EnterAsync(token) && await share.TakeAsync((i % 13) * Mebibyte, token))
            {
                Interlocked.Increment(ref granted);
                share.Give((i % 3) * Mebibyte % (((i % 13) * Mebibyte) + 1));
            }
        });

        granted.Should().BePositive();
        budget.Used.Should().Be(0);
    }

    private sealed class Holder(string client) : IMemoryHolder
    {
        public string Client => client;
    }
}
