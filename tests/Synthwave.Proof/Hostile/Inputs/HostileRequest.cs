using System.Collections.Immutable;
using System.Text;

namespace Synthwave.Proof.Hostile.Inputs;

/// <summary>The bytes of a whole connection from its client's side: heads as nobody should send them, some with bodies, some with a second request behind.</summary>
/// <param name="Bytes">All that is sent.</param>
/// <param name="What">How it was made, in a word or two.</param>
internal sealed record HostileRequest(byte[] Bytes, string What)
{
    private static readonly ImmutableArray<string> Paths =
    [
        "/", "/healthz", "/health", "/v1/health", "/v1/models", "/v1/models/a", "/metrics", "/v1/metrics/moa", "/openapi.json", "/v1/responses/resp_1", "/v1/responses/resp_1/input_items", "/v1/conversations",
        "/v1/chat/completions", "/chat/completions", "/v1/v1/models", "/openai/v1/models", "/nothing",
    ];

    private static readonly ImmutableArray<string> OddPaths =
    [
        "", "*", "//", "///v1//models", "/../../etc/passwd", "/v1/../v1/models", "/v1/models/%2e%2e/%2e%2e", "/v1/models/%00", "/v1/models/%ff%fe", "/v1/models/%", "/v1/models/%zz", "/v1/models/%ed%a0%80", "/%2F%2Fv1/models",
        "/v1/models/a%0d%0aX-Odd:%201", "http://127.0.0.1/v1/models", "http://other.example/v1/models", "https://127.0.0.1:443/healthz", "http://", "127.0.0.1:80", "/v1/models?%ff&a[]=1&=&&", "/v1/models?x=\u00ff", "/v1/models#f", "/\\v1\\models",
        "/v1/models/" + "%c3%a9%c3%a9%c3%a9%c3%a9", "/v1/responses/" + "%2e%2e%2fmodels", "/v1/models/\u0001",
    ];

