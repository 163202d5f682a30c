using Synthwave.Telemetry.Journal;
using Synthwave.Telemetry.Reports;

namespace Synthwave.UnitTests.Telemetry.Journal;

/// <summary>What happens to the journal while it is read or written: here it happens at a look at the clock, which entries take in their making.</summary>
public sealed class RequestJournalRaceTests
{
    private readonly BusyClock _clock = new();
    private readonly RequestJournal _journal;

    public RequestJournalRaceTests() => _journal = new RequestJournal(_clock);

    [Fact]
    public void The_running_ones_are_those_of_one_moment()
    {
        var first = Begin();
        RequestRecord? second = null;
        _clock.Meanwhile = () =>
        {
            _journal.Finish(first);
            second = Begin();
        };

        _journal.Live().Select(e => e.RequestId).Should().Equal(second!.RequestId);
    }

    [Fact]
    public void One_that_takes_long_to_be_kept_does_not_take_the_place_of_a_later_one()
    {
        var slow = Begin();
        _clock.Meanwhile = () => Enumerable.Range(0, RequestJournal.Size).ToList().ForEach(_ => _journal.Finish(Begin()));

        _journal.Finish(slow);

        var kept = _journal.Finished(JournalFilter.None, int.MaxValue);
        kept.Select(e => e.Sequence).Should().Equal(Enumerable.Range(0, RequestJournal.Size).Select(i => (long?)(RequestJournal.Size + 1 - i)));
        _journal.Find(slow.RequestId).Should().BeNull();
        _journal.Bytes.Should().Be(kept.Sum(e => (long)e.Weight));
    }

    [Fact]
    public void One_that_takes_long_to_be_kept_pushes_out_the_oldest_and_no_later_one()
    {
        for (var i = 0; i < 100; i++)
        {
            _journal.Finish(Begin().WithFailures(64));
        }

        var (slow, later) = (Begin().WithFailures(64), Begin());
        _clock.Meanwhile = () => _journal.Finish(later);

        _journal.Finish(slow);

        _journal.Bytes.Should().BeLessThanOrEqualTo(RequestJournal.MostBytes);
        _journal.Finished(JournalFilter.None, 2).Select(e => e.RequestId).Should().Equal(later.RequestId, slow.RequestId);
    }

    [Fact]
    public void One_that_cannot_be_told_of_runs_no_longer_and_keeps_no_room()
    {
        _journal.ContentLimit = 1000;
        var content = _journal.OpenContent()!;
        content.SetPrompt(new byte[1000]);
        var record = Begin();
        _clock.Meanwhile = () => throw new InvalidOperationException("no time");

        FluentActions.Invoking(() => _journal.Finish(record, content)).Should().Throw<InvalidOperationException>();

        _journal.Live().Should().BeEmpty();
        using var next = _journal.OpenContent()!;
        next.SetPrompt(new byte[1000]);
        next.Prompt.Should().HaveLength(1000, "all of the room is there again");
    }

    private RequestRecord Begin() => _journal.Begin(_clock);

    /// <summary>Does something else at the next look at it.</summary>
    private sealed class BusyClock : TimeProvider
    {
        public Action? Meanwhile { get; set; }

        public override long GetTimestamp()
        {
            var now = base.GetTimestamp();
            var meanwhile = Meanwhile;
            Meanwhile = null;
            meanwhile?.Invoke();
            return now;
        }
    }
}
