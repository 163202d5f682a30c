using Microsoft.Extensions.Time.Testing;
using Synthwave.Api.Dialects.Responses;

namespace Synthwave.UnitTests.Api.Dialects;

public class ResponseStoreTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void A_response_is_had_until_its_time_is_over_or_it_is_removed()
    {
        var store = new ResponseStore(_time) { Limit = 10_000 };
        store.Add("a", null, "{}"u8.ToArray(), Turn(null, 1), new ResponseSteps(), Hour);
        store.Add("b", null, "{}"u8.ToArray(), Turn(null, 1), new ResponseSteps(), Hour);

        store.Find("a", null).Should().NotBeNull();
        store.Remove("b", null).Should().BeTrue();
        store.Remove("b", null).Should().BeFalse();
        _time.Advance(Hour);
        store.Find("a", null).Should().BeNull();
        store.Count.Should().Be(0);
    }

    [Fact]
    public void The_oldest_go_first_and_what_is_too_large_by_itself_is_not_kept()
    {
        var store = new ResponseStore(_time) { Limit = 10_000 };
        store.Add("a", null, new byte[4000], Turn(null, 1), new ResponseSteps(), Hour);
        store.Add("b", null, new byte[4000], Turn(null, 1), new ResponseSteps(), Hour);
        store.Add("c", null, new byte[4000], Turn(null, 1), new ResponseSteps(), Hour);
        store.Add("d", null, new byte[20_000], Turn(null, 1), new ResponseSteps(), Hour);

        store.Find("a", null).Should().BeNull();
        store.Find("b", null).Should().NotBeNull();
        store.Find("c", null).Should().NotBeNull();
        store.Find("d", null).Should().BeNull();
    }

    [Fact]
    public void A_smaller_limit_lets_go_at_once()
    {
        var store = new ResponseStore(_time) { Limit = 10_000 };
        store.Add("a", null, new byte[4000], Turn(null, 1), new ResponseSteps(), Hour);
        store.Add("b", null, new byte[4000], Turn(null, 1), new ResponseSteps(), Hour);

        store.Limit = 5_000;

        store.Find("a", null).Should().BeNull();
        store.Find("b", null).Should().NotBeNull();
        store.Bytes.Should().BeInRange(4000, 5000);
    }

    [Fact]
    public void A_chain_is_counted_whole_at_every_link_and_outlives_its_links_ids()
    {
        var store = new ResponseStore(_time) { Limit = 200_000 };
        ResponseTurn? turn = null;
        for (var i = 0; i < 100; i++)
        {
            turn = Turn(turn, 1000);
            store.Add($"r{i}", null, "{}"u8.ToArray(), turn, new ResponseSteps(), Hour);
        }

        store.Find("r99", null).Should().NotBeNull();
        store.Find("r98", null).Should().BeNull("two such chains do not fit");
        var depth = 0;
        for (var link = store.Find("r99", null)!.Turn; link is not null; link = link.Previous)
        {
            depth++;
        }

        depth.Should().Be(100);
    }

    [Fact]
    public void What_is_used_is_kept_on_and_what_is_not_goes_in_time_without_being_asked_for()
    {
        using var store = new ResponseStore(_time) { Limit = 10_000 };
        var (first, other) = (Turn(null, 1), Turn(null, 1));
        store.Add("first", null, "{}"u8.ToArray(), first, new ResponseSteps(), Hour);
        store.Add("other", null, "{}"u8.ToArray(), other, new ResponseSteps(), Hour);
        _time.Advance(Hour / 2);
        store.Add("next", null, "{}"u8.ToArray(), Turn(first, 1), new ResponseSteps(), Hour);

        _time.Advance(Hour / 2);

        store.Count.Should().Be(2, "the time of one is over");
        other.Said.Should().BeNull("nobody holds on to its words");
        store.TryUse(other).Should().BeFalse();
        store.TryUse(store.Find("next", null)!.Turn).Should().BeTrue();
        _time.Advance(Hour);
        store.Count.Should().Be(0);
        first.Said.Should().BeNull();
    }

    [Fact]
    public void What_is_removed_ends_the_conversations_behind_it_and_what_made_room_does_not()
    {
        using var store = new ResponseStore(_time) { Limit = 100_000 };
        var (removed, crowded) = (Turn(null, 1), Turn(null, 4000));
        store.Add("removed", null, "{}"u8.ToArray(), removed, new ResponseSteps(), Hour);
        store.Add("crowded", null, "{}"u8.ToArray(), crowded, new ResponseSteps(), Hour);
        var behind = Turn(removed, 1);
        store.Add("behind removed", null, "{}"u8.ToArray(), behind, new ResponseSteps(), Hour);

        store.Remove("removed", null).Should().BeTrue();
        store.TryUse(behind).Should().BeFalse();
        store.Limit = 7_000;
        store.Add("behind crowded", null, "{}"u8.ToArray(), Turn(crowded, 1), new ResponseSteps(), Hour);

        store.Find("crowded", null).Should().BeNull("there was no room for it");
        store.TryUse(store.Find("behind crowded", null)!.Turn).Should().BeTrue();
        crowded.Said.Should().NotBeNull();
        removed.Said.Should().BeNull();
    }

    [Fact]
    public void To_others_it_is_as_if_it_were_not_there()
    {
        var store = new ResponseStore(_time) { Limit = 10_000 };
        store.Add("resp_1", "alice", "{}"u8.ToArray(), Turn(null, 1), new ResponseSteps(), Hour);

        foreach (var other in (string?[])["bob", null, ""])
        {
            store.Find("resp_1", other).Should().BeNull();
            store.FindByKey(ItemIds.KeyOf("resp_1"), other).Should().BeNull();
            store.Remove("resp_1", other).Should().BeFalse();
        }

        store.Find("resp_1", "alice").Should().NotBeNull();
        store.FindByKey(ItemIds.KeyOf("resp_1"), "alice").Should().NotBeNull();
        store.Remove("resp_1", "alice").Should().BeTrue();
    }

    private static ResponseTurn Turn(ResponseTurn? previous, int bytes) => new(previous, new byte[bytes], default);
}
