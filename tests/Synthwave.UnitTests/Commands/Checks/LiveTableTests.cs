using Synthwave.Commands.Checks;

namespace Synthwave.UnitTests.Commands.Checks;

public class LiveTableTests
{
    [Fact]
    public void Neither_names_nor_an_upstreams_own_words_command_the_terminal()
    {
        const string Evil = "x\e]0;title\a\u202ey\nz";
        var finding = new LiveFinding(Evil, Evil, "host:1", null, [], $"the account has no credit: {Evil}", Evil);

        var text = LiveTable.Write([finding, finding with { Problem = null, Fix = null, Note = Evil }]);

        text.Where(static c => char.IsControl(c) && c != '\n').Should().BeEmpty();
        text.Should().NotContain("\u202e").And.NotContain("\nz");
    }
}
