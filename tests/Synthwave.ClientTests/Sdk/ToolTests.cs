using System.Text;
using System.Text.Json;
using OpenAI.Chat;
using Synthwave.Simulation;

namespace Synthwave.ClientTests.Sdk;

public sealed class ToolTests
{
    private const string Arguments = """{"city":"Reykjavik","unit":"celsius","days":[1,2,3]}""";

    private static readonly ChatTool Weather = ChatTool.CreateFunctionTool(
        "weather", "Weather of a city", BinaryData.FromString("""{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}"""));

    private static readonly SimulatedModel Forecaster = SimulatedModel.Answering("forecaster", request => request.Messages[^1] is { Role: "tool" } result
        ? SimulatedAnswer.Of($"The tool says: {result.Text}")
        : new SimulatedAnswer { ToolCalls = [new("weather", Arguments, "call_weather_1")] });

    [Theory]
    [InlineData("forecaster")]
    [InlineData("relay")]
    public async Task A_tool_call_and_its_result_make_two_turns(string model)
    {
        await using var scenario = await StartAsync();
        var chat = scenario.Chat(model);
        List<ChatMessage> conversation = [new UserChatMessage("Weather in Reykjavik?")];

        ChatCompletion first = await chat.CompleteChatAsync(conversation, Options(), scenario.Patience);
        conversation.Add(new AssistantChatMessage(first));
        conversation.Add(new ToolChatMessage(first.ToolCalls[0].Id, "4 degrees"));
        ChatCompletion second = await chat.CompleteChatAsync(conversation, Options(), scenario.Patience);

        first.FinishReason.Should().Be(ChatFinishReason.ToolCalls);
        var call = first.ToolCalls.Should().ContainSingle().Subject;
        call.Id.Should().Be("call_weather_1");
        call.FunctionName.Should().Be("weather");
        call.FunctionArguments.ToString().Should().Be(Arguments);
        second.FinishReason.Should().Be(ChatFinishReason.Stop);
        second.Content[0].Text.Should().Be("The tool says: 4 degrees");
        var sent = scenario.Models.ChatCalls[^1].Json;
        sent.GetProperty("tools")[0].GetProperty("function").GetProperty("name").GetString().Should().Be("weather");
        sent.GetProperty("messages")[1].GetProperty("tool_calls")[0].GetProperty("function").GetProperty("arguments").GetString().Should().Be(Arguments);
        sent.GetProperty("messages")[2].GetProperty("tool_call_id").GetString().Should().Be("call_weather_1");
    }

    [Theory]
    [InlineData("forecaster")]
    [InlineData("relay")]
    public async Task A_streamed_tool_call_arrives_as_it_is_written(string model)
    {
        await using var scenario = await StartAsync();
        var pieces = new List<string>();
        var calls = new List<StreamingChatToolCallUpdate>();
        var finishes = new List<ChatFinishReason>();

        await foreach (var update in scenario.Chat(model).CompleteChatStreamingAsync([new UserChatMessage("Weather?")], Options(), scenario.Patience))
        {
            calls.AddRange(update.ToolCallUpdates);
            pieces.AddRange(update.ToolCallUpdates.Select(c => c.FunctionArgumentsUpdate?.ToString() ?? "").Where(p => p.Length > 0));
            finishes.AddRange(update.FinishReason is { } reason ? [reason] : []);
        }

        calls.Should().OnlyContain(c => c.Index == 0);
        calls.Select(c => c.ToolCallId).Where(id => !string.IsNullOrEmpty(id)).Should().Equal("call_weather_1");
        calls.Select(c => c.FunctionName).Where(name => !string.IsNullOrEmpty(name)).Should().Equal("weather");
        pieces.Should().HaveCountGreaterThan(3);
        string.Concat(pieces).Should().Be(Arguments);
        finishes.Should().Equal(ChatFinishReason.ToolCalls);
    }

    [Fact]
    public async Task Parallel_tool_calls_keep_their_numbers()
    {
        await using var scenario = await ClientScenario.StartAsync(SimulatedModel.Saying("forecaster", "") with
        {
            ToolCalls = [new("weather", """{"city":"Oslo"}""", "call_1"), new("weather", """{"city":"Rome"}""", "call_2")],
        });
        var arguments = new SortedDictionary<int, StringBuilder>();
        var ids = new SortedDictionary<int, string>();

        await foreach (var update in scenario.Chat("forecaster").CompleteChatStreamingAsync([new UserChatMessage("Weather?")], Options(), scenario.Patience))
        {
            foreach (var call in update.ToolCallUpdates)
            {
                ids.TryAdd(call.Index, call.ToolCallId);
                (arguments.TryGetValue(call.Index, out var known) ? known : arguments[call.Index] = new()).Append(call.FunctionArgumentsUpdate?.ToString());
            }
        }

        ids.Values.Should().Equal("call_1", "call_2");
        arguments.Values.Select(a => JsonElement.Parse(a.ToString()).GetProperty("city").GetString()).Should().Equal("Oslo", "Rome");
    }

    [Fact]
    public async Task A_forced_tool_choice_reaches_the_upstream()
    {
        await using var scenario = await StartAsync();
        var options = Options();
        options.ToolChoice = ChatToolChoice.CreateFunctionChoice("weather");
        options.AllowParallelToolCalls = false;

        await scenario.Chat("forecaster").CompleteChatAsync([new UserChatMessage("Weather?")], options, scenario.Patience);

        var sent = scenario.Models.ChatCalls.Single().Json;
        sent.GetProperty("tool_choice").GetProperty("function").GetProperty("name").GetString().Should().Be("weather");
        sent.GetProperty("parallel_tool_calls").GetBoolean().Should().BeFalse();
    }

    private static Task<ClientScenario> StartAsync() =>
        ClientScenario.StartAsync([Forecaster], more: "[profiles.relay]\ntype = \"cascade\"\nupstreams = [\"forecaster\"]");

    private static ChatCompletionOptions Options() => new() { Tools = { Weather } };
}
