using System.Text;
using System.Text.Json;
using Synthwave.Chat.Tools;

namespace Synthwave.UnitTests.Chat.Tools;

public class CompletionCallsTests
{
    [Fact]
    public void An_answer_without_calls_is_not_touched()
    {
        var completion = ToolSamples.Completion(ToolSamples.Saying("hi"));

        var settled = CompletionCalls.Settle(completion, ToolContract.WithoutTools);

        settled.Completion.Should().BeSameAs(completion);
        settled.Breach.Should().Be(ContractBreach.None);
    }

    [Fact]
    public void A_proper_call_is_not_touched()
    {
        var completion = ToolSamples.Completion(ToolSamples.Calling("f"), "tool_calls");

        CompletionCalls.Settle(completion, ToolSamples.Contract("auto", ["f"])).Completion.Should().BeSameAs(completion);
    }

    [Fact]
    public void With_parallel_off_the_first_of_three_calls_stays()
    {
        var (settled, choice) = Settle(ToolSamples.Calling("a", "b", "c"), "tool_calls", ToolSamples.Contract("auto", ["a", "b", "c"], parallel: false));

        Names(choice).Should().Equal("a");
        settled.Label.Should().Be("parallel_violation_trimmed");
        Finish(choice).Should().Be("tool_calls");
    }

    [Fact]
    public void With_parallel_off_one_call_is_left_alone()
    {
        var (settled, choice) = Settle(ToolSamples.Calling("a"), "tool_calls", ToolSamples.Contract("auto", ["a"], parallel: false));

        Names(choice).Should().Equal("a");
        settled.Label.Should().BeNull();
    }

    [Fact]
    public void A_call_nobody_wants_is_stripped_to_empty_text()
    {
        var (settled, choice) = Settle(ToolSamples.Calling("f"), "tool_calls", ToolSamples.Contract("none", ["f"]));

        choice.GetProperty("message").TryGetProperty("tool_calls", out _).Should().BeFalse();
        choice.GetProperty("message").GetProperty("content").GetString().Should().BeEmpty();
        Finish(choice).Should().Be("stop");
        settled.Label.Should().Be("tool_choice_none_stripped");
        settled.Breach.Should().Be(ContractBreach.None);
    }

    [Fact]
    public void A_stripped_older_call_ends_in_stop_unlike_the_reason_that_stayed_before()
    {
        var (_, choice) = Settle("""{"role":"assistant","content":null,"function_call":{"name":"f","arguments":"{}"}}""", "function_call", ToolSamples.Contract("none", ["f"]));

        Finish(choice).Should().Be("stop");
        choice.GetProperty("message").EnumerateObject().Select(m => m.Name).Should().BeEquivalentTo("role", "content");
    }

    [Fact]
    public void Text_does_not_keep_required() =>
        Settle(ToolSamples.Saying("text"), "stop", ToolSamples.Contract("required", ["f"])).Settled.Breach.Should().Be(ContractBreach.RequiredUnmet);

    [Fact]
    public void A_further_call_breaks_a_forced_choice() =>
        Settle(ToolSamples.Calling("right", "extra"), "tool_calls", ToolSamples.Contract("right", ["right", "extra"])).Settled.Breach.Should().Be(ContractBreach.ChoiceUnmet);

    [Fact]
    public void With_parallel_off_a_further_call_is_trimmed_before_a_forced_choice_is_judged()
    {
        var (settled, choice) = Settle(ToolSamples.Calling("right", "wrong"), "tool_calls", ToolSamples.Contract("right", ["right", "wrong"], parallel: false));

        settled.Breach.Should().Be(ContractBreach.None);
        settled.Label.Should().Be("parallel_violation_trimmed");
        Names(choice).Should().Equal("right");
    }

    [Fact]
    public void A_call_that_ends_in_stop_ends_in_tool_calls() =>
        Finish(Settle(ToolSamples.Calling("f"), "stop", ToolSamples.Contract("auto", ["f"])).Choice).Should().Be("tool_calls");

    [Theory]
    [InlineData("length")]
    [InlineData("content_filter")]
    public void A_finish_reason_that_says_more_stays(string reason) =>
        Finish(Settle(ToolSamples.Calling("f"), reason, ToolSamples.Contract("auto", ["f"])).Choice).Should().Be(reason);

    [Fact]
    public void Text_that_ends_in_tool_calls_ends_in_stop() =>
        Finish(Settle(ToolSamples.Saying("text"), "tool_calls", ToolSamples.Contract("auto", ["f"])).Choice).Should().Be("stop");

    [Fact]
    public void An_older_call_is_promoted_and_its_object_arguments_become_text_unlike_the_empty_string_before()
    {
        var (settled, choice) = Settle(
            """{"role":"assistant","content":null,"function_call":{"name":"f","arguments":{"a":1}}}""", "function_call", ToolSamples.Contract("auto", ["f"]));

        var call = choice.GetProperty("message").GetProperty("tool_calls")[0];
        call.GetProperty("function").GetProperty("arguments").GetString().Should().Be("""{"a":1}""");
        call.GetProperty("id").GetString().Should().MatchRegex("^call_[0-9a-f]{24}$");
        Finish(choice).Should().Be("tool_calls");
        settled.Calls.Should().ContainSingle();
    }

    [Fact]
    public void An_older_call_without_a_name_is_dropped()
    {
        var (settled, choice) = Settle("""{"role":"assistant","content":"t","function_call":{"arguments":"{}"}}""", "stop", ToolSamples.Contract("auto", ["f"]));

        choice.GetProperty("message").EnumerateObject().Select(m => m.Name).Should().Equal("role", "content");
        Finish(choice).Should().Be("stop");
        settled.Breach.Should().Be(ContractBreach.None);
    }

