using System.Text;
using System.Text.Json;
using Synthwave.Chat.Cleaning;
using static Synthwave.UnitTests.Chat.AnswerSamples;

namespace Synthwave.UnitTests.Chat.Tools;

/// <summary>The forms in which servers stream two calls, or one: whatever the form, the client has whole calls under their own index and id.</summary>
public class CallFormTests
{
    private const string Both = "f({\"a\":1}) g({\"b\":[2]})";

    public static TheoryData<string, string, string[]> Forms { get; } = new()
    {
        { "index always 0", Both, [H("0", "c1", "f", ""), T("0", "{'a':"), T("0", "1}"), H("0", "c2", "g", ""), T("0", "{'b':"), T("0", "[2]}")] },
        { "whole calls, index always 0", Both, [H("0", "c1", "f", "{'a':1}"), H("0", "c2", "g", "{'b':[2]}")] },
        { "index missing", Both, [H(null, "c1", "f", ""), T(null, "{'a':"), T(null, "1}"), H(null, "c2", "g", "{'b':"), T(null, "[2]}")] },
        { "index missing, id in every delta", Both, [H(null, "c1", "f", "{'a':"), H(null, "c1", null, "1}"), H(null, "c2", "g", ""), H(null, "c2", null, "{'b':[2]}")] },
        { "index from 1", Both, [H("1", "c1", "f", "{'a':"), T("1", "1}"), H("2", "c2", "g", "{'b':"), T("2", "[2]}")] },
        { "gap between indexes", Both, [H("0", "c1", "f", "{'a':1}"), H("7", "c2", "g", "{'b':"), T("7", "[2]}")] },
        { "second head at 0, its tail at 1", Both, [H("0", "c1", "f", ""), T("0", "{'a':1}"), H("0", "c2", "g", ""), T("1", "{'b':"), T("1", "[2]}")] },
        { "second head at 0, tails interleaved", Both, [H("0", "c1", "f", "{'a'"), H("0", "c2", "g", ""), T("0", ":"), T("1", "{'b':"), T("0", "1}"), T("1", "[2]}")] },
        { "two heads at 0 without ids", Both, [H("0", null, "f", "{'a':1}"), H("0", null, "g", "{'b':"), T("0", "[2]}")] },
        { "two bare heads at 0 without ids", "f({}) g({\"b\":[2]})", [H("0", null, "f", ""), H("0", null, "g", ""), T("0", "{'b':[2]}")] },
        { "one function twice at 0 without ids", "f({\"a\":1}) f({\"a\":2})", [H("0", null, "f", "{'a':1}"), H("0", null, "f", "{'a':2}")] },
        { "two calls with one id", Both, [H("0", "c1", "f", "{'a':1}"), H("1", "c1", "g", "{'b':"), T("1", "[2]}")] },
        { "two calls with one id and no index", Both, [H(null, "c1", "f", "{'a':1}"), H(null, "c1", "g", "{'b':[2]}")] },
        { "id and name in every delta", Both, [H("0", "c1", "f", "{'a':"), H("0", "c1", "f", "1}"), H("0", "c1", "f", ""), H("1", "c2", "g", "{'b':"), H("1", "c2", "g", "[2]}")] },
        { "name in every delta, nothing else", Both, [H(null, null, "f", "{'a':"), H(null, null, "f", "1}"), H(null, null, "g", "{'b':"), H(null, null, "g", "[2]}")] },
        { "id and name null in every delta", Both, [H("0", "c1", "f", ""), N("0", "{'a':1}"), H("1", "c2", "g", ""), N("1", "{'b':"), N("1", "[2]}")] },
        { "finish before the arguments are over", Both, [H("0", "c1", "f", "{'a':1}"), H("1", "c2", "g", "{'b':"), End, T("1", "[2]}")] },
        { "finish before any arguments", "f({\"a\":1})", [H("0", "c1", "f", ""), End, T("0", "{'a':"), T("0", "1}"), End] },
        { "finish with the head", "f({\"a\":1})", [HeadAndEnd, T("0", "{'a':1}")] },
        { "an empty object before the arguments", Both, [H("0", "c1", "f", "{}"), T("0", "{'a':"), T("0", "1}"), H("1", "c2", "g", "{}"), T("1", " {'b':[2]}")] },
        { "an empty object and nothing else", "f({}) g({})", [H("0", "c1", "f", "{}"), H("0", "c2", "g", "{}")] },
        { "braces within texts", "f({\"a\":\"}{\\\"\"}) g({\"b\":1})", [H("0", null, "f", "{'a':'}{\\\\\\\""), T("0", "'}"), H("0", null, "g", "{'b':1}")] },
    };

