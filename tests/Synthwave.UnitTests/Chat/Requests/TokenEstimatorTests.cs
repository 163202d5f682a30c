using System.Text;
using Synthwave.Chat.Requests;

namespace Synthwave.UnitTests.Chat.Requests;

public sealed class TokenEstimatorTests
{
    [Theory]
    [InlineData("", 0)]
    [InlineData("a", 1)]
    [InlineData("ab", 1)]
    [InlineData("abc", 2)]
    [InlineData("0123456789012345678901234567", 10)]
    [InlineData("01234567890123456789012345678", 11)]
    [InlineData("éééééééééééééé", 10)]
    [InlineData("日本", 3)]
    [InlineData("user", 2)]
    [InlineData("system", 3)]
    [InlineData("assistant", 4)]
    [InlineData("tool", 2)]
    public void Text_costs_a_token_per_2_8_bytes(string text, int expected)
    {
        TokenEstimator.Text(text).Should().Be(expected);
    }

    [Theory]
    [InlineData("""{"role":"user","content":"hi"}""", 7)]
    [InlineData("""{"content":"hi","role":"user"}""", 7)]
    [InlineData("""{"role":"user","content":"\u0068\u0069"}""", 7)]
    [InlineData("""{"role":"user","content":null}""", 6)]
    [InlineData("""{"role":"user"}""", 6)]
    [InlineData("""{"role":"user","content":[{"type":"text","text":"ab"},{"type":"image_url","image_url":{"url":"x"}},{"type":"text","text":"cd"}]}""", 8 + 1000)]
    [InlineData("""{"role":"user","content":[{"type":"video_url","video_url":{"url":"x"}},{"type":"input_audio","input_audio":{"data":"x"}}]}""", 6 + 5000)]
    [InlineData("""{"role":"assistant","content":[{"type":"refusal","refusal":"no"}]}""", 4 + 4 + 1)]
    [InlineData("""{"role":"assistant","tool_calls":[{"function":{"name":"get","arguments":"{}"}}]}""", 4 + 4 + 10 + 2 + 1)]
    [InlineData("""{"role":"assistant","tool_calls":[{"function":{"name":"get","arguments":{"a" : [1, 2]}}}]}""", 4 + 4 + 10 + 2 + 4)]
    [InlineData("""{"role":"assistant","tool_calls":[{},{"function":null}]}""", 4 + 4 + 10 + 10)]
    [InlineData("""{"role":"assistant","function_call":{"name":"f","arguments":"a long text"},"name":"x"}""", 8)]
    public void Message_costs_its_text_role_and_calls(string message, int expected)
    {
        MessageTokens.Of(Encoding.UTF8.GetBytes(message)).Should().Be(expected);
    }

    [Fact]
    public void Messages_are_summed()
    {
        MessageTokens.OfAll("""[{"role":"user","content":"hi"}, {"role":"user","content":"hi"}]"""u8).Should().Be(14);
    }

    [Theory]
    [InlineData("""[{"type":"function","function":{"name":"f"}}]""", 80)]
    [InlineData("""[ { "type" : "function", "function":{"name":"f"}} ]""", 80)]
    [InlineData("""[{"type":"function","function":{"name":"é"}}]""", 82)]
    [InlineData("""[{"type":"function","function":{"name":"\u00e9"}}]""", 82)]
    [InlineData("[]", 0)]
    [InlineData(" [ ] ", 0)]
    [InlineData("null", 0)]
    public void Tools_cost_a_third_of_their_spaced_ascii_form(string tools, int expected)
    {
        TokenEstimator.Tools(Encoding.UTF8.GetBytes(tools)).Should().Be(expected);
    }

    [Fact]
    public void Estimates_stay_in_range()
    {
        TokenEstimator.Text(long.MaxValue / 20).Should().Be(int.MaxValue);
    }
}
