#pragma warning disable OPENAI001 // The client's Responses API is marked as experimental.

using System.ClientModel;
using OpenAI.Chat;
using OpenAI.Embeddings;
using OpenAI.Responses;
using Synthwave.Simulation;

namespace Synthwave.ClientTests.Sdk;

/// <summary>The official .NET client at the doors beside chat.</summary>
public sealed class DoorTests
{
    private static readonly SimulatedModel Echo = SimulatedModel.Saying("echo", "Grüße, 世界 👋") with { Usage = new(11, 7) };

    private static readonly SimulatedModel Forecaster = SimulatedModel.Answering("forecaster", request => request.Messages[^1] is { Role: "tool" } result
        ? SimulatedAnswer.Of($"The tool says: {result.Text}")
        : new SimulatedAnswer { ToolCalls = [new("weather", """{"city":"Reykjavik"}""", "call_1")] });

    [Fact]
    public async Task A_response_is_created_had_again_and_deleted()
    {
        await using var scenario = await ClientScenario.StartAsync(Echo);
        var client = Responses(scenario);

        ResponseResult response = await client.CreateResponseAsync("echo", "Hello?", previousResponseId: null, scenario.Patience);
        ResponseResult again = await client.GetResponseAsync(response.Id, scenario.Patience);
        await client.DeleteResponseAsync(response.Id, scenario.Patience);
        var missing = async () => await client.GetResponseAsync(response.Id, scenario.Patience);

        response.GetOutputText().Should().Be("Grüße, 世界 👋");
        response.Status.Should().Be(ResponseStatus.Completed);
        response.Usage.TotalTokenCount.Should().Be(18);
        again.GetOutputText().Should().Be(response.GetOutputText());
        (await missing.Should().ThrowAsync<ClientResultException>()).Which.Status.Should().Be(404);
    }

    [Fact]
    public async Task A_response_streams_its_typed_updates()
    {
        await using var scenario = await ClientScenario.StartAsync(Echo);
        var text = "";
        var seen = new List<string>();

        await foreach (var update in await Responses(scenario).CreateResponseStreamingAsync("echo", "Hello?", previousResponseId: null, scenario.Patience))
        {
            seen.Add(update.GetType().Name);
            text += update is StreamingResponseOutputTextDeltaUpdate delta ? delta.Delta : "";
        }

        text.Should().Be("Grüße, 世界 👋");
        seen[0].Should().Be(nameof(StreamingResponseCreatedUpdate));
        seen[^1].Should().Be(nameof(StreamingResponseCompletedUpdate));
    }

    [Fact]
    public async Task A_function_is_called_over_two_turns()
    {
        await using var scenario = await ClientScenario.StartAsync(Forecaster);
        var client = Responses(scenario);
        var tool = ResponseTool.CreateFunctionTool("weather", BinaryData.FromString("""{"type":"object","properties":{}}"""), strictModeEnabled: false, "Weather of a city");
        var ask = new CreateResponseOptions("forecaster", [ResponseItem.CreateUserMessageItem("Weather?")]) { Tools = { tool } };

        ResponseResult first = await client.CreateResponseAsync(ask, scenario.Patience);
        var call = first.OutputItems.OfType<FunctionCallResponseItem>().Single();
        var next = new CreateResponseOptions("forecaster", [ResponseItem.CreateFunctionCallOutputItem(call.CallId, "4 degrees")]) { Tools = { tool }, PreviousResponseId = first.Id };
        ResponseResult second = await client.CreateResponseAsync(next, scenario.Patience);

        call.FunctionName.Should().Be("weather");
        call.FunctionArguments.ToString().Should().Be("""{"city":"Reykjavik"}""");
        second.GetOutputText().Should().Be("The tool says: 4 degrees");
    }

    [Fact]
    public async Task Errors_of_responses_have_their_status()
    {
        await using var scenario = await ClientScenario.StartAsync(Echo);

        var asking = async () => await Responses(scenario).CreateResponseAsync("nobody", "Hello?", previousResponseId: null, scenario.Patience);

        var error = (await asking.Should().ThrowAsync<ClientResultException>()).Which;
        error.Status.Should().Be(404);
        error.Message.Should().Contain("model_not_found");
    }

    [Fact]
    public async Task Texts_are_embedded()
    {
        await using var scenario = await ClientScenario.StartAsync(Echo);
        var client = new EmbeddingClient("echo", new ApiKeyCredential("any-key"), scenario.Options());

        OpenAIEmbeddingCollection vectors = await client.GenerateEmbeddingsAsync(["red", "green"], new EmbeddingGenerationOptions { Dimensions = 4 }, scenario.Patience);

        vectors.Should().HaveCount(2);
        vectors[0].ToFloats().Length.Should().Be(4);
    }

    [Fact]
    public async Task A_picture_reaches_a_model_that_sees()
    {
        await using var scenario = await ClientScenario.StartAsync([Echo, SimulatedModel.Saying("seer", "a dot")], more: "[profiles.look]\ntype = \"cascade\"\nupstreams = [\"echo\"]\n[vision]\nendpoints = [\"seer\"]", seeing: "seer");
        var picture = ChatMessageContentPart.CreateImagePart(BinaryData.FromBytes(Convert.FromBase64String("R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==")), "image/gif");

        ChatCompletion completion = await scenario.Chat("look").CompleteChatAsync([new UserChatMessage(ChatMessageContentPart.CreateTextPart("What?"), picture)], cancellationToken: scenario.Patience);

        completion.Content[0].Text.Should().Be("a dot");
    }

    private static ResponsesClient Responses(ClientScenario scenario)
    {
        var options = scenario.Options();
        return new ResponsesClient(
            new ApiKeyCredential("any-key"),
            new ResponsesClientOptions { Endpoint = options.Endpoint, Transport = options.Transport, RetryPolicy = options.RetryPolicy });
    }
}
