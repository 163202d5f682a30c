using System.ClientModel;
using OpenAI.Chat;
using Synthwave.Simulation;

namespace Synthwave.ClientTests.Sdk;

public sealed class RetryTests
{
    private static readonly SimulatedFault Busy = new(SimulatedFaultKind.Status) { Status = 429, RetryAfter = 7 };

    [Fact]
    public async Task A_rate_limit_is_waited_out_for_as_long_as_the_upstream_asked()
    {
        await using var scenario = await ClientScenario.StartAsync(SimulatedModel.Saying("echo", "at last") with { Fault = Busy with { First = 2 } });

        ChatCompletion completion = await scenario.Chat("echo").CompleteChatAsync([new UserChatMessage("Hello?")], cancellationToken: scenario.Patience);

        completion.Content[0].Text.Should().Be("at last");
        scenario.Retries.Waits.Should().Equal(TimeSpan.FromSeconds(7), TimeSpan.FromSeconds(7));
        scenario.Models.CallsTo("echo").Should().Be(3);
    }

    [Fact]
    public async Task A_stream_refused_at_first_is_retried_before_its_head()
    {
        await using var scenario = await ClientScenario.StartAsync(SimulatedModel.Saying("echo", "at last") with { Fault = Busy with { First = 1 } });
        var text = "";

        await foreach (var update in scenario.Chat("echo").CompleteChatStreamingAsync([new UserChatMessage("Hello?")], cancellationToken: scenario.Patience))
        {
            text += string.Concat(update.ContentUpdate.Select(p => p.Text));
        }

        text.Should().Be("at last");
        scenario.Retries.Waits.Should().Equal(TimeSpan.FromSeconds(7));
    }

    [Fact]
    public async Task A_rate_limit_that_lasts_is_a_429_with_its_waiting_time()
    {
        await using var scenario = await ClientScenario.StartAsync(SimulatedModel.Saying("echo", "never") with { Fault = Busy });

        var asking = async () => await scenario.Chat("echo").CompleteChatAsync([new UserChatMessage("Hello?")], cancellationToken: scenario.Patience);

        var error = (await asking.Should().ThrowAsync<ClientResultException>()).Which;
        error.Status.Should().Be(429);
        error.GetRawResponse()!.Headers.TryGetValue("Retry-After", out var wait).Should().BeTrue();
        wait.Should().Be("7");
        scenario.Retries.Sent.Should().Be(4);
    }
}
