using Microsoft.Extensions.Time.Testing;
using Synthwave.Upstreams.Learned;

namespace Synthwave.UnitTests.Upstreams.Learned;

public class StragglerRecordTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void A_window_that_is_not_full_warns_of_nothing()
    {
        var record = new StragglerRecord(_time);

        Enumerable.Range(0, StragglerRecord.Window - 1).Select(_ => record.Note(wasCut: true)).ToArray().Should().AllSatisfy(n => n.Should().BeNull());
    }

    [Fact]
    public void A_fifth_is_tolerated_and_one_more_is_not()
    {
        var record = new StragglerRecord(_time);
        for (var i = 0; i < StragglerRecord.Window; i++)
        {
            record.Note(wasCut: i < 20).Should().BeNull();
        }

        // The oldest twenty cuts leave the window one by one, so that it stays at twenty.
        Enumerable.Range(0, 20).Select(_ => record.Note(wasCut: true)).ToArray().Should().AllSatisfy(n => n.Should().BeNull());

        record.Note(wasCut: true).Should().Be(21);
    }

    [Fact]
    public void A_warning_is_not_repeated_within_ten_minutes()
    {
        var record = new StragglerRecord(_time);
        for (var i = 0; i < StragglerRecord.Window - 1; i++)
        {
            record.Note(wasCut: true);
        }

        record.Note(wasCut: true).Should().Be(100);
        record.Note(wasCut: true).Should().BeNull();
        _time.Advance(TimeSpan.FromMinutes(9.9));
        record.Note(wasCut: true).Should().BeNull();
        _time.Advance(TimeSpan.FromMinutes(0.2));
        record.Note(wasCut: true).Should().Be(100);
    }

    [Fact]
    public void Three_cuts_in_a_row_make_late_until_a_draft_is_in_time()
    {
        var record = new StragglerRecord(TimeProvider.System);
        var late = new List<bool>();
        foreach (var wasCut in (bool[])[true, true, false, true, true, true, true, false, true])
        {
            record.Note(wasCut);
            late.Add(record.IsLate);
        }

        late.Should().Equal(false, false, false, false, false, true, true, false, false);
    }

    [Fact]
    public void One_request_in_ten_is_a_trial()
    {
        var record = new StragglerRecord(TimeProvider.System);

        Enumerable.Range(1, 30).Where(_ => record.TakeTrial()).Count().Should().Be(3);
    }
}
