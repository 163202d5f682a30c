using System.Globalization;
using System.Text.Json;
using Synthwave.TestKit;

namespace Synthwave.Proof.Contracts;

/// <summary>What came back on a request with caps.</summary>
/// <param name="Status">HTTP.</param>
/// <param name="Code">Of the error, in the body or in the stream; null = none.</param>
/// <param name="Asked">Generators or voters called, as reported; null = the route has none.</param>
/// <param name="Degraded">What the report says was given up; empty = nothing.</param>
/// <param name="UsageAddsUp">Whether the calls' usage sums to the answer's; null = the answer has none.</param>
/// <param name="Elapsed">Until the last byte.</param>
internal sealed record CappedAnswer(int Status, string? Code, int? Asked, string Degraded, bool? UsageAddsUp, TimeSpan Elapsed)
{
    public static async Task<CappedAnswer> ReadAsync(HttpResponseMessage response, long startedAt)
    {
        JsonElement? root;
        string? code;
        JsonElement? usage = null;
        if (response.Content.Headers.ContentType?.MediaType is "text/event-stream")
        {
            var stream = await SseCapture.ReadAsync(response);
            root = stream.Chunks.Where(static c => c.TryGetProperty("x_meta_model", out _)).Select(static c => (JsonElement?)c).LastOrDefault();
            code = stream.Error is { } error ? CodeOf(error) : null;
            usage = stream.Usage;
        }
        else
        {
            root = JsonElement.Parse(await response.Content.ReadAsByteArrayAsync());
            code = root.Value.TryGetProperty("error", out var error) ? CodeOf(error) : null;
            usage = root.Value.TryGetProperty("usage", out var own) ? own : null;
        }

        var elapsed = TimeProvider.System.GetElapsedTime(startedAt);
        var trace = root is { } document && document.TryGetProperty("x_meta_model", out var found) ? found : (JsonElement?)null;
        return new CappedAnswer((int)response.StatusCode, code, Number(response, "X-MetaModel-Generators") ?? Number(response, "X-MetaModel-Voters"), DegradedOf(response, trace), AddsUp(usage, trace), elapsed);
    }

    private static string? CodeOf(JsonElement error) => error.GetProperty("code") is { ValueKind: JsonValueKind.String } code ? code.GetString() : error.GetProperty("type").GetString();

    private static int? Number(HttpResponseMessage response, string header) =>
        response.Headers.TryGetValues(header, out var values) && int.TryParse(values.First(), CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string DegradedOf(HttpResponseMessage response, JsonElement? trace)
    {
        if (response.Headers.TryGetValues("X-MetaModel-Degrade-Step", out var steps))
        {
            return string.Join(',', steps);
        }

        return trace is { } t && t.TryGetProperty("degraded", out var degraded) ? string.Join(',', degraded.EnumerateArray()) : "";
    }

    private static bool? AddsUp(JsonElement? usage, JsonElement? trace)
    {
        if (usage is not { ValueKind: JsonValueKind.Object } total || trace is not { } t || !t.TryGetProperty("calls", out var calls))
        {
            return null;
        }

        var reported = calls.EnumerateArray().Where(static c => c.TryGetProperty("usage", out _)).Select(static c => c.GetProperty("usage")).ToArray();
        return new[] { "prompt_tokens", "completion_tokens", "total_tokens" }.All(m => reported.Sum(u => u.GetProperty(m).GetInt64()) == total.GetProperty(m).GetInt64());
    }
}
