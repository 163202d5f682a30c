using System.Collections.Immutable;
using Synthwave.Chat.Tools;
using Synthwave.Strategies.MixtureOfAgents.ToolPicks;
using Synthwave.TestKit;
using Synthwave.UnitTests.Chat.Tools;

namespace Synthwave.UnitTests.Strategies.MixtureOfAgents.ToolPicks;

public class CallPickTests
{
    private static readonly ImmutableArray<ToolCall> Text = [];

    [Fact]
    public void Two_texts_outvote_one_call() => Choose("auto", ToolSamples.Calls("f:{\"x\":1}"), Text, Text).Should().Be(1);

    [Fact]
    public void Different_calls_tie_and_the_earliest_wins() => Choose("auto", ToolSamples.Calls("alpha"), ToolSamples.Calls("beta")).Should().Be(0);

    [Fact]
    public void A_tie_between_text_and_call_goes_to_the_call_unlike_the_first_draft_rule_it_replaces() =>
        Choose("auto", Text, ToolSamples.Calls("f")).Should().Be(1);

    [Fact]
    public void The_call_most_drafts_make_wins() =>
        Choose("auto", ToolSamples.Calls("f:{\"a\":1}"), ToolSamples.Calls("f:{\"a\":2}"), ToolSamples.Calls("f:{\"a\": 2.0}"), Text).Should().Be(1);

    [Fact]
    public void Where_every_call_is_another_one_the_arguments_vote() => Choose(
        "auto",
        ToolSamples.Calls("f:{\"a\":1,\"b\":2,\"c\":9}"),
        ToolSamples.Calls("f:{\"a\":1.0,\"b\":3,\"c\":5}"),
        ToolSamples.Calls("f:{\"a\":4,\"b\":3,\"c\":6}")).Should().Be(1);

    [Fact]
    public void A_call_with_one_argument_more_agrees_less() => Choose(
        "required",
        ToolSamples.Calls("f:{\"a\":1,\"b\":{\"x\":[1,2]},\"odd\":1}"),
        ToolSamples.Calls("f:{\"b\":{\"x\":[1,2]},\"a\":1}"),
        ToolSamples.Calls("f:{\"a\":1}")).Should().Be(1);

    [Fact]
    public void The_function_most_drafts_call_wins_although_no_two_calls_are_alike() => Choose(
        "required", ToolSamples.Calls("g:{\"a\":1}"), ToolSamples.Calls("f:{\"a\":1}"), ToolSamples.Calls("f:{\"a\":2}")).Should().Be(1);

    [Fact]
    public void A_call_that_is_made_twice_beats_one_that_agrees_more() => Choose(
        "required",
        ToolSamples.Calls("f:{\"a\":1,\"b\":1}"),
        ToolSamples.Calls("f:{\"a\":1,\"b\":2}"),
        ToolSamples.Calls("g"),
        ToolSamples.Calls("g"),
        ToolSamples.Calls("f:{\"a\":1,\"b\":3}")).Should().Be(2);

    [Theory]
    [InlineData("""{"\ud800":1}""")]
    [InlineData("""{"a":1e999}""")]
    [InlineData("""{"a":{"b":[null,true,"\udc00"]}}""")]
    public void Odd_arguments_are_compared_like_any_other(string arguments) => Choose(
        "required", ToolSamples.Calls("f:{\"a\":1}"), ToolSamples.Calls("f:" + arguments), ToolSamples.Calls("f:" + arguments)).Should().Be(1);

    [Theory]
    [InlineData("""{"\ud800":1}""")]
    [InlineData("""{"a":1e999}""")]
    public void Odd_arguments_do_not_break_a_vote_of_arguments(string arguments) => Choose(
        "required", ToolSamples.Calls("g"), ToolSamples.Calls("f:" + arguments), ToolSamples.Calls("f:{\"b\":1}")).Should().Be(1);

    [Fact]
    public void What_is_picked_is_always_a_call_that_somebody_made() => Seeded.Run(500, random =>
    {
        var drafts = Enumerable.Range(0, random.Next(1, 6))
            .Select(_ => ToolSamples.Calls($"{"fg"[random.Next(2)]}:{{\"a\":{random.Next(3)},\"b\":{random.Next(3)}}}"))
            .ToArray();

        var index = Choose("required", drafts);

        var made = drafts.GroupBy(d => CallSignature.Of(d)).ToDictionary(g => g.Key, g => g.Count());
        index.Should().NotBeNull();
        made[CallSignature.Of(drafts[index!.Value])].Should().Be(made.Values.Max(), "no call is made more often");
    });

    [Fact]
    public void Parallel_calls_compare_as_a_multiset() =>
        CallSignature.Of(ToolSamples.Calls("f:{\"a\":1,\"b\":2}", "g")).Should().Be(CallSignature.Of(ToolSamples.Calls("g", "f:{\"b\":2.0,\"a\":1}")));

    [Fact]
    public void The_same_call_twice_is_not_the_same_as_once() =>
        CallSignature.Of(ToolSamples.Calls("f", "f")).Should().NotBe(CallSignature.Of(ToolSamples.Calls("f")));

    [Fact]
    public void Texts_do_not_satisfy_required() => Choose("required", Text, Text).Should().BeNull();

    [Fact]
    public void One_caller_among_texts_satisfies_required() => Choose("required", Text, ToolSamples.Calls("f"), Text).Should().Be(1);

    [Fact]
    public void Every_call_must_be_the_forced_one() => Choose("right", ToolSamples.Calls("right", "wrong"), ToolSamples.Calls("right")).Should().Be(1);

    [Fact]
    public void With_parallel_off_the_first_call_counts() =>
        CallPick.Choose([ToolSamples.Calls("right", "wrong")], ToolSamples.Contract("right", ["right", "wrong"], parallel: false)).Should().Be(0);

    [Fact]
    public void An_undeclared_call_is_never_picked_even_when_it_is_the_only_one_unlike_the_rule_it_replaces() =>
        CallPick.Choose([ToolSamples.Calls("rogue")], ToolSamples.Contract("auto", ["f"])).Should().BeNull();

    [Fact]
    public void Unreadable_arguments_lose_against_readable_ones() =>
        Choose("required", ToolSamples.Calls("f:{broken"), ToolSamples.Calls("f:{broken"), ToolSamples.Calls("f:{\"a\":1}")).Should().Be(2);

    [Fact]
    public void Unreadable_arguments_are_better_than_nothing() => Choose("required", Text, ToolSamples.Calls("f:{broken")).Should().Be(1);

    [Fact]
    public void None_never_wants_a_call() => CallPick.WantsCall([ToolSamples.Calls("f")], ToolSamples.Contract("none", ["f"])).Should().BeFalse();

    private static int? Choose(string mode, params ImmutableArray<ToolCall>[] drafts) =>
        CallPick.Choose(drafts, ToolSamples.Contract(mode, ["f", "g", "alpha", "beta", "right", "wrong"]));
}
