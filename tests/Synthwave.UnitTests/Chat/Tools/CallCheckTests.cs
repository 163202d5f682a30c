using System.Text;
using System.Text.Json;
using Synthwave.Chat.Cleaning;
using Synthwave.Chat.Tools;
using static Synthwave.UnitTests.Chat.AnswerSamples;

namespace Synthwave.UnitTests.Chat.Tools;

public class CallCheckTests
{
    private const string Done = "[DONE]";
    private const string Finish = "\"tool_calls\"";

    [Fact]
    public async Task A_proper_call_passes_byte_for_byte()
    {
        string[] payloads = [Role, Begin(0, "f"), Arguments(0, "{\\\"a\\\":"), Arguments(0, "1}"), Chunk("{}", Finish)];

        var (start, events, stream) = await RunAsync(Lenient("auto", "f"), [.. payloads, Done]);

        start.Should().Be(AnswerStart.Committed);
        events.Should().Equal(payloads.Select(p => SseOf(p)));
        stream.ToolCallCount.Should().Be(1);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(0)]
    public async Task A_finish_reason_ahead_of_a_call_is_shown_behind_it(int callsBefore)
    {
        string[] first = callsBefore == 0 ? [] : [Begin(0, "f"), Arguments(0, "{}")];
        string[] late = [Begin(callsBefore, "g"), Arguments(callsBefore, "{\\\"a\\\":1}")];

        var (_, events, stream) = await RunAsync(Lenient("auto", "f", "g"), [Role, .. first, Chunk("{}", Finish), .. late, Done]);

        events[^1].Should().Be(SseOf(Chunk("{}", Finish)));
        Calls(events)[^1].Should().Be(("g", "{\"a\":1}"));
        (stream.ToolCallCount, stream.FinishReason).Should().Be((callsBefore + 1, "tool_calls"));
    }

    [Fact]
    public async Task A_role_that_comes_with_the_finish_reason_is_shown_before_the_call_behind_it()
    {
        var (_, events, _) = await RunAsync(Lenient("auto", "f"), Chunk("{\"role\":\"assistant\"}", Finish), Begin(0, "f"), Arguments(0, "{}"), Done);

        events[0].Should().Contain("\"role\":\"assistant\"").And.Contain("\"finish_reason\":null");
        events[^1].Should().Contain("\"finish_reason\":\"tool_calls\"");
        events.Count(e => e.Contains("finish_reason\":\"", StringComparison.Ordinal)).Should().Be(1);
    }

    [Theory]
    [InlineData(Finish, false, true)]
    [InlineData(Finish, true, false)]
    [InlineData("\"length\"", false, false)]
    public async Task A_stream_that_is_over_within_the_arguments_is_broken_unless_it_says_that_it_is_whole(string finish, bool hasEnd, bool isBroken)
    {
        string[] payloads = [Role, Begin(0, "f"), Chunk("{}", finish), Arguments(0, "{\\\"a\\\":")];

        var (_, _, stream) = await RunAsync(Lenient("auto", "f"), hasEnd ? [.. payloads, Done] : payloads);

        (stream.Failure is not null).Should().Be(isBroken);
        stream.FailureKind.Should().Be(isBroken ? AnswerFailure.Cut : AnswerFailure.None);
    }

    [Fact]
    public async Task Text_without_calls_passes_byte_for_byte()
    {
        string[] payloads = [Role, ContentChunk("a"), ContentChunk("b"), Stop];

        var (_, events, _) = await RunAsync(Lenient("auto", "f"), [.. payloads, Done]);

        events.Should().Equal(payloads.Select(p => SseOf(p)));
    }

    [Fact]
    public async Task A_near_miss_reaches_the_client_under_its_declared_name()
    {
        var (_, events, _) = await RunAsync(Lenient("auto", "exec"), Role, Begin(0, "functions.Exec<|channel|>commentary"), Arguments(0, "{}"), Chunk("{}", Finish), Done);

        Calls(events).Should().ContainSingle().Which.Should().Be(("exec", "{}"));
    }

    [Fact]
    public async Task Text_before_an_undeclared_call_is_the_answer()
    {
        var (start, events, stream) = await RunAsync(Lenient("auto", "f"), Role, ContentChunk("text"), Begin(0, "rogue"), Arguments(0, "{}"), Chunk("{}", Finish), Done);

        start.Should().Be(AnswerStart.Committed);
        Calls(events).Should().BeEmpty();
        string.Concat(events).Should().NotContain("rogue").And.Contain("\"finish_reason\":\"stop\"");
        stream.FinishReason.Should().Be("stop");
        stream.Failure.Should().BeNull();
    }

