using Synthwave.Commands.Lines;

namespace Synthwave.UnitTests.Commands.Lines;

public class TextTableTests
{
    [Fact]
    public void Columns_stand_below_each_other_also_where_characters_are_wide() =>
        TextTable.Write([["name", "n", "end"], ["長い", "12", "x"], ["a", "3", ""]], 1).Should().Be("name   n  end\n長い  12  x\na      3\n");

    [Fact]
    public void What_others_named_cannot_command_the_terminal() =>
        TextTable.Write([["a\e[2Jb\n\u202ec\u2028"]]).Should().Be("a?[2Jb??c?\n");
}
