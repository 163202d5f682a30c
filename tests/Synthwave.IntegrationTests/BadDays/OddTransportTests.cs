using System.IO.Compression;
using System.Text;
using Synthwave.IntegrationTests.Upstreams;
using Synthwave.TestKit;

namespace Synthwave.IntegrationTests.BadDays;

/// <summary>Good answers under a wrong name, in the other form, or compressed although nobody asked.</summary>
public sealed class OddTransportTests
{
    private const string Json =
        "{\"id\":\"x\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"Whole \\u00e4nswer \\ud83d\\ude00.\"},"
        + "\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":3,\"total_tokens\":10}}";

    private const string Events =
        "data: {\"id\":\"x\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"Whole \\u00e4ns\"},\"finish_reason\":null}]}\n\n"
        + "data: {\"id\":\"x\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"wer \\ud83d\\ude00.\"},\"finish_reason\":null}]}\n\n"
        + "data: {\"id\":\"x\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
        + "data: {\"id\":\"x\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":3,\"total_tokens\":10}}\n\ndata: [DONE]\n\n";

    private static readonly string[] Profiles = ["a", "cascade", "moa", "best"];

    public static TheoryData<string, bool, bool, string?, string> Cells
    {
        get
        {
            var cells = new TheoryData<string, bool, bool, string?, string>();
            foreach (var profile in Profiles)
            {
                foreach (var stream in (bool[])[false, true])
                {
                    foreach (var type in (string?[])["text/plain; charset=utf-8", "application/json", "text/event-stream", null])
                    {
                        cells.Add(profile, stream, true, type, "");
                        cells.Add(profile, stream, false, type, "");
                    }

                    foreach (var encoding in (string[])["gzip", "x-gzip", "br", "deflate", "identity", "gzip, br"])
                    {
                        cells.Add(profile, stream, stream, stream ? "text/event-stream" : "application/json", encoding);
                    }
                }
            }

            return cells;
        }
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task An_answer_is_read_by_what_it_is(string profile, bool stream, bool sendsEvents, string? type, string encoding)
    {
        await using var upstream = new RawUpstream(call => call.SendAsync(Http(200, sendsEvents ? Events : Json, type, encoding)));
        await using var gateway = await TestGateway.StartAsync(Toml(upstream.BaseUrl));

        using var response = await gateway.Client.PostChatAsync(gateway.Address + "v1", ChatCall.Body(profile, stream: stream, more: stream ? "\"stream_options\":{\"include_usage\":true}" : null));
        var text = await response.Content.ReadAsStringAsync();

        ((int)response.StatusCode).Should().Be(200, "the answer is {0}", text);
        text.Replace("\\u00e4", "ä", StringComparison.Ordinal).Should().MatchRegex("(?s)Whole äns.*wer").And.Contain("\"finish_reason\":\"stop\"").And.NotContain("\"error\"").And.Contain("\"prompt_tokens\":");
        text.EndsWith("data: [DONE]\n\n", StringComparison.Ordinal).Should().Be(stream);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("deflate")]
    public async Task Errors_are_read_compressed_too(string encoding)
    {
        await using var upstream = new RawUpstream(call => call.SendAsync(Http(400, "{\"detail\":\"no such parameter\"}", "application/json", encoding)));
        await using var gateway = await TestGateway.StartAsync(Toml(upstream.BaseUrl));

        using var response = await gateway.Client.PostChatAsync(gateway.Address + "v1", ChatCall.Body("a"));

        ((int)response.StatusCode).Should().Be(400);
        (await response.Content.ReadAsStringAsync()).Should().Contain("no such parameter");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_comes_out_is_bounded(bool stream)
    {
        var bomb = "{\"choices\":[{\"message\":{\"content\":\"" + new string('x', 20 * 1024 * 1024) + "\"}}]}";
        await using var upstream = new RawUpstream(call => call.SendAsync(Http(200, bomb, "application/json", "gzip")));
        await using var gateway = await TestGateway.StartAsync("[server]\nmax_reply_mb = 1\n" + Toml(upstream.BaseUrl));

        foreach (var profile in (string[])["a", "cascade", "moa", "best"])
        {
            using var response = await gateway.Client.PostChatAsync(gateway.Address + "v1", ChatCall.Body(profile, stream: stream));

            ((int)response.StatusCode).Should().Be(502);
            (await response.Content.ReadAsStringAsync()).Should().Contain("larger than the gateway accepts").And.Contain("1 MiB").And.Contain("max_reply_mb");
        }
    }

    [Theory]
    [InlineData("zip", Json)]
    [InlineData("gzip", "not compressed at all")]
    [InlineData("gzip, gzip, gzip", Json)]
    public async Task What_cannot_be_decoded_is_a_protocol_error(string encoding, string body)
    {
        await using var upstream = new RawUpstream(call => call.SendAsync(
            $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: {encoding}\r\nContent-Length: {body.Length}\r\n\r\n{body}"));
        await using var gateway = await TestGateway.StartAsync(Toml(upstream.BaseUrl));

        using var response = await gateway.Client.PostChatAsync(gateway.Address + "v1", ChatCall.Body("a"));

        (await response.Content.ReadAsStringAsync()).Should().Contain("upstream_protocol_error");
    }

    [Theory]
    [InlineData("gzip", false, 200)]
    [InlineData("br", false, 200)]
    [InlineData("br", true, 200)]
    [InlineData("br", true, 400)]
    [InlineData("deflate", true, 200)]
    public async Task What_is_compressed_wrongly_is_the_upstreams_fault_wherever_it_is_noticed(string encoding, bool stream, int status)
    {
        var type = stream ? "text/event-stream" : "application/json";
        await using var upstream = new RawUpstream(call => call.SendAsync(
            $"HTTP/1.1 {status} X\r\nContent-Type: {type}\r\nContent-Encoding: {encoding}\r\nContent-Length: {Json.Length}\r\n\r\n{Json}"));
        await using var gateway = await TestGateway.StartAsync(Toml(upstream.BaseUrl));

        foreach (var profile in (string[])["a", "cascade", "moa", "best"])
        {
            using var response = await gateway.Client.PostChatAsync(gateway.Address + "v1", ChatCall.Body(profile, stream: stream));

            ((int)response.StatusCode).Should().BeOneOf(400, 502);
            (await response.Content.ReadAsStringAsync()).Should().Contain("\"error\"").And.NotContain("internal server error");
        }

        gateway.Log.Errors.Should().BeEmpty();
    }

    [Fact]
    public async Task Calls_in_events_nobody_asked_for_are_whole()
    {
        const string Calls =
            "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"tool_calls\":[{\"index\":0,\"id\":\"c1\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{\\\"a\"}}]}}]}\n\n"
            + "data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"\\\":1}\"}}]}}]}\n\n"
            + "data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":1,\"id\":\"c2\",\"function\":{\"name\":\"g\",\"arguments\":\"{}\"}}]},\"finish_reason\":\"tool_calls\"}]}\n\ndata: [DONE]\n\n";
        await using var upstream = new RawUpstream(call => call.SendAsync(Http(200, Calls, "text/event-stream", "")));
        await using var gateway = await TestGateway.StartAsync(Toml(upstream.BaseUrl));

        using var response = await gateway.Client.PostChatAsync(
            gateway.Address + "v1",
            ChatCall.Body("a", more: "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}},{\"type\":\"function\",\"function\":{\"name\":\"g\"}}]"));

        (await response.Content.ReadAsStringAsync()).Should()
            .Contain("\"id\":\"c1\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{\\\"a\\\":1}\"}")
            .And.Contain("\"id\":\"c2\",\"type\":\"function\",\"function\":{\"name\":\"g\",\"arguments\":\"{}\"}").And.Contain("\"finish_reason\":\"tool_calls\"");
    }

    private static string Http(int status, string body, string? type, string encoding)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        foreach (var one in encoding.Split(", "))
        {
            bytes = Compressed(bytes, one);
        }

        var head = $"HTTP/1.1 {status} X\r\nContent-Length: {bytes.Length}\r\n";
        head += type is null ? "" : $"Content-Type: {type}\r\n";
        head += encoding.Length == 0 ? "" : $"Content-Encoding: {encoding}\r\n";
        return head + "\r\n" + Encoding.Latin1.GetString(bytes);
    }

    private static byte[] Compressed(byte[] bytes, string encoding)
    {
        if (encoding is "" or "identity")
        {
            return bytes;
        }

        var output = new MemoryStream();
        using (Stream stream = encoding switch
        {
            "gzip" or "x-gzip" => new GZipStream(output, CompressionLevel.Fastest, leaveOpen: true),
            "br" => new BrotliStream(output, CompressionLevel.Fastest, leaveOpen: true),
            _ => new ZLibStream(output, CompressionLevel.Fastest, leaveOpen: true),
        })
        {
            stream.Write(bytes);
        }

        return output.ToArray();
    }

    private static string Toml(string baseUrl)
    {
        string[] names = ["a", "b", "s"];
        return string.Concat(names.Select(n => $"[upstreams.{n}]\nmodel_id = \"{n}\"\nbase_url = \"{baseUrl}\"\ncontext = 8192\nmax_output = 512\nretries = 0\nidle_timeout_secs = 0.3\n"))
            + "[profiles.cascade]\ntype = \"cascade\"\nupstreams = [\"a\", \"b\"]\n"
            + "[profiles.moa]\ntype = \"moa\"\ngenerators = [\"a\", \"b\"]\nsynthesizer = \"s\"\n"
            + "[profiles.best]\ntype = \"moa\"\ngenerators = [\"a\"]\nsynthesizer = \"s\"\n";
    }
}
