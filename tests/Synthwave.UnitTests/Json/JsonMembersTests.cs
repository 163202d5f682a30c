using System.Buffers;
using System.Text;
using System.Text.Json;
using Synthwave.Json;

namespace Synthwave.UnitTests.Json;

public sealed class JsonMembersTests
{
    private const string Odd = """{"\ud800":1,"\ud800abc":2,"n\u0061me":"t\u0065xt","half":"\ud83d","null":null,"list":[],"name":"last"}""";

    [Fact]
    public void Names_and_texts_are_found_however_they_are_written()
    {
        var root = JsonReading.Element(Encoding.UTF8.GetBytes(Odd));

        root.TryGet("name"u8, out var name).Should().BeTrue();
        name.Text().Should().Be("last", "of a repeated name the last counts");
        root.Is("name"u8, "last"u8).Should().BeTrue();
        root.Find("null").Should().BeNull();
        root.TryGet("null", out _).Should().BeTrue();
        root.Has("list"u8, JsonValueKind.Array, out _).Should().BeTrue();
        root.Has("list"u8, JsonValueKind.Object, out _).Should().BeFalse();
        root.FindText("half").Should().Be("\ud83d");
        root.Get("half"u8).TryGetText(out _).Should().BeFalse();
        root.Get("half"u8).IsText("\ufffd"u8).Should().BeFalse();
        root.Get("list"u8).TryGet("name"u8, out _).Should().BeFalse("a list has no members");
        root.Get("list"u8).Text().Should().BeEmpty();
    }

    [Theory]
    [InlineData("\\ud83d\\ude00", "😀", true)]
    [InlineData("\\ud83d", "\ufffd", false)]
    [InlineData("\\u0061\\u0062", "ab", true)]
    [InlineData("a\\u0062", "abc", false)]
    [InlineData("\\u0061bc", "ab", false)]
    [InlineData("\\n", "n", false)]
    public void Escaped_text_is_compared_without_a_buffer(string raw, string expected, bool isSame)
    {
        JsonText.Matches(Encoding.UTF8.GetBytes(raw), Encoding.UTF8.GetBytes(expected)).Should().Be(isSame);

        var (longRaw, longExpected) = (string.Concat(Enumerable.Repeat(raw, 300)), string.Concat(Enumerable.Repeat(expected, 300)));
        JsonText.Matches(Encoding.UTF8.GetBytes(longRaw), Encoding.UTF8.GetBytes(longExpected)).Should().Be(isSame);
    }

    [Theory]
    [InlineData("{}", """{"m":1}""")]
    [InlineData("{ }\n", """{ "m":1}""" + "\n")]
    [InlineData("""{"a":2}""", """{"a":2,"m":1}""")]
    [InlineData("""{"m":[2],"a":3}""", """{"m":1,"a":3}""")]
    [InlineData("""{"m":2,"\u006d":3}""", """{"m":2,"\u006d":1}""")]
    [InlineData("""{"\ud800":2}""", """{"\ud800":2,"m":1}""")]
    public void A_member_is_set_where_it_stands_or_at_the_end(string json, string expected) =>
        Encoding.UTF8.GetString(JsonEdits.WithMember(Encoding.UTF8.GetBytes(json), "m"u8, "1"u8.ToArray()).Span).Should().Be(expected);

    [Fact]
    public void A_member_is_written_with_the_bytes_it_came_with()
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = JsonWriting.To(output))
        {
            json.WriteStartObject();
            foreach (var member in JsonReading.Element("""{"a":[1, 2],"\ud800":"\ud800"}"""u8).EnumerateObject())
            {
                json.WriteRaw(member);
            }

            json.WriteText("text"u8, "é\ud83d\"");
            json.WriteEndObject();
        }

        Encoding.UTF8.GetString(output.WrittenSpan).Should().StartWith("{\"a\":[1, 2],\"").And.EndWith(""":"\ud800","text":"é\ud83d\""}""");
    }

    [Fact]
    public void What_one_reader_accepts_the_next_one_does_too()
    {
        var (deepest, tooDeep) = (Nested(JsonLimits.MaxDepth), Nested(JsonLimits.MaxDepth + 1));

        JsonReading.TryDocument(deepest).Should().NotBeNull();
        JsonReading.IsWhole(deepest).Should().BeTrue();
        JsonReading.TryDocument(tooDeep).Should().BeNull();
        JsonReading.IsWhole(tooDeep).Should().BeFalse();
        JsonReading.IsEmbeddable("{\"a\":1}"u8).Should().BeTrue();
        JsonReading.IsEmbeddable("[]"u8).Should().BeFalse();
        JsonReading.TryDocument(new byte[] { (byte)'"', 0xC3, 0x28, (byte)'"' }).Should().BeNull("it is no UTF-8");

        static byte[] Nested(int depth) => Encoding.UTF8.GetBytes(new string('[', depth) + new string(']', depth));
    }
}
