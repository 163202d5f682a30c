using Synthwave.Configuration.Loading;

namespace Synthwave.UnitTests.Configuration;

/// <summary><c>${NAME}</c> in the strings of the file.</summary>
public sealed class VariableTests
{
    private static readonly (string, string)[] Variables = [("A", "alpha"), ("B_2", "beta"), ("EMPTY", ""), ("ODD", "${A} $$ }"), ("_", "low")];

    [Theory]
    [InlineData("${A}", "alpha")]
    [InlineData("x${A}y${B_2}z", "xalphaybetaz")]
    [InlineData("${_}", "low")]
    [InlineData("${A:-other}", "alpha")]
    [InlineData("${NONE:-other}", "other")]
    [InlineData("${EMPTY:-other}", "other")]
    [InlineData("${EMPTY}x", "x")]
    [InlineData("${NONE:-}x", "x")]
    [InlineData("${NONE:-http://h:1/v1?a=b}", "http://h:1/v1?a=b")]
    [InlineData("${NONE:-${A}}", "alpha")]
    [InlineData("${NONE:-<${NONE:-${B_2}}>}!", "<beta>!")]
    [InlineData("${A:-${NONE}}", "alpha")]
    [InlineData("${NONE:-a$b$$c}", "a$b$c")]
    [InlineData("${ODD}", "${A} $$ }")]
    [InlineData("$${A}", "${A}")]
    [InlineData("$$${A}", "$alpha")]
    [InlineData("a$$b", "a$b")]
    [InlineData("$$$$", "$$")]
    [InlineData("$", "$")]
    [InlineData("a$", "a$")]
    [InlineData("pa$word {1} }", "pa$word {1} }")]
    [InlineData("$2b$10$x", "$2b$10$x")]
    [InlineData("$A %A% {A}", "$A %A% {A}")]
    public void Strings_hold_the_environment(string written, string read)
    {
        Loading.Clean($"[server]\nsystem_prompt = '{written}'", Variables).Server.SystemPrompt.Should().Be(read);
    }

    [Fact]
    public void Every_string_is_read_whatever_it_is_in()
    {
        var config = Loading.Clean(
            """
            [server]
            host = "${HOST}"
            port = "${PORT}"
            protect_metrics = "${FLAG:-no}"
            bearer_token = "${TOKEN}"
            cors_allow_origins = ["https://${DOMAIN}", "*"]

            [upstreams.u]
            model_id = '${MODEL}'
            base_url = "https://${DOMAIN}/v1"
            context = "${CONTEXT:-8192}"
            max_output = 512
            api_key = "${KEY}"
            headers = { X-Team = "a ${KEY}" }
            request_overrides = { stop = ["${KEY}", { deep = "${KEY}" }], "${KEY}" = 1 }

            [profiles.p]
            type = "${TYPE}"
            upstreams = ["${WHO}"]
            """,
            ("HOST", "127.0.0.2"), ("PORT", "8401"), ("TOKEN", "t0"), ("DOMAIN", "d.test"), ("MODEL", "m\"\n"), ("KEY", "k1"), ("TYPE", "cascade"), ("WHO", "u"));

        (config.Server.Host, config.Server.Port).Should().Be(("127.0.0.2", 8401));
        config.Server.BearerToken!.Reveal().Should().Be("t0");
        config.Server.CorsAllowOrigins.Should().Equal("https://d.test", "*");
        var upstream = config.Upstreams.Single();
        (upstream.ModelId, upstream.BaseUrl, upstream.Context).Should().Be(("m\"\n", "https://d.test/v1", 8192));
        upstream.Credentials.ApiKey!.Reveal().Should().Be("k1");
        upstream.Headers["x-team"].Reveal().Should().Be("a k1");
        upstream.RequestOverrides.Select(o => (o.Key, o.Value)).Should().Equal(("stop", """["k1",{"deep":"k1"}]"""), ("${KEY}", "1"));
        config.Profiles.Should().ContainSingle();
    }

