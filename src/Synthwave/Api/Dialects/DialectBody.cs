using System.Text.Json;
using System.Text.Unicode;
using Synthwave.Chat;
using Synthwave.Json;

namespace Synthwave.Api.Dialects;

/// <summary>Reads request bodies that have to be translated.</summary>
internal static class DialectBody
{
    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>
    /// Parses a body that must be one JSON object without duplicate members at its top. The caller disposes the document, which refers to
    /// <paramref name="body"/>. Null with an <paramref name="error"/> otherwise: <c>invalid_json</c>, <c>invalid_request</c>, <c>duplicate_key</c>.
    /// </summary>
    public static JsonDocument? Parse(ReadOnlyMemory<byte> body, out GatewayError? error)
    {
        var text = body.Span.StartsWith(ByteOrderMark) ? body[ByteOrderMark.Length..] : body;
        if (!Utf8.IsValid(text.Span))
        {
            error = GatewayError.BadRequest("invalid_json", "The request body is not valid UTF-8. Send JSON encoded as UTF-8.");
            return null;
        }

        JsonDocument document;
        try
        {
            document = JsonReading.Document(text);
        }
        catch (JsonException e)
        {
            error = GatewayError.BadRequest(
                "invalid_json", $"The request body is not valid JSON, or nested more than {JsonLimits.MaxDepth} levels deep (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}).");
            return null;
        }

        error = document.RootElement.ValueKind is not JsonValueKind.Object
            ? GatewayError.BadRequest("invalid_request", "The request body must be a JSON object.")
            : CheckNames(document.RootElement);
        if (error is null)
        {
            return document;
        }

        document.Dispose();
        return null;
    }

    private static GatewayError? CheckNames(JsonElement root)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var member in root.EnumerateObject())
        {
            if (!member.TryGetName(out var name))
            {
                return GatewayError.BadRequest("invalid_json", "A member name of the request contains half of a surrogate pair, which is not valid Unicode.");
            }

            if (!names.Add(name))
            {
                var shown = JsonText.Excerpt(member.RawName());
                return GatewayError.BadRequest("duplicate_key", $"The member {shown} stands more than once in the request. Send it once.", shown);
            }
        }

        return null;
    }
}
