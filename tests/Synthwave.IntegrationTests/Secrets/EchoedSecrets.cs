using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;

namespace Synthwave.IntegrationTests.Secrets;

/// <summary>One answer of an upstream that tells secrets.</summary>
/// <param name="Name">For a failing test.</param>
/// <param name="Http">Head and body, by whether a stream is wanted.</param>
internal sealed record EchoedReply(string Name, Func<bool, string> Http)
{
    public override string ToString() => Name;
}

/// <summary>All the ways in which an upstream may tell secrets that it was shown.</summary>
internal sealed class EchoedSecrets
{
    /// <summary>Secrets that nobody configured: of the upstream itself, or of one behind it.</summary>
    public static readonly string[] Foreign = ["sk-gen3ric0123456789", "gen3ric-bearer-1", "gen3ric-pass", "gen3ric-param-1", "gen3ric-member-1", "gen3ric-named-1", "Z2VuM3JpYzpwYXNz"];

    private const string ForeignWords =
        "sk-gen3ric0123456789 Bearer gen3ric-bearer-1 Basic Z2VuM3JpYzpwYXNz https://u:gen3ric-pass@h.test/v1?a=1&api_key=gen3ric-param-1 Incorrect API key provided: gen3ric-named-1";

    private readonly string _words;
    private readonly string _headers;

    public EchoedSecrets(IEnumerable<string> secrets)
    {
        var all = secrets.ToList();
        var base64 = all.Where(s => s.Contains("basic_auth_pass", StringComparison.Ordinal)).Select(s => Convert.ToBase64String(Encoding.UTF8.GetBytes($"gateway:{s}")));
        _words = string.Join(" ; ", [.. all, .. all.Select(Uri.EscapeDataString), .. base64, ForeignWords]);
        _headers = string.Concat(all.Select((s, i) => $"X-Echo-{i}: {s}\r\n")) + $"X-Request-Id: {all[0]}\r\nRetry-After: {all[0]}\r\nSet-Cookie: k={all[0]}\r\nWWW-Authenticate: Bearer {all[0]}\r\nServer: {all[0]}\r\n";
    }

    /// <summary>Every status, every shape of an error, events, redirects.</summary>
    public IEnumerable<EchoedReply> Replies()
    {
        foreach (var status in (int[])[400, 401, 402, 403, 404, 405, 408, 409, 413, 415, 422, 425, 429, 451, 498, 500, 501, 502, 503, 504, 529])
        {
            yield return new($"{status} openai", _ => Http(status, OpenAi(_words)));
        }

        foreach (var status in (int[])[400, 404, 429, 500])
        {
            yield return new($"{status} anthropic", _ => Http(status, $$$"""{"type":"error","error":{"type":"invalid_request_error","message":{{{Quote(_words)}}} }}"""));
            yield return new($"{status} detail", _ => Http(status, $$"""{"detail":[{"loc":["header","x-api-key"],"msg":{{Quote(_words)}},"input":{{Quote(_words)}} }]}"""));
            yield return new($"{status} escaped", _ => Http(status, OpenAi(_words, Escape)));
            yield return new($"{status} nested", _ => Http(status, OpenAi(OpenAi(_words))));
            yield return new($"{status} html", _ => Http(status, $"<html><head><title>{Html()}</title></head><body>{Html()}</body></html>", "text/html"));
            yield return new($"{status} text", _ => Http(status, _words, "text/plain"));
            yield return new($"{status} long", _ => Http(status, new string(' ', 4080) + _words, "text/plain"));
        }

        yield return new("200 error", _ => Http(200, OpenAi(_words)));
        yield return new("200 html", _ => Http(200, $"<html><title>{Html()}</title></html>", "text/html"));
        yield return new("302", _ => $"HTTP/1.1 302 Found\r\nLocation: https://h.test/?key={_words.Split(' ')[0]}\r\n{_headers}Content-Length: 0\r\n\r\n");
        yield return new("event", isStream => isStream ? Http(200, $"data: {OpenAi(_words)}\n\n", "text/event-stream") : Http(500, OpenAi(_words)));
        yield return new("anthropic event", isStream => Http(200, $$$"""
            event: error
            data: {"type":"error","error":{"type":"overloaded_error","message":{{{Quote(_words)}}} }}


            """.ReplaceLineEndings("\n"), "text/event-stream"));
        yield return new("event behind content", isStream => isStream
            ? Http(200, $"data: {{\"id\":\"x\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"hi\"}},\"finish_reason\":null}}]}}\n\ndata: {OpenAi(_words)}\n\n", "text/event-stream")
            : Http(503, OpenAi(_words)));
    }

