using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Synthwave.Upstreams.Protocols.History;

namespace Synthwave.UnitTests.Upstreams.Protocols.History;

public sealed class HistoryMendingTests
{
    private const string User = """{"role":"user","content":"u"}""";

    [Theory]
    [InlineData("""[ {"role":"user","content":"h\u00e9"} , {"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]} ,{"role":"tool","tool_call_id":"a","content":"x"}, {"role":"assistant","content":"done"} ]""")]
    [InlineData("""[{"role":"assistant","tool_calls":[{"id":"a","function":{"name":"f","arguments":"{\"b\":1}"}},{"id":"b","function":{"name":"f","arguments":"{"}}]},{"role":"tool","tool_call_id":"b","content":"x"},{"role":"tool","tool_call_id":"a","content":[{"type":"text","text":"y"}]}]""")]
    [InlineData("""[{"role":"assistant","tool_calls":[{"id":"\u0061","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"a","content":"x"}]""")]
    [InlineData("""[{"role":"assistant","tool_calls":[{"id":"a","type":"custom","custom":{"name":"f","input":"x"}}]},{"role":"tool","tool_call_id":"a","content":"x"}]""")]
    [InlineData("""[{"role":"user","content":"about \"tool\" messages"},{"role":"assistant","tool_calls":null,"content":"x"}]""")]
    [InlineData("""[{"role":"assistant","function_call":{"name":"f","arguments":""}},{"role":"function","name":"f","content":"x"}]""")]
    public void What_is_in_order_is_left_alone(string messages) => Apply(messages).Should().BeNull();

    [Fact]
    public void A_message_between_a_call_and_its_output_moves_behind_the_output() =>
        Shape(Calls("a") + "," + User + """,{"role":"system","content":"s"},""" + Output("a") + "," + User)
            .Should().Be("assistant[a] tool:a user system user");

    [Fact]
    public void Two_messages_with_calls_in_a_row_get_their_outputs_each() =>
        Shape($"{Calls("a")},{Calls("b", "c")},{Output("c")},{Output("a")},{Output("b")}").Should().Be("assistant[a] tool:a assistant[b,c] tool:c tool:b");

    [Fact]
    public void An_output_without_a_call_becomes_text_of_a_user_message()
    {
        var messages = Json(User + "," + Output("x", "42°") + "," + User);

        Shape(messages).Should().Be("user user user");
        messages[1]!["content"]!.GetValue<string>().Should().Be("[Output of the tool call x, which is not part of this conversation]\n42°");
    }

    [Fact]
    public void An_output_without_a_call_keeps_its_parts()
    {
        var messages = Json("""{"role":"tool","tool_call_id":"x","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}}]},{"role":"tool","tool_call_id":"y","content":[ ]}""");

        messages[0]!["role"]!.GetValue<string>().Should().Be("user");
        messages[0]!["content"]!.AsArray().Select(p => p!["type"]!.GetValue<string>()).Should().Equal("text", "image_url");
        messages[1]!["content"]!.GetValue<string>().Should().StartWith("[Output of the tool call y");
    }

    [Fact]
    public void An_output_before_its_call_is_none_of_it() => Shape(Output("a") + "," + Calls("a")).Should().Be("user assistant[a] tool:a");

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_call_without_output_gets_one_that_says_so(bool atTheEnd)
    {
        var messages = Json(Calls("a", "b") + "," + Output("b") + (atTheEnd ? "" : "," + User));

        Shape(messages).Should().Be("assistant[a,b] tool:b tool:a" + (atTheEnd ? "" : " user"));
        messages[2]!["content"]!.GetValue<string>().Should().Be("[No output of this call is known.]");
    }

    [Fact]
    public void A_second_output_of_a_call_becomes_text_unless_it_says_the_same()
    {
        Shape($"{Calls("a")},{Output("a", "1")},{Output("a", "1")},{User}").Should().Be("assistant[a] tool:a user");
        Shape($"{Calls("a")},{Output("a", "1")},{Output("a", "2")},{User}").Should().Be("assistant[a] tool:a user user");
    }

