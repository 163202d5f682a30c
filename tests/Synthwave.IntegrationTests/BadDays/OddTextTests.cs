using Synthwave.IntegrationTests.Upstreams;
using Synthwave.TestKit;

namespace Synthwave.IntegrationTests.BadDays;

/// <summary>Names and texts that are valid JSON and no valid Unicode, at every place of a reply, at every door, in every strategy.</summary>
public sealed class OddTextTests
{
    private const string Half = "\\ud800abcdefghij";

    private const string Labels = "{§\"id\":\"§\",\"object\":\"§\",\"created\":\"§\",\"model\":\"§\",\"system_fingerprint\":\"§\",\"service_tier\":\"§\",\"choices\":[";

    private const string Usage = "\"usage\":{§\"prompt_tokens\":1,\"completion_tokens\":1,\"total_tokens\":2,\"prompt_tokens_details\":{§\"cached_tokens\":\"§\"},\"completion_tokens_details\":{§\"reasoning_tokens\":0}}";

    public static TheoryData<string, string, bool, bool> Cells
    {
        get
        {
            var cells = new TheoryData<string, string, bool, bool>();
            foreach (var door in (string[])["v1/chat/completions", "v1/messages", "v1/responses", "v1/completions"])
            {
                foreach (var profile in (string[])["a", "cascade", "moa", "pick", "open"])
                {
                    cells.Add(door, profile, false, false);
                    cells.Add(door, profile, true, false);
                    cells.Add(door, profile, true, true);
                }
            }

            return cells;
        }
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task Texts_that_are_no_Unicode_do_no_harm(string door, string profile, bool stream, bool sendsEvents)
    {
        var isPlainText = door is "v1/completions";
        var (status, text) = await AskAsync(door, profile, stream, isEvents => isEvents && sendsEvents ? Events(!isPlainText) : Document(!isPlainText));

        status.Should().Be(200, "the answer is {0}", text);
        text.Should().NotContain("\"error\":{").And.NotContain("event: error");
        text.Contains("\"name\":\"f\"", StringComparison.Ordinal).Should().Be(!isPlainText, "the answer is {0}", text);
    }

    [Theory]
    [InlineData("a", false)]
    [InlineData("a", true)]
    [InlineData("cascade", false)]
    [InlineData("cascade", true)]
    [InlineData("moa", false)]
    [InlineData("moa", true)]
    public async Task A_call_of_no_valid_name_is_none_that_was_declared(string profile, bool stream)
    {
        foreach (var door in (string[])["v1/chat/completions", "v1/messages", "v1/responses"])
        {
            var (status, text) = await AskAsync(door, profile, stream, isEvents => (isEvents ? Events(true) : Document(true)).Replace("\"name\":\"f\"", $"\"name\":\"{Half}\"", StringComparison.Ordinal));

            status.Should().BeOneOf([200, 502, 503], "the answer is {0}", text);
            text.Should().NotContain("internal_error");
        }
    }

    [Theory]
    [InlineData("a", false)]
    [InlineData("a", true)]
    [InlineData("cascade", false)]
    [InlineData("cascade", true)]
    [InlineData("moa", false)]
    [InlineData("moa", true)]
    public async Task A_refusal_of_no_Unicode_is_a_refusal(string profile, bool stream)
    {
        foreach (var door in (string[])["v1/chat/completions", "v1/messages", "v1/responses"])
        {
            var (status, text) = await AskAsync(door, profile, stream, isEvents => isEvents
                ? $"data: {Labels}{{§\"index\":0,\"delta\":{{§\"refusal\":\"no§\"}},\"finish_reason\":\"§\"}}]}}\n\ndata: [DONE]\n\n"
                : $"{Labels}{{§\"index\":0,\"message\":{{§\"role\":\"§\",\"content\":null,\"refusal\":\"no§\"}},\"finish_reason\":\"§\"}}]}}");

            status.Should().Be(200, "the answer is {0}", text);
            text.Should().Contain("no").And.NotContain("\"error\":{").And.NotContain("event: error");
        }
    }

    [Theory]
    [InlineData("a")]
    [InlineData("cascade")]
    public async Task Vectors_beside_odd_texts_are_vectors(string profile)
    {
        foreach (var format in (string[])["", ",\"encoding_format\":\"base64\"", $",\"encoding_format\":\"{Half}\""])
        {
            var (status, text) = await AskAsync("v1/embeddings", profile, false, _ =>
                $"{{§\"object\":\"§\",\"data\":[{{§\"object\":\"§\",\"index\":\"§\",\"embedding\":[0.5]}}],\"model\":\"§\",{Usage}}}", $"\"input\":\"hi\"{format}");

            status.Should().Be(200, "the answer is {0}", text);
        }
    }

    private static string Document(bool hasCall) =>
        Labels + "{§\"index\":\"§\",\"message\":{§\"role\":\"§\",\"content\":\"Hi §\",\"reasoning_content\":\"§\",\"annotations\":[{§\"type\":\"§\"}]"
        + (hasCall ? ",\"tool_calls\":[{§\"id\":\"§\",\"type\":\"function\",\"function\":{§\"name\":\"f\",\"arguments\":\"{\\\"§\\\":\\\"§\\\"}\"}}]" : "")
        + "},\"logprobs\":{§\"content\":[{§\"token\":\"§\",\"logprob\":0}]},\"finish_reason\":\"§\"}]," + Usage + "}";

    private static string Events(bool hasCall) =>
        $"data: {Labels}{{§\"index\":0,\"delta\":{{§\"role\":\"§\",\"content\":\"Hi §\",\"reasoning_content\":\"§\"}},\"finish_reason\":\"\"}}]}}\n\n"
        + (hasCall
            ? $"data: {Labels}{{§\"index\":0,\"delta\":{{§\"tool_calls\":[{{§\"index\":0,\"id\":\"§\",\"type\":\"function\",\"function\":{{§\"name\":\"f\",\"arguments\":\"{{\\\"§\"}}}}]}},\"finish_reason\":null}}]}}\n\n"
                + $"data: {Labels}{{§\"index\":0,\"delta\":{{§\"tool_calls\":[{{§\"index\":0,\"function\":{{§\"arguments\":\"\\\":\\\"§\\\"}}\"}}}}]}},\"finish_reason\":null}}]}}\n\n"
            : "")
        + $"data: {Labels}{{§\"index\":0,\"delta\":{{§\"content\":\"§\"}},\"finish_reason\":\"§\"}}],{Usage}}}\n\ndata: [DONE]\n\n";

    // A mark before a name is a member, inside quotes it is a text.
    private static string Odd(string json) => json
        .Replace("§\"", "\0", StringComparison.Ordinal)
        .Replace("{\0", $"{{\"\\ud800\":1,\"{Half}\":\"{Half}\",\"", StringComparison.Ordinal)
        .Replace("\0", "§\"", StringComparison.Ordinal)
        .Replace("§", Half, StringComparison.Ordinal);

    private static async Task<(int Status, string Text)> AskAsync(string door, string profile, bool stream, Func<bool, string> reply, string? asked = null)
    {
        await using var upstream = new RawUpstream(call => call.SendAsync(RawAnswers.Http(Odd(reply(call.Body.Contains("\"stream\":true", StringComparison.Ordinal))))));
        await using var gateway = await TestGateway.StartAsync(RawAnswers.Toml(upstream.BaseUrl));
        asked ??= door switch
        {
            "v1/chat/completions" => "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}]",
            "v1/messages" => "\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],\"tools\":[{\"name\":\"f\",\"input_schema\":{\"type\":\"object\"}}]",
            "v1/responses" => "\"input\":[{\"role\":\"user\",\"content\":\"hi\"}],\"tools\":[{\"type\":\"function\",\"name\":\"f\"}]",
            _ => "\"prompt\":\"hi\"",
        };
        using var response = await gateway.Client.PostAsync(
            new Uri(gateway.Address, door), ChatCall.Content($"{{\"model\":\"{profile}\"{(stream ? ",\"stream\":true" : "")},{asked}}}"));
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }
}
