using System.Text;
using System.Text.Json;
using Synthwave.Chat.Bodies;

namespace Synthwave.UnitTests.Chat.Bodies;

public sealed class ChatBodyTests
{
    private const string Spaced = "{ \"a\" : 1 ,\n \"b\" : \"two\" , \"c\" : [ 3 ] }";

    [Fact]
    public void A_fingerprint_is_that_of_the_document_edits_apart()
    {
        var (one, other) = (ChatBody.FromJson("{\"a\":1}"u8.ToArray()), ChatBody.FromJson("{\"a\":2}"u8.ToArray()));

        one.With("a", "2"u8.ToArray()).Without("b").Fingerprint().Should().Be(one.Fingerprint());
        other.Fingerprint().Should().NotBe(one.Fingerprint());
    }

    [Fact]
    public void Untouched_body_is_the_original_buffer()
    {
        var bytes = Encoding.UTF8.GetBytes(Spaced);

        var body = ChatBody.FromJson(bytes);

        body.Segments.Should().ContainSingle().Which.Should().Be(new ReadOnlyMemory<byte>(bytes));
        body.Length.Should().Be(bytes.Length);
    }

    [Theory]
    [InlineData("a", "{ \"b\" : \"two\" , \"c\" : [ 3 ] }")]
    [InlineData("b", "{ \"a\" : 1 , \"c\" : [ 3 ] }")]
    [InlineData("c", "{ \"a\" : 1 ,\n \"b\" : \"two\" }")]
    [InlineData("a b", "{ \"c\" : [ 3 ] }")]
    [InlineData("b a", "{ \"c\" : [ 3 ] }")]
    [InlineData("a c", "{ \"b\" : \"two\" }")]
    [InlineData("b c", "{ \"a\" : 1 }")]
    [InlineData("c b a", "{  }")]
    [InlineData("d", Spaced)]
    public void Removed_members_take_one_comma_each_with_them(string names, string expected)
    {
        var body = Body(Spaced);

        foreach (var name in names.Split(' '))
        {
            body = body.Without(name);
        }

        Text(body).Should().Be(expected);
    }

    [Theory]
    [InlineData("a", "{ \"a\" : true ,\n \"b\" : \"two\" , \"c\" : [ 3 ] }")]
    [InlineData("b", "{ \"a\" : 1 ,\n \"b\" : true , \"c\" : [ 3 ] }")]
    [InlineData("c", "{ \"a\" : 1 ,\n \"b\" : \"two\" , \"c\" : true }")]
    [InlineData("d", "{ \"a\" : 1 ,\n \"b\" : \"two\" , \"c\" : [ 3 ],\"d\":true }")]
    public void Set_member_stays_in_place_or_comes_last(string name, string expected)
    {
        var body = Body(Spaced).With(name, "true"u8.ToArray());

        Text(body).Should().Be(expected);
    }

    [Theory]
    [InlineData("{}", "{\"x\":1,\"y\":2}")]
    [InlineData(" { \n } ", " {\"x\":1,\"y\":2 \n } ")]
    public void Empty_object_takes_members(string original, string expected)
    {
        var body = Body(original).With("x", "1"u8.ToArray()).With("y", "2"u8.ToArray());

        Text(body).Should().Be(expected);
    }

    [Fact]
    public void Member_takes_the_place_of_the_only_one_removed()
    {
        var body = Body("{\"a\":1}").Without("a").With("b", "2"u8.ToArray());

        Text(body).Should().Be("{\"b\":2}");
    }

    [Fact]
    public void Last_edit_of_a_member_wins()
    {
        var body = Body("{\"a\":1,\"b\":2}")
            .With("a", "3"u8.ToArray()).With("a", "4"u8.ToArray())
            .Without("b").With("b", "5"u8.ToArray())
            .With("c", "6"u8.ToArray()).With("c", "7"u8.ToArray())
            .With("d", "8"u8.ToArray()).Without("d");

        Text(body).Should().Be("{\"a\":4,\"b\":5,\"c\":7}");
    }

    [Fact]
    public void Edits_leave_the_edited_body_as_it_was()
    {
        var body = Body("{\"a\":1}");

        _ = body.With("a", "2"u8.ToArray()).Without("a").With("b", "3"u8.ToArray());

        Text(body).Should().Be("{\"a\":1}");
    }

    [Fact]
    public void Escaped_name_is_found_by_what_it_means()
    {
        var body = Body("{\"mo\\u0064el\":\"a\",\"\\ud83d\\ude00\":1}");

        Text(body.With("model", "\"b\""u8.ToArray()).Without("😀")).Should().Be("{\"mo\\u0064el\":\"b\"}");
        body.TryGet("model", out var value).Should().BeTrue();
        Encoding.UTF8.GetString(value.Span).Should().Be("\"a\"");
    }

