using System.ClientModel;
using OpenAI.Chat;
using Synthwave.Simulation;

namespace Synthwave.ClientTests.Sdk;

public sealed class ErrorTests
{
    private static readonly SimulatedModel Echo = SimulatedModel.Saying("echo", "ok");

    [Theory]
    [InlineData(null, "missing_api_key")]
    [InlineData("wrong", "invalid_api_key")]
    public async Task A_missing_or_wrong_token_is_a_401(string? key, string code)
    {
        await using var scenario = await ClientScenario.StartAsync([Echo], server: "bearer_token = \"right\"");

        var error = await FailAsync(scenario, scenario.Chat("echo", key));

        error.Status.Should().Be(401);
        error.Message.Should().Contain(code);
        scenario.Retries.Sent.Should().Be(1);
        scenario.Models.ChatCalls.Should().BeEmpty();
    }

    [Fact]
    public async Task The_right_token_passes_and_stays_with_the_gateway()
    {
        await using var scenario = await ClientScenario.StartAsync([Echo], server: "bearer_token = \"right\"");

        ChatCompletion completion = await scenario.Chat("echo", "right").CompleteChatAsync([new UserChatMessage("Hello?")], cancellationToken: scenario.Patience);

        completion.Content[0].Text.Should().Be("ok");
        scenario.Models.ChatCalls.Single().Headers.Values.Should().NotContain(value => value.Contains("right", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_unknown_model_is_a_404(bool stream)
    {
        await using var scenario = await ClientScenario.StartAsync(Echo);

        var error = await FailAsync(scenario, scenario.Chat("nobody"), stream: stream);

        error.Status.Should().Be(404);
        error.Message.Should().Contain("model_not_found").And.Contain("nobody");
        scenario.Retries.Sent.Should().Be(1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_bad_parameter_is_a_400_that_names_it(bool stream)
    {
        await using var scenario = await ClientScenario.StartAsync(Echo);

        var error = await FailAsync(scenario, scenario.Chat("echo"), new ChatCompletionOptions { Temperature = 3 }, stream);

        error.Status.Should().Be(400);
        error.Message.Should().Contain("invalid_request_error").And.Contain("Parameter: temperature");
        scenario.Retries.Sent.Should().Be(1);
        scenario.Models.ChatCalls.Should().BeEmpty();
    }

    [Fact]
    public async Task An_upstream_s_own_400_keeps_its_words()
    {
        await using var scenario = await ClientScenario.StartAsync(Echo with
        {
            Fault = new(SimulatedFaultKind.Status)
            {
                Status = 400,
                Body = """{"error":{"message":"logprobs is not for this model","type":"invalid_request_error","param":"logprobs","code":"unsupported_parameter"}}""",
            },
        });

        var error = await FailAsync(scenario, scenario.Chat("echo"));

        error.Status.Should().Be(400);
        error.Message.Should().Contain("logprobs is not for this model").And.Contain("unsupported_parameter").And.Contain("Parameter: logprobs");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_body_over_the_limit_is_a_413(bool stream)
    {
        await using var scenario = await ClientScenario.StartAsync([Echo], server: "max_body_mb = 1");

        var error = await FailAsync(scenario, scenario.Chat("echo"), stream: stream, content: new string('x', 1_100_000));

        error.Status.Should().Be(413);
        error.Message.Should().Contain("request_too_large");
        scenario.Retries.Sent.Should().Be(1);
    }

    [Theory]
    [InlineData(500, false)]
    [InlineData(502, false)]
    [InlineData(503, true)]
    [InlineData(504, true)]
    public async Task An_upstream_s_server_error_keeps_its_status_and_is_retried(int status, bool stream)
    {
        await using var scenario = await ClientScenario.StartAsync(Echo with { Fault = new(SimulatedFaultKind.Status) { Status = status } });

        var error = await FailAsync(scenario, scenario.Chat("echo"), stream: stream);

        error.Status.Should().Be(status);
        error.Message.Should().Contain("simulated status");
        scenario.Retries.Sent.Should().Be(4);
        scenario.Models.CallsTo("echo").Should().Be(4);
    }

    [Theory]
    [InlineData("Refuse", 502, "upstream_error")]
    [InlineData("WrongType", 502, "upstream_protocol_error")]
    [InlineData("Redirect", 502, "upstream_error")]
    public async Task A_broken_upstream_is_a_502(string fault, int status, string code)
    {
        await using var scenario = await ClientScenario.StartAsync(Echo with { Fault = new(Enum.Parse<SimulatedFaultKind>(fault)) });

        var error = await FailAsync(scenario, scenario.Chat("echo"));

        error.Status.Should().Be(status);
        error.Message.Should().Contain(code);
    }

    [Fact]
    public async Task An_upstream_that_rejects_the_operator_s_key_is_no_401_for_the_client()
    {
        await using var scenario = await ClientScenario.StartAsync(Echo with { Fault = new(SimulatedFaultKind.Status) { Status = 401 } });

        var error = await FailAsync(scenario, scenario.Chat("echo"));

        error.Status.Should().Be(502);
        error.Message.Should().Contain("upstream_auth_failed");
    }

    [Fact]
    public async Task A_silent_upstream_is_a_504()
    {
        await using var scenario = await ClientScenario.StartAsync(
            [Echo with { Fault = new(SimulatedFaultKind.Stall) }], server: "request_timeout_secs = 1");

        var error = await FailAsync(scenario, scenario.Chat("echo"));

        error.Status.Should().Be(504);
        error.Message.Should().Contain("upstream_timeout");
    }

    [Fact]
    public async Task An_unsupported_modality_is_a_501_that_is_not_tried_again()
    {
        await using var scenario = await ClientScenario.StartAsync(Echo);
        var picture = ChatMessageContentPart.CreateImagePart(BinaryData.FromBytes(new byte[] { 1, 2, 3 }), "image/png");

        var asking = async () => await scenario.Chat("echo").CompleteChatAsync([new UserChatMessage(picture)], cancellationToken: scenario.Patience);

        var error = (await asking.Should().ThrowAsync<ClientResultException>()).Which;
        error.Status.Should().Be(501);
        error.Message.Should().Contain("vision_not_supported");
        error.GetRawResponse()!.Headers.TryGetValue("x-should-retry", out var again).Should().BeTrue();
        again.Should().Be("false");
        scenario.Retries.Sent.Should().Be(1);
    }

    private static async Task<ClientResultException> FailAsync(
        ClientScenario scenario, ChatClient chat, ChatCompletionOptions? options = null, bool stream = false, string content = "Hello?")
    {
        var asking = async () =>
        {
            if (!stream)
            {
                await chat.CompleteChatAsync([new UserChatMessage(content)], options, scenario.Patience);
                return;
            }

            await foreach (var _ in chat.CompleteChatStreamingAsync([new UserChatMessage(content)], options, scenario.Patience))
            {
                // A failure before the head of the stream must not come as an update.
                Assert.Fail("The stream has begun.");
            }
        };
        return (await asking.Should().ThrowAsync<ClientResultException>()).Which;
    }
}
