using System.Text;
using Synthwave.Chat.Requests;

namespace Synthwave.UnitTests.Chat.Requests;

public sealed class Base64DataTests
{
    private static readonly byte[] Data = [.. Enumerable.Range(0, 256).Select(b => (byte)b), 0xFB, 0xFF];

    [Theory]
    [InlineData(0, "plain")]
    [InlineData(1, "url-safe")]
    [InlineData(2, "no padding")]
    [InlineData(3, "url-safe, no padding")]
    [InlineData(4, "percent signs")]
    [InlineData(5, "small percent signs")]
    [InlineData(6, "escaped line breaks")]
    [InlineData(7, "escaped slashes")]
    [InlineData(8, "all at once")]
    [InlineData(9, "percent line breaks")]
    public void Every_spelling_becomes_the_plain_one(int form, string what)
    {
        for (var length = 254; length <= Data.Length; length++)
        {
            var plain = Convert.ToBase64String(Data.AsSpan(0, length));
            var safe = plain.Replace('+', '-').Replace('/', '_');
            var spelled = form switch
            {
                1 => safe,
                2 => plain.TrimEnd('='),
                3 => safe.TrimEnd('='),
                4 => Uri.EscapeDataString(plain),
                5 => plain.Replace("+", "%2b", StringComparison.Ordinal).Replace("=", "%3d", StringComparison.Ordinal),
                6 => string.Join("\\r\\n", plain.Chunk(76).Select(c => new string(c))),
                7 => plain.Replace("/", "\\/", StringComparison.Ordinal),
                8 => string.Join("\\n ", (plain[..60] + Uri.EscapeDataString(plain[60..120]) + safe[120..].TrimEnd('=')).Chunk(30).Select(c => new string(c))).Replace("/", "\\u002f", StringComparison.Ordinal),
                9 => string.Join("%0A", plain.Chunk(64).Select(c => new string(c))),
                _ => plain,
            };

            Encoding.ASCII.GetString(Base64Data.Normalise(Encoding.ASCII.GetBytes(spelled)).Span).Should().Be(plain, "{0} of {1} bytes", what, length);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("A")]
    [InlineData("====")]
    [InlineData("AA=A")]
    [InlineData("!!!!")]
    [InlineData("AAA%")]
    [InlineData("AAA%2")]
    [InlineData("AAA%zz")]
    [InlineData("AAAA\\ud800")]
    [InlineData("é")]
    public void What_is_no_base64_is_nothing(string text) =>
        Base64Data.Normalise(Encoding.UTF8.GetBytes(text)).IsEmpty.Should().BeTrue();

    [Fact]
    public void Plain_data_is_not_copied()
    {
        ReadOnlyMemory<byte> text = "AAAA"u8.ToArray();

        Base64Data.Normalise(text).Should().Be(text);
    }
}
