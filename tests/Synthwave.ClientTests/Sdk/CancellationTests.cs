using OpenAI.Chat;
using Synthwave.Simulation;

namespace Synthwave.ClientTests.Sdk;

public sealed class CancellationTests
{
    private const string Profiles = """
        [profiles.relay]
        type = "cascade"
        upstreams = ["slow"]

        [profiles.panel]
        type = "moa"
        generators = ["slow", "slower"]
        synthesizer = "slow"
        """;

    [Theory]
    [InlineData("slow")]
    [InlineData("relay")]
    public async Task Cancelling_a_stream_reaches_the_upstream(string model)
    {
        await using var scenario = await StartAsync(afterTokens: 3);
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(scenario.Patience);
        var text = "";

        var reading = async () =>
        {
            await foreach (var update in scenario.Chat(model).CompleteChatStreamingAsync([new UserChatMessage("Hello?")], cancellationToken: cancellation.Token))
            {
                text += string.Concat(update.ContentUpdate.Select(p => p.Text));
                if (text == "one two three")
                {
                    await cancellation.CancelAsync();
                }
            }
        };

        await reading.Should().ThrowAsync<OperationCanceledException>();
        await scenario.Models.ChatCalls.Should().ContainSingle().Which.Aborted.WaitAsync(scenario.Patience);
        scenario.Patience.IsCancellationRequested.Should().BeFalse();
    }

    [Fact]
    public async Task Leaving_the_loop_over_a_stream_reaches_the_upstream()
    {
        await using var scenario = await StartAsync(afterTokens: 1);

        await foreach (var update in scenario.Chat("slow").CompleteChatStreamingAsync([new UserChatMessage("Hello?")], cancellationToken: scenario.Patience))
        {
            if (update.ContentUpdate.Any(p => p.Text == "one"))
            {
                break;
            }
        }

        await scenario.Models.ChatCalls.Should().ContainSingle().Which.Aborted.WaitAsync(scenario.Patience);
    }

    [Theory]
    [InlineData("slow", 1)]
    [InlineData("panel", 2)]
    public async Task Cancelling_a_buffered_call_reaches_every_upstream(string model, int calls)
    {
        await using var scenario = await StartAsync(afterTokens: null);
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(scenario.Patience);

        var asking = scenario.Chat(model).CompleteChatAsync([new UserChatMessage("Hello?")], cancellationToken: cancellation.Token);
        await WhenChatCallsAsync(scenario, calls);
        await cancellation.CancelAsync();

        await FluentActions.Awaiting(() => asking).Should().ThrowAsync<OperationCanceledException>();
        var seen = scenario.Models.ChatCalls;
        seen.Should().HaveCount(calls);
        await Task.WhenAll(seen.Select(call => call.Aborted)).WaitAsync(scenario.Patience);
    }

    // Health probes ask for the catalog meanwhile: the count of requests grows with them.
    private static async Task WhenChatCallsAsync(ClientScenario scenario, int calls)
    {
        for (var seen = scenario.Models.Requests.Length; scenario.Models.ChatCalls.Length < calls; seen = scenario.Models.Requests.Length)
        {
            await scenario.Models.WhenRequestsAsync(seen + 1, scenario.Patience);
        }
    }

    private static Task<ClientScenario> StartAsync(int? afterTokens)
    {
        var stalled = SimulatedModel.Saying("slow", "one two three four") with { Fault = new(SimulatedFaultKind.Stall) { AfterTokens = afterTokens } };
        return ClientScenario.StartAsync([stalled, stalled with { Id = "slower" }], more: Profiles);
    }
}
