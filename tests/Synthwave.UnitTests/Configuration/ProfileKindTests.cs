using Synthwave.Configuration;

namespace Synthwave.UnitTests.Configuration;

/// <summary>What the kinds of profiles promise of themselves.</summary>
public sealed class ProfileKindTests
{
    private static readonly MoaProfileConfig Ensemble = new()
    {
        Name = "e",
        Generators = [new("a", Samples: 2), new("b"), new("s")],
        Synthesizer = "s",
        SynthesizerFallback = "b",
        Quorum = 4,
    };

    [Fact]
    public void A_raw_upstream_is_a_profile_of_one()
    {
        var raw = new PassthroughProfileConfig { Name = "a", Upstream = "a" };

        raw.Members.Should().Equal("a");
        raw.EmbeddingMembers.Should().Equal("a");
        raw.Window(Upstream).Should().Be(1_000);
        raw.Only(name => name == "a").Should().BeSameAs(raw);
        raw.Only(_ => false).Should().BeNull();
    }

    [Fact]
    public void An_ensemble_of_one_is_called_like_its_upstream()
    {
        var single = Ensemble with { Generators = [new("s")] };

        single.Window(Upstream).Should().Be(3_000);
        single.EmbeddingMembers.Should().Equal("s");
        single.Only(name => name == "s").Should().BeSameAs(single);
        single.Only(_ => false).Should().BeNull();
    }

    [Fact]
    public void An_ensemble_without_some_generators_needs_fewer_drafts()
    {
        var left = Ensemble.Only(name => name == "a").Should().BeOfType<MoaProfileConfig>().Which;

        left.Generators.Should().Equal(new GeneratorConfig("a", Samples: 2));
        left.Quorum.Should().Be(2);
        left.Synthesizer.Should().Be("s");
        Ensemble.Only(_ => false).Should().BeNull();
        Ensemble.EmbeddingMembers.Should().BeEmpty();
    }

    [Fact]
    public void An_ensemble_can_answer_while_a_generator_is_up()
    {
        Ensemble.CanAnswer(name => name == "b").Should().BeTrue();
        (Ensemble with { Synthesizer = "z" }).CanAnswer(name => name == "z").Should().BeFalse();
    }

    [Fact]
    public void A_window_is_what_the_synthesizer_has_left_or_what_is_advertised()
    {
        Ensemble.Window(Upstream).Should().Be(3_000 - 100 - 256 - 1_024);
        (Ensemble with { AdvertisedContext = 7 }).Window(Upstream).Should().Be(7);
    }

    [Fact]
    public void A_cascade_offers_the_largest_window_and_answers_while_one_is_up()
    {
        var cascade = new CascadeProfileConfig { Name = "c", Upstreams = ["a", "b"] };

        cascade.Window(Upstream).Should().Be(2_000);
        cascade.EmbeddingMembers.Should().Equal("a", "b");
        cascade.CanAnswer(name => name == "b").Should().BeTrue();
        cascade.Only(name => name == "b").Should().BeEquivalentTo(cascade with { Upstreams = ["b"] }, o => o.RespectingRuntimeTypes());
        cascade.Only(_ => false).Should().BeNull();
    }

    [Fact]
    public void A_vote_offers_the_smallest_window_and_needs_its_fewest_voters()
    {
        var vote = new VotingProfileConfig { Name = "v", Upstreams = ["a", "b", "s"], MinVotes = 2 };

        vote.Window(Upstream).Should().Be(1_000);
        vote.EmbeddingMembers.Should().BeEmpty();
        vote.CanAnswer(name => name == "b").Should().BeFalse();
        vote.CanAnswer(name => name != "b").Should().BeTrue();
        vote.Only(name => name == "b").Should().BeNull();
        vote.Only(name => name != "b").Should().BeEquivalentTo(vote with { Upstreams = ["a", "s"] }, o => o.RespectingRuntimeTypes());
    }

    private static UpstreamConfig Upstream(string name) => new()
    {
        Name = name,
        ModelId = "m",
        BaseUrl = "http://u.test",
        Context = name switch { "a" => 1_000, "b" => 2_000, _ => 3_000 },
        MaxOutput = 100,
    };
}
