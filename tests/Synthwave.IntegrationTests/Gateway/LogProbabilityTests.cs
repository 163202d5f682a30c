using System.Text;
using Synthwave.IntegrationTests.Upstreams;
using Synthwave.TestKit;

namespace Synthwave.IntegrationTests.Gateway;

/// <summary>Token probabilities of a model that thinks aloud.</summary>
public sealed class LogProbabilityTests
{
    private const string Wanted = "\"logprobs\":true,\"top_logprobs\":1";

    [Theory]
    [InlineData("a")]
    [InlineData("cascade")]
    public async Task A_json_answer_has_those_of_its_own_text_only(string profile)
    {
        await using var upstream = RawUpstream.Sending(Http(
            "application/json",
            "{\"id\":\"x\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"<think>secret plan</think>Hello!\"},"
            + $"\"logprobs\":{Of("<think>", "secret", " plan", "</think>", "Hello", "!")},\"finish_reason\":\"stop\"}}]}}"));
        await using var gateway = await TestGateway.StartAsync(Toml(upstream.BaseUrl));

        using var response = await gateway.Client.PostChatAsync(gateway.Address + "v1", ChatCall.Body(profile, more: Wanted));
        var text = await response.Content.ReadAsStringAsync();

        text.Should().Contain($"\"logprobs\":{Of("Hello", "!")}").And.Contain("\"content\":\"Hello!\"").And.NotContain("secret");
    }

    [Theory]
    [InlineData("a")]
    [InlineData("cascade")]
    public async Task A_stream_has_those_of_the_text_that_is_shown(string profile)
    {
        await using var upstream = RawUpstream.Sending(Http(
            "text/event-stream",
            Chunk("<think>", "<think>") + Chunk("secret", "secret") + Chunk(" plan</think>Hel", " plan", "</think>", "Hel") + Chunk("lo!", "lo", "!")
            + "data: {\"id\":\"x\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n"));
        await using var gateway = await TestGateway.StartAsync(Toml(upstream.BaseUrl));

        using var response = await gateway.Client.PostChatAsync(gateway.Address + "v1", ChatCall.Body(profile, stream: true, more: Wanted));
        var text = await response.Content.ReadAsStringAsync();

        text.Should().Contain($"\"logprobs\":{Of("Hel")}").And.Contain($"\"logprobs\":{Of("lo", "!")}").And.Contain("data: [DONE]").And.NotContain("secret");
    }

    private static string Of(params string[] tokens) =>
        $"{{\"content\":[{string.Join(',', tokens.Select(t => $"{{\"token\":\"{t}\",\"logprob\":-0.1,\"bytes\":[{string.Join(',', Encoding.UTF8.GetBytes(t))}],\"top_logprobs\":[]}}"))}],\"refusal\":null}}";

    private static string Chunk(string text, params string[] tokens) =>
        $"data: {{\"id\":\"x\",\"object\":\"chat.completion.chunk\",\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{text}\"}},\"logprobs\":{Of(tokens)},\"finish_reason\":null}}]}}\n\n";

    private static string Toml(string baseUrl) =>
        $"[upstreams.a]\nmodel_id = \"m\"\nbase_url = \"{baseUrl}\"\ncontext = 8192\nmax_output = 512\n[profiles.cascade]\ntype = \"cascade\"\nupstreams = [\"a\"]\n";

    private static string Http(string type, string body) =>
        $"HTTP/1.1 200 OK\r\nContent-Type: {type}\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}";
}
