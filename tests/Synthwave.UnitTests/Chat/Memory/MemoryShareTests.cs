using Synthwave.Chat.Memory;
using Synthwave.TestKit;

namespace Synthwave.UnitTests.Chat.Memory;

public sealed class MemoryShareTests : IMemoryHolder
{
    private const long Mebibyte = 1024 * 1024;

    private readonly MemoryBudget _budget = new(new ManualTimeProvider()) { Limit = 64 * Mebibyte };
    private int _asked;

    string IMemoryHolder.Client
    {
        get
        {
            _asked++;
            return "client";
        }
    }

    [Fact]
    public async Task A_small_request_takes_nothing_but_its_flat_count()
    {
        using var share = await EnterAsync();

        share.TryTake(MemoryBudget.Flat / 2).Should().BeTrue();
        (await share.TakeAsync(MemoryBudget.Flat / 2, default)).Should().BeTrue();

        _budget.Used.Should().Be(MemoryBudget.Flat);
        _asked.Should().Be(0, "nobody needs to know who asks for little");
    }

    [Fact]
    public async Task More_is_taken_and_given_back()
    {
        using var share = await EnterAsync();

        share.TryTake(8 * Mebibyte).Should().BeTrue();
        _budget.Used.Should().BeInRange(8 * Mebibyte, (8 * Mebibyte) + (128 * 1024));
        share.Give(8 * Mebibyte);

        _budget.Used.Should().Be(MemoryBudget.Flat);
    }

    [Fact]
    public async Task Many_small_takes_add_up()
    {
        using var share = await EnterAsync();

        for (var i = 0; i < 1000; i++)
        {
            share.TryTake(4096).Should().BeTrue();
        }

        _budget.Used.Should().BeGreaterThanOrEqualTo(1000 * 4096);
        share.Held.Should().Be(_budget.Used);
    }

    [Fact]
    public async Task What_is_refused_is_not_held()
    {
        using var share = await EnterAsync();

        share.TryTake(33 * Mebibyte).Should().BeFalse();
        (await share.TakeAsync(33 * Mebibyte, default)).Should().BeFalse();

        share.TryTake(31 * Mebibyte).Should().BeTrue();
        share.Most.Should().Be(32 * Mebibyte);
    }

    [Fact]
    public async Task Disposing_gives_everything_back_once_and_a_late_call_takes_nothing()
    {
        var share = await EnterAsync();
        share.TryTake(8 * Mebibyte);

        share.Dispose();
        share.Dispose();

        _budget.Used.Should().Be(0);
        share.TryTake(Mebibyte).Should().BeFalse();
        (await share.TakeAsync(1, default)).Should().BeFalse();
        share.Give(8 * Mebibyte);
        _budget.Used.Should().Be(0);
    }

    [Fact]
    public async Task A_flat_count_is_given_back_to_whom_it_counted_for()
    {
        _budget.TryTake(24 * Mebibyte, "others");

        using (await EnterAsync())
        {
            _asked.Should().Be(1, "so much is in use that it counts for its client");
            _budget.Used.Should().Be((24 * Mebibyte) + MemoryBudget.Flat);
        }

        _budget.Used.Should().Be(24 * Mebibyte);
        _budget.TryTake(32 * Mebibyte, "client").Should().BeTrue("nothing counts for it any more");
    }

    [Fact]
    public void Who_never_entered_gives_nothing_back()
    {
        new MemoryShare(_budget, this).Dispose();

        _budget.Used.Should().Be(0);
    }

    [Fact]
    public async Task Work_without_a_request_is_not_counted()
    {
        MemoryShare.Uncounted.TryTake(long.MaxValue).Should().BeTrue();
        (await MemoryShare.Uncounted.TakeAsync(long.MaxValue, default)).Should().BeTrue();
        MemoryShare.Uncounted.Give(5);
        MemoryShare.Uncounted.Dispose();
        MemoryShare.Uncounted.Held.Should().Be(0);
    }

    private async Task<MemoryShare> EnterAsync()
    {
        var share = new MemoryShare(_budget, this);
        (await share.EnterAsync(default)).Should().BeTrue();
        return share;
    }
}
