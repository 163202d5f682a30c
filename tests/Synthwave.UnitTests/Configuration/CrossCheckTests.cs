using Synthwave.Configuration;

namespace Synthwave.UnitTests.Configuration;

public sealed class CrossCheckTests
{
    [Theory]
    [InlineData("type='moa'\ngenerators=['a','nope']\nsynthesizer='a'", "profiles.p.generators[1]", "'nope' is not a defined upstream")]
    [InlineData("type='moa'\ngenerators=[{upstream='nope'}]\nsynthesizer='a'", "profiles.p.generators[0].upstream", "'nope'")]
    [InlineData("type='moa'\ngenerators=['a']\nsynthesizer='nope'", "profiles.p.synthesizer", "'nope'")]
    [InlineData("type='moa'\ngenerators=['a']\nsynthesizer='a'\nsynthesizer_fallback='nope'", "profiles.p.synthesizer_fallback", "'nope'")]
    [InlineData("type='cascade'\nupstreams=['A']", "profiles.p.upstreams[0]", "'A'")]
    [InlineData("type='voting'\nupstreams=['a','']", "profiles.p.upstreams[1]", "''")]
    [InlineData("type='moa'\ngenerators=['a']\nsynthesizer='a'\ntokenizer_upstream='b'", "profiles.p.tokenizer_upstream", "tokenizer_upstream 'b' is no member")]
    [InlineData("type='cascade'\nupstreams=['a']\ntokenizer_upstream=''", "profiles.p.tokenizer_upstream", "tokenizer_upstream")]
    public void Names_must_lead_somewhere(string lines, string key, string message)
    {
        var problem = Loading.Error(Loading.TwoUpstreams + "[profiles.p]\n" + lines);

        problem.Key.Should().Be(key);
        problem.Message.Should().Contain(message);
    }

    [Theory]
    [InlineData("type='moa'\ngenerators=['a']\nsynthesizer='b'\ntokenizer_upstream='a'")]
    [InlineData("type='moa'\ngenerators=['a']\nsynthesizer='b'\ntokenizer_upstream='b'")]
    [InlineData("type='cascade'\nupstreams=['a','b']\ntokenizer_upstream='b'")]
    [InlineData("type='voting'\nupstreams=['a','b']\ntokenizer_upstream='a'")]
    public void Any_member_can_count_tokens(string lines)
    {
        Loading.Clean(Loading.TwoUpstreams + "[profiles.p]\n" + lines).Profiles.Single().TokenizerUpstream.Should().NotBeNull();
    }

    [Fact]
    public void An_unknown_upstream_is_answered_with_the_nearest_one()
    {
        Loading.Error("""
            [upstreams.careful]
            model_id = "m"
            base_url = "http://a.test/v1"
            context = 100
            max_output = 10
            [profiles.p]
            type = "cascade"
            upstreams = ["carefull"]
            """).Hint.Should().Be("did you mean \"careful\"?");
    }

    [Theory]
    [InlineData(7424, 0)]
    [InlineData(8000, -576)]
    public void A_budget_of_nothing_is_refused(int reserve, int budget)
    {
        var problem = Loading.Error(Ensemble($"non_client_synth_reserve_tokens = {reserve}"));

        problem.Key.Should().Be("profiles.p.synthesizer");
        problem.Message.Should().EndWith($"= {budget}");
    }

    [Theory]
    [InlineData("non_client_synth_reserve_tokens = 7423")]
    [InlineData("non_client_synth_reserve_tokens = 8000\nadvertised_context = 5")]
    public void A_budget_of_one_or_an_advertised_context_is_enough(string lines)
    {
        Loading.Clean(Ensemble(lines)).Profiles.Should().ContainSingle();
    }

