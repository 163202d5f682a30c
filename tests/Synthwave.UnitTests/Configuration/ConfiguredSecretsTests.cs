using Synthwave.Configuration;
using Synthwave.TestKit;

namespace Synthwave.UnitTests.Configuration;

public sealed class ConfiguredSecretsTests
{
    [Fact]
    public void What_the_environment_and_urls_hold_is_known_by_its_parts()
    {
        var config = Loading.Valid("""
            [upstreams.u]
            model_id = "m"
            base_url = "https://name:pass%2Fword@h.test/v1?api-version=1&sig=a%2Fb%3D"
            context = 100
            max_output = 10
            basic_auth_user = "user"
            basic_auth_pass_env = "PASSWORD"
            headers = { authorization = "Bearer by-hand", anthropic-version = "2023-06-01" }
            request_overrides = { user = "plain", extra = { password = 12345678, list = ["sk-0123456789abcdef", "plain"] } }
            """);
        var variables = new Dictionary<string, string> { ["PASSWORD"] = "swordfish", ["https_proxy"] = "http://p:hidden-1@proxy.test" };

        var secrets = new ConfiguredSecrets(config, variables.GetValueOrDefault).Read();

        secrets.Distinct().Should().BeEquivalentTo(
            "name:pass%2Fword", "name:pass/word", "pass%2Fword", "pass/word", "a%2Fb%3D", "a/b=", "swordfish", "user:swordfish", "Bearer by-hand", "by-hand", "12345678", "sk-0123456789abcdef",
            "p:hidden-1", "hidden-1");
    }

    [Fact]
    public void A_variable_that_changes_is_known_by_its_new_value()
    {
        var config = new GatewayConfig { Server = new ServerConfig { BearerTokenEnv = "TOKEN" } };
        var token = "first-token";
        var secrets = new ConfiguredSecrets(config, name => name == "TOKEN" ? token : null);

        var before = secrets.Masker([]);
        secrets.Masker([]).Should().BeSameAs(before);
        token = "second-token";

        secrets.Masker([]).Known("first-token second-token").Should().Be("first-token [key]");
        secrets.Masker(["third-token"]).Known("second-token third-token").Should().Be("[key] [key]");
    }

    [Fact]
    public void What_is_written_is_read_once_and_variables_once_a_masker()
    {
        var config = Loading.Valid("""
            [upstreams.u]
            model_id = "m"
            base_url = "https://h.test/v1"
            context = 100
            max_output = 10
            api_key_env = "KEY"
            request_overrides = { token = "written-0123456789" }
            """);
        var reads = new List<string>();
        var secrets = new ConfiguredSecrets(config, name =>
        {
            reads.Add(name);
            return name == "KEY" ? "named-0123456789" : null;
        });

        var first = secrets.Masker([]);
        var once = reads.Count;
        var others = Enumerable.Range(0, 5).Select(_ => secrets.Masker([])).ToList();

        first.Known("written-0123456789 named-0123456789").Should().Be("[key] [key]");
        others.Should().AllSatisfy(m => m.Should().BeSameAs(first));
        reads.Should().HaveCount(6 * once);
        reads.Count(static n => n == "KEY").Should().Be(6);
        secrets.Read().Where(static s => s.StartsWith("written", StringComparison.Ordinal)).Should().ContainSingle().Which.Should().BeSameAs(
            secrets.Read().Single(static s => s.StartsWith("written", StringComparison.Ordinal)), "it is what was read the first time");
    }

    [Fact]
    public void Of_client_certificates_the_key_is_secret_and_nothing_else()
    {
        using var authority = new TestAuthority();
        var (certificate, key) = authority.Issue("gateway");
        var config = new GatewayConfig
        {
            Upstreams =
            [
                new UpstreamConfig
                {
                    Name = "u", ModelId = "m", BaseUrl = "https://h.test/v1", Context = 1, MaxOutput = 1,
                    Tls = new TlsConfig { ClientCertificates = new Secret(certificate + key), ClientKeyText = new Secret(certificate + key) },
                },
            ],
        };

        var masked = new ConfiguredSecrets(config, _ => null).Masker([]).Known(certificate + key);

        masked.Should().StartWith(certificate);
        foreach (var line in key.Split('\n').Where(l => l.Length > 0 && !l.StartsWith("-----", StringComparison.Ordinal)))
        {
            masked.Should().NotContain(line);
        }
    }
}
