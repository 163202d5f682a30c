using Synthwave.IntegrationTests.Upstreams;
using Synthwave.TestKit;

namespace Synthwave.IntegrationTests.BadDays;

/// <summary>Answers in forms that servers send and clients do not read: lists as content, roles and finish reasons of their own or none.</summary>
public sealed class OddReplyTests
{
    private const string Text = "data: {\"id\":\"x\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"Half a text\"},\"finish_reason\":null}]}\n\n";

    private static readonly string[] Profiles = ["a", "cascade", "moa", "best"];

    public static TheoryData<string, bool> Cells
    {
        get
        {
            var cells = new TheoryData<string, bool>();
            foreach (var profile in Profiles)
            {
                cells.Add(profile, true);
                cells.Add(profile, false);
            }

            return cells;
        }
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task Content_that_is_a_list_becomes_text(string profile, bool stream)
    {
        const string Thinking = "[{\"type\":\"thinking\",\"thinking\":[{\"type\":\"text\",\"text\":\"Let me \\u0074hink\"}]}]";
        var text = await AskAsync(profile, stream, sendsEvents => sendsEvents
            ? Chunk($"{{\"role\":\"assistant\",\"content\":{Thinking}}}") + Chunk("{\"content\":[{\"type\":\"text\",\"text\":\"Hi \"}]}") + Chunk("{\"content\":\"there\"}")
                + Chunk("{\"content\":[{\"type\":\"text\",\"text\":\", you.\"}]}", "\"stop\"") + "data: [DONE]\n\n"
            : Document($"{{\"role\":\"assistant\",\"content\":[{Thinking[1..^1]},{{\"type\":\"text\",\"text\":\"Hi there\"}},{{\"type\":\"text\",\"text\":\", you.\"}}]}}", "\"stop\""));

        text.Content.Should().Be("Hi there, you.");
        text.Raw.Should().NotContain("hink").And.NotContain("\"content\":[");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Thinking_in_a_list_is_shown_where_reasoning_is_exposed(bool stream)
    {
        const string Parts = "[{\"type\":\"thinking\",\"thinking\":[{\"type\":\"text\",\"text\":\"Let me think\"}]},{\"type\":\"text\",\"text\":\"Hi\"}]";
        var text = await AskAsync("open", stream, sendsEvents => sendsEvents
            ? Chunk($"{{\"content\":{Parts}}}", "\"stop\"") + "data: [DONE]\n\n"
            : Document($"{{\"content\":{Parts}}}", "\"stop\""));

        text.Content.Should().Be("Hi");
        text.Raw.Should().Contain("\"reasoning_content\":\"Let me think\"");
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task Half_an_answer_is_a_failed_call(string profile, bool stream)
    {
        foreach (var reason in (string[])["error", "abort", "ERROR"])
        {
            var text = await AskAsync(profile, stream, sendsEvents => sendsEvents
                ? Text + Chunk("{}", $"\"{reason}\"") + "data: [DONE]\n\n"
                : Document("{\"role\":\"assistant\",\"content\":\"Half a text\"}", $"\"{reason}\""));

            text.Raw.Should().Contain("\"error\"").And.NotContain("[DONE]").And.NotContain("\"finish_reason\":\"");
            (text.Status == 502 || stream).Should().BeTrue("the answer is {0}", text.Raw);
        }
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task Roles_and_finish_reasons_are_what_clients_know(string profile, bool stream)
    {
        foreach (var (role, reason, expected) in ((string, string?, string)[])
            [("", "\"end_turn\"", "stop"), ("\"role\":\"\",", "\"MAX_TOKENS\"", "length"), ("\"role\":null,", "\"eos\"", "stop"), ("", null, "stop"), ("", "\"SAFETY\"", "content_filter")])
        {
            var text = await AskAsync(profile, stream, sendsEvents => sendsEvents
                ? Chunk($"{{{role}\"content\":\"Whole \"}}", "\"\"") + Chunk($"{{{role}\"content\":\"answer.\"}}", "\"\"") + (reason is null ? "" : Chunk("{}", reason)) + "data: [DONE]\n\n"
                : Document($"{{{role}\"content\":\"Whole answer.\"}}", reason));

            text.Content.Should().Be("Whole answer.");
            text.Raw.Should().Contain("\"role\":\"assistant\"").And.NotContain("\"role\":\"\"").And.Contain($"\"finish_reason\":\"{expected}\"").And.NotContain("\"finish_reason\":\"\"");
        }
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task Nothing_is_no_answer(string profile, bool stream)
    {
        const string Usage = "data: {\"id\":\"x\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":0,\"total_tokens\":7}}\n\n";
        foreach (var before in (string[])["", Chunk("{\"role\":\"assistant\"}"), Chunk("{\"role\":\"assistant\",\"content\":\"\"}"), Usage])
        {
            var text = await AskAsync(profile, stream, _ => before + "data: [DONE]\n\n");

            text.Status.Should().Be(502, "the answer is {0}", text.Raw);
        }
    }

    private static string Chunk(string delta, string reason = "null") =>
        $"data: {{\"id\":\"x\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{{\"index\":0,\"delta\":{delta},\"finish_reason\":{reason}}}]}}\n\n";

    private static string Document(string message, string? reason) =>
        $"{{\"id\":\"x\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"m\",\"choices\":[{{\"index\":0,\"message\":{message}{(reason is null ? "" : $",\"finish_reason\":{reason}")}}}]}}";

    private static async Task<(int Status, string Content, string Raw)> AskAsync(string profile, bool stream, Func<bool, string> body)
    {
        await using var upstream = new RawUpstream(call =>
        {
            var isStream = call.Body.Contains("\"stream\":true", StringComparison.Ordinal);
            var text = body(isStream);
            var isEvents = text.StartsWith("data:", StringComparison.Ordinal);
            return call.SendAsync($"HTTP/1.1 200 OK\r\nContent-Type: {(isEvents ? "text/event-stream" : "application/json")}\r\nContent-Length: {text.Length}\r\n\r\n{text}");
        });
        await using var gateway = await TestGateway.StartAsync(Toml(upstream.BaseUrl));
        using var response = await gateway.Client.PostChatAsync(gateway.Address + "v1", ChatCall.Body(profile, stream: stream));
        if (response.Content.Headers.ContentType?.MediaType == "text/event-stream")
        {
            var capture = await SseCapture.ReadAsync(response, null, CancellationToken.None);
            return ((int)response.StatusCode, capture.Content, string.Join('\n', capture.Events.Select(e => e.Text)));
        }

        var raw = await response.Content.ReadAsStringAsync();
        var root = System.Text.Json.JsonElement.Parse(raw);
        return ((int)response.StatusCode, root.TryGetProperty("choices", out var choices) ? choices[0].GetProperty("message").GetProperty("content").GetString() ?? "" : "", raw);
    }

    private static string Toml(string baseUrl)
    {
        string[] names = ["a", "b", "s"];
        return string.Concat(names.Select(n => $"[upstreams.{n}]\nmodel_id = \"{n}\"\nbase_url = \"{baseUrl}\"\ncontext = 8192\nmax_output = 512\nretries = 0\nidle_timeout_secs = 2\n"))
            + "[profiles.cascade]\ntype = \"cascade\"\nupstreams = [\"a\", \"b\"]\n"
            + "[profiles.moa]\ntype = \"moa\"\ngenerators = [\"a\", \"b\"]\nsynthesizer = \"s\"\n"
            + "[profiles.best]\ntype = \"moa\"\ngenerators = [\"a\"]\nsynthesizer = \"s\"\n"
            + "[profiles.open]\ntype = \"cascade\"\nupstreams = [\"a\"]\nexpose_reasoning = true\n";
    }
}