    private static readonly ImmutableArray<string> Methods = ["GET", "GET", "GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "PRI", "get", "G\u00c9T", "G ET", "", "AVERYLONGMETHODTHATNOBODYKNOWS", "GET\t"];

    private static readonly ImmutableArray<string> OddHeaders =
    [
        "Content-Length: 5\r\nContent-Length: 6", "Content-Length: 5\r\nTransfer-Encoding: chunked", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", "Transfer-Encoding: xchunked", "Transfer-Encoding : chunked",
        "Transfer-Encoding: gzip, chunked", "Content-Length: -1", "Content-Length: +5", "Content-Length: 99999999999999999999", "Content-Length: 0x5", "Content-Length: 5, 5", "Content-Length:", "Host: a\r\nHost: b", "Host:", "Host: a b", "Host: [::1",
        "X-Odd: a\r\n folded", "X-Odd\u0000: a", "X-Odd: a\u0000b", ": novalue", "NoColon", "X Odd: a", "X-Odd: a\rb", "X-Odd: \u00ff\u00fe", "Expect: 100-continue", "Expect: nothing", "Connection: close, upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: AAAA\r\nSec-WebSocket-Version: 13",
        "Connection: upgrade, http2-settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA", "Origin: null", "Origin: http://evil.example", "Origin: http://127.0.0.1\r\nAccess-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: *", "Sec-Fetch-Site: cross-site",
        "Accept: \u0001", "Accept: text/plain;q=2, */*;q=-1, ;;;,,,", "traceparent: 00-zz-zz-zz", "baggage: a=b,,,=;=", "X-Forwarded-For: \"><script>", "X-Request-Id: a\tb", "Content-Encoding: gzip", "Range: bytes=0-,-1", "If-Match: \"", "TE: trailers", "Trailer: Content-Length",
        "anthropic-version: \u00e9", "anthropic-beta: a,,b\tc", "Cookie: " + "a=b;", "Authorization: Bearer", "Authorization: Bearer \u00ff", "Authorization: Basic AAAA", "x-api-key:", "api-key: a\r\nx-api-key: b", "Max-Forwards: 0", "X-MetaModel-Profile: moa",
    ];

    private static readonly ImmutableArray<string> ChunkSizes = ["5", "0", "00000005", "5;a=b", "5;" + "a=\"", "-1", "+5", "0x5", "FFFFFFFF", "7FFFFFFF", "80000000", "FFFFFFFFFFFFFFFF", "FFFFFFFFFFFFFFFFF", "1000000000000000000000000", "g", "", " 5", "5 ", "5\t", "\u0000"];

    /// <summary>One connection's bytes.</summary>
    /// <param name="random">Where everything comes from.</param>
    /// <param name="token">Sent by most of them.</param>
    /// <param name="number">Of the input.</param>
    public static HostileRequest Draw(Random random, string token, long number)
    {
        var body = Door.All[0].Body(random.Pick(Door.Models), random.Once(2), UpstreamCall.Plain, number);
        switch (random.Next(14))
        {
            case 0 or 1:
                return Of(Head(random, random.Pick(Methods), random.Pick(Paths), token, ""), [], "odd method");
            case 2 or 3:
                return Of(Head(random, "GET", random.Pick(OddPaths), token, ""), [], "odd path");
            case 4 or 5:
                return Of(Head(random, "GET", random.Pick(Paths), token, random.Pick(OddHeaders) + "\r\n"), [], "odd header on GET");
            case 6 or 7:
                return Of(Head(random, "POST", random.Pick(Door.All).Path, token, random.Pick(OddHeaders) + "\r\n", body.Length), body, "odd header on POST");
            case 8:
                return Chunked(random, token, body);
            case 9:
                var size = random.Pick([1_000, 9_000, 40_000, 200_000]);
                return Of(Head(random, "GET", random.Once(3) ? "/v1/models/" + new string('a', size) : "/v1/models", token, random.Once(2) ? $"X-Odd: {new string('a', size)}\r\n" : string.Concat(Enumerable.Range(0, size / 20).Select(static i => FormattableString.Invariant($"X-Odd-{i}: a\r\n")))), [], "oversized");
            case 10:
                return Of($"{random.Pick(["GET /v1/models", "GET /v1/models HTTP/1.0", "GET /v1/models HTTP/0.9", "GET /v1/models HTTP/2.0", "GET /v1/models HTTP/1.1.1", "GET  /v1/models  HTTP/1.1", "GET /v1/models HTTP/1.1\n\n", "\r\n\r\nGET /v1/models HTTP/1.1", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "\u0016\u0003\u0001\u0002\u0000\u0001", "GET /v1/models http/1.1"])}\r\nAuthorization: Bearer {token}\r\n\r\n", [], "odd version");
            case 11:
                var whole = Of(Head(random, "POST", "/v1/chat/completions", token, "", body.Length), body, "");
                return new(whole.Bytes[..random.Next(whole.Bytes.Length)], "half sent");
            case 12:
                var good = Of(Head(random, "POST", "/v1/chat/completions", token, "", body.Length), body, "");
                return new([.. good.Bytes, .. Of(Head(random, "GET", random.Pick(Paths), token, ""), [], "").Bytes, .. good.Bytes], "pipelined");
            default:
                var damaged = Of(Head(random, "POST", "/v1/chat/completions", token, "", body.Length), [], "");
                return new([.. ByteDamage.Apply(random, damaged.Bytes), .. body], "damaged head");
        }
    }

    private static HostileRequest Chunked(Random random, string token, byte[] body)
    {
        var size = random.Pick(ChunkSizes);
        var isGood = random.Once(4);
        var text = new List<byte>(Latin(isGood ? FormattableString.Invariant($"{body.Length:x}\r\n") : size + "\r\n"));
        text.AddRange(body);
        text.AddRange(Latin(random.Pick(["\r\n0\r\n\r\n", "\r\n0\r\nContent-Length: 0\r\n\r\n", "0\r\n\r\n", "\r\n", "\n0\n\n", "\r\n0\r\nX: \u0000\r\n\r\n"])));
        return Of(Head(random, "POST", random.Pick(Door.All).Path, token, "Transfer-Encoding: chunked\r\n"), [.. text], "chunk size");
    }

    private static string Head(Random random, string method, string path, string token, string more, int? length = null) => FormattableString.Invariant(
        $"{method} {path} HTTP/1.{(random.Once(12) ? 0 : 1)}\r\nHost: 127.0.0.1\r\n{(random.Once(20) ? "" : $"Authorization: Bearer {token}\r\n")}{(method is "POST" ? "Content-Type: application/json\r\n" : "")}{more}{(length is { } bytes && !more.Contains("Content-Length", StringComparison.Ordinal) ? FormattableString.Invariant($"Content-Length: {bytes}\r\n") : "")}{(random.Once(8) ? "Connection: close\r\n" : "")}\r\n");

    private static HostileRequest Of(string head, byte[] body, string what) => new([.. Latin(head), .. body], what);

    private static byte[] Latin(string text) => Encoding.Latin1.GetBytes(text);
}