    [Fact]
    public async Task An_answer_that_is_nothing_but_an_undeclared_call_is_a_failure()
    {
        var (start, events, stream) = await RunAsync(Lenient("auto", "f"), Role, Begin(0, "rogue"), Arguments(0, "{}"), Chunk("{}", Finish), Done);

        start.Should().Be(AnswerStart.Failed);
        events.Should().BeEmpty();
        stream.Breach.Should().Be(ContractBreach.UndeclaredTool);
    }

    [Fact]
    public async Task Reasoning_that_led_to_an_undeclared_call_does_not_become_the_answer()
    {
        var (start, _, _) = await RunAsync(
            Lenient("auto", "f"), Role, Chunk("""{"reasoning_content":"I shall call"}"""), Begin(0, "rogue"), Chunk("{}", Finish), Done);

        start.Should().Be(AnswerStart.Failed);
    }

    [Fact]
    public async Task Calls_are_numbered_anew_when_one_is_left_out()
    {
        var (_, events, stream) = await RunAsync(
            Lenient("auto", "f", "g"), Role, Begin(0, "rogue"), Arguments(0, "{}"), Begin(1, "f"), Arguments(1, "{\\\"x\\\":1}"), Begin(2, "g"), Arguments(2, "{}"), Chunk("{}", Finish), Done);

        Calls(events).Should().Equal(("f", "{\"x\":1}"), ("g", "{}"));
        stream.ToolCallCount.Should().Be(2);
    }

    [Fact]
    public async Task With_parallel_off_only_the_first_call_is_shown()
    {
        var policy = new AnswerPolicy { Contract = ToolSamples.Contract("auto", ["f", "g"], parallel: false) };

        var (_, events, _) = await RunAsync(policy, Role, Begin(0, "f"), Arguments(0, "{}"), Begin(1, "g"), Arguments(1, "{}"), Chunk("{}", Finish), Done);

        Calls(events).Should().Equal(("f", "{}"));
    }

    [Fact]
    public async Task Several_whole_calls_under_one_index_are_told_apart_by_id()
    {
        var (_, events, _) = await RunAsync(
            Lenient("auto", "f", "g"), Role, Whole(0, "f", "c1", "{}"), Whole(0, "g", "c2", "{\\\"a\\\":1}"), Chunk("{}", Finish), Done);

        Calls(events).Should().Equal(("f", "{}"), ("g", "{\"a\":1}"));
    }

    [Fact]
    public async Task Calls_without_an_index_are_numbered()
    {
        var chunk = Chunk("""{"tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}},{"id":"c2","type":"function","function":{"name":"f","arguments":"{}"}}]}""");

        var (_, events, _) = await RunAsync(Lenient("auto", "f"), Role, chunk, Chunk("{}", Finish), Done);

        Calls(events).Should().Equal(("f", "{}"), ("f", "{}"));
    }

    [Fact]
    public async Task A_name_in_pieces_is_put_together()
    {
        var (_, events, _) = await RunAsync(
            Lenient("auto", "get_weather"), Role,
            Chunk("""{"tool_calls":[{"index":0,"id":"c","type":"function","function":{"name":"get_"}}]}"""),
            Chunk("""{"tool_calls":[{"index":0,"function":{"name":"weather"}}]}"""),
            Arguments(0, "{}"), Chunk("{}", Finish), Done);

        Calls(events).Should().Equal(("get_weather", "{}"));
    }

    [Fact]
    public async Task A_piece_that_never_becomes_a_declared_name_is_never_shown()
    {
        var (start, _, stream) = await RunAsync(
            Lenient("auto", "get_weather"), Role, Chunk("""{"tool_calls":[{"index":0,"id":"c","type":"function","function":{"name":"get_"}}]}"""), Arguments(0, "{}"), Chunk("{}", Finish), Done);

        start.Should().Be(AnswerStart.Failed);
        stream.Breach.Should().Be(ContractBreach.UndeclaredTool);
    }

