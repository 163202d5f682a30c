using System.Collections.Frozen;
using Synthwave.Configuration;

namespace Synthwave.UnitTests.Configuration;

public sealed class ProfileConfigTests
{
    [Fact]
    public void An_ensemble_needs_generators_and_a_synthesizer()
    {
        var profile = Clean("[profiles.p]\ntype = 'moa'\ngenerators = ['a', 'b']\nsynthesizer = 'a'");

        profile.Should().BeEquivalentTo(
            new MoaProfileConfig { Name = "p", Generators = [new("a"), new("b")], Synthesizer = "a" },
            o => o.RespectingRuntimeTypes());
        profile.Members.Should().Equal("a", "b");
    }

    [Fact]
    public void Every_ensemble_key_is_read()
    {
        var profile = Clean("""
            [profiles."code.v1"]
            type = "moa"
            generators = ["a", { upstream = "b", samples = 3, temperature = 1.5 }]
            synthesizer = "b"
            synthesizer_fallback = "a"
            synthesis_mode = "best-of"
            generator_temperature = 0
            synthesizer_temperature = 2
            fastpath_on_agreement = true
            strip_tools = true
            advertised_context = 1
            synth_prompt_overhead_tokens = 0
            non_client_synth_reserve_tokens = 0
            quorum = 4
            grace_secs = 0
            max_grace_secs = 1
            synth_timeout_secs = 0.5
            synthesis_prompt = " Write. "
            without_functions = "strip"
            expose_reasoning = true
            tokenizer_upstream = "a"
            aliases = ["Best", "straße"]
            rescue = "last"
            max_calls = 9
            max_latency_ms = 1500
            """);

        profile.Should().BeEquivalentTo(
            new MoaProfileConfig
            {
                Name = "code.v1",
                Generators = [new("a"), new("b", 3, 1.5)],
                Synthesizer = "b",
                SynthesizerFallback = "a",
                Mode = SynthesisMode.BestOf,
                GeneratorTemperature = 0,
                SynthesizerTemperature = 2,
                FastpathOnAgreement = true,
                StripTools = true,
                AdvertisedContext = 1,
                SynthPromptOverheadTokens = 0,
                NonClientSynthReserveTokens = 0,
                Quorum = 4,
                Grace = TimeSpan.Zero,
                MaxGrace = TimeSpan.FromSeconds(1),
                SynthTimeout = TimeSpan.FromSeconds(0.5),
                SynthesisPrompt = " Write. ",
                WithoutFunctions = WithoutFunctions.Strip,
                ExposeReasoning = true,
                TokenizerUpstream = "a",
                Aliases = ["Best", "straße"],
                Rescue = RescuePolicy.Last,
                Caps = new CapsConfig { MaxCalls = 9, MaxLatency = TimeSpan.FromSeconds(1.5) },
            },
            o => o.RespectingRuntimeTypes());
    }

    [Fact]
    public void Patience_is_read()
    {
        Clean("[profiles.p]\ntype = 'moa'\ngenerators = ['a']\nsynthesizer = 'a'\npatience = 0.5")
            .Should().BeOfType<MoaProfileConfig>().Which.Patience.Should().Be(0.5);
    }

    [Fact]
    public void Cascade_keys_are_read()
    {
        Clean("[profiles.p]\ntype='cascade'\nupstreams=['b','a']\non_all_fail='structured_502'\nattempt_timeout_secs=0.5\nrotate_on_client_error=true\nrescue='off'")
            .Should().BeEquivalentTo(
                new CascadeProfileConfig
                {
                    Name = "p",
                    Upstreams = ["b", "a"],
                    Structured502 = true,
                    AttemptTimeout = TimeSpan.FromSeconds(0.5),
                    RotateOnClientError = true,
                    Rescue = RescuePolicy.Off,
                },
                o => o.RespectingRuntimeTypes());
    }

    [Fact]
    public void Voting_keys_are_read()
    {
        Clean("""
            [profiles.p]
            type = "voting"
            upstreams = ["a", "b"]
            aggregation = "weighted"
            failure_vote = "no"
            temperature = 0.5
            max_tokens = 8
            weights = { b = 2 }
            min_votes = 2
            tie = "yes"
            """).Should().BeEquivalentTo(
                new VotingProfileConfig
                {
                    Name = "p",
                    Upstreams = ["a", "b"],
                    Aggregation = VoteAggregation.Weighted,
                    FailureVoteYes = false,
                    Temperature = 0.5,
                    MaxTokens = 8,
                    Weights = new Dictionary<string, double> { ["b"] = 2 }.ToFrozenDictionary(),
                    MinVotes = 2,
                    TieYes = true,
                },
                o => o.RespectingRuntimeTypes());
    }

    [Theory]
    [InlineData("any_yes", nameof(VoteAggregation.AnyYes))]
    [InlineData("all_yes", nameof(VoteAggregation.AllYes))]
    [InlineData("majority", nameof(VoteAggregation.Majority))]
    public void Aggregations_are_known(string word, string expected)
    {
        Clean($"[profiles.p]\ntype='voting'\nupstreams=['a','b']\naggregation='{word}'")
            .Should().BeOfType<VotingProfileConfig>().Which.Aggregation.ToString().Should().Be(expected);
    }