    private static string End => Chunk("{}", "\"tool_calls\"");

    private static string HeadAndEnd => Chunk("""{"tool_calls":[{"index":0,"id":"c1","type":"function","function":{"name":"f","arguments":""}}]}""", "\"tool_calls\"");

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task Every_call_arrives_whole(string form, string expected, string[] payloads)
    {
        var stream = Clean(SseOf([Role, .. payloads, End, "[DONE]"]), new AnswerPolicy { Contract = ToolSamples.Contract("auto", ["f", "g"]) });

        (await stream.CommitAsync(CancellationToken.None)).Should().Be(AnswerStart.Committed, form);

        var (calls, ids, reasons) = Fold(await ReadAllAsync(stream));
        calls.Should().Be(expected, form);
        ids.Should().OnlyHaveUniqueItems().And.NotContain("");
        reasons.Should().OnlyContain(r => r == "tool_calls").And.NotBeEmpty();
        stream.Failure.Should().BeNull();
    }

    [Fact]
    public async Task Members_beside_a_call_survive_whenever_they_come()
    {
        var policy = new AnswerPolicy { Contract = ToolSamples.Contract("auto", ["f"]) };
        var early = Chunk("""{"tool_calls":[{"index":0,"id":"c1","extra_content":{"google":{"thought_signature":"early"}},"function":{"arguments":""}}]}""");
        var late = Chunk("""{"tool_calls":[{"index":0,"signature":"late"}]}""");
        var stream = Clean(SseOf([Role, early, H("0", null, "f", "{}"), late, End, "[DONE]"]), policy);
        await stream.CommitAsync(CancellationToken.None);

        string.Concat(await ReadAllAsync(stream)).Should().Contain("\"thought_signature\":\"early\"").And.Contain("\"signature\":\"late\"");
    }

    // A head or any delta with a name; single quotes stand for escaped double ones.
    private static string H(string? index, string? id, string? name, string arguments) => Chunk(
        $$$"""{"tool_calls":[{{{{(index is null ? "" : $"\"index\":{index},")}}}{{{(id is null ? "" : $"\"id\":\"{id}\",")}}}"type":"function","function":{{{{(name is null ? "" : $"\"name\":\"{name}\",")}}}"arguments":"{{{Escaped(arguments)}}}"}}]}""");

    private static string T(string? index, string arguments) =>
        Chunk($$$"""{"tool_calls":[{{{{(index is null ? "" : $"\"index\":{index},")}}}"function":{"arguments":"{{{Escaped(arguments)}}}"}}]}""");

    private static string N(string index, string arguments) =>
        Chunk($$$"""{"tool_calls":[{"index":{{{index}}},"id":null,"type":null,"function":{"name":null,"arguments":"{{{Escaped(arguments)}}}"}}]}""");

    private static string Escaped(string arguments) => arguments.Replace("'", "\\\"", StringComparison.Ordinal);

    // Adds up as the official clients do: every text to the one before, ids and names too.
    private static (string Calls, List<string> Ids, List<string> Reasons) Fold(List<string> events)
    {
        var calls = new SortedDictionary<int, (string Id, string Name, string Arguments)>();
        List<string> reasons = [];
        foreach (var choice in events.Where(e => e.Contains('{', StringComparison.Ordinal)).Select(e => JsonElement.Parse(Encoding.UTF8.GetBytes(e["data: ".Length..])).GetProperty("choices")[0]))
        {
            if (choice.TryGetProperty("finish_reason", out var reason) && reason.ValueKind is JsonValueKind.String)
            {
                reasons.Add(reason.GetString()!);
            }

            if (!choice.GetProperty("delta").TryGetProperty("tool_calls", out var elements))
            {
                continue;
            }

            foreach (var element in elements.EnumerateArray())
            {
                var index = element.GetProperty("index").GetInt32();
                var (id, name, arguments) = calls.GetValueOrDefault(index, ("", "", ""));
                var function = element.GetProperty("function");
                calls[index] = (id + Text(element, "id"), name + Text(function, "name"), arguments + Text(function, "arguments"));
            }
        }

        calls.Keys.Should().Equal(Enumerable.Range(0, calls.Count));
        return (string.Join(' ', calls.Values.Select(c => $"{c.Name}({c.Arguments.Trim()})")), [.. calls.Values.Select(c => c.Id)], reasons);
    }

    private static string Text(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString()! : "";
}
