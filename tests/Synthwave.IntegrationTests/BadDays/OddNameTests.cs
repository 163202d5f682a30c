using System.Text;
using Synthwave.IntegrationTests.Upstreams;
using Synthwave.TestKit;

namespace Synthwave.IntegrationTests.BadDays;

/// <summary>Member names that are valid JSON and no valid Unicode: half of a surrogate pair, escaped.</summary>
public sealed class OddNameTests
{
    private const string Odd = "\"\\ud800\":1,";

    private const string Tools = "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}]";

    private const string Reply =
        "{§\"id\":\"x\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"m\",\"choices\":[{§\"index\":0,\"message\":{§\"role\":\"assistant\",\"content\":\"<think>hm</think>Hi\","
        + "\"reasoning_content\":\"hm\",\"tool_calls\":[{§\"id\":\"1\",\"type\":\"function\",\"function\":{§\"name\":\"f\",\"arguments\":\"{\\\"\\\\ud800\\\":1}\"}}]},"
        + "\"logprobs\":{§\"content\":[{§\"token\":\"Hi\",\"logprob\":0}]},\"finish_reason\":\"tool_calls\"}],\"usage\":{§\"prompt_tokens\":1,\"completion_tokens\":1,\"total_tokens\":2}}";

    private const string Stream =
        "data: {§\"id\":\"x\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{§\"index\":0,\"delta\":{§\"role\":\"assistant\",\"content\":\"<think>hm</think>Hi\","
        + "\"reasoning_content\":\"hm\",\"tool_calls\":[{§\"index\":0,\"id\":\"1\",\"type\":\"function\",\"function\":{§\"name\":\"f\",\"arguments\":\"{\\\"\\\\ud800\\\":1}\"}}]},"
        + "\"logprobs\":{§\"content\":[{§\"token\":\"Hi\",\"logprob\":0}]},\"finish_reason\":\"tool_calls\"}],\"usage\":{§\"prompt_tokens\":1,\"completion_tokens\":1,\"total_tokens\":2}}\n\ndata: [DONE]\n\n";

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
