namespace Synthwave.UnitTests.Configuration;

/// <summary>Keys that cannot be what was meant.</summary>
public sealed class KeyTextTests
{
    [Theory]
    [InlineData("env.MY_KEY")]
    [InlineData("env:MY_KEY")]
    [InlineData("os.environ/MY_KEY")]
    [InlineData("process.env.MY_KEY")]
    [InlineData("{env:MY_KEY}")]
    [InlineData("{{ env.MY_KEY }}")]
    public void Other_spellings_of_variables_are_errors_with_a_hint(string written)
    {
        foreach (var (text, key) in new[] { (Upstream($"api_key = '{written}'"), "upstreams.u.api_key"), ($"[server]\nbearer_token = '{written}'", "server.bearer_token") })
        {
            var problem = Loading.Error(text, ("MY_KEY", "SECRET"));

            problem.Key.Should().Be(key);
            problem.Hint.Should().Contain("\"${MY_KEY}\"").And.Contain("_env = \"MY_KEY\"");
            problem.Line.Should().BeGreaterThan(1);
        }
    }

    [Theory]
    [InlineData("SEC\\nRET", "a line break")]
    [InlineData("SEC\\r\\nRET", "a line break")]
    [InlineData("SEC\\u200BRET", "an invisible character, U+200B")]
    [InlineData("\\uFEFFSECRET", "an invisible character, U+FEFF")]
    [InlineData("SEC\\u00A0RET", "an invisible character, U+00A0")]
    [InlineData("SEC\\tRET", "an invisible character, U+0009")]
    public void What_nobody_sees_is_named(string written, string what)
    {
        var value = System.Text.RegularExpressions.Regex.Unescape(written);
        foreach (var problem in new[]
        {
            Loading.Error(Upstream($"api_key = \"{written}\"")),
            Loading.Error($"[server]\nbearer_token = \"{written}\""),
            Loading.Error(Upstream("api_key = '${K}'"), ("K", value)),
            Loading.Warning(Upstream("api_key_env = 'K'"), ("K", value)),
        })
        {
            problem.Message.Should().Contain(what);
            problem.ToString().Should().NotContain("RET");
        }
    }

    [Theory]
    [InlineData("sk-abc\\n")]
    [InlineData("$KEY")]
    [InlineData("sk-\\u2026")]
    [InlineData("env.my key")]
    [InlineData("environment")]
    public void Other_keys_are_nobodys_business(string written)
    {
        Loading.Clean(Upstream($"api_key = \"{written}\"")).Upstreams.Should().ContainSingle();
    }

    [Fact]
    public void A_variable_that_is_empty_is_no_key()
    {
        Loading.Warning(Upstream("api_key = '${K}'"), ("K", "")).Message.Should().Contain("has no key");
        Loading.Error("[server]\nbearer_token = '${K}'", ("K", " ")).Hint.Should().Contain("anyone");
    }

    [Theory]
    [InlineData("${KEY}")]
    [InlineData(" ${KEY} ")]
    [InlineData("${KEY:-}")]
    [InlineData("${KEY:-none}")]
    [InlineData("$KEY")]
    [InlineData("env.KEY")]
    [InlineData("os.environ/KEY")]
    public void A_variable_is_named_and_not_written_out(string written)
    {
        foreach (var (text, key) in new[]
        {
            (Upstream($"api_key_env = '{written}'"), "upstreams.u.api_key_env"),
            (Upstream($"basic_auth_user = 'u'\nbasic_auth_pass_env = '{written}'"), "upstreams.u.basic_auth_pass_env"),
            ($"[server]\nbearer_token_env = '{written}'", "server.bearer_token_env"),
        })
        {
            foreach (var problem in new[] { Loading.Error(text, ("KEY", "SECRET")), Loading.Error(text) })
            {
                problem.Key.Should().Be(key);
                problem.Hint.Should().Be($"write {key[(key.LastIndexOf('.') + 1)..]} = \"KEY\"");
                problem.ToString().Should().NotContain("SECRET");
            }
        }
    }

    [Fact]
    public void A_part_of_a_variables_name_may_come_from_another()
    {
        Loading.Clean(Upstream("api_key_env = '${STAGE}_KEY'"), ("STAGE", "PROD"), ("PROD_KEY", "k")).Upstreams.Single().Credentials.ApiKeyEnv.Should().Be("PROD_KEY");
    }

    [Theory]
    [InlineData("api_key_env", "upstreams.u.api_key_env")]
    [InlineData("api_key_file", "upstreams.u.api_key_file")]
    public void A_key_in_the_place_of_a_name_is_not_shown(string key, string path)
    {
        var problem = Loading.Error(Upstream($"{key} = 'sk-SECRET0123456789'"));

        problem.Key.Should().Be(path);
        problem.ToString().Should().Contain("written as api_key").And.NotContain("SECRET");
    }

    private static string Upstream(string lines) =>
        $"[upstreams.u]\nmodel_id = 'm'\nbase_url = 'http://u.test/v1'\ncontext = 8192\nmax_output = 512\n{lines}\n";
}
