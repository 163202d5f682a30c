using Synthwave.Configuration;
using Synthwave.Configuration.Loading;

namespace Synthwave.UnitTests.Configuration;

public class ConfigOriginTests
{
    private const string Text = """
        [server]
        port = 9000
        system_prompt = "${GREETING:-Hello} and $${no} ${GREETING}"

        [upstreams."a b"]
        model_id = "m"
        base_url = "https://${REGION}.test/v1"
        context = 8192
        max_output = 512
        headers = { x-team = "${TEAM}" }

        [upstreams."a b".tls]
        insecure = true

        [profiles.p]
        type = "moa"
        generators = ["a b"]
        synthesizer = "a b"

        """;

    private static readonly GatewayConfig Config = Loading.Valid(Text, ("GREETING", "Hi"), ("REGION", "eu"), ("TEAM", "x"), (ConfigLoader.GraceVariable, "3"));

    [Theory]
    [InlineData("server.port", "m.toml:2")]
    [InlineData("server.host", "default")]
    [InlineData("server.system_prompt", "m.toml:3, environment GREETING")]
    [InlineData("upstreams.\"a b\"", "m.toml:5")]
    [InlineData("upstreams.\"a b\".base_url", "m.toml:7, environment REGION")]
    [InlineData("upstreams.\"a b\".headers", "m.toml:10, environment TEAM")]
    [InlineData("upstreams.\"a b\".tls.insecure", "m.toml:13")]
    [InlineData("upstreams.\"a b\".retries", "default")]
    [InlineData("profiles.p.grace_secs", "environment TK_MOA_QUORUM_GRACE_SECS")]
    [InlineData("profiles.p.patience", "default")]
    public void Each_value_has_its_origin(string key, string origin) => Config.Origins.Of(key).ToString().Should().Be(origin);

    [Fact]
    public void The_effective_configuration_says_them_behind_its_values_and_means_the_same()
    {
        var text = EffectiveConfigWriter.WriteWithOrigins(Config);

        text.Should().Contain("\nport = 9000  # m.toml:2\n").And.Contain("\nhost = \"127.0.0.1\"  # default\n").And.Contain("\ngrace_secs = 3.0  # environment TK_MOA_QUORUM_GRACE_SECS\n");
        EffectiveConfigWriter.Write(Loading.Valid(text)).Should().Be(EffectiveConfigWriter.Write(Config));
    }

    [Fact]
    public void Values_are_listed_with_key_and_origin()
    {
        var values = EffectiveConfigWriter.Values(Config).ToList();

        values.Select(v => v.Key).Should().OnlyHaveUniqueItems();
        values.Single(v => v.Key == "upstreams.\"a b\".tls.insecure").Origin.Line.Should().Be(13);
        values.Should().OnlyContain(v => v.Origin.Kind != OriginKind.CommandLine);
    }
}
