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
        Loading.Warning("[server]\nbearer_token = '${K}'", ("K", " ")).Hint.Should().Contain("anyone");
    }

    private static string Upstream(string lines) =>
        $"[upstreams.u]\nmodel_id = 'm'\nbase_url = 'http://u.test/v1'\ncontext = 8192\nmax_output = 512\n{lines}\n";
}
