using System.ClientModel.Primitives;
using System.Text.Json;
using OpenAI.Chat;
using Synthwave.Simulation;

namespace Synthwave.ClientTests.Sdk;

/// <summary>
/// This client does not throw for an error event: it hands it out as one more update, without choices, whose members can be read, and then the stream
/// ends. So an application sees a stream that has no finish reason.
/// </summary>
public sealed class BrokenStreamTests
{
    [Theory]
    [InlineData("echo", "Reset", 1)]
    [InlineData("echo", "EarlyClose", 3)]
    [InlineData("relay", "Reset", 3)]
    [InlineData("panel", "Reset", 3)]
    public async Task A_stream_that_breaks_ends_in_the_gateway_s_error_and_never_looks_finished(string model, string fault, int tokens)
    {
        await using var scenario = await ClientScenario.StartAsync(
            [
                SimulatedModel.Saying("echo", "one two three four five six") with { Fault = new(Enum.Parse<SimulatedFaultKind>(fault)) { AfterTokens = tokens } },
                SimulatedModel.Saying("draft-a", "something red"),
                SimulatedModel.Saying("draft-b", "quite another thing: green"),
            ],
            more: """
                [profiles.relay]
                type = "cascade"
                upstreams = ["echo", "draft-a"]

                [profiles.panel]
                type = "moa"
                generators = ["draft-a", "draft-b"]
                synthesizer = "echo"
                """);
        var updates = new List<StreamingChatCompletionUpdate>();

        await foreach (var update in scenario.Chat(model).CompleteChatStreamingAsync([new UserChatMessage("Hello?")], cancellationToken: scenario.Patience))
        {
            updates.Add(update);
        }

        string.Concat(updates.SelectMany(u => u.ContentUpdate).Select(p => p.Text)).Should().Be("one two three four five six"[..(tokens == 1 ? 3 : 13)]);
        updates.Should().OnlyContain(u => u.FinishReason == null);
        var error = JsonElement.Parse(ModelReaderWriter.Write(updates[^1])).GetProperty("error");
        error.GetProperty("code").GetString().Should().Be("upstream_error");
        error.GetProperty("type").GetString().Should().Be("api_error");
        error.GetProperty("message").GetString().Should().Contain("echo");
    }
}