    [Theory]
    [InlineData("x ${NOT_THERE}", "the environment variable NOT_THERE is not set")]
    [InlineData("${NONE:-${NOT_THERE}}", "the environment variable NOT_THERE is not set")]
    [InlineData("${A", "without its '}'")]
    [InlineData("${A:-b", "without its '}'")]
    [InlineData("${", "no variable's name")]
    [InlineData("${}", "no variable's name")]
    [InlineData("${1A}", "no variable's name")]
    [InlineData("${ A }", "no variable's name")]
    [InlineData("${é}", "no variable's name")]
    [InlineData("${A-b}", "'}' or ':-'")]
    [InlineData("${A:=b}", "'}' or ':-'")]
    [InlineData("${A.b}", "'}' or ':-'")]
    public void What_cannot_be_read_is_named_with_its_place(string written, string message)
    {
        var problem = Loading.Error($"[server]\n  system_prompt = '{written}'", Variables);

        (problem.Line, problem.Column, problem.Key).Should().Be((2, 19, "server.system_prompt"));
        problem.Message.Should().Contain(message);
        problem.Hint.Should().NotBeNullOrEmpty();
        problem.ToString().Should().NotContain("alpha");
    }

    [Theory]
    [InlineData("[server]\nport = '${NONE}'", "server.port")]
    [InlineData("[upstreams.u]\nmodel_id='m'\nbase_url='${NONE}'\ncontext=100\nmax_output=10", "upstreams.u.base_url")]
    [InlineData("[upstreams.u]\nmodel_id='m'\nbase_url='http://u.test/v1'\ncontext='${NONE}'\nmax_output=10", "upstreams.u.context")]
    [InlineData("[profiles.p]\ntype='cascade'\nupstreams=['${NONE}']", "profiles.p.upstreams[0]")]
    [InlineData("[upstreams.u]\nmodel_id='m'\nbase_url='http://u.test/v1'\ncontext=100\nmax_output=10\nheaders={ 'a b' = 'x', c = '${NONE}' }", "upstreams.u.headers.c")]
    public void An_unset_variable_is_one_problem(string text, string key)
    {
        Loading.Load(text).Errors.Where(e => e.Message.Contains("NONE")).Should().ContainSingle().Which.Key.Should().Be(key);
        Loading.Load(text).Errors.Where(e => e.Key == key).Should().ContainSingle();
    }

    [Theory]
    [InlineData("[server]\nport = '${SECRET}'")]
    [InlineData("[server]\nhost = 'a'\nlog_level = '${SECRET}'")]
    [InlineData("[server]\nmodel_name_profile = '${SECRET}'\nmodel_name = 'x'")]
    [InlineData(Loading.TwoUpstreams + "[profiles.p]\ntype='cascade'\nupstreams=['${SECRET}', 'a']")]
    [InlineData(Loading.TwoUpstreams + "[profiles.p]\naliases=['${SECRET}', '${SECRET}']\ntype='cascade'\nupstreams=['a']")]
    [InlineData(Loading.TwoUpstreams + "[profiles.p]\ntype='moa'\ngenerators=['a','b']\nsynthesizer='x${SECRET}'")]
    [InlineData(Loading.TwoUpstreams + "[vision]\nendpoints=['${SECRET}']")]
    public void Problems_show_what_is_written_and_not_what_it_stands_for(string text)
    {
        var secret = string.Concat(Enumerable.Repeat("s3cr3t-", 9));

        var errors = Loading.Load(text, ("SECRET", secret)).Errors;

        errors.Should().NotBeEmpty();
        errors.Should().OnlyContain(e => !e.ToString().Contains("s3cr3t"));
        string.Concat(errors).Should().Contain("${SECRET}");
    }

    [Fact]
    public void Variables_inside_variables_have_an_end()
    {
        var deep = string.Concat(Enumerable.Repeat("${N:-", 100_000));

        Loading.Error($"[server]\nsystem_prompt = '{deep}'").Message.Should().Contain("too many");
    }

    [Theory]
    [InlineData("$${A}")]
    [InlineData("$$$$")]
    [InlineData("a$b $$${A:-x}")]
    [InlineData("${ODD}")]
    public void The_effective_configuration_means_the_same(string written)
    {
        var config = Loading.Clean($"[server]\nsystem_prompt = '{written}'", Variables);

        Loading.Clean(EffectiveConfigWriter.Write(config), Variables).Server.SystemPrompt.Should().Be(config.Server.SystemPrompt);
    }

    [Fact]
    public void Any_text_is_read_or_refused()
    {
        const string Pieces = "$${}}:-AB_2 é\0";
        for (var seed = 0; seed < 2_000; seed++)
        {
            var random = new Random(seed);
            var written = string.Concat(Enumerable.Range(0, random.Next(24)).Select(_ => Pieces[random.Next(Pieces.Length)]));

            var reader = new VariableText(written, name => name == "A" ? "1" : null);

            (reader.Expand() is null).Should().Be(reader.Problem is not null, "seed {0}", seed);
        }
    }
}