    [Fact]
    public async Task A_name_repeated_in_every_delta_is_shown_once()
    {
        var again = Chunk("""{"tool_calls":[{"index":0,"function":{"name":"f","arguments":"1}"}}]}""");

        var (_, events, _) = await RunAsync(Lenient("auto", "f"), Role, Whole(0, "f", "c", "{\\\"a\\\":"), again, Chunk("{}", Finish), Done);

        Calls(events).Should().Equal(("f", "{\"a\":1}"));
    }

    [Theory]
    [InlineData("\"\"")]
    [InlineData("null")]
    public async Task A_call_without_arguments_gets_an_empty_object_before_the_end(string none)
    {
        var chunk = Chunk($$$"""{"tool_calls":[{"index":0,"id":"c","type":"function","function":{"name":"f","arguments":{{{none}}}}}]}""");

        var (_, events, _) = await RunAsync(Lenient("auto", "f"), Role, chunk, Chunk("{}", Finish), Done);

        Calls(events).Should().Equal(("f", "{}"));
        events[^1].Should().Contain("\"finish_reason\":\"tool_calls\"");
    }

    [Fact]
    public async Task Arguments_as_an_object_become_text_and_a_missing_id_is_made()
    {
        var chunk = Chunk("""{"tool_calls":[{"index":0,"function":{"name":"f","arguments":{"a":1}}}]}""", Finish);

        var (_, events, _) = await RunAsync(Lenient("auto", "f"), Role, chunk, Done);

        Calls(events).Should().Equal(("f", "{\"a\":1}"));
        string.Concat(events).Should().MatchRegex("\"id\":\"call_[0-9a-f]{24}\"");
    }

    [Fact]
    public async Task A_stop_behind_a_call_becomes_tool_calls()
    {
        var (_, events, _) = await RunAsync(Lenient("auto", "f"), Role, Whole(0, "f", "c", "{}"), Stop, Done);

        events[^1].Should().Contain("\"finish_reason\":\"tool_calls\"");
    }

    [Fact]
    public async Task An_older_call_reaches_a_modern_client_in_the_modern_form()
    {
        var (_, events, _) = await RunAsync(
            Lenient("auto", "f"), Role, Chunk("""{"function_call":{"name":"f","arguments":""}}"""), Chunk("""{"function_call":{"arguments":"{}"}}"""), Chunk("{}", "\"function_call\""), Done);

        Calls(events).Should().Equal(("f", "{}"));
        string.Concat(events).Should().NotContain("function_call").And.Contain("\"finish_reason\":\"tool_calls\"");
    }

    [Fact]
    public async Task A_client_of_the_older_form_reads_function_call_deltas()
    {
        var policy = new AnswerPolicy { Contract = ToolSamples.Contract("auto", ["f"], legacy: true) };

        var (_, events, _) = await RunAsync(policy, Role, Begin(0, "f"), Arguments(0, "{\\\"a\\\":"), Arguments(0, "1}"), Chunk("{}", Finish), Done);

        var deltas = Deltas(events).Where(d => d.TryGetProperty("function_call", out _)).Select(d => d.GetProperty("function_call")).ToArray();
        deltas[0].GetProperty("name").GetString().Should().Be("f");
        string.Concat(deltas.Select(d => d.GetProperty("arguments").GetString())).Should().Be("{\"a\":1}");
        string.Concat(events).Should().NotContain("tool_calls").And.Contain("\"finish_reason\":\"function_call\"");
    }

    [Fact]
    public async Task Unwanted_calls_are_taken_out_of_an_answer_to_none()
    {
        var (start, events, _) = await RunAsync(Lenient("none", "f"), Role, ContentChunk("text"), Whole(0, "f", "c", "{}"), Chunk("{}", Finish), Done);

        start.Should().Be(AnswerStart.Committed);
        Calls(events).Should().BeEmpty();
        string.Concat(events).Should().Contain("\"finish_reason\":\"stop\"");
    }

    [Fact]
    public async Task A_binding_contract_gives_up_at_an_undeclared_name_without_waiting_for_the_end()
    {
        var source = new ByteStream(Utf8(SseOf(Role, Begin(0, "rogue"))));
        await using var stream = new CleanAnswerStream(source, Binding("auto", "f"), TimeProvider.System);

        (await stream.CommitAsync(default)).Should().Be(AnswerStart.Failed);

        stream.Breach.Should().Be(ContractBreach.UndeclaredTool);
        source.Failure.Should().BeNull("the end was not reached");
    }