    [Theory]
    [InlineData("upstreams=['a']", "type", "is required")]
    [InlineData("type='router'", "type", "\"moa\", \"cascade\", \"voting\"")]
    [InlineData("type='MOA'", "type", "\"moa\", \"cascade\", \"voting\"")]
    [InlineData("type='moa'\nsynthesizer='a'", "generators", "is required")]
    [InlineData("type='moa'\ngenerators=[]\nsynthesizer='a'", "generators", "at least one upstream; found 0")]
    [InlineData("type='moa'\ngenerators='a'\nsynthesizer='a'", "generators", "a list of strings or tables")]
    [InlineData("type='moa'\ngenerators=['a',1]\nsynthesizer='a'", "generators[1]", "a string or a table; found an integer")]
    [InlineData("type='moa'\ngenerators=['a','b','a']\nsynthesizer='a'", "generators[2]", "'a' is a duplicate")]
    [InlineData("type='moa'\ngenerators=['a',{upstream='a'}]\nsynthesizer='a'", "generators[1].upstream", "'a' is a duplicate")]
    [InlineData("type='moa'\ngenerators=[{samples=2}]\nsynthesizer='a'", "generators[0].upstream", "is required")]
    [InlineData("type='moa'\ngenerators=[{upstream='a',samples=0}]\nsynthesizer='a'", "generators[0].samples", "from 1 to 64")]
    [InlineData("type='moa'\ngenerators=[{upstream='a',temperature=2.1}]\nsynthesizer='a'", "generators[0].temperature", "from 0 to 2")]
    [InlineData("type='moa'\ngenerators=[{upstream='a',top_p=1}]\nsynthesizer='a'", "generators[0].top_p", "no key of an entry of generators")]
    [InlineData("type='moa'\ngenerators=['a']", "synthesizer", "is required")]
    [InlineData("type='moa'\ngenerators=['a']\nsynthesizer=''", "synthesizer", "not empty")]
    [InlineData("type='moa'\ngenerators=['a']\nsynthesizer='a'\nsynthesis_mode='best_of'", "synthesis_mode", "\"merge\", \"best-of\"")]
    [InlineData("type='moa'\ngenerators=['a']\nsynthesizer='a'\ngenerator_temperature=-0.1", "generator_temperature", "from 0 to 2")]
    [InlineData("type='moa'\ngenerators=['a']\nsynthesizer='a'\nsynthesizer_temperature=nan", "synthesizer_temperature", "from 0 to 2")]
    [InlineData("type='moa'\ngenerators=['a']\nsynthesizer='a'\nadvertised_context=0", "advertised_context", "at least 1")]
    [InlineData("type='moa'\ngenerators=['a']\nsynthesizer='a'\nsynth_prompt_overhead_tokens=-1", "synth_prompt_overhead_tokens", "at least 0")]
    [InlineData("type='moa'\ngenerators=['a']\nsynthesizer='a'\nnon_client_synth_reserve_tokens=-1", "non_client_synth_reserve_tokens", "at least 0")]
    [InlineData("type='moa'\ngenerators=['a','b']\nsynthesizer='a'\nquorum=3", "quorum", "from 1 to 2, the number of drafts; found 3")]
    [InlineData("type='moa'\ngenerators=['a']\nsynthesizer='a'\nquorum=0", "quorum", "at least 1")]
    [InlineData("type='moa'\ngenerators=['a']\nsynthesizer='a'\ngrace_secs=-1", "grace_secs", "of at least 0")]
    [InlineData("type='moa'\ngenerators=['a']\nsynthesizer='a'\nmax_grace_secs=0.5", "max_grace_secs", "of at least 1")]
    [InlineData("type='moa'\ngenerators=['a']\nsynthesizer='a'\npatience=0.999", "patience", "from 0.5 to 0.99")]
    [InlineData("type='moa'\ngenerators=['a']\nsynthesizer='a'\npatience=0.4", "patience", "from 0.5 to 0.99")]
    [InlineData("type='moa'\ngenerators=['a']\nsynthesizer='a'\nsynth_timeout_secs=0", "synth_timeout_secs", "above 0")]
    [InlineData("type='moa'\ngenerators=['a']\nsynthesizer='a'\nwithout_functions='drop'", "without_functions", "\"skip\", \"strip\"")]
    [InlineData("type='moa'\ngenerators=['a']\nsynthesizer='a'\nrescue='never'", "rescue", "\"always\", \"last\", \"off\"")]
    [InlineData("type='moa'\ngenerators=['a']\nsynthesizer='a'\nmax_calls=0", "max_calls", "at least 1")]
    [InlineData("type='moa'\ngenerators=['a']\nsynthesizer='a'\nmax_cost_usd=0", "max_cost_usd", "above 0")]
    [InlineData("type='moa'\ngenerators=['a']\nsynthesizer='a'\nmax_latency_ms=0", "max_latency_ms", "at least 1")]
    [InlineData("type='moa'\ngenerators=['a']\nsynthesizer='a'\nexpose_reasoning='maybe'", "expose_reasoning", "true or false")]
    [InlineData("type='cascade'", "upstreams", "is required")]
    [InlineData("type='cascade'\nupstreams=[]", "upstreams", "at least one upstream")]
    [InlineData("type='cascade'\nupstreams=['a','a']", "upstreams[1]", "duplicate")]
    [InlineData("type='cascade'\nupstreams=['a']\non_all_fail='502'", "on_all_fail", "\"bubble_last_error\", \"structured_502\"")]
    [InlineData("type='cascade'\nupstreams=['a']\nattempt_timeout_secs=0", "attempt_timeout_secs", "above 0")]
    [InlineData("type='voting'\nupstreams=['a']", "upstreams", "at least 2 upstreams; found 1")]
    [InlineData("type='voting'\nupstreams=['a','b']\naggregation='all'", "aggregation", "\"any_yes\", \"all_yes\", \"majority\", \"weighted\"")]
    [InlineData("type='voting'\nupstreams=['a','b']\nfailure_vote=true", "failure_vote", "\"yes\", \"no\"")]
    [InlineData("type='voting'\nupstreams=['a','b']\ntemperature=3", "temperature", "from 0 to 2")]
    [InlineData("type='voting'\nupstreams=['a','b']\nmax_tokens=0", "max_tokens", "at least 1")]
    [InlineData("type='voting'\nupstreams=['a','b']\nmin_votes=3", "min_votes", "from 1 to 2")]
    [InlineData("type='voting'\nupstreams=['a','b']\ntie='none'", "tie", "\"yes\", \"no\"")]
    [InlineData("type='voting'\nupstreams=['a','b']\naggregation='weighted'\nweights={c=1}", "weights.c", "no member")]
    [InlineData("type='voting'\nupstreams=['a','b']\naggregation='weighted'\nweights={a=-1}", "weights.a", "from 0 to 1000000")]
    [InlineData("type='voting'\nupstreams=['a','b']\naggregation='weighted'\nweights={a=0,b=0}", "weights", "above 0")]
    [InlineData("type='cascade'\nupstreams=['a']\naliases=['']", "aliases[0]", "blank")]
    [InlineData("type='cascade'\nupstreams=['a']\naliases=[' ']", "aliases[0]", "blank")]
    [InlineData("type='cascade'\nupstreams=['a']\naliases=['x ']", "aliases[0]", "white space")]
    [InlineData("type='cascade'\nupstreams=['a']\naliases=['x', 'y', 'X']", "aliases[2]", "duplicate")]
    [InlineData("type='cascade'\nupstreams=['a']\naliases='x'", "aliases", "a list of strings")]
    [InlineData("type='cascade'\nupstreams=['a']\nmultimodal={}", "multimodal", "no key of [profiles.…] of type \"cascade\"")]
    [InlineData("type='cascade'\nupstreams=['a']\nsynthesizer='a'", "synthesizer", "no key")]
    public void Refused_settings_name_key_and_reason(string lines, string key, string message)
    {
        var problem = Loading.Error(Loading.TwoUpstreams + "[profiles.p]\n" + lines);

        problem.Key.Should().Be($"profiles.p.{key}");
        problem.Message.Should().Contain(message);
    }

