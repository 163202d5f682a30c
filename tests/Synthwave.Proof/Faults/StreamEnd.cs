using System.Net.Http.Headers;
using System.Text.Json;
using Synthwave.TestKit;

namespace Synthwave.Proof.Faults;

/// <summary>How a streamed request ended, or what is wrong with its end.</summary>
/// <param name="Way">Which of the ways allowed.</param>
/// <param name="Problem">Null = it ended as it may.</param>
internal sealed record StreamEnd(StreamEndWay Way, string? Problem)
{
    /// <summary>The error's code, or its type where it has none; null = no error.</summary>
    public string? Code { get; private init; }

    /// <summary>Reads the answer to its end. <paramref name="texts"/> is everything any model had to say.</summary>
    public static async Task<StreamEnd> ReadAsync(HttpResponseMessage response, IReadOnlyCollection<string> texts) =>
        response.IsSuccessStatusCode ? OfStream(response.Content.Headers.ContentType, await SseCapture.ReadAsync(response), texts) : await OfErrorAsync(response);

    private static StreamEnd OfStream(MediaTypeHeaderValue? type, SseCapture stream, IReadOnlyCollection<string> texts)
    {
        var errors = stream.Chunks.Count(static c => c.TryGetProperty("error", out _));
        var way = stream.Done ? StreamEndWay.Complete : stream.Content.Length > 0 ? StreamEndWay.ErrorAfterContent : StreamEndWay.ErrorBeforeContent;
        var problem = (type?.MediaType, stream) switch
        {
            (not "text/event-stream", _) => $"the content type is {type}",
            (_, { Broken: { } broken }) => $"the body broke off: {broken.Message}",
            (_, { Remainder.Length: > 0 }) => $"bytes after the last event: {stream.Remainder}",
            (_, { Done: true }) when errors > 0 => "an error event and [DONE]",
            (_, { Done: true, FinishReason: null }) => "[DONE] without a finish reason",
            (_, { Done: true }) when !texts.Contains(stream.Content) => $"no model's text: {stream.Content}",
            (_, { Done: true }) => null,
            _ when errors != 1 => $"{errors} error events and no [DONE]",
            _ when stream.Events.Last().Json is var last && !IsError(last) => $"something after the error event: {last}",
            _ when !texts.Any(t => t.StartsWith(stream.Content, StringComparison.Ordinal)) => $"not the beginning of one model's text: {stream.Content}",
            _ => null,
        };
        return new(way, problem is null ? null : $"{problem}\n{stream}") { Code = stream.Error is { } error ? CodeOf(error) : null };
    }

    private static async Task<StreamEnd> OfErrorAsync(HttpResponseMessage response)
    {
        var body = await response.Content.ReadAsStringAsync();
        try
        {
            using var json = JsonDocument.Parse(body);
            return IsError(json.RootElement)
                ? new(StreamEndWay.JsonError, null) { Code = CodeOf(json.RootElement.GetProperty("error")) }
                : new(StreamEndWay.JsonError, $"{(int)response.StatusCode} without a typed error: {body}");
        }
        catch (JsonException)
        {
            return new(StreamEndWay.JsonError, $"{(int)response.StatusCode} with something that is no JSON: {body}");
        }
    }

    private static string? CodeOf(JsonElement error) =>
        error.TryGetProperty("code", out var code) && code.ValueKind is JsonValueKind.String ? code.GetString() : error.GetProperty("type").GetString();

    private static bool IsError(JsonElement root) =>
        root.TryGetProperty("error", out var error) && error.ValueKind is JsonValueKind.Object
        && error.TryGetProperty("message", out var message) && message.ValueKind is JsonValueKind.String
        && error.TryGetProperty("type", out var type) && type.ValueKind is JsonValueKind.String;
}

internal enum StreamEndWay { Complete, ErrorAfterContent, ErrorBeforeContent, JsonError }
