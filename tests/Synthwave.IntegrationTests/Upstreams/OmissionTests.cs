using System.Text;
using Synthwave.IntegrationTests.Doors;
using Synthwave.IntegrationTests.Gateway;
using Synthwave.Simulation;

namespace Synthwave.IntegrationTests.Upstreams;

/// <summary>What an upstream is not told is named in <c>X-MetaModel-Ignored</c>; what it is told, and what changes nothing, is not.</summary>
public sealed class OmissionTests
{
    private const string Message =
        """{"id":"m","type":"message","role":"assistant","model":"x","content":[{"type":"text","text":"Hi"}],"stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":1}}""";

    [Theory]
    [InlineData("own", "\"seed\":1,\"logit_bias\":{\"1\":2},\"presence_penalty\":1,\"logprobs\":true,\"min_p\":0.1", "seed, logit_bias, presence_penalty, logprobs, min_p")]
    [InlineData("cascade", "\"seed\":1,\"n\":1,\"presence_penalty\":0,\"logprobs\":false,\"user\":\"u\",\"store\":true,\"response_format\":{\"type\":\"text\"}", "seed")]
    [InlineData("own", "\"response_format\":{\"type\":\"json_object\"},\"reasoning_effort\":\"high\",\"temperature\":0.5,\"top_p\":0.9", "response_format, reasoning_effort, top_p")]
    [InlineData("own", "\"temperature\":0.5,\"stop\":\"x\",\"max_completion_tokens\":5,\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"n\",\"schema\":{\"type\":\"object\"}}}", "")]
    [InlineData("own", "\"parallel_tool_calls\":false,\"tool_choice\":\"auto\",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}]", "")]
    public async Task Members_that_Anthropics_models_are_not_told_are_named(string model, string members, string expected)
    {
        await using var claude = await ScriptedClaude.StartAsync(Message);
        foreach (var stream in (bool[])[false, true])
        {
            using var content = new StringContent(
                $$"""{"model":"{{model}}","stream":{{(stream ? "true" : "false")}},{{members}},"messages":[{"role":"user","content":"x"}]}""", Encoding.UTF8, "application/json");

            using var response = await claude.Gateway.Client.PostAsync("/v1/chat/completions", content);

            ((int)response.StatusCode).Should().Be(200);
            Ignored(response).Should().Be(expected);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Sampling_that_does_not_go_with_thinking_is_named(bool stream)
    {
        await using var claude = await ScriptedClaude.StartAsync(Message);

        var (response, _) = await claude.AskAsync("own", stream, ""","temperature":0.4,"top_k":3,"thinking":{"type":"enabled","budget_tokens":50}""");
        var (plain, _) = await claude.AskAsync("own", stream, ""","temperature":0.4,"top_k":3,"metadata":{"user_id":"u"}""");

        Ignored(response).Should().Be("temperature, top_k");
        Ignored(plain).Should().BeEmpty();
    }

    [Theory]
    [InlineData("a", "\"chat_template_kwargs\":{\"enable_thinking\":true}", "chat_template_kwargs")]
    [InlineData("cascade", "\"chat_template_kwargs\":{\"enable_thinking\":true},\"seed\":4", "seed, chat_template_kwargs")]
    [InlineData("moa", "\"chat_template_kwargs\":{\"enable_thinking\":true}", "chat_template_kwargs")]
    [InlineData("a", "\"tool_choice\":\"none\"", "tool_choice")]
    [InlineData("b", "\"seed\":4,\"user\":\"u\"", "")]
    public async Task Members_that_chat_models_are_not_told_are_named(string model, string members, string expected)
    {
        await using var scenario = await GatewayScenario.StartAsync(
            [.. new[] { "a", "b", "c", "s" }.Select(static id => SimulatedModel.Saying(id, "fine"))], more: "[upstreams.a.openai]\ndrop_params = [\"seed\"]\n");

        var (response, body) = await scenario.AskAsync(model, members);

        ((int)response.StatusCode).Should().Be(200, "{0}", body);
        string.Join(", ", Ignored(response).Split(", ").Order()).Should().Be(string.Join(", ", expected.Split(", ").Order()));
    }

    [Fact]
    public async Task A_member_that_failed_has_no_say_in_what_was_left_out()
    {
        await using var scenario = await GatewayScenario.StartAsync(
            [SimulatedModel.Saying("a", "never") with { Fault = new(SimulatedFaultKind.Status) { Status = 503 } }, .. new[] { "b", "c", "s" }.Select(static id => SimulatedModel.Saying(id, "fine"))],
            upstream: "retries = 0\n",
            more: "[upstreams.a.openai]\ndrop_params = [\"seed\"]\n");

        var (response, _) = await scenario.AskAsync("cascade", "\"seed\":4");

        ((int)response.StatusCode).Should().Be(200);
        Ignored(response).Should().BeEmpty();
    }

    [Fact]
    public async Task A_late_system_text_stays_late()
    {
        await using var claude = await ScriptedClaude.StartAsync(Message);
        using var content = new StringContent(
            """
            {"model":"own","messages":[{"role":"system","content":"Be brief."},{"role":"developer","content":"Be kind."},{"role":"user","content":"one"},{"role":"assistant","content":"1"},
            {"role":"system","content":"Now French."},{"role":"user","content":"two"}]}
            """,
            Encoding.UTF8,
            "application/json");

        using var response = await claude.Gateway.Client.PostAsync("/v1/chat/completions", content);

        ((int)response.StatusCode).Should().Be(200);
        var sent = claude.Calls.Should().ContainSingle().Subject.Body;
        sent.At("system").GetString().Should().Be("Be brief.\n\nBe kind.");
        sent.At("messages").EnumerateArray().Select(static m => m.At("role").GetString()).Should().Equal("user", "assistant", "user");
        sent.At("messages[2].content").EnumerateArray().Select(static b => b.At("text").GetString()).Should().Equal("[SYSTEM]: Now French.", "two");
    }

    private static string Ignored(HttpResponseMessage response) =>
        response.Headers.TryGetValues("X-MetaModel-Ignored", out var values) ? string.Join(", ", values.SelectMany(static v => v.Split(',', StringSplitOptions.TrimEntries))) : "";
}
