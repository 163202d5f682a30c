using Synthwave.Configuration.Schema;

namespace Synthwave.UnitTests.Configuration;

public class SuggestionTests
{
    private static readonly string[] Known = ["a", "fast", "careful", "port", "request_timeout_secs", "synthesizer"];

    [Theory]
    [InlineData("prot", "port")]
    [InlineData("PORT", "port")]
    [InlineData("carefull", "careful")]
    [InlineData("synthesiser", "synthesizer")]
    [InlineData("request_timeout", "request_timeout_secs")]
    [InlineData("b", null)]
    [InlineData("ab", null)]
    [InlineData("slow", null)]
    [InlineData("pa", null)]
    [InlineData("fist_port", null)]
    [InlineData("hopeful", null)]
    [InlineData("something_else", null)]
    public void A_word_is_suggested_only_where_it_is_near(string word, string? expected) => Suggestion.Nearest(word, Known).Should().Be(expected);
}
