using Synthwave.Api.Dialects.Responses;

namespace Synthwave.UnitTests.Api.Dialects;

public class ToolNamesTests
{
    [Theory]
    [InlineData(null, "f", "f")]
    [InlineData(null, "a.b", "a.b")]
    [InlineData("calendar", "list", "calendar__list")]
    [InlineData("mcp__files__", "read", "mcp__files__read")]
    [InlineData("a b", "c.d/é", "a_b__c_d__")]
    public void A_namespace_and_a_name_become_one(string? space, string name, string expected) => ToolNames.Flatten(space, name).Should().Be(expected);

    [Fact]
    public void Long_names_are_cut_to_what_chat_APIs_take_and_stay_apart()
    {
        var names = Enumerable.Range(0, 100).Select(i => ToolNames.Flatten("namespace", new string('n', 80) + i)).ToList();

        names.Should().OnlyHaveUniqueItems().And.OnlyContain(n => n.Length == ToolNames.Longest);
        names.Should().Equal(Enumerable.Range(0, 100).Select(i => ToolNames.Flatten("namespace", new string('n', 80) + i)), "every turn names them alike");
    }
}
