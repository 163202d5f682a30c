using System.Text;
using Synthwave.IntegrationTests.Upstreams;
using Synthwave.TestKit;

namespace Synthwave.IntegrationTests.BadDays;

/// <summary>Member names that are valid JSON and no valid Unicode: half of a surrogate pair, escaped.</summary>
public sealed class OddNameTests
{
    // A comparison may look at the length first: one name is as short as an escape, one as long as the longest name we look for.
    private const string Odd = "\"\\ud800\":1,\"\\ud800abcdefghij\":1,";

    private const string Tools = "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}]";

    private const string Reply =
        "{§\"id\":\"x\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"m\",\"choices\":[{§\"index\":0,\"message\":{§\"role\":\"assistant\",\"content\":\"<think>hm</think>Hi\","
        + "\"reasoning_content\":\"hm\",\"tool_calls\":[{§\"id\":\"1\",\"type\":\"function\",\"function\":{§\"name\":\"f\",\"arguments\":\"{\\\"\\\\ud800\\\":\\\"\\ud83d\\\"}\"}}]},"
        + "\"logprobs\":{§\"content\":[{§\"token\":\"Hi\",\"logprob\":0}]},\"finish_reason\":\"tool_calls\"}],\"usage\":{§\"prompt_tokens\":1,\"completion_tokens\":1,\"total_tokens\":2}}";

    private const string Stream =
        "data: {§\"id\":\"x\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{§\"index\":0,\"delta\":{§\"role\":\"assistant\",\"content\":\"<think>hm</think>Hi\","
        + "\"reasoning_content\":\"hm\",\"tool_calls\":[{§\"index\":0,\"id\":\"1\",\"type\":\"function\",\"function\":{§\"name\":\"f\",\"arguments\":\"{\\\"\\\\ud800\\\":\\\"\\ud83d\\\"}\"}}]},"
        + "\"logprobs\":{§\"content\":[{§\"token\":\"Hi\",\"logprob\":0}]},\"finish_reason\":\"tool_calls\"}],\"usage\":{§\"prompt_tokens\":1,\"completion_tokens\":1,\"total_tokens\":2}}\n\ndata: [DONE]\n\n";

    private const string TextReply =
        "{§\"id\":\"x\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"m\",\"choices\":[{§\"index\":0,\"message\":{§\"role\":\"assistant\",\"content\":\"Hi\"},"
        + "\"finish_reason\":\"stop\"}],\"usage\":{§\"prompt_tokens\":1,\"completion_tokens\":1,\"total_tokens\":2}}";

    private const string TextStream =
        "data: {§\"id\":\"x\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{§\"index\":0,\"delta\":{§\"role\":\"assistant\",\"content\":\"Hi\"},"
        + "\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";

    private const string Message =
        "{§\"id\":\"x\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"m\",\"content\":[{§\"type\":\"text\",\"text\":\"Hi\"},"
        + "{§\"type\":\"tool_use\",\"id\":\"t1\",\"name\":\"f\",\"input\":{§\"k\":1}}],\"stop_reason\":\"tool_use\",\"usage\":{§\"input_tokens\":1,\"output_tokens\":1}}";

    private const string MessageStream =
        "data: {§\"type\":\"message_start\",\"message\":{§\"id\":\"x\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"m\",\"content\":[],\"usage\":{§\"input_tokens\":1}}}\n\n"
        + "data: {§\"type\":\"content_block_start\",\"index\":0,\"content_block\":{§\"type\":\"text\",\"text\":\"\"}}\n\n"
        + "data: {§\"type\":\"content_block_delta\",\"index\":0,\"delta\":{§\"type\":\"text_delta\",\"text\":\"Hi\"}}\n\n"
        + "data: {§\"type\":\"content_block_stop\",\"index\":0}\n\n"
        + "data: {§\"type\":\"content_block_start\",\"index\":1,\"content_block\":{§\"type\":\"tool_use\",\"id\":\"t1\",\"name\":\"f\",\"input\":{}}}\n\n"
        + "data: {§\"type\":\"content_block_delta\",\"index\":1,\"delta\":{§\"type\":\"input_json_delta\",\"partial_json\":\"{}\"}}\n\n"
        + "data: {§\"type\":\"content_block_stop\",\"index\":1}\n\n"
        + "data: {§\"type\":\"message_delta\",\"delta\":{§\"stop_reason\":\"tool_use\"},\"usage\":{§\"output_tokens\":1}}\n\n"
        + "data: {§\"type\":\"message_stop\"}\n\n";

