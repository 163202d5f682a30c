using Synthwave.Json;

namespace Synthwave.UnitTests.Json;

public class CanonicalJsonTests
{
    [Theory]
    [InlineData("""{"b":1,"a":"é"}""", """{"a": "\u00e9", "b": 1}""")]
    [InlineData("""{"a":{"d":[1,{"z":0,"y":null}],"c":true}}""", """{"a": {"c": true, "d": [1, {"y": null, "z": 0}]}}""")]
    [InlineData("""{"a":1,"a":2}""", """{"a": 2}""")]
    [InlineData("""{}""", "{}")]
    [InlineData("""[ ]""", "[]")]
    [InlineData("\"\U0001F600\"", "\"\\ud83d\\ude00\"")]
    [InlineData("\"a\\/b\\n\\u0001\\u007f\"", "\"a/b\\n\\u0001\\u007f\"")]
    [InlineData("""{"\uff5e":1,"\ud83d\ude00":2,"z":3}""", """{"z": 3, "\uff5e": 1, "\ud83d\ude00": 2}""")]
    [InlineData("", "")]
    [InlineData(" ", " ")]
    [InlineData("{broken", "{broken")]
    [InlineData("{\"a\":1} x", "{\"a\":1} x")]
    public void Arguments_have_one_spelling(string arguments, string canonical) =>
        CanonicalJson.OfArguments(arguments, NumberForm.Typed).Should().Be(canonical);

    [Theory]
    [InlineData("1", "1")]
    [InlineData("-0", "0")]
    [InlineData("123456789012345678901234567890", "123456789012345678901234567890")]
    [InlineData("1.0", "1.0")]
    [InlineData("1e2", "100.0")]
    [InlineData("1.10", "1.1")]
    [InlineData("0.1e-7", "1e-08")]
    [InlineData("1e15", "1000000000000000.0")]
    [InlineData("1e16", "1e+16")]
    [InlineData("1.5e300", "1.5e+300")]
    [InlineData("0.0001", "0.0001")]
    [InlineData("0.00001", "1e-05")]
    [InlineData("-0.0", "-0.0")]
    [InlineData("123456.789", "123456.789")]
    [InlineData("9007199254740993.0", "9007199254740992.0")]
    [InlineData("0.30000000000000004", "0.30000000000000004")]
    [InlineData("1e400", "Infinity")]
    public void Numbers_keep_their_type(string literal, string canonical) => CanonicalJson.OfArguments(literal, NumberForm.Typed).Should().Be(canonical);

    [Fact]
    public void Half_of_a_surrogate_pair_in_the_text_is_no_reason_to_fail() =>
        CanonicalJson.OfArguments("{\"b\":\"\ud83d\",\"a\":\"\\ud83d\"}", NumberForm.Typed).Should().Be("{\"a\": \"\\ud83d\", \"b\": \"\\ufffd\"}");

    [Theory]
    [InlineData("1.0", "1")]
    [InlineData("1e2", "100")]
    [InlineData("-0.0", "0")]
    [InlineData("1.5", "1.5")]
    [InlineData("1e16", "1e+16")]
    public void Compared_by_value_a_whole_double_is_an_integer(string literal, string canonical) =>
        CanonicalJson.OfArguments(literal, NumberForm.ByValue).Should().Be(canonical);

    [Fact]
    public void Text_nested_too_deeply_stays_as_it_is()
    {
        var deep = new string('[', 300) + new string(']', 300);

        CanonicalJson.OfArguments(deep, NumberForm.Typed).Should().Be(deep);
    }
}
