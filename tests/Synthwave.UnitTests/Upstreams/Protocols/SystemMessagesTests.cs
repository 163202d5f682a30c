using System.Text;
using Synthwave.Upstreams.Protocols.OpenAi;

namespace Synthwave.UnitTests.Upstreams.Protocols;

public sealed class SystemMessagesTests
{
    [Theory]
    [InlineData("""[{"role":"system","content":"a"},{"role":"user","content":"b"}]""")]
    [InlineData("""[{"role":"user","content":"b"}]""")]
    [InlineData("""[{"role":"developer","content":"b"},{"role":"developer","content":"c"}]""")]
    [InlineData("[]")]
    [InlineData("\"no list\"")]
    [InlineData("""[5,null,{"role":["system"]}]""")]
    public void Conversation_without_later_system_messages_is_left_alone(string messages) => Demote(messages).Should().BeNull();

    [Theory]
    [InlineData("""{"role":"system","content":"h\u00e9 \"q\""}""", """{"role":"user","content":"[SYSTEM]: h\u00e9 \"q\""}""")]
    [InlineData("""{"role":"system","content":""}""", """{"role":"user","content":"[SYSTEM]: "}""")]
    [InlineData("""{"role":"system","content":null}""", """{"role":"user","content":"[SYSTEM]:"}""")]
    [InlineData("""{"role":"system"}""", """{"role":"user","content":"[SYSTEM]:"}""")]
    [InlineData("""{"role":"system","content":7}""", """{"role":"user","content":"[SYSTEM]:"}""")]
    [InlineData("""{"role":"system","name":"ops","content":"x","z":1.0}""", """{"role":"user","content":"[SYSTEM]: x","name":"ops","z":1.0}""")]
    [InlineData(
        """{"role":"system","content":[{"type":"image_url","image_url":{"url":"u"}},{"type":"text","text":"x","k":1},{"type":"text","text":"y"}]}""",
        """{"role":"user","content":[{"type":"image_url","image_url":{"url":"u"}},{"type":"text","text":"[SYSTEM]: x","k":1},{"type":"text","text":"y"}]}""")]
    [InlineData(
        """{"role":"system","content":[{"type":"image_url","image_url":{"url":"u"}}]}""",
        """{"role":"user","content":[{"type":"text","text":"[SYSTEM]:"},{"type":"image_url","image_url":{"url":"u"}}]}""")]
    [InlineData("""{"role":"system","content":[]}""", """{"role":"user","content":[{"type":"text","text":"[SYSTEM]:"}]}""")]
    public void Later_system_message_becomes_a_marked_user_message(string message, string expected)
    {
        const string First = """{"role":"user", "content":"q"}""";

        Demote($"[{First},{message},{First}]").Should().Be($"[{First},{expected},{First}]");
    }

    [Fact]
    public void Leading_system_messages_become_one()
    {
        var demoted = Demote("""[{"role":"system","content":"house rules"},{"role":"system","content":"client \"rules\"","name":"n"},{"role":"user","content":"q"}]""");

        demoted.Should().Be("""[{"role":"system","content":"house rules\n\nclient \"rules\""},{"role":"user","content":"q"}]""");
    }

    [Fact]
    public void Leading_texts_and_parts_become_one_list_of_parts()
    {
        var demoted = Demote("""[{"role":"system","content":"a"},{"role":"system","content":[{"type":"text","text":"b"}]},{"role":"system","content":null},{"role":"user","content":"q"}]""");

        demoted.Should().Be("""[{"role":"system","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]},{"role":"user","content":"q"}]""");
    }

    [Fact]
    public void Half_a_surrogate_pair_is_carried_as_it_came() =>
        Demote("""[{"role":"user","content":"q"},{"role":"system","content":"\ud800"}]""")
            .Should().Be("""[{"role":"user","content":"q"},{"role":"user","content":"[SYSTEM]: \ud800"}]""");

    private static string? Demote(string messages) =>
        SystemMessages.Demote(Encoding.UTF8.GetBytes(messages)) is { } result ? Encoding.UTF8.GetString(result.Span) : null;
}