    [Theory]
    [InlineData("a", false, false)]
    [InlineData("a", true, false)]
    [InlineData("a", true, true)]
    [InlineData("cascade", false, false)]
    [InlineData("cascade", true, true)]
    [InlineData("moa", false, false)]
    [InlineData("moa", true, false)]
    [InlineData("best", false, false)]
    public async Task In_a_reply_they_are_no_reason_to_fail(string profile, bool stream, bool upstreamStreams)
    {
        await using var upstream = new RawUpstream(call => call.SendAsync(upstreamStreams
            ? Http("text/event-stream", Stream.Replace("§", Odd, StringComparison.Ordinal))
            : Http("application/json", Reply.Replace("§", Odd, StringComparison.Ordinal))));
        await using var gateway = await TestGateway.StartAsync(Toml(upstream.BaseUrl));

        using var response = await gateway.Client.PostChatAsync(gateway.Address + "v1", ChatCall.Body(profile, stream: stream, more: Tools));
        var text = await response.Content.ReadAsStringAsync();

        ((int)response.StatusCode).Should().Be(200, "the answer is {0}", text);
        text.Should().Contain("\"name\":\"f\"").And.NotContain("hm").And.NotContain("\"error\"");
        text.Contains("data: [DONE]", StringComparison.Ordinal).Should().Be(stream);
    }

    [Theory]
    [InlineData("v1/messages", false, false)]
    [InlineData("v1/messages", true, false)]
    [InlineData("v1/messages", true, true)]
    [InlineData("v1/responses", false, false)]
    [InlineData("v1/responses", true, true)]
    [InlineData("v1/completions", false, false)]
    [InlineData("v1/completions", true, true)]
    public async Task At_every_door_they_are_no_reason_to_fail(string door, bool stream, bool upstreamStreams)
    {
        var isPlainText = door is "v1/completions";
        await using var upstream = new RawUpstream(call => call.SendAsync(upstreamStreams
            ? Http("text/event-stream", Odder(isPlainText ? TextStream : Stream))
            : Http("application/json", Odder(isPlainText ? TextReply : Reply))));
        await using var gateway = await TestGateway.StartAsync(Toml(upstream.BaseUrl));
        var asked = door switch
        {
            "v1/messages" => "\"max_tokens\":9,\"messages\":[{§\"role\":\"user\",\"content\":\"hi\"}],\"tools\":[{§\"name\":\"f\",\"input_schema\":{§\"type\":\"object\"}}]",
            "v1/responses" => "\"input\":[{§\"role\":\"user\",\"content\":\"hi\"}],\"tools\":[{§\"type\":\"function\",\"name\":\"f\"}]",
            _ => "\"prompt\":\"hi\",\"logit_bias\":{§\"5\":1}",
        };

        using var response = await gateway.Client.PostAsync(
            new Uri(gateway.Address, door), ChatCall.Content($"{{\"model\":\"a\",\"stream\":{(stream ? "true" : "false")},{Odder(asked)}}}"));
        var text = await response.Content.ReadAsStringAsync();

        ((int)response.StatusCode).Should().Be(200, "the answer is {0}", text);
        text.Should().Contain("Hi").And.NotContain("\"error\":{").And.NotContain("event: error");
        text.Contains("\"name\":\"f\"", StringComparison.Ordinal).Should().Be(!isPlainText, "the answer is {0}", text);
    }

