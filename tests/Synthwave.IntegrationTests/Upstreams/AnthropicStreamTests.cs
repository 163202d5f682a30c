using Synthwave.IntegrationTests.Doors;
using Synthwave.IntegrationTests.Gateway;
using Synthwave.Simulation;

namespace Synthwave.IntegrationTests.Upstreams;

/// <summary>Streams of servers that speak Anthropic's API in their own way.</summary>
public sealed class AnthropicStreamTests
{
    private const string Start = "data: {\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"x\",\"content\":[],\"usage\":{\"input_tokens\":11,\"cache_read_input_tokens\":5,\"output_tokens\":1}}}\n\n"
        + "data: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n"
        + "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"Hi\"}}\n\n";

    private const string Stop = "data: {\"type\":\"content_block_stop\",\"index\":0}\n\n";

    private static string Ends(string usage) => $"data: {{\"type\":\"message_delta\",\"delta\":{{\"stop_reason\":\"end_turn\"}},\"usage\":{usage}}}\n\n";

    [Theory]
    [InlineData("{\"output_tokens\":7}", 16, 7)]
    [InlineData("{\"input_tokens\":0,\"cache_read_input_tokens\":0,\"output_tokens\":7}", 16, 7)]
    [InlineData("{\"input_tokens\":20,\"output_tokens\":7}", 25, 7)]
    public async Task What_was_used_is_told_though_nothing_follows_the_reason(string usage, int prompt, int completion)
    {
        await using var upstream = Sending(Start + Stop + Ends(usage));
        await using var scenario = await AskableAsync(upstream);

        var (_, chat) = await scenario.StreamAsync("raw", "\"stream_options\":{\"include_usage\":true}");
        var (_, message) = await scenario.PostStreamAsync("/v1/messages", """{"model":"raw","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"x"}]}""");

        chat.Content.Should().Be("Hi");
        chat.Done.Should().BeTrue();
        chat.Usage!.Value.At("prompt_tokens").GetInt32().Should().Be(prompt);
        chat.Usage!.Value.At("completion_tokens").GetInt32().Should().Be(completion);
        chat.Chunks.Count(static c => c.TryGetProperty("usage", out var u) && u.ValueKind is System.Text.Json.JsonValueKind.Object).Should().Be(1);
        var end = message.Chunks.Single(static c => c.At("type").GetString() is "message_delta").At("usage");
        (end.At("input_tokens").GetInt32() + end.At("cache_read_input_tokens").GetInt32()).Should().Be(prompt);
        end.At("output_tokens").GetInt32().Should().Be(completion);
    }

    [Theory]
    [InlineData("/v1/chat/completions")]
    [InlineData("/v1/messages")]
    public async Task An_error_behind_the_first_words_is_an_error_event_and_no_end(string path)
    {
        await using var upstream = Sending(Start + "event: ping\ndata: {\"type\":\"ping\"}\n\nevent: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n");
        await using var scenario = await AskableAsync(upstream);

        var (_, stream) = await scenario.PostStreamAsync(path, """{"model":"raw","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"x"}]}""");

        stream.Events.Last().Text.Should().Contain("\"error\"");
        stream.ToString().Should().Contain("Hi").And.NotContain("[DONE]").And.NotContain("message_stop");
    }

    private static RawUpstream Sending(string events) => RawUpstream.Sending("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n" + events);

    private static Task<GatewayScenario> AskableAsync(RawUpstream upstream) => GatewayScenario.StartAsync(
        [SimulatedModel.Saying("a", "x")],
        more: $"[upstreams.raw]\nmodel_id = \"m\"\nbase_url = \"{upstream.BaseUrl}\"\nprotocol = \"anthropic\"\napi_key = \"k\"\nretries = 0\ncontext = 8192\nmax_output = 512\n");
}
