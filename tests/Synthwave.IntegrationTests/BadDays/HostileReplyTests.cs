using Synthwave.IntegrationTests.Upstreams;
using Synthwave.TestKit;
using static Synthwave.IntegrationTests.BadDays.RawAnswers;

namespace Synthwave.IntegrationTests.BadDays;

/// <summary>Replies made to break whoever reads them: each is an answer or a fault of the upstream's, never a failure of ours.</summary>
public sealed class HostileReplyTests
{
    private static readonly string[] Doors = ["v1/chat/completions", "v1/messages", "v1/responses", "v1/completions"];

    // Half of a surrogate pair in the document that holds the arguments, and in the arguments themselves.
    private static readonly string[] OddArguments = ["{\\\"text\\\":\\\"\\ud83d\\\"}", "{\\\"text\\\":\\\"\\\\ud83d\\\"}", "{\\\"\\\\ud83d\\\":1}", "\\ud83d", "{\\\"a\\\":1", "[]", "1", "\\\"\\\"", ""];

    private static readonly int[] Depths = [63, 64, 65, 80, 127, 128, 129, 200, 248, 249, 250, 251, 252, 253, 254, 255, 256, 257, 400];

    /// <summary>Messages of a completion, or deltas of a chunk.</summary>
    private static IEnumerable<string> Messages()
    {
        foreach (var arguments in OddArguments)
        {
            yield return Calling($"\"{arguments}\"");
        }

        foreach (var odd in (string[])["1", "true", "\"x\"", "{}", "[]", "[1]", "[null]", "[[]]", "[{}]", "[{\"function\":1}]", "[{\"function\":{}}]", "[{\"function\":{\"name\":1,\"arguments\":1}}]", "[{\"id\":1,\"function\":{\"name\":\"f\",\"arguments\":{\"a\":1}}}]", "[{\"index\":-1,\"function\":{\"name\":\"f\"}}]", "[{\"index\":9999999999,\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]", "{\"name\":1}", "{\"name\":\"f\",\"arguments\":[]}"])
        {
            foreach (var member in (string[])["tool_calls", "function_call", "content", "refusal", "reasoning_content", "reasoning", "reasoning_details", "thinking_blocks", "annotations", "audio", "role"])
            {
                yield return $"{{\"role\":\"assistant\",\"content\":\"Hi\",\"{member}\":{odd}}}";
            }
        }
    }

