using System.Text;
using System.Text.Json;
using Synthwave.IntegrationTests.Upstreams;
using Synthwave.TestKit;
using static Synthwave.IntegrationTests.BadDays.RawAnswers;

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

    [Theory]
    [InlineData("a", true)]
    [InlineData("a", false)]
    [InlineData("cascade", true)]
    [InlineData("cascade", false)]
    public async Task Usage_is_told_once(string profile, bool isAsked)
    {
        const string Usage = "\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":3,\"total_tokens\":10,\"cost\":0.25}";
        const string Last = "data: {\"id\":\"x\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[]," + Usage + "}\n\n";
        var text = Chunk("{\"role\":\"assistant\",\"content\":\"Whole \"}");
        var more = Chunk("{\"content\":\"answer.\"}");
        var finish = Chunk("{}", "\"stop\"");
        foreach (var events in (string[])
            [
                text + more + With(finish, Usage) + Last, text + more + With(finish, Usage), With(text, Usage) + With(more, Usage) + With(finish, Usage),
                With(text, Usage) + With(more, Usage) + finish, text + more + Last + finish, text + more + finish.Replace("\"index\":0,", "\"index\":0," + Usage + ",", StringComparison.Ordinal),
                text + more + finish + With(Chunk("{}"), Usage),
            ])
        {
            var answer = await AskAsync(profile, stream: true, _ => events + "data: [DONE]\n\n", isAsked ? "\"stream_options\":{\"include_usage\":true}" : null);

            var told = answer.Raw.Split('\n').Where(e => e.Contains("\"total_tokens\"", StringComparison.Ordinal)).ToList();
            answer.Content.Should().Be("Whole answer.");
            told.Should().HaveCount(isAsked ? 1 : 0, "the stream is {0}", answer.Raw);
            told.Should().NotContain(e => !e.Contains("\"choices\":[]", StringComparison.Ordinal) || !e.Contains("\"cost\":0.25", StringComparison.Ordinal));
        }
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task Labels_that_are_missing_or_odd_are_given(string profile, bool stream)
    {
        foreach (var labels in (string[])
            [
                "", "\"id\":null,\"object\":null,\"created\":null,\"model\":null,", "\"id\":\"\",\"object\":\"\",\"created\":0.5,\"model\":\"\",",
                "\"id\":7,\"object\":\"text\",\"created\":\"1\",\"model\":{},", "\"object\":\"chat.completion\",",
            ])
        {
            foreach (var index in (string[])["", "\"index\":null,", "\"index\":\"0\","])
            {
                string Piece(string delta, string reason) => $"data: {{{labels}\"choices\":[{{{index}{delta}\"finish_reason\":{reason}}}]}}\n\n";
                var answer = await AskAsync(profile, stream, sendsEvents => sendsEvents
                    ? $"data: {{{labels}\"x_note\":1}}\n\n" + Piece("\"delta\":{\"content\":\"Whole \"},", "null") + Piece("\"delta\":{\"content\":\"answer.\"},", "null") + Piece("", "\"stop\"") + "data: [DONE]\n\n"
                    : $"{{{labels}\"choices\":[{{{index}\"message\":{{\"content\":\"Whole answer.\"}}}}]}}");

                answer.Content.Should().Be("Whole answer.");
                var documents = stream ? answer.Raw.Split('\n').Where(e => e.StartsWith('{')).ToList() : [answer.Raw];
                documents.Should().AllSatisfy(IsWellLabelled);
            }
        }
    }

    [Theory]
    [InlineData("a")]
    [InlineData("cascade")]
    [InlineData("best")]
    public async Task A_document_called_an_event_stream_is_read_as_the_document_it_is(string profile)
    {
        foreach (var space in (string[])["", "\n", "\uFEFF", " \r\n "])
        {
            foreach (var (body, content, status) in ((string, string, int)[])
                [
                    (Document("{\"role\":\"assistant\",\"content\":\"Whole answer.\"}", "\"stop\""), "Whole answer.", 200),
                    ("{\"error\":{\"message\":\"slow down\",\"code\":429}}", "", 429), ("<html>busy</html>", "", 502),
                ])
            {
                await using var upstream = new RawUpstream(call =>
                {
                    var text = Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(space + body));
                    var (first, second) = (text[..(text.Length / 2)], text[(text.Length / 2)..]);
                    return call.SendAsync(
                        $"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n{first.Length:x}\r\n{first}\r\n{second.Length:x}\r\n{second}\r\n0\r\n\r\n");
                });
                await using var gateway = await TestGateway.StartAsync(Toml(upstream.BaseUrl));
                using var response = await gateway.Client.PostChatAsync(gateway.Address + "v1", ChatCall.Body(profile, stream: true));

                ((int)response.StatusCode).Should().Be(status, "{0} sends {1}", profile, body);
                if (status == 200)
                {
                    (await SseCapture.ReadAsync(response, null, CancellationToken.None)).Content.Should().Be(content);
                }
            }
        }
    }

    private static void IsWellLabelled(string document)
    {
        var root = JsonElement.Parse(document);
        root.GetProperty("id").GetString().Should().NotBeNullOrEmpty("the document is {0}", document);
        root.GetProperty("model").GetString().Should().NotBeNullOrEmpty();
        root.GetProperty("created").GetInt64().Should().BeGreaterThan(0);
        var isChunk = root.GetProperty("object").GetString() == "chat.completion.chunk";
        foreach (var choice in root.GetProperty("choices").EnumerateArray())
        {
            choice.GetProperty("index").GetInt32().Should().Be(0);
            choice.GetProperty(isChunk ? "delta" : "message").ValueKind.Should().Be(JsonValueKind.Object);
            choice.TryGetProperty("finish_reason", out _).Should().BeTrue();
        }
    }

    [Fact]
    public async Task A_choice_without_a_delta_is_not_relayed()
    {
        const string Notes = "data: {\"id\":\"\",\"object\":\"\",\"created\":0,\"model\":\"\",\"choices\":[{\"index\":0,\"finish_reason\":null,\"content_filter_results\":{\"hate\":{\"filtered\":false}}}]}\n\n";
        var answer = await AskAsync("a", stream: true, _ => Notes + Text + Notes + Chunk("{}", "\"stop\"") + "data: [DONE]\n\n");

        answer.Content.Should().Be("Half a text");
        answer.Raw.Should().NotContain("content_filter_results");
    }

    private static string With(string chunk, string usage) => chunk.Replace("\"choices\":", usage + ",\"choices\":", StringComparison.Ordinal);
}