    [Theory]
    [InlineData("[vision]\nendpoints=['v','v']", "vision.endpoints[1]", "[vision].endpoints[1] = 'v' is a duplicate")]
    [InlineData("[vision]\nendpoints=['nope']", "vision.endpoints[0]", "[vision].endpoints[0] = 'nope' is not a defined upstream")]
    [InlineData("[vision]\nendpoints=['v','a']", "vision.endpoints[1]", "[vision].endpoints[1] = 'a' lacks modality 'image'")]
    [InlineData("[video]\nendpoints=['v']", "video.endpoints[0]", "modality 'video'")]
    [InlineData("[audio]\nendpoints=['v']", "audio.endpoints[0]", "modality 'audio'")]
    [InlineData("[video]\nendpoints=[]\ntwo_stage=true", "video.two_stage", "no key of [video]")]
    [InlineData("[audio]\ndescribe_prompt='x'", "audio.describe_prompt", "no key of [audio]")]
    [InlineData("[vision]\nendpoints='v'", "vision.endpoints", "a list of strings")]
    [InlineData("[vision]\ndescribe_max_tokens=1.5", "vision.describe_max_tokens", "an integer")]
    public void Endpoints_exist_once_and_read_what_they_are_for(string lines, string key, string message)
    {
        var problem = Loading.Error(Loading.TwoUpstreams + Reader("v", "'text', 'image'") + lines);

        problem.Key.Should().Be(key);
        problem.Message.Should().Contain(message);
    }

    [Fact]
    public void Modality_keys_are_read()
    {
        var config = Loading.Clean(Reader("v", "'text', 'image'") + Reader("w", "'text', 'video', 'audio', 'image'") + """
            [vision]
            endpoints = ["w", "v"]
            two_stage = true
            describe_prompt = "Describe."
            describe_max_tokens = 10
            describe_temperature = 1
            describe_image_cap = -1
            [video]
            endpoints = ["w"]
            [audio]
            endpoints = ["w"]
            """);

        config.Vision.Should().BeEquivalentTo(new VisionConfig
        {
            Endpoints = ["w", "v"],
            TwoStage = true,
            DescribePrompt = "Describe.",
            DescribeMaxTokens = 10,
            DescribeTemperature = 1,
            DescribeImageCap = -1,
        });
        config.Video.Endpoints.Should().Equal("w");
        config.Audio.Endpoints.Should().Equal("w");
    }

    [Theory]
    [InlineData("describe_max_tokens = -1")]
    [InlineData("describe_temperature = 5")]
    [InlineData("describe_temperature = nan")]
    [InlineData("two_stage = true")]
    public void Doubtful_descriptions_are_warnings(string line)
    {
        Loading.Warning($"[vision]\n{line}").Key.Should().StartWith("vision.");
    }

    [Fact]
    public void A_temperature_that_is_no_number_becomes_the_default()
    {
        Loading.Valid("[vision]\ndescribe_temperature = inf").Vision.DescribeTemperature.Should().Be(0.2);
    }

    [Theory]
    [InlineData("[profiles.A]\ntype='cascade'\nupstreams=['b']", "upstream 'a' collides with profile 'A'", "upstreams.a")]
    [InlineData("[profiles.p]\ntype='cascade'\nupstreams=['a']\n[profiles.P]\ntype='cascade'\nupstreams=['a']", "profile 'P' collides with profile 'p'", "profiles.P")]
    [InlineData("[profiles.foo]\ntype='cascade'\nupstreams=['a']\naliases=['FOO']", "alias 'FOO' collides with profile 'foo'", "profiles.foo.aliases[0]")]
    [InlineData("[profiles.p]\ntype='cascade'\nupstreams=['a']\naliases=['B']", "alias 'B' collides with upstream 'b'", "profiles.p.aliases[0]")]
    [InlineData("[profiles.p]\ntype='cascade'\nupstreams=['a']\naliases=['x']\n[profiles.q]\ntype='cascade'\nupstreams=['a']\naliases=['X']", "alias 'X' collides with alias 'x'", "profiles.q.aliases[0]")]
    [InlineData("[profiles.p]\ntype='cascade'\nupstreams=['a']\n[server]\nmodel_name='P'", "model_name 'P' collides with profile 'p'", "server.model_name")]
    [InlineData("[profiles.p]\ntype='cascade'\nupstreams=['a']\n[server]\nmodel_name='A'", "model_name 'A' collides with upstream 'a'", "server.model_name")]
    [InlineData("[profiles.\"Ä\"]\ntype='cascade'\nupstreams=['a']\naliases=['ä']", "alias 'ä' collides with profile 'Ä'", "profiles.\"Ä\".aliases[0]")]
    public void Names_are_unique_ignoring_case(string lines, string message, string key)
    {
        var problem = Loading.Error(Loading.TwoUpstreams + lines);

        problem.Message.Should().Be(message);
        problem.Key.Should().Be(key);
    }