    [Fact]
    public void Appended_name_is_escaped_where_json_asks_for_it()
    {
        var body = Body("{}").With("a\"\\\n é", "1"u8.ToArray());

        using var document = JsonDocument.Parse(body.ToArray());
        document.RootElement.GetProperty("a\"\\\n é").GetInt32().Should().Be(1);
    }

    [Fact]
    public void Value_is_read_after_edits()
    {
        var body = Body("{\"a\":1,\"b\":2}").With("a", "[9]"u8.ToArray()).Without("b").With("c", "3"u8.ToArray());

        Value(body, "a").Should().Be("[9]");
        Value(body, "b").Should().BeNull();
        Value(body, "c").Should().Be("3");
        Value(body, "d").Should().BeNull();
    }

    [Theory]
    [InlineData("{\"messages\":[{\"b\":2}],\"n\":1}", "{\"messages\":[{\"a\":1},{\"b\":2}],\"n\":1}")]
    [InlineData("{\"messages\":[ ],\"n\":1}", "{\"messages\":[{\"a\":1} ],\"n\":1}")]
    [InlineData("{\"messages\":[],\"n\":1}", "{\"messages\":[{\"a\":1}],\"n\":1}")]
    [InlineData("{\"n\":1}", "{\"n\":1,\"messages\":[{\"a\":1}]}")]
    public void Leading_message_is_put_behind_the_bracket(string original, string expected)
    {
        var body = Body(original).WithLeadingMessages("{\"a\":1}"u8.ToArray());

        Text(body).Should().Be(expected);
    }

    [Fact]
    public void Later_leading_messages_come_first()
    {
        var body = Body("{\"messages\":[]}")
            .WithLeadingMessages("{\"a\":1},{\"b\":2}"u8.ToArray())
            .WithLeadingMessages("{\"c\":3}"u8.ToArray());

        Text(body).Should().Be("{\"messages\":[{\"c\":3},{\"a\":1},{\"b\":2}]}");
        Value(body, "messages").Should().Be("[{\"c\":3},{\"a\":1},{\"b\":2}]");
    }

    [Fact]
    public void Replaced_messages_lose_what_led_the_old_ones()
    {
        var body = Body("{\"messages\":[1]}").WithLeadingMessages("0"u8.ToArray()).With("messages", "[5]"u8.ToArray());

        Text(body).Should().Be("{\"messages\":[5]}");
    }

    [Theory]
    [InlineData("{\"messages\":[1]}")]
    [InlineData("{\"x\":1}")]
    public void Replaced_messages_can_be_led(string original)
    {
        var body = Body(original).With("messages", "[5]"u8.ToArray()).WithLeadingMessages("4"u8.ToArray());

        Text(body).Should().EndWith("\"messages\":[4,5]}");
        Value(body, "messages").Should().Be("[4,5]");
    }

    [Fact]
    public void Removed_messages_can_be_led()
    {
        var body = Body("{\"messages\":[1],\"n\":1}").Without("messages").WithLeadingMessages("4"u8.ToArray());

        Text(body).Should().Be("{\"messages\":[4],\"n\":1}");
    }

    [Fact]
    public void Leading_messages_of_something_else_are_refused()
    {
        var lead = () => Body("{\"messages\":{}}").WithLeadingMessages("4"u8.ToArray());

        lead.Should().Throw<InvalidOperationException>();
    }

    [Fact]
    public void Large_messages_are_not_copied()
    {
        var original = Encoding.UTF8.GetBytes($"{{\"model\":\"x\",\"messages\":[\"{new string('a', 200_000)}\"],\"n\":1}}");
        var body = ChatBody.FromJson(original);

        var before = GC.GetAllocatedBytesForCurrentThread();
        var edited = body.With("model", "\"y\""u8.ToArray()).WithLeadingMessages("\"b\""u8.ToArray()).Without("n").With("stream", "true"u8.ToArray());
        var length = edited.Length;
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        length.Should().Be(edited.ToArray().Length);
        allocated.Should().BeLessThan(16 * 1024);
        edited.Segments.Count.Should().BeLessThanOrEqualTo(7);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("1")]
    [InlineData("{")]
    [InlineData("{} x")]
    [InlineData("{\"a\":1,\"\\u0061\":2}")]
    [InlineData("{\"\\ud800\":1}")]
    public void What_is_no_object_with_unique_names_is_refused(string json)
    {
        var wrap = () => Body(json);

        wrap.Should().Throw<JsonException>();
    }

    [Fact]
    public void Empty_value_is_refused()
    {
        var edit = () => Body("{}").With("a", ReadOnlyMemory<byte>.Empty);

        edit.Should().Throw<ArgumentException>();
    }

    private static ChatBody Body(string json) => ChatBody.FromJson(Encoding.UTF8.GetBytes(json));

    private static string Text(ChatBody body) => Encoding.UTF8.GetString(body.ToArray());

    private static string? Value(ChatBody body, string name) =>
        body.TryGet(name, out var value) ? Encoding.UTF8.GetString(value.Span) : null;
}
