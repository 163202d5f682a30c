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
    [InlineData(Small + Large + "[profiles.e]\ntype = 'moa'\nnon_client_synth_reserve_tokens = 0\nsynth_prompt_overhead_tokens = 100\ngenerators = ['large', 'small']\nsynthesizer = 'small'",
        "m.toml:16:15 profiles.e.synthesizer: warning: upstream 'small' is smaller than one draft: context 8192 − max_output 1024 − overhead 100 leaves 7068 tokens, and a draft may take 16384")]
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
}