    [Fact]
    public async Task A_binding_demand_holds_text_back_until_there_is_a_call()
    {
        var (start, events, _) = await RunAsync(Binding("required", "f"), Role, ContentChunk("thinking"), Whole(0, "f", "c", "{}"), Chunk("{}", Finish), Done);

        start.Should().Be(AnswerStart.Committed);
        events[0].Should().Be(SseOf(Role));
        Calls(events).Should().Equal(("f", "{}"));
        string.Concat(events).Should().Contain("thinking");
    }

    [Theory]
    [InlineData("required", "RequiredUnmet")]
    [InlineData("f", "ChoiceUnmet")]
    public async Task A_binding_demand_that_text_does_not_meet_fails_before_anything_is_shown(string mode, string breach)
    {
        var (start, events, stream) = await RunAsync(Binding(mode, "f"), Role, ContentChunk("text"), Stop, Done);

        start.Should().Be(AnswerStart.Failed);
        events.Should().BeEmpty();
        stream.Breach.ToString().Should().Be(breach);
    }

    [Fact]
    public async Task A_binding_demand_does_not_hold_more_than_it_may()
    {
        var policy = Binding("required", "f") with { MaxHeldBytes = 500 };

        var (start, _, stream) = await RunAsync(policy, Role, ContentChunk(new string('a', 600)), ContentChunk("b"), Stop, Done);

        start.Should().Be(AnswerStart.Failed);
        stream.FailureKind.Should().Be(AnswerFailure.TooLarge);
    }

    [Fact]
    public async Task Text_goes_out_live_when_the_demand_is_not_binding()
    {
        var (start, events, _) = await RunAsync(Lenient("required", "f"), Role, ContentChunk("text"), Stop, Done);

        start.Should().Be(AnswerStart.Committed);
        events.Should().Equal(SseOf(Role), SseOf(ContentChunk("text")), SseOf(Stop));
    }

    private static AnswerPolicy Lenient(string mode, params string[] declared) => new() { Contract = ToolSamples.Contract(mode, declared) };

    private static AnswerPolicy Binding(string mode, params string[] declared) => Lenient(mode, declared) with { IsContractBinding = true };

    private static string Begin(int index, string name) => Whole(index, name, $"c{index}", "");

    private static string Whole(int index, string name, string id, string escapedArguments) =>
        Chunk($$$"""{"tool_calls":[{"index":{{{index}}},"id":"{{{id}}}","type":"function","function":{"name":"{{{name}}}","arguments":"{{{escapedArguments}}}"}}]}""");

    private static string Arguments(int index, string escaped) => Chunk($$$"""{"tool_calls":[{"index":{{{index}}},"function":{"arguments":"{{{escaped}}}"}}]}""");

    private static async Task<(AnswerStart Start, List<string> Events, CleanAnswerStream Stream)> RunAsync(AnswerPolicy policy, params string[] payloads)
    {
        var stream = Clean(SseOf(payloads), policy);
        var start = await stream.CommitAsync(CancellationToken.None);
        return (start, await ReadAllAsync(stream), stream);
    }

    private static IEnumerable<JsonElement> Deltas(List<string> events) =>
        events.Select(e => JsonElement.Parse(Encoding.UTF8.GetBytes(e["data: ".Length..])).GetProperty("choices")[0].GetProperty("delta"));

    /// <summary>What a client that adds up deltas by index has at the end.</summary>
    private static List<(string Name, string Arguments)> Calls(List<string> events)
    {
        var calls = new SortedDictionary<int, (string Name, string Arguments)>();
        foreach (var delta in Deltas(events))
        {
            if (!delta.TryGetProperty("tool_calls", out var elements))
            {
                continue;
            }

            foreach (var element in elements.EnumerateArray())
            {
                var index = element.GetProperty("index").GetInt32();
                var function = element.GetProperty("function");
                var so = calls.GetValueOrDefault(index, ("", ""));
                calls[index] = (
                    so.Item1 + (function.TryGetProperty("name", out var name) ? name.GetString() : ""),
                    so.Item2 + (function.TryGetProperty("arguments", out var arguments) && arguments.ValueKind is JsonValueKind.String ? arguments.GetString() : ""));
            }
        }

        calls.Keys.Should().Equal(Enumerable.Range(0, calls.Count));
        return [.. calls.Values];
    }
}
