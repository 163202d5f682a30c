using Synthwave.Simulation;

namespace Synthwave.UnitTests.Simulation;

public sealed class QuestionWordsTests
{
    [Fact]
    public void Small_words_and_punctuation_carry_no_meaning() =>
        QuestionWords.Of("Why is THE sky, blue?!").Words.Should().Equal("sky", "blue");

    [Theory]
    [InlineData("password", "passwords", true)]
    [InlineData("juggle", "juggling", true)]
    [InlineData("thread", "threed", true)]
    [InlineData("thread", "treads", false)]
    [InlineData("stripped", "stirpped", true)]
    [InlineData("mould", "mold", false)]
    [InlineData("blue", "glue", false)]
    [InlineData("memory", "memoirs", false)]
    public void Words_are_the_same_but_for_endings_and_one_letter(string one, string two, bool same)
    {
        QuestionWords.Of(one).Has(two).Should().Be(same);
        QuestionWords.Of(two).Has(one).Should().Be(same);
    }

    [Fact]
    public void Likeness_is_the_common_part()
    {
        var sky = QuestionWords.Of("blue sky");

        sky.Likeness(QuestionWords.Of("Is the sky blue?")).Should().Be(1);
        sky.Likeness(QuestionWords.Of("blue sea")).Should().Be(0.5);
        sky.Likeness(QuestionWords.Of("red sea")).Should().Be(0);
        sky.Likeness(QuestionWords.Of("")).Should().Be(0);
    }

    [Fact]
    public void Endless_prompt_is_looked_at_only_at_its_beginning() =>
        QuestionWords.Of(string.Join(' ', Enumerable.Range(0, 1_000_000))).Words.Length.Should().BeLessThan(300);
}
