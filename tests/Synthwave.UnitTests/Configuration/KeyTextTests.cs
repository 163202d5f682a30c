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
    [InlineData("0123456789abcdef0123456789abcdef", "looks like the key itself")]
    [InlineData("sk-abcdefghijklmnop", "looks like the key itself")]
    [InlineData("3f2a-99c1-aa", "is no name of a variable")]
    [InlineData("my key", "is no name of a variable")]
    public void A_key_in_the_place_of_a_variables_name_is_not_repeated(string written, string what)
    {
        var upstream = Loading.Load(Upstream($"api_key_env = '{written}'"));
        var server = Loading.Load($"[server]\nbearer_token_env = '{written}'");

        foreach (var (problem, own) in new[] { (upstream.Errors.Concat(upstream.Warnings).Single(), "api_key"), (server.Errors.Single(), "bearer_token") })
        {
            problem.Message.Should().Contain(what);
            problem.Hint.Should().EndWith($"the key itself is written as {own}");
            problem.ToString().Should().NotContain(written);
        }
    }

    [Theory]
    [InlineData("0123456789abcdef0123456789abcdef")]
    [InlineData("my-key")]
    public void A_variable_of_an_odd_name_that_is_set_is_taken(string name) => Loading.Clean(Upstream($"api_key_env = '{name}'"), (name, "k")).Upstreams.Should().ContainSingle();

    [Theory]
    [InlineData("Authorization = 'Bearer sk-abcdefghijklmnop'", "holds a key")]
    [InlineData("x-api-key = 'hush'", "holds a key")]
    [InlineData("X-Own = 'sk-abcdefghijklmnop'", "holds a key")]
    [InlineData("Authorization = 'Bearer $MY_KEY'", "\"Bearer ${MY_KEY}\"")]
    [InlineData("X-Own = 'env.MY_KEY'", "\"${MY_KEY}\"")]
    public void A_key_written_into_headers_is_a_warning_that_does_not_repeat_it(string header, string what)
    {
        var problem = Loading.Warning(Upstream($"headers = {{ {header} }}"));

        problem.ToString().Should().Contain(what).And.NotContain("hush").And.NotContain("sk-abc");
        problem.Key.Should().StartWith("upstreams.u.headers.");
    }

    [Theory]
    [InlineData("Authorization = 'Bearer ${MY_KEY}'")]
    [InlineData("X-Team = 'research'")]
    public void Other_headers_are_taken_as_they_are(string header) => Loading.Clean(Upstream($"headers = {{ {header} }}"), ("MY_KEY", "sk-abcdefghijklmnop"));

    [Theory]
    [InlineData("max_output = true", "true is no number; it counts as 1")]
    [InlineData("retries = false", "false is no number; it counts as 0")]
    [InlineData("connect_timeout_secs = true", "true is no number; it counts as 1")]
    public void A_truth_value_is_no_number(string line, string what)
    {
        var text = Upstream(line);
        text = line.StartsWith("max_output", StringComparison.Ordinal) ? text.Replace("max_output = 512\n", "", StringComparison.Ordinal).Replace("max_output = 1\n", "", StringComparison.Ordinal) : text;

        Loading.Load(text).Warnings.Select(w => w.Message).Should().Contain(what);
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
