using System.Text;
using Synthwave.Upstreams.Protocols.OpenAi;

namespace Synthwave.UnitTests.Upstreams.Protocols;

public class TextContentsTests
{
    [Theory]
    [InlineData("""[{"role":"user","content":[{"type":"text","text":"a\n"},{"text":"\ud83d b","type":"text","cache_control":{}}],"x":1}]""", """[{"role":"user","content":"a\n\n\n\ud83d b","x":1}]""")]
    [InlineData("""[ {"content": [] , "role":"user"}, {"content":[{"type":"text","text":"b"}]} ]""", """[ {"content": "" , "role":"user"}, {"content":"b"} ]""")]
    public void Lists_of_texts_become_strings(string messages, string expected) => Run(messages).Should().Be(expected);

    [Theory]
    [InlineData("""[{"content":"a"},{"content":null},{"role":"user"},5,"x"]""")]
    [InlineData("""[{"content":[{"type":"text","text":"a"},{"type":"image_url","image_url":{"url":"x"}}]}]""")]
    [InlineData("""[{"content":["a"]},{"content":[{"type":"text","text":5}]},{"content":[{"type":"text"}]},{"\ud800":1,"content":[{"\ud800":1}]}]""")]
    [InlineData("{}")]
    [InlineData("[]")]
    public void Everything_else_stays(string messages) => Run(messages).Should().BeNull();

    private static string? Run(string messages) => TextContents.ToStrings(Encoding.UTF8.GetBytes(messages)) is { } result ? Encoding.UTF8.GetString(result.Span) : null;
}
