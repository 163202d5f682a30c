using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Synthwave.Proof.Hostile.Inputs;

/// <summary>Replies as no upstream should send them: status, headers, framing, body and end, each in order or not.</summary>
internal static class OddReply
{
    private static readonly int[] Statuses =
        [201, 202, 203, 204, 205, 206, 300, 301, 302, 303, 304, 307, 308, 400, 401, 402, 403, 404, 405, 408, 409, 410, 413, 415, 418, 422, 425, 429, 451, 499, 500, 501, 502, 503, 504, 520, 529, 599];

    private static readonly string[] StatusLines = ["HTTP/1.1 200", "HTTP/1.0 200 OK", "HTTP/1.1 2000 OK", "HTTP/1.1 020 OK", "HTTP/1.1 -1 OK", "HTTP/2 200", "HTTP/1.1  200 OK", "200 OK", "ICY 200 OK", "<html>", "", "\u0000\u0001\u0002", "HTTP/1.1 200 \u00ff\u0000"];

    private static readonly string[] Types =
        ["application/json; charset=utf-8", "application/json; charset=utf-16", "text/event-stream; charset=iso-8859-1", "text/html", "text/plain", "application/octet-stream", "", "/", "application/json\u00ff", "multipart/mixed", "application/x-ndjson"];

    private static readonly string[] Headers =
    [
        "Retry-After: 1", "Retry-After: 0", "Retry-After: -5", "Retry-After: 99999999999999999999", "Retry-After: Fri, 31 Dec 9999 23:59:59 GMT", "Retry-After: soon", "retry-after-ms: 1e99", "Location: http://127.0.0.1:1/", "Location: \u00ff", "Location: /v1/elsewhere",
        "Set-Cookie: a=b", "x-request-id: \u00e9\u0001", "x-ratelimit-reset-requests: 1y", "Content-Encoding: unknown", "Trailer: x", "Connection: close", "Connection: keep-alive, close", "Keep-Alive: timeout=0", "WWW-Authenticate: Basic realm=\"", "X\u0001Y: a", "NoColon", "X: a\r\n folded",
        "Access-Control-Allow-Origin: *", "Date: never", "Age: -1", "Transfer-Encoding: gzip",
    ];

    private static readonly string[] Documents =
    [
        "", " ", "null", "true", "[]", "{}", "{\"error\":null}", "{\"error\":\"no\"}", "{\"error\":{}}", "{\"error\":{\"message\":null,\"code\":[]}}", "{\"error\":{\"message\":\"\\ud83d\"}}", "{\"detail\":[{\"loc\":[\"body\"],\"msg\":\"x\"}]}",
        "{\"code\":1234,\"msg\":\"quota used up\"}", "<html><body>Bad gateway</body></html>", "upstream connect error", "{\"choices\":null}", "{\"choices\":[]}", "{\"choices\":[null]}", "{\"choices\":[{}]}", "{\"choices\":[{\"message\":null}]}", "{\"choices\":[{\"index\":-1,\"message\":{\"content\":1}}]}",
        "{\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":null,\"tool_calls\":1},\"finish_reason\":\"tool_calls\"}]}",
        "{\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"x\",\"type\":\"function\",\"function\":{\"name\":\"read\",\"arguments\":\"{\\\"text\\\":\\\"\\\\ud83d\\\"}\"}}]},\"finish_reason\":\"tool_calls\"}]}",
        "{\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"\\ud83d\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":-1,\"completion_tokens\":1e999,\"total_tokens\":\"x\"}}",
        "{\"object\":\"list\",\"data\":[{\"embedding\":[1e999,null]},{\"index\":99}]}", "{\"object\":\"list\",\"data\":{}}", "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"x\"}}", "{\"content\":[{\"type\":\"tool_use\",\"input\":1}],\"stop_reason\":1}",
    ];

