using System.Text;
using Synthwave.Json;

namespace Synthwave.UnitTests.Json;

public sealed class JsonTextTests
{
    [Theory]
    [InlineData("plain", 5)]
    [InlineData("\\n\\t\\\\\\\"\\/", 5)]
    [InlineData("a\\u00e9b", 4)]
    [InlineData("\\u65e5", 3)]
    [InlineData("\\ud83d\\ude00", 4)]
    [InlineData("\\ud83d", 3)]
    [InlineData("\\ud83d\\ud83d\\ude00", 7)]
    [InlineData("\\ude00\\n", 4)]
    [InlineData("é", 2)]
    public void Length_is_that_of_the_unescaped_bytes(string raw, int expected)
    {
        JsonMeasure.Utf8Length(Encoding.UTF8.GetBytes(raw)).Should().Be(expected);
    }

    [Theory]
    [InlineData("a\\u00e9\\n\\ud83d\\ude00z", "aé\n😀z")]
    [InlineData("\\\"\\\\\\/\\b\\f\\r\\t", "\"\\/\b\f\r\t")]
    [InlineData("\\ud83d", null)]
    [InlineData("\\ude00", null)]
    [InlineData("\\ud83dx", null)]
    public void Text_with_a_lone_surrogate_has_no_decoded_form(string raw, string? expected)
    {
        JsonText.Decode(Encoding.UTF8.GetBytes(raw), isEscaped: true).Should().Be(expected);
    }

    [Theory]
    [InlineData("\"a\"", 3)]
    [InlineData("{ \"a\" :1,\"b\":[ 1,2 ]}", 21)]
    [InlineData("\"\\u0041\\/\"", 4)]
    [InlineData("\"\u007f\"", 8)]
    [InlineData("\"\\u0001\\n\"", 10)]
    [InlineData("\"é😀\"", 20)]
    [InlineData("\"\\ud83d\\ude00\"", 14)]
    [InlineData("\"\\ud83d\"", 8)]
    [InlineData("\"\\\"\\\\\"", 6)]
    [InlineData("\", : \"", 6)]
    public void Spaced_length_counts_the_escaped_form(string json, int expected)
    {
        JsonMeasure.SpacedLength(Encoding.UTF8.GetBytes(json)).Should().Be(expected);
    }

    [Theory]
    [InlineData("short", "short")]
    [InlineData("12345678901", "1234567890…")]
    [InlineData("a\\r\\nb", "a\uFFFD\uFFFDb")]
    [InlineData("\\ud800", "\uFFFD")]
    [InlineData("123456789😀", "123456789…")]
    [InlineData("\\u202e", "\uFFFD")]
    public void Excerpt_is_bounded_and_printable(string raw, string expected)
    {
        JsonText.Excerpt(Encoding.UTF8.GetBytes(raw), maxChars: 10).Should().Be(expected);
    }
}
