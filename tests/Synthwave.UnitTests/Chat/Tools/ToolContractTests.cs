using System.Text;
using System.Text.Json;
using Synthwave.Chat.Cleaning;
using Synthwave.Chat.Requests;
using Synthwave.Chat.Tools;
using Synthwave.TestKit;

namespace Synthwave.UnitTests.Chat.Tools;

public class ToolContractTests
{
    private const string F = """{"name":"f"}""";
    private const string Tools = """ "tools":[{"type":"function","function":{"name":"f"}}] """;

    [Theory]
    [InlineData("", "None", false)]
    [InlineData(",\"tool_choice\":\"auto\"", "None", false)]
    [InlineData("," + Tools, "Auto", false)]
    [InlineData("," + Tools + ",\"tool_choice\":\"none\"", "None", false)]
    [InlineData("," + Tools + ",\"tool_choice\":\"required\"", "Required", false)]
    [InlineData("," + Tools + ",\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"f\"}}", "Specific", false)]
    [InlineData(",\"functions\":[" + F + "]", "Auto", true)]
    [InlineData(",\"functions\":[" + F + "],\"function_call\":{\"name\":\"f\"}", "Specific", true)]
    [InlineData(",\"functions\":[" + F + "],\"function_call\":\"none\"", "None", true)]
    public void A_request_says_what_may_be_called_and_in_which_form(string members, string choice, bool isLegacy)
    {
        var reading = ChatRequestReader.Read(Encoding.UTF8.GetBytes($$"""{"model":"m","messages":[{"role":"user","content":"x"}]{{members}}}"""));

        var contract = ToolContract.Of(reading.Request!);

        contract.Choice.ToString().Should().Be(choice);
        contract.IsLegacy.Should().Be(isLegacy);
        contract.Declared.Count.Should().Be(members.Contains("\"f\"", StringComparison.Ordinal) ? 1 : 0);
    }

    [Fact]
    public async Task Buffered_and_streamed_answers_are_settled_alike() => await Seeded.RunAsync(1000, async random =>
    {
        string[] names = ["f", "g", "F", "functions.g", "rogue", "g<|x|>y", "unknown.f"];
        string[] arguments = ["\"{}\"", "\"\"", "null", "{\"a\":1}", "\"{\\\"a\\\":1}\"", "\"broken\""];
        var calls = Enumerable.Range(0, random.Next(4)).Select(i =>
            $$$"""{"id":"{{{(random.Next(4) == 0 ? "" : $"c{i}")}}}","type":"function","function":{"name":"{{{names[random.Next(names.Length)]}}}","arguments":{{{arguments[random.Next(arguments.Length)]}}}}}""").ToArray();
        var text = random.Next(2) == 0 ? "null" : "\"some text\"";
        var finish = random.Next(2) == 0 ? "stop" : "tool_calls";
        var contract = ToolSamples.Contract(
            new[] { "none", "auto", "required", "f" }[random.Next(4)], ["f", "g"], parallel: random.Next(2) == 0, legacy: random.Next(4) == 0);
        var policy = new AnswerPolicy { Contract = contract, IsContractBinding = false };
        var completion = ToolSamples.Completion($$"""{"role":"assistant","content":{{text}},"tool_calls":[{{string.Join(',', calls)}}]}""", finish);

        var buffered = CompletionEditor.Clean(completion.Json, policy)!;
        await using var stream = new CleanAnswerStream(new SlicedStream(completion.Json, TimeProvider.System), policy, TimeProvider.System);
        var start = await stream.CommitAsync(default);

        (start is AnswerStart.Failed).Should().Be(buffered.Breach is not ContractBreach.None);
        if (start is AnswerStart.Failed)
        {
            return;
        }

        var (streamedCalls, finishReason) = await ReadAsync(stream);
        var message = JsonElement.Parse(buffered.Body.Span).GetProperty("choices")[0].GetProperty("message");
        streamedCalls.Should().Equal(CallsOf(message));
        finishReason.Should().Be(buffered.FinishReason);
        stream.ToolCallCount.Should().Be(buffered.ToolCallCount);
    });

    private static IEnumerable<string> CallsOf(JsonElement message)
    {
        if (message.TryGetProperty("function_call", out var older))
        {
            return [$"older {older.GetProperty("name").GetString()} {older.GetProperty("arguments").GetString()}"];
        }

        return message.TryGetProperty("tool_calls", out var calls)
            ? calls.EnumerateArray().Select(c => $"{c.GetProperty("function").GetProperty("name").GetString()} {c.GetProperty("function").GetProperty("arguments").GetString()}")
            : [];
    }

    private static async Task<(List<string> Calls, string? FinishReason)> ReadAsync(CleanAnswerStream stream)
    {
        var calls = new SortedDictionary<int, string>();
        while (await stream.MoveNextAsync(default))
        {
            var delta = JsonElement.Parse(stream.Current.Data.Span).GetProperty("choices")[0].GetProperty("delta");
            if (delta.TryGetProperty("function_call", out var older))
            {
                calls[0] = calls.GetValueOrDefault(0, "older ") + Piece(older);
            }

            foreach (var call in delta.TryGetProperty("tool_calls", out var elements) ? elements.EnumerateArray().ToArray() : [])
            {
                var index = call.GetProperty("index").GetInt32();
                calls[index] = calls.GetValueOrDefault(index, "") + Piece(call.GetProperty("function"));
            }
        }

        stream.Failure.Should().BeNull();
        return ([.. calls.Values], stream.FinishReason);
    }

    private static string Piece(JsonElement function) =>
        (function.TryGetProperty("name", out var name) ? name.GetString() + " " : "") + (function.TryGetProperty("arguments", out var arguments) ? arguments.GetString() : "");
}
