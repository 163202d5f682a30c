using System.Text;
using System.Text.Json.Nodes;
using Synthwave.Chat.Requests;
using Synthwave.Strategies.MixtureOfAgents.Compaction;
using Synthwave.UnitTests.Chat.Compaction;

namespace Synthwave.UnitTests.Strategies.MixtureOfAgents.Compaction;

public sealed class ConversationTests
{
    [Fact]
    public void Conversation_that_fits_keeps_its_very_bytes()
    {
        var json = new Talk().Say("user", "a").Say("system", "late").Result("orphan", "x").Call("c1").Say("user", "b").Say("assistant", "prefill").Json;
        var conversation = Conversation.Of(json);

        var fitted = conversation.Fit(conversation.Tokens)!;

        fitted.Messages.Should().Be((ReadOnlyMemory<byte>)json);
        (fitted.Dropped, fitted.Shortened, fitted.Tokens).Should().Be((0, 0, MessageTokens.OfAll(json)));
    }

    [Fact]
    public void Every_leading_system_message_and_the_newest_question_stay_word_for_word()
    {
        var talk = new Talk().Say("system", Talk.Text(2000, "operator")).Say("developer", Talk.Text(1000, "client"));
        for (var i = 0; i < 100; i++)
        {
            talk.Turn(Talk.Text(300, $"q{i}"), Talk.Text(300, $"a{i}"));
        }

        var fitted = Fit(talk.Say("user", Talk.Text(4000, "question")), 3600);

        var messages = Talk.Parse(fitted.Messages);
        Talk.Content(messages[0]).Should().Be(Talk.Text(2000, "operator"));
        Talk.Content(messages[1]).Should().StartWith(Talk.Text(1000, "client") + "\n\n(").And.MatchRegex(@"\(\d+ earlier parts of this conversation were left out");
        Talk.Content(messages[^1]).Should().Be(Talk.Text(4000, "question"));
        fitted.Tokens.Should().BeGreaterThan(3600 - 260);
    }

    [Fact]
    public void History_is_the_newest_without_holes_and_the_first_exchange()
    {
        var talk = new Talk();
        for (var i = 0; i < 50; i++)
        {
            talk.Turn(Talk.Text(i == 45 ? 2000 : 200, $"q{i}"), Talk.Text(200, $"a{i}"));
        }

        var fitted = Fit(talk.Say("user", "now?"), 1400);

        var texts = Talk.Parse(fitted.Messages).Select(Talk.Content).ToArray();
        texts[0].Should().StartWith("(").And.Contain("left out to fit");
        texts[1].Should().StartWith("q0<");
        texts[2].Should().StartWith("a0<");
        texts[3..].Select(t => t.Split('<')[0]).Should().Equal("q46", "a46", "q47", "a47", "q48", "a48", "q49", "a49", "now?");
        Talk.Parse(fitted.Messages).Skip(1).Select(m => m["role"]!.GetValue<string>()).Should().Equal(Enumerable.Range(0, 11).Select(i => i % 2 == 0 ? "user" : "assistant"));
    }

    [Fact]
    public void Long_first_exchange_is_cut_to_its_share_with_head_and_tail()
    {
        var talk = new Talk().Turn(Talk.Text(20_000, "first"), Talk.Text(20_000, "reply"));
        for (var i = 0; i < 50; i++)
        {
            talk.Turn(Talk.Text(200, $"q{i}"), Talk.Text(200, $"a{i}"));
        }

        var fitted = Fit(talk.Say("user", "now?"), 4000);

        var texts = Talk.Parse(fitted.Messages).Select(Talk.Content).ToArray();
        texts[1].Should().StartWith("first<").And.EndWith(">first").And.Contain(" bytes left out ");
        texts[2].Should().StartWith("reply<").And.EndWith(">reply");
        texts[^2].Should().StartWith("a49<");
    }

    [Fact]
    public void Old_tool_results_are_cut_before_anything_is_dropped_the_oldest_first()
    {
        var talk = new Talk().Say("system", "s").Say("user", "do it");
        for (var i = 0; i < 10; i++)
        {
            talk.Call($"c{i}").Result($"c{i}", Talk.Text(5600, $"r{i}"));
        }

        var fitted = Fit(talk, 12_000);

        var results = Talk.Parse(fitted.Messages).Where(m => m["role"]!.GetValue<string>() == "tool").Select(Talk.Content).ToArray();
        fitted.Dropped.Should().Be(0);
        results.Should().HaveCount(10).And.OnlyContain(r => r.StartsWith('r') && r.Contains(">r"));
        results.Select(r => r.Length).Should().BeInAscendingOrder();
        results[0].Length.Should().BeInRange(700, 716);
        results[^1].Length.Should().Be(5600);
        fitted.Tokens.Should().BeInRange(11_995, 12_000);
    }

    [Fact]
    public void Call_and_result_parted_by_other_messages_stay_together()
    {
        var talk = new Talk().Turn("old", Talk.Text(3000)).Say("user", "go").Call("c1", "c2").Result("c2", "two").Say("user", "hurry").Result("c1", "one").Say("user", "and?");

        var fitted = Fit(talk, 220);

        Talk.Parse(fitted.Messages).Select(m => m["tool_call_id"]?.GetValue<string>() ?? m["role"]!.GetValue<string>())
            .Should().Equal("system", "user", "assistant", "c2", "user", "c1", "user");
    }