    [Theory]
    [InlineData("type='moa'\ngenerators=['a']\nsynthesizer='a'\ngrace_secs=1\npatience=0.9", "patience", "no effect")]
    [InlineData("type='moa'\ngenerators=['a']\nsynthesizer='a'\ngrace_secs=601", "grace_secs", "longer than")]
    [InlineData("type='moa'\ngenerators=['a']\nsynthesizer='a'\nsynth_timeout_secs=600", "synth_timeout_secs", "no time for drafts")]
    [InlineData("type='moa'\ngenerators=['a']\nsynthesizer='a'\nsynthesizer_fallback='a'", "synthesizer_fallback", "itself")]
    [InlineData("type='moa'\ngenerators=['a']\nsynthesizer='b'\nmax_cost_usd=1", "max_cost_usd", "no price is known for a, b")]
    [InlineData("type='cascade'\nupstreams=['a']\nattempt_timeout_secs=601", "attempt_timeout_secs", "longer than")]
    [InlineData("type='voting'\nupstreams=['a','b']\nweights={a=2}", "weights", "no effect")]
    public void Doubtful_settings_are_warnings(string lines, string key, string message)
    {
        var warning = Loading.Warning(Loading.TwoUpstreams + "[profiles.p]\n" + lines);

        warning.Key.Should().Be($"profiles.p.{key}");
        warning.Message.Should().Contain(message);
    }

    private static ProfileConfig Clean(string lines) => Loading.Clean(Loading.TwoUpstreams + lines).Profiles.Single();
}
