using Synthwave.Strategies.Voting;

namespace Synthwave.UnitTests.Strategies.Voting;

public sealed class VoteTextTests
{
    [Theory]
    [InlineData("yes", true)]
    [InlineData("YES.", true)]
    [InlineData(" No", false)]
    [InlineData("no!", false)]
    [InlineData("Answer: no", false)]
    [InlineData("**Yes**", true)]
    [InlineData("__no__", false)]
    [InlineData("\"Yes\"", true)]
    [InlineData("`no`", false)]
    [InlineData("I know yes", true)]
    [InlineData("Yes, nothing rules it out.", true)]
    [InlineData("No, nothing said about it is sure.", false)]
    [InlineData("{\"answer\": \"yes\"}", true)]
    [InlineData("{\"verdict\":\"no\",\"confidence\":0.9}", false)]
    [InlineData("```json\n{\"vote\": \"yes\"}\n```", true)]
    [InlineData("Let me think. It could be yes.\n\nNo", false)]
    [InlineData("I would say no because it is late.", false)]
    [InlineData("My answer is a clear yes, there is no doubt.", true)]
    [InlineData("The safe decision would be: **no**.", false)]
    [InlineData("Yes or no? Yes.", true)]
    [InlineData("yes/no: no", false)]
    [InlineData("First I thought yes, but no.", false)]
    [InlineData("No, wait.\nFinal answer: yes", true)]
    [InlineData("Yes. There is no evidence against it.", true)]
    public void An_answer_is_read_by_whole_words(string text, bool yes)
    {
        VoteText.Read(text).Should().Be(yes);
    }

    [Theory]
    [InlineData("")]
    [InlineData("  \n")]
    [InlineData("unknown")]
    [InlineData("Nothing wrong")]
    [InlineData("not sure")]
    [InlineData("yesterday")]
    [InlineData("Maybe")]
    [InlineData("safe")]
    [InlineData("1")]
    [InlineData("There is no evidence for that")]
    [InlineData("Please say yes or no")]
    [InlineData("It is a yes/no question")]
    [InlineData("a no-one knows")]
    public void What_answers_neither_is_unparseable(string text)
    {
        VoteText.Read(text).Should().BeNull();
    }
}
