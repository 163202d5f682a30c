using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;
using Synthwave.Api.Endpoints;

namespace Synthwave.TestKit;

/// <summary>The API's description as the gateway serves it, and its schemas as a judge of what the gateway says. Thread-safe.</summary>
internal static class ApiDescription
{
    // First: what follows is made of it.
    public static JsonElement Document { get; } = JsonElement.Parse(OpenApiEndpoint.Read());

    private static readonly string Definitions =
        Element(Document, "components", "schemas")!.Value.GetRawText().Replace("#/components/schemas/", "#/$defs/", StringComparison.Ordinal);

    private static readonly ConcurrentDictionary<string, JsonSchema> Schemas = new(StringComparer.Ordinal);

    /// <summary>Every method of every path.</summary>
    public static IEnumerable<(string Path, string Method, JsonElement Operation)> Operations =>
        from path in Document.GetProperty("paths").EnumerateObject()
        from method in path.Value.EnumerateObject()
        where method.Name is not "parameters"
        select (path.Name, method.Name, method.Value);

    /// <summary>What is wrong with an answer; empty = it is as described.</summary>
    public static IReadOnlyList<string> Problems(string path, string method, int status, string mediaType, JsonElement body)
    {
        var code = status.ToString(System.Globalization.CultureInfo.InvariantCulture);
        if (Element(Document, "paths", path, method, "responses", code) is not { } response)
        {
            return [$"{method} {path} is not described to answer {status}."];
        }

        return Element(Resolved(response), "content", mediaType, "schema") is { } schema ? Problems(schema, body) : [$"{method} {path} is not described to answer {status} as {mediaType}."];
    }

    /// <summary>What is wrong with a value; empty = it is as the schema says.</summary>
    public static IReadOnlyList<string> Problems(JsonElement schema, JsonElement value)
    {
        var judge = Schemas.GetOrAdd(
            schema.GetRawText().Replace("#/components/schemas/", "#/$defs/", StringComparison.Ordinal),
            static text => JsonSchema.FromText($$"""{"$schema":"https://json-schema.org/draft/2020-12/schema","allOf":[{{text}}],"$defs":{{Definitions}}}"""));
        var verdict = judge.Evaluate(JsonNode.Parse(value.GetRawText()), new EvaluationOptions { OutputFormat = OutputFormat.List });
        return verdict.IsValid
            ? []
            : [.. verdict.Details.Where(static d => d.Errors is { Count: > 0 }).SelectMany(static d => d.Errors!.Select(e => $"{d.InstanceLocation}: {e.Value} ({d.EvaluationPath})")).DefaultIfEmpty("It is not valid.")];
    }

    /// <summary>What a reference leads to, or the element itself.</summary>
    public static JsonElement Resolved(JsonElement element) =>
        element.ValueKind is JsonValueKind.Object && element.TryGetProperty("$ref", out var reference)
            ? Element(Document, reference.GetString()!.Split('/').AsSpan(1)) ?? throw new InvalidOperationException($"{reference} leads nowhere.")
            : element;

    private static JsonElement? Element(JsonElement from, params ReadOnlySpan<string> steps)
    {
        foreach (var step in steps)
        {
            if (from.ValueKind is not JsonValueKind.Object || !from.TryGetProperty(step, out from))
            {
                return null;
            }
        }

        return from;
    }
}
