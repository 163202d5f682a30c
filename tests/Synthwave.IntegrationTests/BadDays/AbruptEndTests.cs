using Synthwave.IntegrationTests.Upstreams;
using Synthwave.TestKit;

namespace Synthwave.IntegrationTests.BadDays;

/// <summary>Streams whose answer is whole and whose end is not: line breaks missing, silence, a reset, a chunked body that is cut.</summary>
public sealed class AbruptEndTests
{
    private const string Content = "data: {\"id\":\"x\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"Whole answer.\"},\"finish_reason\":null}]}\n\n";

    private const string Finish = "data: {\"id\":\"x\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}";

    private const string Usage = "data: {\"id\":\"x\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":3,\"total_tokens\":10}}";

    private static readonly string[] Profiles = ["a", "cascade", "moa", "writer"];

    public static TheoryData<string, string> Tails
    {
        get
        {
            var cells = new TheoryData<string, string>();
            string[] tails =
            [
                Finish, Finish + "\n", Finish + "\r\n", Finish + "\r", Finish + "\n\n" + Usage, Finish + "\n\n" + Usage + "\n",
                Finish + "\n\ndata: [DONE]", Finish + "\n\ndata: [DONE] ", Finish + "\n\ndata: [DONE] \n", Finish + "\n\ndata:[DONE]\n", Finish + "\n\n" + Usage + "\n\ndata: [DONE]",
                Finish + "\n\n: bye", Finish + "\n\n" + Usage[..60], Finish + "\n\ndata: [DO",
            ];
            foreach (var tail in tails)
            {
                foreach (var profile in Profiles)
                {
                    cells.Add(profile, tail);
                }
            }

            return cells;
        }
    }

    [Theory]
    [MemberData(nameof(Tails))]
    public async Task A_last_event_needs_no_line_breaks_after_it(string profile, string tail)
    {
        await using var upstream = new RawUpstream(async call =>
        {
            await call.SendAsync("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n" + Content + tail);
            call.Close();
        });

        await ShouldBeWholeAsync(upstream, profile);
    }

    [Theory]
    [InlineData("a", "silence")]
    [InlineData("cascade", "silence")]
    [InlineData("moa", "silence")]
    [InlineData("writer", "silence")]
    [InlineData("a", "reset")]
    [InlineData("cascade", "reset")]
    [InlineData("moa", "reset")]
    [InlineData("writer", "reset")]
    [InlineData("a", "cut")]
    [InlineData("cascade", "cut")]
    [InlineData("moa", "cut")]
    [InlineData("writer", "cut")]
    public async Task What_happens_to_the_connection_after_the_finish_reason_is_no_matter(string profile, string end)
    {
        await using var upstream = new RawUpstream(async call =>
        {
            var body = Content + Finish + "\n\n";
            await call.SendAsync($"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n{body.Length:x}\r\n{body}\r\n");
            switch (end)
            {
                case "silence":
                    await call.WhenClosedAsync();
                    break;
                case "reset":
                    await Task.Delay(50);
                    call.Close(reset: true);
                    break;
                default:
                    await call.SendAsync("400\r\ndata: {\"cho");
                    call.Close();
                    break;
            }
        });

        await ShouldBeWholeAsync(upstream, profile);
    }

    [Fact]
    public async Task Without_a_finish_reason_the_answer_is_not_whole()
    {
        await using var upstream = new RawUpstream(async call =>
        {
            await call.SendAsync("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n" + Content.TrimEnd());
            call.Close();
        });
        await using var gateway = await TestGateway.StartAsync(Toml(upstream.BaseUrl));

        using var response = await gateway.Client.PostChatAsync(gateway.Address + "v1", ChatCall.Body("a", stream: true));

        (await response.Content.ReadAsStringAsync()).Should().Contain("\"code\":\"upstream_error\"").And.NotContain("[DONE]");
    }

    [Theory]
    [InlineData("reset")]
    [InlineData("silence")]
    public async Task With_several_choices_one_that_is_finished_is_not_the_whole_answer(string end)
    {
        const string Other = "data: {\"id\":\"x\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":1,\"delta\":{\"content\":\"Half\"},\"finish_reason\":null}]}\n\n";
        await using var upstream = new RawUpstream(async call =>
        {
            var body = Content + Other + Finish + "\n\n";
            await call.SendAsync($"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n{body.Length:x}\r\n{body}\r\n");
            if (end is "reset")
            {
                await Task.Delay(50);
                call.Close(reset: true);
            }

            await call.WhenClosedAsync();
        });
        await using var gateway = await TestGateway.StartAsync(Toml(upstream.BaseUrl));

        using var response = await gateway.Client.PostChatAsync(gateway.Address + "v1", ChatCall.Body("a", stream: true, more: "\"n\":2"));

        (await response.Content.ReadAsStringAsync()).Should().Contain("\"error\"").And.NotContain("[DONE]");
    }

    private static async Task ShouldBeWholeAsync(RawUpstream upstream, string profile)
    {
        await using var gateway = await TestGateway.StartAsync(Toml(upstream.BaseUrl));

        using var response = await gateway.Client.PostChatAsync(gateway.Address + "v1", ChatCall.Body(profile, stream: true));
        var text = await response.Content.ReadAsStringAsync();

        text.Should().Contain("Whole answer.").And.Contain("\"finish_reason\":\"stop\"").And.NotContain("\"error\"").And.EndWith("data: [DONE]\n\n");
        foreach (var one in text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
        {
            one.Should().NotContain("\n", "every event is one line");
        }

        foreach (var outcome in (await gateway.Client.GetStringAsync(new Uri(gateway.Address, "metrics"))).Split('\n').Where(l => l.StartsWith("synthwave_upstream_calls_total", StringComparison.Ordinal)))
        {
            outcome.Should().Contain("outcome=\"success\"");
        }
    }

    private static string Toml(string baseUrl)
    {
        string[] names = ["a", "b", "s"];
        return string.Concat(names.Select(n => $"[upstreams.{n}]\nmodel_id = \"{n}\"\nbase_url = \"{baseUrl}\"\ncontext = 8192\nmax_output = 512\nretries = 0\nidle_timeout_secs = 0.3\n"))
            + "[profiles.cascade]\ntype = \"cascade\"\nupstreams = [\"a\", \"b\"]\n"
            + "[profiles.moa]\ntype = \"moa\"\ngenerators = [\"a\", \"b\"]\nsynthesizer = \"s\"\n"
            + "[profiles.writer]\ntype = \"moa\"\ngenerators = [\"a\"]\nsynthesizer = \"s\"\n";
    }
}