    [Fact]
    public void Id_used_again_belongs_to_its_newest_call()
    {
        var talk = new Talk().Say("user", "1").Call("call_0").Result("call_0", Talk.Text(90, "r1")).Say("assistant", Talk.Text(2000)).Say("user", "2").Call("call_0").Result("call_0", Talk.Text(90, "r2")).Say("user", "3");

        var fitted = Fit(talk, 200);

        Talk.Parse(fitted.Messages).Select(m => m["role"]!.GetValue<string>()).Should().Equal("system", "user", "assistant", "tool", "user");
    }

    [Fact]
    public void Arguments_left_out_are_a_json_object_again()
    {
        var talk = new Talk().Say("user", "write it").CallWith($"{{\"text\":\"{new string('x', 9000)}\"}}", "c1").Result("c1", "done").Call("c2").Result("c2", "fine").Say("user", "and now?");

        var fitted = Fit(talk, 400);

        var arguments = JsonNode.Parse(Talk.Parse(fitted.Messages)[1]["tool_calls"]![0]!["function"]!["arguments"]!.GetValue<string>())!;
        arguments["left_out"]!.GetValue<string>().Should().Be("9011 bytes");
        (fitted.Dropped, fitted.Shortened).Should().Be((0, 1));
    }

    [Fact]
    public void Newest_results_are_cut_where_not_even_they_fit()
    {
        var ids = Enumerable.Range(0, 60).Select(i => $"c{i}").ToArray();
        var talk = new Talk().Say("user", "all of them").Call(ids);
        foreach (var id in ids)
        {
            talk.Result(id, Talk.Text(2500, "r"));
        }

        var fitted = Fit(talk, 6000);

        fitted.Dropped.Should().Be(0);
        Talk.Parse(fitted.Messages).Should().HaveCount(62);
    }

    [Fact]
    public void Turn_only_partly_kept_keeps_its_question()
    {
        var talk = new Talk().Say("user", "the task");
        for (var i = 0; i < 30; i++)
        {
            talk.Call($"c{i}").Result($"c{i}", Talk.Text(280, $"r{i}"));
        }

        var fitted = Fit(talk.Say("assistant", "done").Say("user", "thanks, and?"), 1500);

        var messages = Talk.Parse(fitted.Messages);
        Talk.Content(messages[1]).Should().Be("the task");
        messages[2]["tool_calls"].Should().NotBeNull();
        Talk.Content(messages[^3]).Should().StartWith("r29<");
        fitted.Dropped.Should().BeGreaterThan(10);
    }

    [Fact]
    public void Conversation_below_its_least_does_not_fit()
    {
        var conversation = Conversation.Of(new Talk().Say("system", Talk.Text(2800)).Turn("a", Talk.Text(2800)).Say("user", Talk.Text(2800)).Json);

        conversation.Fit(conversation.LeastTokens - 1).Should().BeNull();
        conversation.Fit(conversation.LeastTokens)!.Tokens.Should().BeLessThanOrEqualTo(conversation.LeastTokens);
        conversation.LeastTokens.Should().BeInRange(2000, 2080);
    }

    [Theory]
    [InlineData("""[{"role":"assistant","content":"only me"},{"role":"assistant","content":"again"}]""")]
    [InlineData("""[{"role":"system","content":"only rules"}]""")]
    [InlineData("""[{"content":"role last","role":"user"}]""")]
    [InlineData("[]")]
    public void Unusual_conversation_is_indexed_and_kept(string json)
    {
        var bytes = Encoding.UTF8.GetBytes(json);

        Conversation.Of(bytes).Fit(MessageTokens.OfAll(bytes))!.Messages.ToArray().Should().Equal(bytes);
    }

    [Fact]
    public void Note_goes_into_parts_too_and_beside_a_system_message_that_has_no_text()
    {
        Parts("""{"role":"system","content":[{"type":"text","text":"rules"}]}""")[0]["content"]!.AsArray().Should().HaveCount(2);
        Parts("""{"role":"system","content":[ ]}""")[0]["content"]!.AsArray().Should().HaveCount(1);
        var beside = Parts("""{"role":"system","content":null}""");
        beside[0]["content"].Should().BeNull();
        Talk.Content(beside[1]).Should().StartWith("(").And.Contain("left out");

        static JsonNode[] Parts(string system) =>
            Talk.Parse(Fit(new Talk().Add(system).Turn(Talk.Text(900), Talk.Text(900)).Say("user", "?"), 100).Messages);
    }

    private static FittedConversation Fit(Talk talk, int budget)
    {
        var fitted = Conversation.Of(talk.Json).Fit(budget);
        fitted.Should().NotBeNull();
        fitted!.Tokens.Should().BeLessThanOrEqualTo(budget);
        fitted.Tokens.Should().Be(MessageTokens.OfAll(fitted.Messages.Span));
        return fitted;
    }
}
