using Synthwave.Configuration.Loading;

namespace Synthwave.UnitTests.Configuration;

public class ServiceChecksTests
{
    private const string Small = """
        [upstreams.small]
        model_id = "s"
        base_url = "http://s.test/v1"
        context = 8192
        max_output = 1024

        """;

    private const string Large = """
        [upstreams.large]
        model_id = "l"
        base_url = "http://l.test/v1"
        context = 131072
        max_output = 16384

        """;

    [Theory]
    [InlineData("", "m.toml: warning: defines no upstream")]
    [InlineData("[server]\nport = 1", "m.toml: warning: defines no upstream")]
    [InlineData(Small, "m.toml: warning: defines no profile")]
    [InlineData(Small + Large + "[profiles.v]\ntype = 'voting'\nupstreams = ['small', 'large']", "m.toml:11:11 profiles.v: warning: voting is switched off")]
    [InlineData(Small + Large + "[profiles.e]\ntype = 'moa'\ngenerators = [{ upstream = 'large', samples = 24 }]\nsynthesizer = 'small'",
        "m.toml:14:15 profiles.e.synthesizer: warning: upstream 'small' is too small to synthesize anything: of its context of 8192 its own answer takes up to 1024, and the drafts 6144 however short they are cut")]
    [InlineData(Small + Large + "[profiles.e]\ntype = 'moa'\ngenerators = ['large', 'small']\nsynthesizer = 'large'\nsynthesizer_fallback = 'tiny'\n[upstreams.tiny]\nmodel_id = 't'\nbase_url = 'http://t.test/v1'\ncontext = 2048\nmax_output = 1024",
        "m.toml:15:24 profiles.e.synthesizer_fallback: warning: upstream 'tiny' is too small to synthesize anything")]
    [InlineData(Small + Large + "[profiles.e]\ntype = 'moa'\ngenerators = [{ upstream = 'large', samples = 16 }]\nsynthesizer = 'small'",
        "m.toml:14:15 profiles.e.synthesizer: warning: upstream 'small' is small for what clients may send: of its context of 8192 its own answer takes up to 1024, and the drafts 4096 however short they are cut. That leaves 1920 tokens")]
    [InlineData(Small + Large + "[profiles.e]\ntype = 'moa'\nadvertised_context = 100000\ngenerators = ['large', 'small']\nsynthesizer = 'small'",
        "m.toml:15:15 profiles.e.synthesizer: warning: upstream 'small' is small for what clients may send: ")]
    public void What_cannot_do_what_it_is_for_is_warned_of(string text, string expected)
    {
        var problem = ServiceChecks.Of(Loading.Valid(text)).Should().ContainSingle().Which;

        problem.ToString().Should().StartWith(expected);
        problem.Hint.Should().NotBeNullOrEmpty();
    }

    [Fact]
    public void A_configuration_in_order_is_not_warned_of()
    {
        ServiceChecks.Of(Loading.Valid(Small + Large + "[features]\nvoting = true\n[profiles.v]\ntype = 'voting'\nupstreams = ['small', 'large']\n"
            + "[profiles.e]\ntype = 'moa'\ngenerators = ['large', 'small']\nsynthesizer = 'large'")).Should().BeEmpty();
    }

    // The drafts are cut to fit, and what no generator reads is refused before: neither is a reason to be afraid.
    [Theory]
    [InlineData("generators = ['large', 'small']\nsynthesizer = 'small'")]
    [InlineData("generators = ['large', 'small']\nsynthesizer = 'large'\nsynthesizer_fallback = 'small'")]
    [InlineData("advertised_context = 100000\ngenerators = [{ upstream = 'small', samples = 2 }]\nsynthesizer = 'small'")]
    [InlineData("generators = ['small']\nsynthesizer = 'small'\nadvertised_context = 100000")]
    public void What_is_cut_to_fit_is_not_warned_of(string lines) =>
        ServiceChecks.Of(Loading.Valid(Small + Large + "[profiles.e]\ntype = 'moa'\n" + lines)).Should().BeEmpty();
}
