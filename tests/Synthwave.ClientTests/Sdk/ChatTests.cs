using System.ClientModel;
using System.Text.Json;
using OpenAI.Chat;
using Synthwave.Simulation;

namespace Synthwave.ClientTests.Sdk;

public sealed class ChatTests
{
    private const string Ensemble = """
        [profiles.panel]
        type = "moa"
        generators = ["red", "green", "blue"]
        synthesizer = "painter"
        """;

    private const string PersonSchema =
        """{"type":"object","properties":{"name":{"type":"string"},"age":{"type":"integer"}},"required":["name","age"],"additionalProperties":false}""";

    private static readonly SimulatedModel[] Painters =
    [
        SimulatedModel.Saying("red", "I would paint it red.") with { Usage = new(10, 5) },
        SimulatedModel.Saying("green", "Green is the only choice.") with { Usage = new(10, 5) },
        SimulatedModel.Saying("blue", "Blue, like the sea.") with { Usage = new(10, 5) },
        SimulatedModel.Answering("painter", request => SimulatedAnswer.Of(ColoursIn(request))) with { Usage = new(30, 3) },
    ];

    [Fact]
    public async Task A_chat_completion_has_its_text_finish_reason_model_and_usage()
    {
        await using var scenario = await ClientScenario.StartAsync(SimulatedModel.Saying("echo", "Grüße, 世界 👋") with { Usage = new(11, 7) });

        ChatCompletion completion = await scenario.Chat("echo").CompleteChatAsync([new UserChatMessage("Hello?")], cancellationToken: scenario.Patience);

        completion.Content.Should().ContainSingle().Which.Text.Should().Be("Grüße, 世界 👋");
        completion.Role.Should().Be(ChatMessageRole.Assistant);
        completion.FinishReason.Should().Be(ChatFinishReason.Stop);
        completion.Model.Should().Be("echo");
        completion.Id.Should().NotBeNullOrEmpty();
        completion.Usage.InputTokenCount.Should().Be(11);
        completion.Usage.OutputTokenCount.Should().Be(7);
        completion.Usage.TotalTokenCount.Should().Be(18);
    }

    [Fact]
    public async Task Everything_the_client_sets_reaches_the_upstream()
    {
        await using var scenario = await ClientScenario.StartAsync(SimulatedModel.Saying("echo", "ok"));
        var options = new ChatCompletionOptions
        {
            Temperature = 0.5f,
            TopP = 0.25f,
            MaxOutputTokenCount = 99,
            PresencePenalty = 1,
            StopSequences = { "END" },
            EndUserId = "someone",
        };

        await scenario.Chat("echo").CompleteChatAsync([new SystemChatMessage("Be brief."), new UserChatMessage("Hello?")], options, scenario.Patience);

        var sent = scenario.Models.ChatCalls.Should().ContainSingle().Which.Json;
        sent.GetProperty("temperature").GetDouble().Should().Be(0.5);
        sent.GetProperty("top_p").GetDouble().Should().Be(0.25);
        sent.GetProperty("max_completion_tokens").GetInt32().Should().Be(99);
        sent.GetProperty("presence_penalty").GetDouble().Should().Be(1);
        sent.GetProperty("stop")[0].GetString().Should().Be("END");
        sent.GetProperty("user").GetString().Should().Be("someone");
        sent.GetProperty("messages").EnumerateArray().Select(m => m.GetProperty("role").GetString()).Should().Equal("system", "user");
    }

    [Fact]
    public async Task An_answer_cut_at_the_token_limit_says_so()
    {
        await using var scenario = await ClientScenario.StartAsync(SimulatedModel.Saying("echo", "one two three four five six"));

        ChatCompletion completion = await scenario.Chat("echo").CompleteChatAsync(
            [new UserChatMessage("Count!")], new ChatCompletionOptions { MaxOutputTokenCount = 2 }, scenario.Patience);

        completion.Content[0].Text.Should().Be("one two");
        completion.FinishReason.Should().Be(ChatFinishReason.Length);
    }

