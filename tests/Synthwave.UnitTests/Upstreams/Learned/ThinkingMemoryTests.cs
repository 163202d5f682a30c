using Microsoft.Extensions.Time.Testing;
using Synthwave.Upstreams.Learned;

namespace Synthwave.UnitTests.Upstreams.Learned;

public class ThinkingMemoryTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly ThinkingStore _store;

    public ThinkingMemoryTests() => _store = new ThinkingStore(_time) { Limit = 100_000 };

    [Fact]
    public void Blocks_are_kept_byte_for_byte_for_an_hour()
    {
        var memory = _store.Open();
        memory.Keep("call_1", "[1]"u8.ToArray());

        memory.Find("call_2").Should().BeNull();
        memory.Find("call_1")!.Value.ToArray().Should().Equal("[1]"u8.ToArray());
        _time.Advance(ThinkingMemory.Lifetime + TimeSpan.FromSeconds(1));
        memory.Find("call_1").Should().BeNull();
    }

    [Fact]
    public void Bytes_are_bounded_and_what_is_larger_by_itself_is_not_kept()
    {
        var memory = _store.Open();
        memory.Keep("a", new byte[60_000]);
        memory.Keep("b", new byte[60_000]);
        memory.Keep("c", new byte[100_001]);

        memory.Find("a").Should().BeNull();
        memory.Find("b").Should().NotBeNull();
        memory.Find("c").Should().BeNull();
    }

    [Fact]
    public void Names_and_prints_count_as_well_as_what_is_kept()
    {
        var memory = _store.Open();
        for (var i = 0; i < 1000; i++)
        {
            memory.Keep($"call_{i}", "[]"u8.ToArray(), "alice", [1, 2, 3]);
        }

        _store.Bytes.Should().BeInRange(99_000, 100_000);
        memory.Count.Should().BeInRange(300, 100_000 / ThinkingStore.EntryBytes);
        memory.Find("call_0", new HashSet<long> { 1 }).Should().BeNull();
        memory.Find("call_999", new HashSet<long> { 1 }).Should().NotBeNull();
    }

    [Fact]
    public void All_upstreams_share_one_bound_and_the_longest_unasked_goes_first()
    {
        var (first, second) = (_store.Open(), _store.Open());
        first.Keep("a", new byte[40_000]);
        second.Keep("a", new byte[30_000]);
        first.Find("a").Should().NotBeNull();

        first.Keep("b", new byte[40_000]);

        second.Find("a").Should().BeNull("nobody had asked for it for longest");
        second.IsEmpty.Should().BeTrue();
        first.Find("a").Should().NotBeNull();
        _store.Bytes.Should().BeLessThanOrEqualTo(_store.Limit);
    }

    [Fact]
    public void A_smaller_limit_and_an_upstream_that_is_gone_let_go_at_once()
    {
        var (gone, other) = (_store.Open(), _store.Open());
        gone.Keep("a", new byte[10_000]);
        other.Keep("a", new byte[10_000]);
        other.Keep("b", new byte[10_000]);

        gone.Clear();
        gone.Find("a").Should().BeNull();
        other.Count.Should().Be(2);
        _store.Limit = 15_000;

        other.Find("a").Should().BeNull();
        other.Find("b").Should().NotBeNull();
    }

    [Fact]
    public void What_is_asked_for_again_and_again_stays()
    {
        var memory = _store.Open();
        memory.Keep("used", "1"u8.ToArray());
        memory.Keep("idle", "2"u8.ToArray());
        for (var i = 0; i < 4; i++)
        {
            _time.Advance(ThinkingMemory.Lifetime / 2);
            memory.Find("used").Should().NotBeNull();
        }

        memory.Find("idle").Should().BeNull();
    }

    [Fact]
    public void The_usual_member_wins_over_other_names()
    {
        var memory = _store.Open();
        memory.MemberFor(null).Should().BeNull();
        foreach (var (name, expected) in (ReadOnlySpan<(string, string)>)[("reasoning", "reasoning"), ("reasoning_content", "reasoning_content"), ("reasoning", "reasoning_content")])
        {
            memory.NoteMember(name);
            memory.MemberFor(null).Should().Be(expected);
        }
    }

    [Fact]
    public void What_one_client_was_refused_is_kept_from_that_client_alone_and_for_an_hour()
    {
        var memory = _store.Open();
        memory.NoteMember("reasoning_content");
        memory.Keep("a", "1"u8.ToArray(), "alice");
        memory.Keep("b", "2"u8.ToArray(), "bob");

        memory.Refuse("alice");
        memory.Keep("c", "3"u8.ToArray(), "alice");

        (memory.Find("a"), memory.Find("c"), memory.MemberFor("alice")).Should().Be((null, null, null));
        memory.Find("b").Should().NotBeNull();
        memory.MemberFor("bob").Should().Be("reasoning_content");
        memory.MemberFor(null).Should().Be("reasoning_content");

        _time.Advance(ThinkingMemory.Lifetime + TimeSpan.FromSeconds(1));
        memory.MemberFor("alice").Should().Be("reasoning_content");
    }
}
