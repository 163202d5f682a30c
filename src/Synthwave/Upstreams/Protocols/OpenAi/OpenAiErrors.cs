using System.Text.Json;
using Synthwave.Json;
using Synthwave.Upstreams.Faults;

namespace Synthwave.Upstreams.Protocols.OpenAi;

/// <summary>Turns a status and an error document into a fault. Understands OpenAI's error object and the looser shapes local servers send. Never throws.</summary>
internal static class OpenAiErrors
{
    /// <summary>Codes and types that mean the request is longer than the model's context.</summary>
    private static readonly string[] ContextCodes =
    [
        "context_length_exceeded", "exceed_context_size_error", "context_window_exceeded", "model_context_window_exceeded", "string_above_max_length", "request_too_large",
    ];

    /// <summary>Phrases of servers that put the same into words only.</summary>
    private static readonly string[] ContextPhrases =
    [
        "maximum context length", "context length exceeded", "exceeds the context", "context window", "available context size", "prompt is too long", "input is too long",
        "maximum model length", "max_model_len",
    ];

    public static UpstreamFault Read(int status, ReadOnlyMemory<byte> body)
    {
        var (error, isRelayable) = Parse(body);
        var kind = status switch
        {
            >= 300 and < 400 => UpstreamFaultKind.Redirected,
            400 or 422 => IsAboutContext(error) ? UpstreamFaultKind.ContextTooLong : UpstreamFaultKind.BadRequest,
            401 or 403 => UpstreamFaultKind.Unauthorized,
            413 => UpstreamFaultKind.ContextTooLong,
            429 => UpstreamFaultKind.RateLimited,
            >= 400 and < 500 => UpstreamFaultKind.Rejected,
            >= 500 and < 600 => UpstreamFaultKind.ServerError,
            _ => UpstreamFaultKind.Malformed,
        };
        return new UpstreamFault(kind) { Status = status, ErrorBody = isRelayable ? body : default(ReadOnlyMemory<byte>?) };
    }

    /// <summary>An error inside a stream: the status was 200, so only the document can say more than that the stream is broken.</summary>
    public static UpstreamFault ReadEvent(ReadOnlyMemory<byte> data)
    {
        var (error, _) = Parse(data);
        return error switch
        {
            not null when IsAboutContext(error) => new UpstreamFault(UpstreamFaultKind.ContextTooLong),
            { Status: 429 } => new UpstreamFault(UpstreamFaultKind.RateLimited) { Status = 429 },
            { Status: >= 500 and < 600 } => new UpstreamFault(UpstreamFaultKind.ServerError) { Status = error.Status },
            _ => new UpstreamFault(UpstreamFaultKind.StreamBroken),
        };
    }

    private static bool IsAboutContext(ErrorText? error) =>
        error is not null
        && (ContextCodes.Contains(error.Code, StringComparer.OrdinalIgnoreCase)
            || ContextCodes.Contains(error.Type, StringComparer.OrdinalIgnoreCase)
            || ContextPhrases.Any(p => error.Message.Contains(p, StringComparison.OrdinalIgnoreCase)));

    private static (ErrorText? Error, bool IsRelayable) Parse(ReadOnlyMemory<byte> body)
    {
        // No JSON: the status alone decides.
        using var document = JsonReading.TryDocument(body);
        if (document?.RootElement is not { ValueKind: JsonValueKind.Object } root)
        {
            return default;
        }

        // Some servers leave the wrapper out, some write a bare text into it.
        var hasError = root.TryGet("error"u8, out var error);
        return (Read(hasError ? error : root), hasError && error.Has("message"u8, JsonValueKind.String, out _));
    }

    private static ErrorText Read(JsonElement error) => error.ValueKind is JsonValueKind.String
        ? new ErrorText("", "", error.Text(), null)
        : new ErrorText(Text(error, "code"), Text(error, "type"), Text(error, "message"), Number(error, "code"u8) ?? Number(error, "status"u8));

    private static string Text(JsonElement error, string name) => error.FindText(name) ?? "";

    private static int? Number(JsonElement error, ReadOnlySpan<byte> name) =>
        error.Has(name, JsonValueKind.Number, out var value) && value.TryGetInt32(out var number) ? number : null;

    private sealed record ErrorText(string Code, string Type, string Message, int? Status);
}
