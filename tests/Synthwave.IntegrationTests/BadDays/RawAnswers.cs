using System.Text;
using System.Text.Json;
using Synthwave.IntegrationTests.Upstreams;
using Synthwave.TestKit;

namespace Synthwave.IntegrationTests.BadDays;

/// <summary>
/// Upstreams <c>a</c>, <c>b</c>, <c>c</c> and <c>s</c> that send exactly the bytes they are told, behind the profiles <c>cascade</c> (a, b), <c>moa</c> (a, b → s),
/// <c>three</c> (a, b, c → s), <c>pick</c> (a, b, c, of which s picks one), <c>best</c> (a → s) and <c>open</c> (a, reasoning exposed).
/// </summary>
internal static class RawAnswers
{
    public const string Done = "data: [DONE]\n\n";

    /// <summary>One chunk with one choice, as an event.</summary>
    public static string Chunk(string delta, string reason = "null") =>
        $"data: {{\"id\":\"x\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{{\"index\":0,\"delta\":{delta},\"finish_reason\":{reason}}}]}}\n\n";

    /// <summary>A completion with one choice.</summary>
    public static string Document(string message, string? reason) =>
        $"{{\"id\":\"x\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"m\",\"choices\":[{{\"index\":0,\"message\":{message}{(reason is null ? "" : $",\"finish_reason\":{reason}")}}}]}}";

    /// <summary>An event stream's head and body, or a document's.</summary>
    public static string Http(string body) =>
        $"HTTP/1.1 200 OK\r\nContent-Type: {(body.StartsWith("data:", StringComparison.Ordinal) ? "text/event-stream" : "application/json")}\r\nContent-Length: {body.Length}\r\n\r\n{body}";

    /// <summary>Asks a profile whose upstreams all say the same.</summary>
    public static Task<RawAnswer> AskAsync(string profile, bool stream, Func<bool, string> body, string? more = null) =>
        AskAsync(profile, stream, (_, isStream) => Http(body(isStream)), more);

    /// <summary>Asks a profile whose upstreams say what <paramref name="reply"/> makes of their model and of whether events are wanted: head and body.</summary>
    public static async Task<RawAnswer> AskAsync(string profile, bool stream, Func<string, bool, string> reply, string? more = null)
    {
        await using var upstream = new RawUpstream(call =>
        {
            // A health probe brings no body.
            var request = call.Body.Length > 0 ? JsonElement.Parse(call.Body) : JsonElement.Parse("{\"model\":\"\"}");
            var isStream = request.TryGetProperty("stream", out var asked) && asked.GetBoolean();
            return call.SendAsync(reply(request.GetProperty("model").GetString()!, isStream));
        });
        await using var gateway = await TestGateway.StartAsync(Toml(upstream.BaseUrl));
        using var response = await gateway.Client.PostChatAsync(gateway.Address + "v1", ChatCall.Body(profile, stream: stream, more: more));
        var status = (int)response.StatusCode;
        var headers = response.Headers.ToDictionary(h => h.Key, h => string.Join(',', h.Value), StringComparer.OrdinalIgnoreCase);
        if (response.Content.Headers.ContentType?.MediaType == "text/event-stream")
        {
            var capture = await SseCapture.ReadAsync(response, null, CancellationToken.None);
            return new(status, capture.Content, string.Join('\n', capture.Events.Select(e => e.Text))) { FinishReason = capture.FinishReason, Headers = headers };
        }

        var raw = await response.Content.ReadAsStringAsync();
        var root = JsonElement.Parse(raw);
        var choice = root.TryGetProperty("choices", out var choices) ? choices[0] : default;
        return choice.ValueKind is JsonValueKind.Undefined
            ? new(status, "", raw) { Headers = headers }
            : new(status, choice.GetProperty("message").TryGetProperty("content", out var content) ? content.GetString() ?? "" : "", raw) { FinishReason = choice.GetProperty("finish_reason").GetString(), Headers = headers };
    }

    /// <summary>The configuration with every upstream at one address.</summary>
    public static string Toml(string baseUrl)
    {
        var toml = new StringBuilder();
        foreach (var name in (string[])["a", "b", "c", "s"])
        {
            toml.Append($"[upstreams.{name}]\nmodel_id = \"{name}\"\nbase_url = \"{baseUrl}\"\ncontext = 8192\nmax_output = 512\nretries = 0\nidle_timeout_secs = 2\n");
        }

        return toml
            .Append("[profiles.cascade]\ntype = \"cascade\"\nupstreams = [\"a\", \"b\"]\n")
            .Append("[profiles.moa]\ntype = \"moa\"\ngenerators = [\"a\", \"b\"]\nsynthesizer = \"s\"\n")
            .Append("[profiles.three]\ntype = \"moa\"\ngenerators = [\"a\", \"b\", \"c\"]\nsynthesizer = \"s\"\n")
            .Append("[profiles.pick]\ntype = \"moa\"\nsynthesis_mode = \"best-of\"\ngenerators = [\"a\", \"b\", \"c\"]\nsynthesizer = \"s\"\n")
            .Append("[profiles.best]\ntype = \"moa\"\ngenerators = [\"a\"]\nsynthesizer = \"s\"\n")
            .Append("[profiles.open]\ntype = \"cascade\"\nupstreams = [\"a\"]\nexpose_reasoning = true\n")
            .ToString();
    }
}

/// <summary>What a client saw.</summary>
/// <param name="Status">HTTP.</param>
/// <param name="Content">The answer's text; empty where there is none.</param>
/// <param name="Raw">The document, or the data of all events, one a line.</param>
internal sealed record RawAnswer(int Status, string Content, string Raw)
{
    public string? FinishReason { get; init; }

    public required IReadOnlyDictionary<string, string> Headers { get; init; }
}
