using Microsoft.Extensions.Time.Testing;
using Synthwave.Upstreams.Learned;

namespace Synthwave.UnitTests.Upstreams.Learned;

public class ThinkingMemoryTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Blocks_are_kept_byte_for_byte_for_an_hour()
    {
        var memory = new ThinkingMemory(_time);
        memory.Keep("call_1", "[1]"u8.ToArray());

        memory.Find("call_2").Should().BeNull();
        memory.Find("call_1")!.Value.ToArray().Should().Equal("[1]"u8.ToArray());
        _time.Advance(ThinkingMemory.Lifetime + TimeSpan.FromSeconds(1));
        memory.Find("call_1").Should().BeNull();
    }

    [Fact]
    public void The_oldest_go_first_when_there_are_too_many()
    {
        var memory = new ThinkingMemory(_time);
        for (var i = 0; i <= ThinkingMemory.MostEntries; i++)
        {
            memory.Keep($"call_{i}", "[]"u8.ToArray());
        }

        memory.Find("call_0").Should().BeNull();
        memory.Find("call_1").Should().NotBeNull();
        memory.Find($"call_{ThinkingMemory.MostEntries}").Should().NotBeNull();
    }

    [Fact]
    public void Bytes_are_bounded_and_what_is_larger_by_itself_is_not_kept()
    {
        var memory = new ThinkingMemory(_time);
        var half = new byte[(ThinkingMemory.MostBytes / 2) + 1];
        memory.Keep("a", half);
        memory.Keep("b", half);
        memory.Keep("c", new byte[ThinkingMemory.MostBytes + 1]);

        memory.Find("a").Should().BeNull();
        memory.Find("b").Should().NotBeNull();
        memory.Find("c").Should().BeNull();
    }

    [Fact]
    public void What_is_asked_for_again_and_again_stays()
    {
        var memory = new ThinkingMemory(_time);
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
        var memory = new ThinkingMemory(_time);
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
        var memory = new ThinkingMemory(_time);
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