    [Theory]
    [InlineData("meta-model")]
    [InlineData("META-Model")]
    public void The_brand_may_equal_an_alias(string brand)
    {
        var config = Loading.Clean(Loading.TwoUpstreams + $"""
            [server]
            model_name = "{brand}"
            [profiles.first]
            type = "cascade"
            upstreams = ["a"]
            [profiles.second]
            type = "cascade"
            upstreams = ["a"]
            aliases = ["meta-model"]
            """);

        config.Server.ModelName.Should().Be(brand);
    }

    [Theory]
    [InlineData("nope", "is not a defined profile")]
    [InlineData("P", "is not a defined profile")]
    [InlineData("jury", "is a voting profile")]
    public void The_brand_goes_to_a_profile_that_does_not_vote(string target, string message)
    {
        Loading.Error(Branded($"model_name_profile = '{target}'")).Message.Should().Contain(message);
    }

    [Fact]
    public void A_named_brand_profile_is_no_doubt()
    {
        Loading.Clean(Branded("model_name_profile = 'q'")).Server.ModelNameProfile.Should().Be("q");
    }

    [Fact]
    public void A_brand_that_depends_on_file_order_is_doubted()
    {
        Loading.Warning(Branded("")).Message.Should().Contain("'p', the first of 2");
    }

    [Fact]
    public void A_brand_profile_beside_a_brand_alias_is_doubted()
    {
        Loading.Warning(Branded("model_name_profile = 'q'").Replace("'brand'", "'also-p'", StringComparison.Ordinal)).Key.Should().Be("server.model_name_profile");
    }

    [Theory]
    [InlineData("\"\"")]
    [InlineData("\"a b \"")]
    [InlineData("\"llama:8b\"")]
    [InlineData("\"a,b\"")]
    [InlineData("\"é\"")]
    [InlineData("\"a\\nb\"")]
    public void Names_that_need_encoding_in_headers_load_with_a_warning(string name)
    {
        var warning = Loading.Warning(Loading.TwoUpstreams + $"[profiles.{name}]\ntype='cascade'\nupstreams=['a']");

        warning.Message.Should().Contain("percent-encoded");
        warning.ToString().Should().NotContain("\n");
    }

    [Theory]
    [InlineData("upstream = {}", "upstream", "did you mean \"upstreams\"?")]
    [InlineData("port = 1", "port", "it belongs to [server]")]
    [InlineData("zzz = 1", "zzz", null)]
    [InlineData("[server]\nprot = 1", "server.prot", "did you mean \"port\"?")]
    [InlineData("[server]\nrequest_timeout_sec = 1", "server.request_timeout_sec", "did you mean \"request_timeout_secs\"?")]
    [InlineData("[server]\nvoting = true", "server.voting", "it belongs to [features]")]
    [InlineData("[features]\nvotign = true", "features.votign", "did you mean \"voting\"?")]
    [InlineData("[vision]\nendpoint = []", "vision.endpoint", "did you mean \"endpoints\"?")]
    [InlineData("[profiles.p]\ntype='cascade'\nupstreams=['a']\nsynthesiser='a'", "profiles.p.synthesiser", null)]
    [InlineData("[profiles.p]\ntype='cascade'\nupstreams=['a']\ngenerators=['a']", "profiles.p.generators", "it belongs to [profiles.…] of type \"moa\"")]
    public void Unknown_keys_are_refused_with_what_was_probably_meant(string lines, string key, string? hint)
    {
        // Top-level lines have to stand before any table.
        var text = lines.StartsWith('[') ? Loading.TwoUpstreams + lines : lines + "\n" + Loading.TwoUpstreams;

        var problem = Loading.Error(text);

        problem.Key.Should().Be(key);
        problem.Message.Should().StartWith("is no key of");
        problem.Hint.Should().Be(hint);
    }