    private static readonly string[] Events =
    [
        "data: [DONE]\n\n", "data:[DONE]\n", "data: {}\n\n", "data: null\n\n", "data: [\n\n", "data\n\n", "data:\n\n", ": comment\n\n", ":\n", "\n\n\n", "event: error\ndata: {\"error\":{\"message\":\"x\"}}\n\n", "event: ping\ndata: {\"type\":\"ping\"}\n\n", "id: \u0000\nretry: -1\n\n",
        "data: {\"error\":{\"message\":\"late\",\"code\":500}}\n\n", "data: {\"choices\":[]}\n\n", "data: {\"choices\":null,\"usage\":null}\n\n", "data: {\"choices\":[{\"delta\":null}]}\n\n", "data: {\"choices\":[{\"index\":7,\"delta\":{\"content\":\"x\"}}]}\n\n",
        "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":[{\"type\":\"thinking\",\"thinking\":[{\"type\":\"text\",\"text\":\"t\"}]}]}}]}\n\n", "data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":1}}]}\n\n",
        "data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":99999999999,\"function\":{\"arguments\":\"{\"}}]}}]}\n\n", "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\\ud83d\"},\"finish_reason\":null}]}\n\n",
        "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"<think>\"},\"finish_reason\":null}]}\n\n", "data: {\"\\ud800\":1,\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"error\"}]}\n\n", "data: {\"choices\":\ndata: []}\n\n", "data: {\"type\":\"content_block_delta\",\"index\":99,\"delta\":{}}\n\n",
        "data: {\"type\":\"message_stop\"}\n\n", "event: message_start\ndata: {\"type\":\"message_start\",\"message\":null}\n\n", "data: \r\r", "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"}}]}\r\r", "\ufeffdata: {}\n\n",
    ];

    private static readonly byte[] Filler = [.. Enumerable.Repeat((byte)'a', 2_000_000)];

    public static UpstreamReply Draw(Random random, UpstreamCall call)
    {
        if (random.Once(150))
        {
            return new(Latin(random.Once(2) ? "" : "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"), ReplyEnd.Silence, "silence");
        }

        if (random.Once(150))
        {
            return Endless(random);
        }

        var (body, isStream, what) = Content(random, call);
        var status = random.Next(3) > 0 ? "HTTP/1.1 200 OK" : random.Once(12) ? random.Pick(StatusLines) : string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {random.Pick(Statuses)} Odd");
        var head = new StringBuilder();
        if (random.Once(12))
        {
            head.Append(random.Pick(["HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n", "HTTP/1.1 102 Processing\r\n\r\n", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"]));
        }

        head.Append(status).Append("\r\n");
        var type = random.Once(6) ? random.Pick(Types) : isStream ? "text/event-stream" : "application/json";
        head.Append(type.Length > 0 ? $"Content-Type: {type}\r\n" : "");
        for (var i = random.Once(4) ? random.Next(1, 4) : 0; i > 0; i--)
        {
            head.Append(random.Pick(Headers)).Append("\r\n");
        }

        if (random.Once(200))
        {
            head.Append(CultureInfo.InvariantCulture, $"X-Long: {new string('a', random.Pick([30_000, 100_000]))}\r\n");
        }

        (body, what) = Packed(random, body, head, what);
        var (bytes, end, framing) = Framed(random, body, head);
        return Cut(random, new(bytes, end, $"{what}, {framing}"), call.Order.Number);
    }

    private static (byte[] Body, bool IsStream, string What) Content(Random random, UpstreamCall call)
    {
        var text = PlainReplies.Text(call.Order.Number);
        var good = Encoding.UTF8.GetBytes(PlainReplies.Body(call with { IsStream = random.Once(12) ? !call.IsStream : call.IsStream }, text));
        var isStream = good.AsSpan().StartsWith("data:"u8) || good.AsSpan().StartsWith("event:"u8);
        switch (random.Next(10))
        {
            case 0 or 1:
                return (good, isStream, "plain");
            case 2:
                return (Encoding.UTF8.GetBytes(random.Pick(Documents)), false, "odd document");
            case 3:
                // What a provider may say of a key it does not know.
                var error = $$$"""{"error":{"message":"Incorrect API key provided: {{{call.Key}}}. Header was: Authorization {{{call.Key}}}","type":"invalid_request_error","code":"invalid_api_key"}}""";
                return (Encoding.UTF8.GetBytes(isStream && random.Once(2) ? $"data: {error}\n\n" : error), isStream && random.Once(2), "key told");
            case 4:
                return (OddValues.Nested(random, random.Pick([63, 64, 80, 255, 256, 1_000, 50_000])), false, "nested");
            case 5:
                return (ByteDamage.Apply(random, good), isStream, "damaged");
            case 6 when isStream:
                var events = new StringBuilder();
                for (var i = random.Next(1, 8); i > 0; i--)
                {
                    events.Append(random.Pick(Events));
                }

                return (random.Once(2) ? Encoding.UTF8.GetBytes(events.ToString()) : [.. good[..(good.AsSpan().IndexOf("\n\n"u8) + 2)], .. Encoding.UTF8.GetBytes(events.ToString())], true, "odd events");
            case 7:
                return (random.Once(4) ? [.. Encoding.UTF8.GetBytes(isStream ? "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" : "{\"a\":\""), .. Filler] : good, isStream, "large");
            default:
                return (isStream ? OddEvent(random, good) : JsonPlaces.Replaced(random, good), isStream, "odd value");
        }
    }

    // A value of one event replaced.
    private static byte[] OddEvent(Random random, byte[] events)
    {
        var text = Encoding.UTF8.GetString(events);
        string[] parts = text.Split("\n\n");
        var at = random.Next(parts.Length);
        var data = parts[at].IndexOf("data: {", StringComparison.Ordinal);
        if (data < 0)
        {
            return ByteDamage.Apply(random, events);
        }

        var json = Encoding.UTF8.GetBytes(parts[at][(data + 6)..]);
        var odd = random.Once(4) ? JsonPlaces.WithMember(random, json) : JsonPlaces.Replaced(random, json);
        var before = Encoding.UTF8.GetBytes(string.Concat(parts[..at].Select(static p => p + "\n\n")) + parts[at][..(data + 6)]);
        var after = Encoding.UTF8.GetBytes("\n\n" + string.Join("\n\n", parts[(at + 1)..]));
        return [.. before, .. odd, .. after];
    }

    private static (byte[] Body, string What) Packed(Random random, byte[] body, StringBuilder head, string what)
    {
        if (!random.Once(12))
        {
            return (body, what);
        }

        using var output = new MemoryStream();
        using (var gzip = new GZipStream(output, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(random.Once(3) ? new byte[8_000_000] : body);
        }

        head.Append("Content-Encoding: ").Append(random.Pick(["gzip", "gzip", "br", "deflate", "x"])).Append("\r\n");
        var packed = output.ToArray();
        return (random.Once(3) ? ByteDamage.Apply(random, packed) : packed, what + " packed");
    }

    private static (byte[] Bytes, ReplyEnd End, string Framing) Framed(Random random, byte[] body, StringBuilder head)
    {
        byte[] With(string line, params ReadOnlySpan<byte> content) => [.. Latin($"{head}{line}\r\n"), .. content];
        var length = string.Create(CultureInfo.InvariantCulture, $"Content-Length: {body.Length}\r\n");
        switch (random.Next(16))
        {
            case 0:
                return (With("", body), ReplyEnd.Close, "to the end");
            case 1:
                return (With(string.Create(CultureInfo.InvariantCulture, $"Content-Length: {body.Length + random.Next(1, 9)}\r\n"), body), random.Pick([ReplyEnd.Close, ReplyEnd.Reset]), "length too long");
            case 2:
                return (With(string.Create(CultureInfo.InvariantCulture, $"Content-Length: {Math.Max(0, body.Length - random.Next(1, 9))}\r\n"), body), ReplyEnd.Close, "length too short");
            case 3:
                return (With(random.Pick(["Content-Length: -1\r\n", "Content-Length: x\r\n", "Content-Length: 99999999999999999999\r\n", "Content-Length: 5\r\nContent-Length: 6\r\n", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"]), body), ReplyEnd.Close, "lying length");
            case 4:
                return (With("Transfer-Encoding: chunked\r\n", [.. Latin(random.Pick(["FFFFFFFFFFFFFFFF\r\n", "-1\r\n", "zz\r\n", "7FFFFFFF\r\n", "\r\n", "5;x=\u0000\r\n"])), .. body]), ReplyEnd.Close, "odd chunks");
            case 5 or 6 or 7 or 8:
                return (With("Transfer-Encoding: chunked\r\n", [.. Latin(string.Create(CultureInfo.InvariantCulture, $"{body.Length:x}\r\n")), .. body, .. Latin(body.Length > 0 ? "\r\n0\r\n\r\n" : "\r\n")]), ReplyEnd.Keep, "chunked");
            case 9:
                // Then it closes. On a connection that stays, one that arrives when the next request has been sent is taken for its answer by every client of HTTP/1.1, and each
                // later answer for the one after it: nothing in the bytes tells.
                return (With(length, [.. body, .. "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n{\"x\":1}"u8]), ReplyEnd.Close, "an answer too many");
            default:
                return (With(length, body), random.Once(4) ? ReplyEnd.Close : ReplyEnd.Keep, "length");
        }
    }

    // At every byte in turn, since inputs count up; or in small pieces.
    private static UpstreamReply Cut(Random random, UpstreamReply reply, long number) => random.Next(6) switch
    {
        0 => reply with { Bytes = reply.Bytes[..(int)(number % (reply.Bytes.Length + 1))], End = random.Pick([ReplyEnd.Close, ReplyEnd.Reset]), What = reply.What + ", cut" },
        1 when reply.Bytes.Length < 3_000 => reply with { Piece = random.Pick([7, 50, 300]), Pause = TimeSpan.FromMilliseconds(1), What = reply.What + ", in pieces" },
        _ => reply,
    };

    private static UpstreamReply Endless(Random random)
    {
        var head = $"HTTP/1.1 200 OK\r\nContent-Type: {(random.Once(3) ? "application/json" : "text/event-stream")}\r\n\r\n";
        var tail = random.Pick(
        [
            ": still here\n\n", "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"and so on \"},\"finish_reason\":null}]}\n\n", "data: {\"choices\":[{\"index\":0,\"delta\":{\"reasoning_content\":\"hm \"}}]}\n\n", " ", "a", "\n", "data: x\n",
            "data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"c\",\"type\":\"function\",\"function\":{\"name\":\"read\",\"arguments\":\"aaaa\"}}]}}]}\n\n",
        ]);
        return new(Latin(head), ReplyEnd.Endless, "endless") { Tail = Latin(string.Concat(Enumerable.Repeat(tail, random.Pick([1, 50])))), Pause = TimeSpan.FromMilliseconds(random.Pick([2, 20])) };
    }

    private static byte[] Latin(string text) => Encoding.Latin1.GetBytes(text);
}