    [Fact]
    public void Ids_that_come_again_in_later_turns_belong_to_the_newest_call()
    {
        Apply($"[{Calls("a")},{Output("a")},{User},{Calls("a")},{Output("a")}]").Should().BeNull();
        Shape($"{Calls("a")},{User},{Calls("a")},{Output("a", "new")}").Should().Be("assistant[a] tool:a user assistant[a] tool:a");
        Json($"{Calls("a")},{User},{Calls("a")},{Output("a", "new")}")[4]!["content"]!.GetValue<string>().Should().Be("new");
    }

    [Fact]
    public void Calls_of_one_message_with_one_id_get_ids_of_their_own_with_their_outputs_in_order()
    {
        var messages = Json($"{Calls("a", "a")},{Output("a", "1")},{Output("a", "2")}");

        Shape(messages).Should().Be("assistant[a,a_2] tool:a tool:a_2");
        messages[1]!["content"]!.GetValue<string>().Should().Be("1");
        messages[2]!["content"]!.GetValue<string>().Should().Be("2");
    }

    [Fact]
    public void Calls_and_outputs_without_ids_meet_by_their_order() =>
        Shape("""{"role":"assistant","tool_calls":[{"id":"","function":{"name":"f","arguments":"{}"}},{"function":{"name":"g","arguments":"{}"}}]},{"role":"tool","content":"1"},{"role":"tool","tool_call_id":null,"content":"2"}""")
            .Should().Be("assistant[call_0,call_1] tool:call_0 tool:call_1");

    [Theory]
    [InlineData("\"arguments\":\"\"", "{}")]
    [InlineData("\"arguments\":\"  \"", "{}")]
    [InlineData("\"arguments\":null", "{}")]
    [InlineData("\"arguments\":7", "{}")]
    [InlineData("\"arguments\":[]", "{}")]
    [InlineData("\"x\":1", "{}")]
    [InlineData("\"arguments\":{\"a\": \"\\u00e9\\\"\"}", "{\"a\": \"\\u00e9\\\"\"}")]
    public void Arguments_are_a_text_with_an_object(string given, string expected)
    {
        var messages = Json("""{"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"f",""" + given + "}}]}," + Output("a"));

        messages[0]!["tool_calls"]![0]!["function"]!["arguments"]!.GetValue<string>().Should().Be(expected);
        messages[0]!["tool_calls"]![0]!["function"]!["name"]!.GetValue<string>().Should().Be("f");
    }

    [Fact]
    public void A_function_without_members_gets_arguments_too() =>
        Json("""{"role":"assistant","tool_calls":[{"id":"a","function":{}}]},""" + Output("a"))[0]!["tool_calls"]![0]!["function"]!.ToJsonString().Should().Be("""{"arguments":"{}"}""");

    [Fact]
    public void An_empty_list_of_calls_and_an_output_of_nothing_are_mended()
    {
        var messages = Json("""{"role":"assistant","content":"x","tool_calls":[]},""" + Calls("a") + """,{"role":"tool","tool_call_id":"a","content":null}""");

        messages[0]!.ToJsonString().Should().Be("""{"role":"assistant","content":"x"}""");
        messages[2]!["content"]!.GetValue<string>().Should().BeEmpty();
    }

    [Fact]
    public void Images_of_outputs_go_to_one_user_message_behind_all_of_them()
    {
        const string Image = """{"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}}""";
        var conversation = Calls("a", "b") + """,{"role":"tool","tool_call_id":"a","content":[{"type":"text","text":"one"},{"type":"text","text":"t\"wo"},""" + Image + """]},{"role":"tool","tool_call_id":"b","content":[""" + Image + "," + Image + "]}," + User;

        var messages = Json(conversation, movesMedia: true);

        Shape(messages).Should().Be("assistant[a,b] tool:a tool:b user user");
        messages[1]!["content"]!.GetValue<string>().Should().Be("one\nt\"wo");
        messages[2]!["content"]!.GetValue<string>().Should().Be("[The output is in the next user message.]");
        var parts = messages[3]!["content"]!.AsArray();
        parts.Select(p => p!["type"]!.GetValue<string>()).Should().Equal("text", "image_url", "text", "image_url", "image_url");
        parts[0]!["text"]!.GetValue<string>().Should().Be("[Returned by the tool call a (f)]");
        parts[2]!["text"]!.GetValue<string>().Should().Be("[Returned by the tool call b (f)]");
        Apply("[" + conversation + "]").Should().BeNull("the upstream takes images in tool messages");
    }