    [Fact]
    public void Both_forms_at_once_are_told() =>
        Settle("""{"role":"assistant","tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{}"}}],"function_call":{"name":"f"}}""", "stop", ToolSamples.Contract("auto", ["f"]))
            .Settled.IsDualShape.Should().BeTrue();

    [Fact]
    public void Marks_in_a_name_are_gone_before_a_forced_choice_is_judged_unlike_the_order_before()
    {
        var (settled, choice) = Settle(ToolSamples.Calling("f<|c|>x"), "tool_calls", ToolSamples.Contract("f", ["f"]));

        settled.Breach.Should().Be(ContractBreach.None);
        Names(choice).Should().Equal("f");
    }

    [Theory]
    [InlineData("[{}]")]
    [InlineData("[\"x\"]")]
    [InlineData("""[{"id":"1","type":"function","function":{"name":"<|im_end|>","arguments":"{}"}}]""")]
    [InlineData("""[{"id":"1","type":"function","function":{"name":7}}]""")]
    public void A_call_without_a_name_is_no_call_unlike_the_count_before(string calls)
    {
        var (settled, choice) = Settle($$"""{"role":"assistant","content":"t","tool_calls":{{calls}}}""", "tool_calls", ToolSamples.Contract("required", ["f"]));

        settled.Breach.Should().Be(ContractBreach.RequiredUnmet);
        choice.GetProperty("message").TryGetProperty("tool_calls", out _).Should().BeFalse();
    }

    [Fact]
    public void An_undeclared_call_is_taken_out_and_told()
    {
        var (settled, choice) = Settle(ToolSamples.Calling("f", "rogue"), "tool_calls", ToolSamples.Contract("auto", ["f"]));

        settled.Breach.Should().Be(ContractBreach.UndeclaredTool);
        Names(choice).Should().Equal("f");
    }

    [Fact]
    public void Every_call_is_undeclared_where_no_tools_are()
    {
        var (settled, choice) = Settle("""{"role":"assistant","content":"text","tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{}"}}]}""", "tool_calls", ToolContract.WithoutTools);

        settled.Breach.Should().Be(ContractBreach.UndeclaredTool);
        choice.GetProperty("message").GetProperty("content").GetString().Should().Be("text");
        Finish(choice).Should().Be("stop");
    }

    [Theory]
    [InlineData("\"\"", "{}")]
    [InlineData("null", "{}")]
    [InlineData("{\"a\":[1]}", "{\"a\":[1]}")]
    [InlineData("\"{broken\"", "{broken")]
    public void Arguments_reach_the_client_as_text(string written, string read)
    {
        var (_, choice) = Settle($$$"""{"role":"assistant","tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":{{{written}}}}}]}""", "tool_calls", ToolSamples.Contract("auto", ["f"]));

        choice.GetProperty("message").GetProperty("tool_calls")[0].GetProperty("function").GetProperty("arguments").GetString().Should().Be(read);
    }

    [Fact]
    public void Missing_and_repeated_ids_are_replaced_and_further_members_kept()
    {
        var (_, choice) = Settle(
            """{"role":"assistant","tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{}"}},{"id":"1","type":"function","function":{"name":"f","arguments":"{}"},"extra_content":{"signature":"s"}},{"type":"function","function":{"name":"f","arguments":"{}"}}]}""",
            "tool_calls", ToolSamples.Contract("auto", ["f"]));

        var calls = choice.GetProperty("message").GetProperty("tool_calls").EnumerateArray().ToArray();
        calls.Select(c => c.GetProperty("id").GetString()).Should().OnlyHaveUniqueItems().And.NotContainNulls();
        calls[0].GetProperty("id").GetString().Should().Be("1");
        calls[1].GetProperty("extra_content").GetProperty("signature").GetString().Should().Be("s");
    }

    [Fact]
    public void A_client_of_the_older_form_reads_function_call()
    {
        var (_, choice) = Settle(ToolSamples.Calling("f", "g"), "tool_calls", ToolSamples.Contract("auto", ["f", "g"], legacy: true));

        choice.GetProperty("message").GetProperty("function_call").GetProperty("name").GetString().Should().Be("f");
        choice.GetProperty("message").TryGetProperty("tool_calls", out _).Should().BeFalse();
        Finish(choice).Should().Be("function_call");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Settling_twice_changes_nothing_more(bool legacy)
    {
        var contract = ToolSamples.Contract("auto", ["f"], legacy: legacy);
        var once = CompletionCalls.Settle(ToolSamples.Completion(ToolSamples.Calling("F", "rogue"), "stop"), contract);

        var twice = CompletionCalls.Settle(once.Completion, contract);

        Encoding.UTF8.GetString(twice.Completion.Json.Span).Should().Be(Encoding.UTF8.GetString(once.Completion.Json.Span));
    }

    private static (CompletionCalls Settled, JsonElement Choice) Settle(string message, string finishReason, ToolContract contract)
    {
        var settled = CompletionCalls.Settle(ToolSamples.Completion(message, finishReason), contract);
        return (settled, JsonElement.Parse(settled.Completion.Json.Span).GetProperty("choices")[0]);
    }

    private static IEnumerable<string?> Names(JsonElement choice) =>
        choice.GetProperty("message").GetProperty("tool_calls").EnumerateArray().Select(c => c.GetProperty("function").GetProperty("name").GetString());

    private static string? Finish(JsonElement choice) => choice.GetProperty("finish_reason").GetString();
}
