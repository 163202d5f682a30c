using System.ClientModel;
using OpenAI.Chat;
using Synthwave.Simulation;
using Synthwave.TestKit;

namespace Synthwave.ClientTests.Sdk;

public sealed class StreamTests
{
    [Theory]
    [InlineData("speaker")]
    [InlineData("relay")]
    [InlineData("panel")]
    public async Task Each_token_arrives_before_the_upstream_writes_the_next(string model)
    {
        // The models' clock moves only after the client has read a token: a gateway that holds anything back never gets the next one.
        var clock = new ManualTimeProvider();
        await using var scenario = await ClientScenario.StartAsync(
            [
                SimulatedModel.Saying("draft-a", "something red"),
                SimulatedModel.Saying("draft-b", "quite another thing: green"),
                SimulatedModel.Saying("speaker", "one two three four five") with { TokensPerSecond = 1, Usage = new(12, 5) },
            ],
            more: """
                [profiles.relay]
                type = "cascade"
                upstreams = ["speaker", "draft-a"]

                [profiles.panel]
                type = "moa"
                generators = ["draft-a", "draft-b"]
                synthesizer = "speaker"
                """,
            clock: clock);
        await scenario.WhenProbedAsync();
        var tokens = new List<string>();
        var readBeforeTheEnd = 0;

        await foreach (var update in Stream(scenario, model))
        {
            foreach (var part in update.ContentUpdate.Where(p => p.Text.Length > 0))
            {
                tokens.Add(part.Text);
                if (tokens.Count < 5)
                {
                    readBeforeTheEnd += scenario.Models.InFlight;
                    await clock.WhenTimersAsync(1, scenario.Patience);
                    clock.AdvanceToNextTimer();
                }
            }
        }

        tokens.Should().Equal("one", " two", " three", " four", " five");
        readBeforeTheEnd.Should().Be(4);
    }

    [Fact]
    public async Task A_stream_names_its_role_first_and_its_finish_reason_and_usage_last()
    {
        await using var scenario = await ClientScenario.StartAsync(SimulatedModel.Saying("echo", "Grüße, 世界 👋") with { Usage = new(11, 7) });

        var updates = await ToListAsync(Stream(scenario, "echo"));

        updates[0].Role.Should().Be(ChatMessageRole.Assistant);
        string.Concat(updates.SelectMany(u => u.ContentUpdate).Select(p => p.Text)).Should().Be("Grüße, 世界 👋");
        updates.Should().ContainSingle(u => u.FinishReason != null).Which.FinishReason.Should().Be(ChatFinishReason.Stop);
        updates.Should().ContainSingle(u => u.Usage != null);
        updates[^1].Usage.InputTokenCount.Should().Be(11);
        updates[^1].Usage.OutputTokenCount.Should().Be(7);
        updates[^1].ContentUpdate.Should().BeEmpty();
        updates.Select(u => u.CompletionId).Distinct().Should().ContainSingle().Which.Should().NotBeNullOrEmpty();
        updates.Select(u => u.Model).Distinct().Should().Equal("echo");
    }

    [Fact]
    public async Task A_streamed_ensemble_is_one_stream_with_the_usage_of_all()
    {
        await using var scenario = await ClientScenario.StartAsync(
            [
                SimulatedModel.Saying("draft-a", "something red") with { Usage = new(10, 5) },
                SimulatedModel.Saying("draft-b", "quite another thing: green") with { Usage = new(10, 5) },
                SimulatedModel.Saying("writer", "Red and green.") with { Usage = new(40, 4) },
            ],
            more: "[profiles.panel]\ntype = \"moa\"\ngenerators = [\"draft-a\", \"draft-b\"]\nsynthesizer = \"writer\"");

        var updates = await ToListAsync(Stream(scenario, "panel"));

        string.Concat(updates.SelectMany(u => u.ContentUpdate).Select(p => p.Text)).Should().Be("Red and green.");
        updates.Should().ContainSingle(u => u.FinishReason != null).Which.FinishReason.Should().Be(ChatFinishReason.Stop);
        updates[^1].Usage.InputTokenCount.Should().Be(60);
        updates[^1].Usage.OutputTokenCount.Should().Be(14);
    }

    [Fact]
    public async Task An_answer_cut_at_the_token_limit_says_so_in_the_stream()
    {
        await using var scenario = await ClientScenario.StartAsync(SimulatedModel.Saying("echo", "one two three four five six"));

        var updates = await ToListAsync(Stream(scenario, "echo", new ChatCompletionOptions { MaxOutputTokenCount = 2 }));

        updates.Should().ContainSingle(u => u.FinishReason != null).Which.FinishReason.Should().Be(ChatFinishReason.Length);
    }

    private static AsyncCollectionResult<StreamingChatCompletionUpdate> Stream(ClientScenario scenario, string model, ChatCompletionOptions? options = null) =>
        scenario.Chat(model).CompleteChatStreamingAsync([new UserChatMessage("Hello?")], options, scenario.Patience);

    private static async Task<List<StreamingChatCompletionUpdate>> ToListAsync(AsyncCollectionResult<StreamingChatCompletionUpdate> stream)
    {
        var updates = new List<StreamingChatCompletionUpdate>();
        await foreach (var update in stream)
        {
            updates.Add(update);
        }

        return updates;
    }
}