    [Fact]
    public void The_same_beginning_gives_the_same_beginning_whatever_comes_after()
    {
        string[] turns =
        [
            """[ {"role":"user","content":"u"} , """ + Calls("a", "a") + """ ,{"role":"user","content":"between"}, """ + Output("a", "1") + """ , {"role":"tool","tool_call_id":"a","content":[{"type":"image_url","image_url":{"url":"x"}}]}""",
            """ ,  {"role":"assistant","content":"x"} , """ + Calls("b") + " , " + Output("b"),
            " , " + Output("nobody") + " , " + Calls("c") + "," + User + "," + Output("c"),
        ];

        var (sent, conversation) = ("", "");
        foreach (var turn in turns)
        {
            conversation += turn;
            var mended = Text(Apply(conversation + " ]", movesMedia: true)) ?? conversation + " ]";
            mended.Should().StartWith(sent);
            sent = mended[..mended.LastIndexOf(']')].TrimEnd();
        }
    }

    [Fact]
    public void Whatever_a_conversation_looks_like_the_outcome_is_in_order()
    {
        var random = new Random(20260823);
        for (var round = 0; round < 2000; round++)
        {
            var messages = Enumerable.Range(0, random.Next(1, 9)).Select(_ => random.Next(5) switch
            {
                0 => Calls([.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => Id())]),
                1 or 2 => Output(Id(), random.Next(2) == 0 ? "1" : "2"),
                3 => """{"role":"tool","content":null}""",
                _ => User,
            });
            var text = "[" + string.Join(",", messages) + "]";

            var mended = Text(Apply(text, movesMedia: true)) ?? text;

            CallAnswers.AreInOrder(HistoryIndex.Read(Encoding.UTF8.GetBytes(mended))!).Should().BeTrue($"{text} became {mended}");
            Apply(mended, movesMedia: true).Should().BeNull();
        }

        string Id() => random.Next(6) == 0 ? "" : ((char)('a' + random.Next(3))).ToString();
    }

    [Fact]
    public void Ten_thousand_messages_cost_what_they_weigh()
    {
        var messages = "[" + string.Join(",", Enumerable.Repeat(Calls("a"), 5000).Concat(Enumerable.Repeat(Output("a"), 5000))) + "]";
        var many = "[" + Calls([.. Enumerable.Range(0, 5000).Select(i => $"{i % 7}")]) + "," + string.Join(",", Enumerable.Range(0, 5000).Select(i => Output($"{i % 7}"))) + "]";
        var clock = Stopwatch.StartNew();

        Apply(messages).Should().NotBeNull();
        Apply(many).Should().NotBeNull();

        clock.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(3));
    }

    private static string Calls(params string[] ids) =>
        """{"role":"assistant","content":null,"tool_calls":[""" + string.Join(",", ids.Select(id => """{"id":""" + $"\"{id}\"" + ""","type":"function","function":{"name":"f","arguments":"{}"}}""")) + "]}";

    private static string Output(string id, string content = "o") => $$"""{"role":"tool","tool_call_id":"{{id}}","content":"{{content}}"}""";

    private static string? Text(ReadOnlyMemory<byte>? json) => json is { } some ? Encoding.UTF8.GetString(some.Span) : null;

    private static ReadOnlyMemory<byte>? Apply(string messages, bool movesMedia = false) =>
        HistoryMending.Apply(HistoryIndex.Read(Encoding.UTF8.GetBytes(messages))!, movesMedia);

    private static JsonArray Json(string messages, bool movesMedia = false) =>
        JsonNode.Parse(Text(Apply("[" + messages + "]", movesMedia)) ?? throw new InvalidOperationException("Nothing was mended."))!.AsArray();

    private static string Shape(string messages) => Shape(Json(messages));

    private static string Shape(JsonArray messages) => string.Join(" ", messages.Select(m => m!["role"]!.GetValue<string>() switch
    {
        "tool" => "tool:" + m["tool_call_id"]!.GetValue<string>(),
        "assistant" when m["tool_calls"] is JsonArray calls => "assistant[" + string.Join(",", calls.Select(c => c!["id"]!.GetValue<string>())) + "]",
        var role => role,
    }));
}