    [Fact]
    public async Task An_ensemble_answers_as_one_model_with_the_usage_of_all()
    {
        await using var scenario = await ClientScenario.StartAsync(Painters, more: Ensemble);

        var result = await scenario.Chat("panel").CompleteChatAsync([new UserChatMessage("Which colour?")], cancellationToken: scenario.Patience);

        result.Value.Content[0].Text.Should().Be("red, green, blue");
        result.Value.FinishReason.Should().Be(ChatFinishReason.Stop);
        result.Value.Usage.InputTokenCount.Should().Be(60);
        result.Value.Usage.OutputTokenCount.Should().Be(18);
        Header(result, "X-MetaModel-Generators").Should().Be("3");
        Header(result, "X-MetaModel-Synth-Decision").Should().Be("merged");
    }

    [Fact]
    public async Task A_cascade_answers_with_its_next_member_and_the_client_notices_nothing()
    {
        await using var scenario = await ClientScenario.StartAsync(
            [SimulatedModel.Saying("first", "never") with { Fault = new(SimulatedFaultKind.Status) { Status = 503 } }, SimulatedModel.Saying("second", "at your service")],
            more: "[profiles.relay]\ntype = \"cascade\"\nupstreams = [\"first\", \"second\"]");

        ChatCompletion completion = await scenario.Chat("relay").CompleteChatAsync([new UserChatMessage("Hello?")], cancellationToken: scenario.Patience);

        completion.Content[0].Text.Should().Be("at your service");
        scenario.Retries.Sent.Should().Be(1);
    }

    [Fact]
    public async Task A_json_schema_reaches_the_upstream_and_its_json_comes_back()
    {
        await using var scenario = await ClientScenario.StartAsync(SimulatedModel.Saying("echo", """{"name":"Ada","age":36}"""));
        var options = new ChatCompletionOptions
        {
            ResponseFormat = ChatResponseFormat.CreateJsonSchemaFormat("person", BinaryData.FromString(PersonSchema), jsonSchemaIsStrict: true),
        };

        ChatCompletion completion = await scenario.Chat("echo").CompleteChatAsync([new UserChatMessage("Who?")], options, scenario.Patience);

        var format = scenario.Models.ChatCalls.Single().Json.GetProperty("response_format");
        format.GetProperty("type").GetString().Should().Be("json_schema");
        format.GetProperty("json_schema").GetProperty("strict").GetBoolean().Should().BeTrue();
        JsonElement.DeepEquals(format.GetProperty("json_schema").GetProperty("schema"), JsonElement.Parse(PersonSchema)).Should().BeTrue();
        JsonElement.Parse(completion.Content[0].Text).GetProperty("age").GetInt32().Should().Be(36);
    }

    [Fact]
    public async Task The_extension_member_picks_a_profile_and_is_kept_from_the_upstream()
    {
        await using var scenario = await ClientScenario.StartAsync(
            [SimulatedModel.Saying("echo", "ok")], more: "[profiles.solo]\ntype = \"cascade\"\nupstreams = [\"echo\"]");
        var options = new ChatCompletionOptions();
#pragma warning disable SCME0001 // The client's way to send members it has no name for.
        options.Patch.Set("$.x_meta_model"u8, BinaryData.FromString("""{"profile":"solo","trace":true}"""));
#pragma warning restore SCME0001

        var result = await scenario.Chat("whatever").CompleteChatAsync([new UserChatMessage("Hello?")], options, scenario.Patience);

        Header(result, "X-MetaModel-Profile").Should().Be("solo");
        var trace = JsonElement.Parse(result.GetRawResponse().Content).GetProperty("x_meta_model");
        trace.GetProperty("calls").EnumerateArray().Should().ContainSingle().Which.GetProperty("upstream").GetString().Should().Be("echo");
        scenario.Models.ChatCalls.Single().BodyText.Should().NotContain("x_meta_model");
    }

    private static string? Header(ClientResult result, string name) => result.GetRawResponse().Headers.TryGetValue(name, out var value) ? value : null;

    private static string ColoursIn(SimulatedRequest request) =>
        string.Join(", ", new[] { "red", "green", "blue" }.Where(colour => request.AllText.Contains(colour, StringComparison.OrdinalIgnoreCase)));
}
