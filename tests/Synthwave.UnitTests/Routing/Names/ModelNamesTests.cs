using Synthwave.Configuration;
using Synthwave.Routing.Names;
using Synthwave.UnitTests.Configuration;

namespace Synthwave.UnitTests.Routing.Names;

public sealed class ModelNamesTests
{
    private const string Profiles = """
        [profiles.jury]
        type = "voting"
        upstreams = ["a", "b"]
        aliases = ["Judges"]

        [profiles.zeta]
        type = "cascade"
        upstreams = ["a", "b"]
        aliases = ["Straße"]

        [profiles.alpha]
        type = "moa"
        generators = ["a", "b"]
        synthesizer = "b"
        aliases = ["best", "Also-Best"]

        """;

    [Theory]
    [InlineData("zeta", "zeta")]
    [InlineData("best", "alpha")]
    [InlineData("BEST", "alpha")]
    [InlineData("also-best", "alpha")]
    [InlineData("STRAßE", "zeta")]
    [InlineData("brand", "zeta")]
    [InlineData("Brand", "zeta")]
    public void Profiles_answer_to_name_alias_and_brand(string name, string profile)
    {
        Names("model_name = 'brand'").Resolve(name).Should().BeOfType<NameMatch.Found>().Which.Profile.Name.Should().Be(profile);
    }

    [Theory]
    [InlineData("ZETA")]
    [InlineData("A")]
    [InlineData("")]
    [InlineData(" best")]
    [InlineData("nothing")]
    public void Profile_and_upstream_names_are_exact(string name)
    {
        Names("").Resolve(name).Should().BeOfType<NameMatch.NotFound>();
    }

    [Fact]
    public void An_upstream_is_callable_by_its_name()
    {
        var match = Names("").Resolve("b").Should().BeOfType<NameMatch.Raw>().Which;

        match.Profile.Should().BeEquivalentTo(new PassthroughProfileConfig { Name = "b", Upstream = "b" });
        match.Profile.Members.Should().Equal("b");
        match.Upstream.ModelId.Should().Be("model-b");
    }

    [Theory]
    [InlineData("jury")]
    [InlineData("judges")]
    public void Voting_profiles_wait_for_the_feature(string name)
    {
        Names("").Resolve(name).Should().BeOfType<NameMatch.VotingDisabled>().Which.Profile.Name.Should().Be("jury");
        Names("", voting: true).Resolve(name).Should().BeOfType<NameMatch.Found>().Which.Profile.Name.Should().Be("jury");
    }

    [Fact]
    public void The_brand_goes_where_the_operator_says()
    {
        Names("model_name = 'brand'\nmodel_name_profile = 'alpha'").BrandProfile!.Name.Should().Be("alpha");
    }

    [Theory]
    [InlineData("best", "alpha")]
    [InlineData("BEST", "alpha")]
    public void A_brand_that_is_an_alias_means_its_profile(string brand, string profile)
    {
        var names = Names($"model_name = '{brand}'\nmodel_name_profile = 'zeta'");

        names.BrandProfile!.Name.Should().Be(profile);
        names.Resolve("Best").Should().BeOfType<NameMatch.Found>().Which.Profile.Name.Should().Be(profile);
    }

    [Fact]
    public void A_brand_nobody_answers_to_is_not_found_even_when_voting_is_on()
    {
        var config = Loading.Valid(Loading.TwoUpstreams + "[server]\nmodel_name='brand'\n[features]\nvoting=true\n[profiles.j]\ntype='voting'\nupstreams=['a','b']");
        var names = new ModelNames(config);

        names.Resolve("brand").Should().BeOfType<NameMatch.NotFound>();
        names.Listing.Select(m => m.Id).Should().Equal("j");
    }

    [Fact]
    public void A_brand_that_is_an_alias_of_a_voting_profile_is_gated_like_it()
    {
        Names("model_name = 'judges'").Resolve("judges").Should().BeOfType<NameMatch.VotingDisabled>();
        Names("model_name = 'judges'").Listing.Should().NotContain(m => m.Id == "judges");
        Names("model_name = 'judges'", voting: true).Listing[0].Id.Should().Be("judges");
    }

    [Fact]
    public void Listing_is_brand_then_profiles_then_aliases()
    {
        Names("model_name = 'Brand'", voting: true).Listing.Select(m => (m.Id, m.Profile.Name, m.AliasOf)).Should().Equal(
            ("Brand", "zeta", null),
            ("alpha", "alpha", null),
            ("jury", "jury", null),
            ("zeta", "zeta", null),
            ("Also-Best", "alpha", "alpha"),
            ("Judges", "jury", "jury"),
            ("Straße", "zeta", "zeta"),
            ("best", "alpha", "alpha"));
    }

    [Fact]
    public void Voting_profiles_and_their_aliases_are_hidden_while_off()
    {
        Names("").Listing.Select(m => m.Id).Should().Equal("alpha", "zeta", "Also-Best", "Straße", "best");
    }

    [Fact]
    public void An_alias_equal_to_the_brand_is_listed_once_as_the_brand()
    {
        Names("model_name = 'BEST'").Listing.Select(m => (m.Id, m.AliasOf)).Should().Equal(
            ("BEST", null), ("alpha", null), ("zeta", null), ("Also-Best", "alpha"), ("Straße", "zeta"));
    }