    [Fact]
    public void All_problems_are_reported_at_once_in_file_order()
    {
        var result = Loading.Load("""
            [server]
            port = 0
            hots = "x"

            [upstreams.a]
            model_id = "m"
            base_url = "nonsense"
            context = "many"
            max_output = 10

            [profiles.p]
            type = "moa"
            generators = ["a", "b"]
            synthesizer = "a"
            quorum = 9

            [profiles.q]
            type = "cascade"
            upstreams = ["c"]
            aliases = ["P"]

            [vision]
            endpoints = ["a", "a"]
            """);

        result.Config.Should().BeNull();
        result.Errors.Select(e => e.ToString()).Should().SatisfyRespectively(
            e => e.Should().Be("m.toml:2:8 server.port: must be an integer from 1 to 65535; found 0 (TCP port to listen on)"),
            e => e.Should().Be("m.toml:3:1 server.hots: is no key of [server] (did you mean \"host\"?)"),
            e => e.Should().StartWith("m.toml:8:11 upstreams.a.context: must be an integer of at least 1; found \"many\" ("),
            e => e.Should().StartWith("m.toml:13:20 profiles.p.generators[1]: 'b' is not a defined upstream"),
            e => e.Should().StartWith("m.toml:15:10 profiles.p.quorum: must be an integer from 1 to 2"),
            e => e.Should().StartWith("m.toml:19:14 profiles.q.upstreams[0]: 'c' is not a defined upstream"),
            e => e.Should().StartWith("m.toml:20:12 profiles.q.aliases[0]: alias 'P' collides with profile 'p'"),
            e => e.Should().StartWith("m.toml:23:19 vision.endpoints[1]: [vision].endpoints[1] = 'a' is a duplicate"));
        result.Warnings.Should().ContainSingle().Which.Key.Should().Be("upstreams.a.base_url");
    }

    [Fact]
    public void Invalid_toml_is_one_problem_with_its_place()
    {
        Loading.Error("[server]\nport = 08").ToString().Should().Be("m.toml:2:8: a number has no leading zeros");
    }

    [Fact]
    public void A_broken_upstream_is_still_defined()
    {
        var result = Loading.Load("[upstreams.a]\nmodel_id = 1\n[profiles.p]\ntype='moa'\ngenerators=['a']\nsynthesizer='a'");

        result.Errors.Should().OnlyContain(e => e.Key.StartsWith("upstreams.a."));
    }

    [Theory]
    [InlineData("upstreams = []", "upstreams")]
    [InlineData("[upstreams]\na = 1", "upstreams.a")]
    [InlineData("[[profiles]]", "profiles")]
    [InlineData("[profiles]\np = 'moa'", "profiles.p")]
    public void Tables_must_be_tables(string text, string key)
    {
        Loading.Error(text).Key.Should().Be(key);
    }

    private static string Ensemble(string lines) => Loading.TwoUpstreams + $"[profiles.p]\ntype='moa'\ngenerators=['a']\nsynthesizer='a'\n{lines}";

    private static string Reader(string name, string modalities) =>
        $"[upstreams.{name}]\nmodel_id='m'\nbase_url='http://v.test/v1'\ncontext=100\nmax_output=10\nmodalities=[{modalities}]\n";

    private static string Branded(string lines) => Loading.TwoUpstreams + $"""
        [server]
        model_name = 'brand'
        {lines}
        [profiles.jury]
        type = 'voting'
        upstreams = ['a', 'b']
        [profiles.p]
        type = 'cascade'
        upstreams = ['a']
        aliases = ['also-p']
        [profiles.q]
        type = 'cascade'
        upstreams = ['a']
        """;
}
