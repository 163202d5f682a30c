using Synthwave.Simulation;
using Synthwave.TestKit;

namespace Synthwave.UnitTests.Simulation;

public sealed class TokenSplitterTests
{
    [Fact]
    public void Words_keep_their_leading_space() => TokenSplitter.Split("one two  three").Should().Equal("one", " two", "  three");

    [Fact]
    public void Long_words_are_cut() => TokenSplitter.Split("abcdefghijklmnop").Should().Equal("abcdefgh", "ijklmnop");

    [Fact]
    public void Empty_text_has_no_token() => TokenSplitter.Split("").Should().BeEmpty();

    [Fact]
    public void Tokens_are_the_text_and_never_half_a_character() => Seeded.Run(1000, random =>
    {
        var text = RandomText.Valid(random);

        var tokens = TokenSplitter.Split(text);

        string.Concat(tokens).Should().Be(text);
        tokens.Any(t => t.Length == 0 || char.IsLowSurrogate(t[0]) || char.IsHighSurrogate(t[^1])).Should().BeFalse();
    });
}