    [Fact]
    public void An_empty_configuration_lists_nothing()
    {
        new ModelNames(new GatewayConfig()).Listing.Should().BeEmpty();
    }

    [Theory]
    [InlineData("type='moa'\ngenerators=['a','b']\nsynthesizer='a'", 6400)]
    [InlineData("type='moa'\ngenerators=['b']\nsynthesizer='a'", 6400)]
    [InlineData("type='moa'\ngenerators=['a']\nsynthesizer='a'", 8192)]
    [InlineData("type='moa'\ngenerators=['a']\nsynthesizer='a'\nadvertised_context=5", 5)]
    [InlineData("type='moa'\ngenerators=[{upstream='a',samples=2}]\nsynthesizer='a'", 6400)]
    [InlineData("type='cascade'\nupstreams=['b','a']", 16384)]
    [InlineData("type='cascade'\nupstreams=['b']", 16384)]
    [InlineData("type='voting'\nupstreams=['b','a']", 8192)]
    public void Context_is_what_the_strategy_leaves(string lines, int expected)
    {
        Capabilities(lines).MaxModelLength.Should().Be(expected);
    }

    [Fact]
    public void A_raw_upstream_shows_its_own_context()
    {
        var names = Names("");

        names.CapabilitiesOf(((NameMatch.Raw)names.Resolve("b")).Profile).MaxModelLength.Should().Be(16384);
    }

    [Theory]
    [InlineData("type='moa'\ngenerators=['a','dumb']\nsynthesizer='dumb'", true)]
    [InlineData("type='moa'\ngenerators=['dumb']\nsynthesizer='a'", false)]
    [InlineData("type='cascade'\nupstreams=['a','dumb']", true)]
    [InlineData("type='cascade'\nupstreams=['dumb']", false)]
    [InlineData("type='voting'\nupstreams=['a','dumb']", false)]
    [InlineData("type='voting'\nupstreams=['a','b']", true)]
    public void Function_calling_is_of_any_generator_any_cascade_member_or_every_voter(string lines, bool expected)
    {
        Capabilities(lines).FunctionCalling.Should().Be(expected);
    }

    [Theory]
    [InlineData("type='moa'\ngenerators=['a']\nsynthesizer='deep'\nexpose_reasoning=true", true)]
    [InlineData("type='moa'\ngenerators=['a']\nsynthesizer='deep'", false)]
    [InlineData("type='moa'\ngenerators=['a']\nsynthesizer='b'\nexpose_reasoning=true", false)]
    [InlineData("type='cascade'\nupstreams=['a','deep']\nexpose_reasoning=true", true)]
    [InlineData("type='voting'\nupstreams=['a','deep']\nexpose_reasoning=true", false)]
    [InlineData("type='voting'\nupstreams=['deep','deep2']\nexpose_reasoning=true", true)]
    public void Thinking_needs_a_model_that_thinks_and_a_profile_that_shows_it(string lines, bool expected)
    {
        var capabilities = Capabilities(lines);

        capabilities.Thinking.Should().Be(expected);
        capabilities.ReasoningVisible.Should().Be(lines.Contains("expose_reasoning", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("", false, false, false, false)]
    [InlineData("[vision]\nendpoints=['dumb']", true, false, false, false)]
    [InlineData("[vision]\nendpoints=['dumb','deep']", true, false, false, true)]
    [InlineData("[video]\nendpoints=['deep']", false, true, false, false)]
    [InlineData("[audio]\nendpoints=['deep']", false, false, true, false)]
    public void Media_belong_to_the_whole_server(string lines, bool vision, bool video, bool audio, bool imageTools)
    {
        var capabilities = Capabilities("type='cascade'\nupstreams=['a']\n" + lines);

        capabilities.Should().BeEquivalentTo(new { Vision = vision, Video = video, Audio = audio, EffectiveImageCapability = vision, SupportsImageTools = imageTools });
    }

    private static ModelNames Names(string serverLines, bool voting = false) =>
        new(Loading.Valid($"{Loading.TwoUpstreams}[server]\n{serverLines}\n[features]\nvoting = {(voting ? "true" : "false")}\n{Profiles}"));

    private static ModelCapabilities Capabilities(string profileLines)
    {
        const string More = """
            [upstreams.dumb]
            model_id = "m"
            base_url = "http://dumb.test"
            context = 8192
            max_output = 10
            supports_function_calling = false
            modalities = ["text", "image"]
            [upstreams.deep]
            model_id = "m"
            base_url = "http://deep.test"
            context = 8192
            max_output = 10
            supports_thinking = true
            modalities = ["text", "image", "video", "audio"]
            [upstreams.deep2]
            model_id = "m"
            base_url = "http://deep.test"
            context = 8192
            max_output = 10
            supports_thinking = true

            """;
        var config = Loading.Valid($"{Loading.TwoUpstreams}{More}[profiles.p]\n{profileLines}");
        return new ModelNames(config).CapabilitiesOf(config.Profiles[0]);
    }
}