    private static IEnumerable<string> DeepMessages()
    {
        foreach (var depth in Depths)
        {
            foreach (var (down, up) in ((string, string)[])[("[", "]"), ("{\"a\":", "}")])
            {
                var nest = Nested(depth, down, up);
                yield return $"{{\"role\":\"assistant\",\"content\":\"Hi\",\"x\":{nest}}}";
                yield return $"{{\"role\":\"assistant\",\"content\":\"Hi\",\"reasoning_details\":[{nest}]}}";
                yield return $"{{\"role\":\"assistant\",\"content\":[{{\"type\":\"text\",\"text\":\"Hi\",\"x\":{nest}}}]}}";
                yield return Calling($"\"{Nested(depth, down, up).Replace("\"", "\\\"", StringComparison.Ordinal)}\"");
                yield return Calling(nest);
            }
        }
    }

    public static TheoryData<string, bool> Cells
    {
        get
        {
            var cells = new TheoryData<string, bool>();
            foreach (var door in Doors)
            {
                cells.Add(door, false);
                cells.Add(door, true);
            }

            return cells;
        }
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task Members_of_every_wrong_type_are_no_failure_of_ours(string door, bool stream) => await SweepAsync(door, stream, [.. Messages()], ["a", "cascade", "three", "pick"]);

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task Replies_of_every_depth_are_no_failure_of_ours(string door, bool stream) => await SweepAsync(door, stream, [.. DeepMessages()], ["a", "three"]);

    [Theory]
    [InlineData("{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":\"1\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{\\\"text\\\":\\\"\\ud83d\\\"}\"}}]}")]
    [InlineData("{\"role\":\"assistant\",\"content\":\"Hi\",\"tool_calls\":1}")]
    public async Task One_odd_draft_costs_no_other_draft(string odd)
    {
        foreach (var stream in (bool[])[false, true])
        {
            var answer = await AskAsync("three", stream, (model, isStream) => Http(
                model == "a" ? Document(odd, "\"stop\"")
                : isStream ? Chunk($"{{\"role\":\"assistant\",\"content\":\"Fine from {model}\"}}", "\"stop\"") + Done
                : Document($"{{\"role\":\"assistant\",\"content\":\"Fine from {model}\"}}", "\"stop\"")), "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}]");

            answer.Status.Should().Be(200, "the answer is {0}", answer.Raw);
            answer.Content.Should().StartWith("Fine from ");
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_stored_response_is_read_again_whatever_its_model_said(bool stream)
    {
        var reply = "";
        await using var upstream = new RawUpstream(call => call.SendAsync(Http(reply)));
        await using var gateway = await TestGateway.StartAsync(Toml(upstream.BaseUrl));
        foreach (var depth in Depths)
        {
            const string Hi = "{\"role\":\"assistant\",\"content\":\"Hi\"}";
            var reason = $"\"stop\",\"logprobs\":{{\"content\":[{Nested(depth, "[", "]")}]}}";
            reply = stream ? Chunk(Hi, reason) + Done : Document(Hi, reason);
            using var response = await gateway.Client.PostAsync(new Uri(gateway.Address, "v1/responses"), ChatCall.Content(
                $"{{\"model\":\"a\",\"input\":\"hi\",\"include\":[\"message.output_text.logprobs\"],\"stream\":{(stream ? "true" : "false")}}}"));
            var text = await response.Content.ReadAsStringAsync();
            if (response.StatusCode is System.Net.HttpStatusCode.OK)
            {
                var at = text.IndexOf("\"id\":\"resp_", StringComparison.Ordinal) + 6;
                var id = text[at..text.IndexOf('"', at)];
                foreach (var path in (string[])["", "?stream=true", "/input_items"])
                {
                    using var again = await gateway.Client.GetAsync(new Uri(gateway.Address, $"v1/responses/{id}{path}"));

                    ((int)again.StatusCode).Should().Be(200, "{0} levels are answered with {1}", depth, text);
                    (await again.Content.ReadAsStringAsync()).Should().NotBeEmpty();
                }
            }

            ((int)response.StatusCode).Should().BeOneOf([200, 502], "{0} levels are answered with {1}", depth, text);
            gateway.Log.Errors.Should().BeEmpty("{0} levels are answered with {1}", depth, text);
        }
    }

    [Theory]
    [InlineData("204 No Content", "", 502)]
    [InlineData("205 Reset Content", "", 502)]
    [InlineData("304 Not Modified", "", 502)]
    [InlineData("308 Permanent Redirect", "{\"moved\":1}", 502)]
    [InlineData("301 Moved Permanently", "", 502)]
    [InlineData("300 Multiple Choices", "x", 502)]
    [InlineData("200 OK", "{\"tokens\":[1]}", 200)]
    [InlineData("200 OK", "", 200)]
    [InlineData("201 Created", "{\"tokens\":[1]}", 201)]
    [InlineData("404 Not Found", "{\"detail\":\"no\"}", 404)]
    [InlineData("499 Odd", "{}", 499)]
    [InlineData("503 Busy", "busy", 503)]
    [InlineData("600 Odd", "{}", 502)]
    [InlineData("999 Odd", "{}", 502)]
    public async Task A_tokenizers_reply_is_relayed_or_a_fault(string status, string body, int expected)
    {
        await using var upstream = new RawUpstream(call => call.SendAsync($"HTTP/1.1 {status}\r\nContent-Type: application/json\r\n{(status.StartsWith("204", StringComparison.Ordinal) ? "" : $"Content-Length: {body.Length}\r\n")}\r\n{body}"));
        await using var gateway = await TestGateway.StartAsync(Toml(upstream.BaseUrl));
        foreach (var path in (string[])["tokenize", "detokenize"])
        {
            using var response = await gateway.Client.PostAsync(new Uri(gateway.Address, path), ChatCall.Content("{\"model\":\"a\",\"prompt\":\"hi\",\"tokens\":[1]}"));

            var text = await response.Content.ReadAsStringAsync();
            ((int)response.StatusCode).Should().Be(expected, "the answer is {0}", text);
            text.Should().StartWith("{").And.NotContain("internal_error");
        }

        gateway.Log.Errors.Should().BeEmpty();
    }

    [Theory]
    [InlineData("""{"tokens":["\"","error","\""],"prompt":"sk-abcdef0123456789 it is"}""", true)]
    [InlineData("""{"prompt":"sk-abcdef0123456789 it is"}""", true)]
    [InlineData("""{"error":"sk-abcdef0123456789 is no key"}""", false)]
    public async Task A_tokenizers_text_is_the_clients_own_and_its_error_is_not(string body, bool isVerbatim)
    {
        await using var upstream = RawUpstream.Sending(Http(body));
        await using var gateway = await TestGateway.StartAsync(Toml(upstream.BaseUrl));

        using var response = await gateway.Client.PostAsync(new Uri(gateway.Address, "detokenize"), ChatCall.Content("{\"model\":\"a\",\"tokens\":[1]}"));

        var text = await response.Content.ReadAsStringAsync();
        text.Should().Be(isVerbatim ? body : body.Replace("sk-abcdef0123456789", "[key]", StringComparison.Ordinal));
    }

    private static async Task SweepAsync(string door, bool stream, string[] messages, string[] profiles)
    {
        var reply = ("", "");
        await using var upstream = new RawUpstream(call => call.SendAsync(Http(call.Body.Contains("\"stream\":true", StringComparison.Ordinal) ? reply.Item2 : reply.Item1)));
        await using var gateway = await TestGateway.StartAsync(Toml(upstream.BaseUrl));
        var asked = door switch
        {
            "v1/chat/completions" => "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}]",
            "v1/messages" => "\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],\"tools\":[{\"name\":\"f\",\"input_schema\":{\"type\":\"object\"}}]",
            "v1/responses" => "\"input\":[{\"role\":\"user\",\"content\":\"hi\"}],\"tools\":[{\"type\":\"function\",\"name\":\"f\"}]",
            _ => "\"prompt\":\"hi\"",
        };
        var bad = new List<string>();
        var errors = 0;
        foreach (var profile in profiles)
        {
            foreach (var message in messages)
            {
                // A streamed call may be answered with a document too.
                foreach (var events in stream ? (bool[])[true, false] : [false])
                {
                    var document = Document(message, "\"stop\"");
                    reply = (document, events ? Chunk(message) + Chunk("{}", "\"stop\"") + Done : document);
                    using var response = await gateway.Client.PostAsync(new Uri(gateway.Address, door), ChatCall.Content($"{{\"model\":\"{profile}\"{(stream ? ",\"stream\":true" : "")},{asked}}}"));

                    var text = await response.Content.ReadAsStringAsync();
                    if ((int)response.StatusCode is not (200 or 502 or 503) || gateway.Log.Errors.Count > errors)
                    {
                        errors = gateway.Log.Errors.Count;
                        bad.Add($"{(int)response.StatusCode} from {profile}{(events ? " in events" : "")} for {message}: {text[..Math.Min(300, text.Length)]}");
                    }
                }
            }
        }

        bad.Should().BeEmpty(string.Join('\n', gateway.Log.Errors.Select(static e => e.Exception?.ToString()).Distinct().Take(3)).Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal));
    }

    private static string Calling(string arguments) =>
        $"{{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{{\"index\":0,\"id\":\"call_1\",\"type\":\"function\",\"function\":{{\"name\":\"f\",\"arguments\":{arguments}}}}}]}}";

    private static string Nested(int depth, string down, string up) => string.Concat(Enumerable.Repeat(down, depth)) + "1" + string.Concat(Enumerable.Repeat(up, depth));
}
