using System.Text;
using Synthwave.Chat.Bodies;
using Synthwave.Chat.Formats;
using Synthwave.TestKit;

namespace Synthwave.UnitTests.Chat.Formats;

public sealed class AnswerFormatTests
{
    [Theory]
    [InlineData("{}")]
    [InlineData("{\"response_format\":null}")]
    [InlineData("{\"response_format\":{\"type\":\"text\"}}")]
    [InlineData("{\"response_format\":{}}")]
    [InlineData("{\"response_format\":{\"type\":7}}")]
    public void Most_requests_take_any_text(string body)
    {
        AnswerFormat.Of(ChatBody.FromJson(Encoding.UTF8.GetBytes(body))).Should().BeNull();
    }

    [Theory]
    [InlineData("{\"a\":1}", "{\"a\":1}")]
    [InlineData(" {\"a\":1}\n", " {\"a\":1}\n")]
    [InlineData("```json\n{\"a\":{}}\n```", "{\"a\":{}}")]
    [InlineData("{a} then {\"a\":1} and {\"longer\":true}", "{\"longer\":true}")]
    [InlineData("{\"a\":1", null)]
    [InlineData("[1]", null)]
    [InlineData("\"{}\"", null)]
    [InlineData("no", null)]
    [InlineData("", null)]
    public void An_object_is_found(string text, string? expected)
    {
        Of("{\"type\":\"json_object\"}")!.Find(text).Should().Be(expected);
    }

    [Theory]
    [InlineData("{\"type\":\"array\",\"items\":{\"type\":\"number\"}}", "[1,2.5]", true)]
    [InlineData("{\"type\":\"array\",\"items\":{\"type\":\"number\"}}", "[1,\"2\"]", false)]
    [InlineData("{\"type\":[\"object\",\"null\"]}", "null", true)]
    [InlineData("{\"type\":\"integer\"}", "1.0", true)]
    [InlineData("{\"type\":\"integer\"}", "1.5", false)]
    [InlineData("{\"enum\":[\"x\",{\"a\":1,\"b\":2}]}", "{\"b\":2.0,\"a\":1}", true)]
    [InlineData("{\"enum\":[\"x\"]}", "\"y\"", false)]
    [InlineData("{\"const\":null}", "{}", false)]
    [InlineData("{\"properties\":{\"a\":{\"type\":\"string\"}},\"additionalProperties\":{\"type\":\"boolean\"}}", "{\"a\":\"\",\"b\":true}", true)]
    [InlineData("{\"properties\":{\"a\":{\"type\":\"string\"}},\"additionalProperties\":false}", "{\"b\":true}", false)]
    [InlineData("{\"additionalProperties\":false,\"patternProperties\":{\".\":{}}}", "{\"b\":true}", true)]
    [InlineData("{\"required\":[\"\\ud800\"]}", "{\"\\ud800\":1}", true)]
    [InlineData("{\"required\":[\"a\"]}", "{\"\\ud800abcdefghij\":1}", false)]
    [InlineData("{\"anyOf\":[{\"type\":\"string\"},{\"$ref\":\"#/$defs/n~1o\"}],\"$defs\":{\"n/o\":{\"type\":\"object\",\"required\":[\"a\"]}}}", "{\"a\":1}", true)]
    [InlineData("{\"anyOf\":[{\"type\":\"string\"},{\"$ref\":\"#/$defs/n~1o\"}],\"$defs\":{\"n/o\":{\"type\":\"object\",\"required\":[\"a\"]}}}", "{\"b\":1}", false)]
    [InlineData("{\"$ref\":\"#\"}", "{}", true)]
    [InlineData("{\"anyOf\":[{\"$ref\":\"#\"},{\"$ref\":\"#\"}],\"type\":\"object\"}", "{}", true)]
    [InlineData("{\"$ref\":\"https://elsewhere/\"}", "{}", true)]
    [InlineData("{\"oneOf\":[{\"type\":\"null\"}],\"allOf\":[true,{}]}", "{}", false)]
    [InlineData("{\"type\":\"object\",\"properties\":{\"self\":{\"$ref\":\"#\"}}}", "{\"self\":{\"self\":7}}", false)]
    public void A_schema_is_kept_or_not(string schema, string text, bool fits)
    {
        var format = Of($"{{\"type\":\"json_schema\",\"json_schema\":{{\"name\":\"n\",\"schema\":{schema}}}}}")!;

        (format.Find(text) is not null).Should().Be(fits);
    }

    [Fact]
    public void Nothing_a_model_writes_takes_long_or_breaks_it() => Seeded.Run(300, random =>
    {
        string[] parts = ["{", "[", "}", "]", "\"a\":", "\ud800", "1", ",", "```", "\\", "\"", " ", new string('[', 400), new string('{', 3000)];
        var text = string.Concat(Enumerable.Range(0, random.Next(60)).Select(_ => parts[random.Next(parts.Length)]));

        Of("{\"type\":\"json_object\"}")!.Find(text)?.Should().Contain("{");
    });

    private static AnswerFormat? Of(string format) => AnswerFormat.Of(ChatBody.FromJson(Encoding.UTF8.GetBytes($"{{\"response_format\":{format}}}")));
}
