using System.Text;
using Synthwave.Simulation;

namespace Synthwave.UnitTests.Simulation;

public sealed class DemoLibraryTests
{
    public static TheoryData<string> Asked => [.. DemoLibrary.Instance.Questions.Select(q => q.Ask)];

    [Fact]
    public void There_are_a_dozen_questions_and_some_can_be_voted_on()
    {
        DemoLibrary.Instance.Questions.Should().HaveCountGreaterThanOrEqualTo(12);
        DemoLibrary.Instance.Questions.Where(q => !q.Votes.IsEmpty).Should().HaveCountGreaterThanOrEqualTo(3);
        DemoLibrary.Instance.Questions.Take(3).Should().Contain(q => !q.Votes.IsEmpty, "one of the suggested ones is for the jury");
    }

    [Theory]
    [MemberData(nameof(Asked))]
    public void Texts_are_short_and_differ(string ask)
    {
        var question = DemoLibrary.Instance.Questions.Single(q => q.Ask == ask);

        question.Drafts.Values.Append(question.Synthesis).Should().OnlyHaveUniqueItems().And.OnlyContain(t => Words(t) >= 80 && Words(t) <= 180);
    }

    [Theory]
    [MemberData(nameof(Asked))]
    public void Synthesis_keeps_what_only_one_draft_had(string ask)
    {
        var question = DemoLibrary.Instance.Questions.Single(q => q.Ask == ask);

        foreach (var model in DemoNames.All)
        {
            var own = question.Only[model];
            question.Synthesis.Should().Contain(own);
            question.Drafts.Where(d => d.Value.Contains(own, StringComparison.OrdinalIgnoreCase)).Select(d => d.Key).Should().Equal(model);
        }
    }

    [Theory]
    [MemberData(nameof(Asked))]
    public void Question_is_found_in_any_spelling(string ask)
    {
        var question = DemoLibrary.Instance.Questions.Single(q => q.Ask == ask);

        string[] spellings =
        [
            ask, ask.ToUpperInvariant(), ask.ToLowerInvariant().TrimEnd('?', '.'), $"  {ask.Replace(" ", "  ", StringComparison.Ordinal)}!!\n", $"Please tell me: {ask}",
            Misspelt(ask),
        ];
        spellings.Should().OnlyContain(s => DemoLibrary.Instance.Find(s) == question);
        question.Forms.Should().OnlyContain(f => DemoLibrary.Instance.Find(string.Join(' ', f.Words)) == question);
    }

    [Theory]
    [InlineData("How do I learn to code?")]
    [InlineData("How do I remove a stain?")]
    [InlineData("Write a poem about the blue sea under a grey sky and the ships that go down to it in winter")]
    [InlineData("How do I store an API key in Kubernetes with sealed secrets?")]
    [InlineData("Is bread healthy?")]
    [InlineData("What is a model?")]
    [InlineData("What is the capital of France?")]
    [InlineData("How do I revert a Git commit?")]
    [InlineData("")]
    [InlineData("?!")]
    [InlineData("為什麼天空是藍色的")]
    [InlineData("{questions}")]
    public void Another_question_is_not_taken_for_one_of_these(string prompt) => DemoLibrary.Instance.Find(prompt).Should().BeNull();

    [Fact]
    public void Everything_else_gets_an_honest_answer_that_names_what_can_be_asked()
    {
        var otherwise = DemoLibrary.Instance.Otherwise;

        otherwise.Drafts.Values.Append(otherwise.Synthesis).Should().OnlyContain(t =>
            t.Contains("simulated") && t.Contains("synthwave init") && DemoLibrary.Instance.Questions.All(q => t.Contains(q.Ask)));
    }

    [Theory]
    [InlineData("questions = 1", "questions")]
    [InlineData("[[questions]]\nask = \"a\"\nvotes = [\"maybe\"]", "votes")]
    [InlineData("[[questions]]\nask = \"a\"\nloud = \"b\"", "loud")]
    [InlineData("x", "demo.toml:1:")]
    public void Broken_file_is_named_with_what_is_wrong(string toml, string expected) =>
        FluentActions.Invoking(() => DemoLibrary.Parse(Encoding.UTF8.GetBytes(toml))).Should().Throw<InvalidOperationException>().WithMessage($"*{expected}*");

    private static int Words(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Count(w => w.Any(char.IsLetterOrDigit));

    /// <summary>Two letters of the longest word exchanged; short words must be right.</summary>
    private static string Misspelt(string text)
    {
        var word = text.Split(' ', '?', '.', ',').MaxBy(w => w.Length)!;
        return word.Length < 5 ? text : text.Replace(word, $"{word[..2]}{word[3]}{word[2]}{word[4..]}", StringComparison.Ordinal);
    }
}
