using System.Text.Json;
using Synthwave.Proof.Hostile.Sockets;

namespace Synthwave.Proof.Hostile;

/// <summary>What an answer must be, whatever was asked: a document that parses or a stream with an end, no failure of the gateway's own, no secret.</summary>
internal static class AnswerCheck
{
    private static readonly JsonDocumentOptions Deep = new() { MaxDepth = 100_000 };

    // What streams of the dialects end with.
    private static readonly string[] Endings = ["message_stop", "response.completed", "response.incomplete", "response.failed", "error"];

    /// <summary>Counts and judges an answer.</summary>
    /// <param name="answer">Null = the connection was closed without one.</param>
    /// <param name="input">What was sent.</param>
    /// <param name="upstreamFails">Whether an upstream may be behind a failure, so that 502 to 504 are true, and a document may break off.</param>
    /// <param name="mayBeBare">Whether the server itself may have refused it before there was a request.</param>
    /// <param name="mayBeRelayed">Whether an upstream's own document is passed on with its status.</param>
    public static Ending Judge(HttpMessage? answer, ReadOnlyMemory<byte> input, bool upstreamFails = false, bool mayBeBare = false, bool mayBeRelayed = false)
    {
        if (answer is null)
        {
            return new("closed", mayBeBare ? null : "closed without an answer", input);
        }

        var isStream = answer.MediaType is "text/event-stream";
        var outcome = FormattableString.Invariant($"{answer.Status}{(isStream ? " stream" : "")}");
        return new(outcome, Problem(answer, isStream, upstreamFails, mayBeBare, mayBeRelayed) is { } problem ? $"{problem}\n{answer.First}\n{Printable.Of(answer.Body.Span)}" : null, input);
    }

    private static string? Problem(HttpMessage answer, bool isStream, bool upstreamFails, bool mayBeBare, bool mayBeRelayed)
    {
        if (answer.End is MessageEnd.Malformed)
        {
            return "the answer is no HTTP";
        }

        if (answer.Holds(HostileTarget.Key) || answer.Holds(HostileTarget.Token))
        {
            return $"a secret in an answer with status {answer.Status}";
        }

        if (answer.Holds("internal server error") || (answer.Status >= 500 && !upstreamFails && answer.Status is not (501 or 505)))
        {
            return $"status {answer.Status} without an upstream's fault";
        }

        if (isStream)
        {
            return Stream(answer);
        }

        if (answer.End is MessageEnd.Cut)
        {
            return upstreamFails ? null : "the answer breaks off";
        }

        if (answer.Body.IsEmpty)
        {
            return mayBeBare || answer.Status is < 400 ? null : $"status {answer.Status} without a document";
        }

        return answer.MediaType is "application/json" ? Document(answer, mayBeRelayed) : answer.Status >= 400 ? $"status {answer.Status} as {answer.MediaType}" : null;
    }

    private static string? Document(HttpMessage answer, bool mayBeRelayed)
    {
        try
        {
            using var document = JsonDocument.Parse(answer.Body, Deep);
            return answer.Status < 400 || mayBeRelayed || document.RootElement.ValueKind is JsonValueKind.Object && document.RootElement.TryGetProperty("error"u8, out _) || answer.Text.Contains("\"status\"", StringComparison.Ordinal)
                ? null
                : $"status {answer.Status} without an error document";
        }
        catch (JsonException)
        {
            return "a document that is no JSON";
        }
    }

    private static string? Stream(HttpMessage answer)
    {
        if (answer.End is MessageEnd.Cut)
        {
            return "a stream that breaks off";
        }

        var data = answer.Text.ReplaceLineEndings("\n").Split('\n').Where(static l => l.StartsWith("data:", StringComparison.Ordinal)).Select(static l => l[5..].Trim()).ToList();
        if (data is not [.., var last])
        {
            return "a stream without an event";
        }

        if (last is "[DONE]")
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(last, Deep);
            var root = document.RootElement;
            return root.ValueKind is JsonValueKind.Object && (root.TryGetProperty("error"u8, out _) || (root.TryGetProperty("type"u8, out var type) && type.ValueKind is JsonValueKind.String && Endings.Contains(type.GetString()))) ? null : "a stream without an end";
        }
        catch (JsonException)
        {
            return "a stream whose last event is no JSON";
        }
    }
}