    [Theory]
    [InlineData("a")]
    [InlineData("cascade")]
    public async Task In_a_reply_with_vectors_they_are_no_reason_to_fail(string profile)
    {
        await using var upstream = new RawUpstream(call => call.SendAsync(Http("application/json", Odder(
            "{§\"object\":\"list\",\"data\":[{§\"object\":\"embedding\",\"index\":0,\"embedding\":[0.5]}],\"model\":\"m\",\"usage\":{§\"prompt_tokens\":1,\"total_tokens\":1}}"))));
        await using var gateway = await TestGateway.StartAsync(Toml(upstream.BaseUrl));

        using var response = await gateway.Client.PostAsync(
            new Uri(gateway.Address, "v1/embeddings"), ChatCall.Content($"{{\"model\":\"{profile}\",\"input\":\"hi\"}}"));

        ((int)response.StatusCode).Should().Be(200, "the answer is {0}", await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task In_a_message_they_are_no_reason_to_fail(bool stream)
    {
        await using var upstream = new RawUpstream(call => call.SendAsync(stream
            ? Http("text/event-stream", Odder(MessageStream))
            : Http("application/json", Odder(Message))));
        await using var gateway = await TestGateway.StartAsync(
            $"[upstreams.a]\nmodel_id = \"a\"\nbase_url = \"{upstream.BaseUrl}\"\nprotocol = \"anthropic\"\napi_key = \"k\"\ncontext = 8192\nmax_output = 512\n");
        var more = Odder($"{Tools},\"x_anthropic\":{{§\"output_config\":{{§\"effort\":\"low\"}}}}");

        using var response = await gateway.Client.PostChatAsync(gateway.Address + "v1", ChatCall.Body("a", stream: stream, more: more));
        var text = await response.Content.ReadAsStringAsync();

        ((int)response.StatusCode).Should().Be(200, "the answer is {0}", text);
        text.Should().Contain("Hi").And.Contain("\"name\":\"f\"").And.NotContain("\"error\"");
    }

    [Theory]
    [InlineData("a", false, false)]
    [InlineData("a", true, false)]
    [InlineData("a", true, true)]
    [InlineData("cascade", true, false)]
    [InlineData("cascade", true, true)]
    [InlineData("moa", false, false)]
    public async Task Depth_within_the_limit_is_no_reason_to_fail_either(string profile, bool stream, bool upstreamStreams)
    {
        var deep = $"\"deep\":{new string('[', 150)}{new string(']', 150)},";
        await using var upstream = new RawUpstream(call => call.SendAsync(upstreamStreams
            ? Http("text/event-stream", Stream.Replace("§", deep, StringComparison.Ordinal))
            : Http("application/json", Reply.Replace("§", deep, StringComparison.Ordinal))));
        await using var gateway = await TestGateway.StartAsync(Toml(upstream.BaseUrl));
        var more = $"{Tools},\"stream_options\":{{{deep}\"include_usage\":true}},\"x_anthropic\":{{{deep}\"thinking\":null}}";

        using var response = await gateway.Client.PostChatAsync(gateway.Address + "v1", ChatCall.Body(profile, stream: stream, more: more));
        var text = await response.Content.ReadAsStringAsync();

        ((int)response.StatusCode).Should().Be(200, "the answer is {0}", text);
        text.Should().Contain("\"name\":\"f\"").And.NotContain("hm").And.NotContain("\"error\"");
    }

    [Theory]
    [InlineData("a")]
    [InlineData("cascade")]
    [InlineData("moa")]
    public async Task In_an_error_they_are_no_reason_to_fail_otherwise(string profile)
    {
        await using var upstream = new RawUpstream(call => call.SendAsync(
            Http("application/json", "{§\"error\":{§\"message\":\"no\",\"type\":\"t\",\"code\":\"c\"}}".Replace("§", Odd, StringComparison.Ordinal), "418 Teapot")));
        await using var gateway = await TestGateway.StartAsync(Toml(upstream.BaseUrl));

        using var response = await gateway.Client.PostChatAsync(gateway.Address + "v1", ChatCall.Body(profile));
        var view = await ClientView.ReadAsync(response);

        view.Status.Should().BeOneOf(418, 502);
        view.Error.Should().NotBeNull();
    }

    [Theory]
    [InlineData("a")]
    [InlineData("cascade")]
    [InlineData("moa")]
    public async Task In_a_request_they_travel_on(string profile)
    {
        await using var upstream = new RawUpstream(call => call.SendAsync(Http("application/json", Reply.Replace("§", "", StringComparison.Ordinal))));
        await using var gateway = await TestGateway.StartAsync(Toml(upstream.BaseUrl));
        var body = ("{\"model\":\"" + profile + "\",\"messages\":[{§\"role\":\"user\",\"content\":[{§\"type\":\"text\",\"text\":\"hi\"}]},{§\"role\":\"system\",\"content\":[{§\"type\":\"text\",\"text\":\"be brief\"}]},"
            + "{§\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{§\"id\":\"1\",\"type\":\"function\",\"function\":{§\"name\":\"f\",\"arguments\":\"{}\"}}]},{§\"role\":\"tool\",\"tool_call_id\":\"1\",\"content\":\"x\"}],"
            + "\"tools\":[{§\"type\":\"function\",\"function\":{§\"name\":\"f\"}}],\"tool_choice\":{§\"type\":\"function\",\"function\":{§\"name\":\"f\"}},\"stream_options\":{§\"include_usage\":false}}")
            .Replace("§", Odd, StringComparison.Ordinal);

        using var response = await gateway.Client.PostChatAsync(gateway.Address + "v1", body);

        ((int)response.StatusCode).Should().Be(200, "the answer is {0}", await response.Content.ReadAsStringAsync());
    }

    private static string Odder(string json) => json.Replace("§", Odd, StringComparison.Ordinal);

    private static string Toml(string baseUrl)
    {
        var toml = new StringBuilder();
        foreach (var name in (ReadOnlySpan<string>)["a", "b", "s"])
        {
            toml.Append($"[upstreams.{name}]\nmodel_id = \"{name}\"\nbase_url = \"{baseUrl}\"\ncontext = 8192\nmax_output = 512\nrequires_leading_system_only = true\n");
        }

        return toml.Append(
            """
            [profiles.moa]
            type = "moa"
            generators = ["a", "b"]
            synthesizer = "s"
            [profiles.best]
            type = "moa"
            generators = ["a", "b"]
            synthesizer = "s"
            synthesis_mode = "best-of"
            [profiles.cascade]
            type = "cascade"
            upstreams = ["a", "b"]
            """).ToString();
    }

    private static string Http(string type, string body, string status = "200 OK") =>
        $"HTTP/1.1 {status}\r\nContent-Type: {type}\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}";
}