    /// <summary>An answer of a model that says what it is told to, which its upstream names in the model's name, too.</summary>
    /// <param name="said">What it says.</param>
    /// <param name="path">What it is asked.</param>
    /// <param name="isStream">Whether a stream is wanted.</param>
    public static string Answer(string said, string path, bool isStream) => path[(path.LastIndexOf('/') + 1)..] switch
    {
        "embeddings" => Plain($"{{\"object\":\"list\",\"model\":{Quote(said)},\"data\":[{{\"object\":\"embedding\",\"index\":0,\"embedding\":[0.5],\"by\":{Quote(said)}}}],\"usage\":{{\"prompt_tokens\":1,\"total_tokens\":1}}}}", "application/json"),
        "tokenize" => Plain($"{{\"count\":2,\"max_model_len\":100,\"tokens\":[1,2],\"token_strs\":[{Quote(said)},\"b\"]}}", "application/json"),
        "detokenize" => Plain($"{{\"prompt\":{Quote(said)}}}", "application/json"),
        "completions" when !path.Contains("/chat/", StringComparison.Ordinal) => isStream
            ? Plain($"data: {{\"id\":\"x\",\"object\":\"text_completion\",\"created\":1,\"model\":{Quote(said)},\"choices\":[{{\"index\":0,\"text\":{Quote("Yes, it is " + said)},\"finish_reason\":\"stop\"}}]}}\n\ndata: [DONE]\n\n", "text/event-stream")
            : Plain($"{{\"id\":\"x\",\"object\":\"text_completion\",\"created\":1,\"model\":{Quote(said)},\"choices\":[{{\"index\":0,\"text\":{Quote("Yes, it is " + said)},\"finish_reason\":\"stop\"}}]}}", "application/json"),
        _ => Chat(said, isStream),
    };

    private static string Chat(string said, bool isStream) => isStream
        ? Plain($"data: {{\"id\":\"x\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":{Quote(said)},\"choices\":[{{\"index\":0,\"delta\":{{\"content\":{Quote("Yes, it is " + said)}}},\"finish_reason\":\"stop\"}}]}}\n\ndata: [DONE]\n\n", "text/event-stream")
        : Plain($"{{\"id\":\"x\",\"object\":\"chat.completion\",\"created\":1,\"model\":{Quote(said)},\"choices\":[{{\"index\":0,\"message\":{{\"role\":\"assistant\",\"content\":{Quote("Yes, it is " + said)}}},\"finish_reason\":\"stop\"}}]}}", "application/json");

    private static string Plain(string body, string type) => $"HTTP/1.1 200 OK\r\nContent-Type: {type}\r\nContent-Length: {body.Length}\r\n\r\n{body}";

    private static string OpenAi(string words, Func<string, string>? quote = null) =>
        $$$$"""{"error":{"message":{{{{(quote ?? Quote)(words)}}}},"type":"invalid_request_error","param":null,"code":null},"request":{"headers":{"x-api-key":"gen3ric-member-1","authorization":{{{{(quote ?? Quote)(words)}}}} }}}""";

    private static string Quote(string text) => JsonSerializer.Serialize(text);

    // Every character as an escape.
    private static string Escape(string text) => $"\"{string.Concat(text.Select(c => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}")))}\"";

    private string Html() => WebUtility.HtmlEncode(_words);

    private string Http(int status, string body, string type = "application/json") =>
        string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {status} Echo\r\nContent-Type: {type}\r\n{_headers}Content-Length: {body.Length}\r\n\r\n{body}");
}
