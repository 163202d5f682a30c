using System.CommandLine;
using Synthwave.Commands;

namespace Synthwave.UnitTests.Commands;

public class UsageErrorsTests
{
    [Theory]
    [InlineData("chekc", "synthwave: 'chekc' is no verb (did you mean \"check\"?).")]
    [InlineData("frobnicate", "synthwave: 'frobnicate' is no verb.")]
    [InlineData("x", "synthwave: 'x' is no verb.")]
    [InlineData("serve --prot 1", "synthwave: '--prot' is no flag of serve (did you mean \"--port\"?).")]
    [InlineData("--prot=1", "synthwave: '--prot' is no flag of serve (did you mean \"--port\"?).")]
    [InlineData("check --watch", "synthwave: '--watch' is no flag of check.")]
    [InlineData("ping --url http://a --port 1", "synthwave: --url is the whole address: it cannot be combined with --config, --host or --port.")]
    [InlineData("top --url http://a --config b", "synthwave: --url and --config each name a gateway: say one of them.")]
    [InlineData("check extra", "synthwave: check takes no 'extra'.")]
    [InlineData("check --strict=maybe", "synthwave: check takes no 'maybe'.")]
    [InlineData("serve --port abc", "synthwave: --port must be a whole number from 0 to 65535; found 'abc'.")]
    public void A_wrong_word_is_named_once_and_what_is_near_with_it(string arguments, string expected)
    {
        var lines = UsageErrors.Of(CommandLine.Build().Parse(arguments)).ToList();

        lines.Should().HaveCount(2);
        lines[0].Should().Be(expected);
        lines[1].Should().StartWith("See: synthwave ").And.EndWith("--help");
    }

    [Fact]
    public void A_value_of_another_type_is_named_without_the_type()
    {
        var root = new RootCommand { new Command("list") { new Option<int?>("--limit"), new Option<double>("--share") } };

        UsageErrors.Of(root.Parse("list --limit abc")).First().Should().Be("synthwave: --limit must be a whole number; found 'abc'.");
        UsageErrors.Of(root.Parse("list --share abc")).First().Should().Be("synthwave: --share must be a number; found 'abc'.");
    }

    // Every verb with flags it does not know, without their values, and with values of the wrong kind.
    [Fact]
    public void No_verb_answers_with_a_type_of_its_own_code()
    {
        var root = CommandLine.Build();
        foreach (var verb in root.Subcommands)
        {
            string[] tried = ["--nonsense", "extra", .. verb.Options.Select(o => o.Name), .. verb.Options.Select(o => $"{o.Name}=\u0001"), .. verb.Options.Select(o => $"{o.Name} a b")];
            foreach (var flags in tried)
            {
                var parsed = root.Parse($"{verb.Name} {flags}");
                string.Join('\n', parsed.Errors.Count > 0 ? UsageErrors.Of(parsed) : []).Should().NotContain("System.", "{0} {1}", verb.Name, flags);
            }
        }
    }
}
