using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using Synthwave.Chat;
using Synthwave.Json;

namespace Synthwave.Api.Dialects;

/// <summary>Reading and writing request bodies that have to be translated.</summary>
internal static class DialectBody
{
    /// <summary>Output for machines: no escapes but those JSON asks for. What is written is built from values known to be valid.</summary>
    public static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

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
            document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = JsonLimits.MaxDepth });
        }
        catch (JsonException e)
        {
            error = GatewayError.BadRequest(
                "invalid_json", $"The request body is not valid JSON, or nested more than {JsonLimits.MaxDepth} levels deep (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}).");
            return null;
        }

        error = document.RootElement.ValueKind is not JsonValueKind.Object
            ? GatewayError.BadRequest("invalid_request", "The request body must be a JSON object.")
            : HasUndecodableName(text.Span)
                ? GatewayError.BadRequest("invalid_json", "A member name of the request contains half of a surrogate pair, which is not valid Unicode.")
                : FindDuplicateName(document.RootElement);
        if (error is null)
        {
            return document;
        }

        document.Dispose();
        return null;
    }

    /// <summary>The value's bytes as they were sent.</summary>
    public static ReadOnlySpan<byte> Raw(this JsonElement value) => JsonMarshal.GetRawUtf8Value(value);

    /// <summary>Writes a member with the bytes it was sent with.</summary>
    public static void WriteRaw(this Utf8JsonWriter json, ReadOnlySpan<byte> name, JsonElement value)
    {
        json.WritePropertyName(name);
        json.WriteRawValue(value.Raw(), skipInputValidation: true);
    }

    /// <summary>The member, unless it is missing or null.</summary>
    public static bool Has(this JsonElement owner, ReadOnlySpan<byte> name, out JsonElement value) =>
        owner.TryGet(name, out value) && value.ValueKind is not JsonValueKind.Null;

    /// <summary>The string's text; false for anything else, and for half a surrogate pair, which has no text.</summary>
    public static bool TryGetText(this JsonElement value, out string text)
    {
        text = "";
        if (value.ValueKind is not JsonValueKind.String)
        {
            return false;
        }

        try
        {
            text = value.GetString()!;
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static GatewayError? FindDuplicateName(JsonElement root)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var member in root.EnumerateObject())
        {
            if (!names.Add(member.Name))
            {
                var shown = JsonText.Excerpt(JsonMarshal.GetRawUtf8PropertyName(member));
                return GatewayError.BadRequest("duplicate_key", $"The member {shown} stands more than once in the request. Send it once.", shown);
            }
        }

        return null;
    }

    // A name with half a surrogate pair has no text: whoever compares it would throw. Bodies without such escapes, nearly all, are not looked through.
    private static bool HasUndecodableName(ReadOnlySpan<byte> text)
    {
        if (text.IndexOf("\\ud"u8) < 0 && text.IndexOf("\\uD"u8) < 0)
        {
            return false;
        }

        var reader = new Utf8JsonReader(text, new JsonReaderOptions { MaxDepth = JsonLimits.MaxDepth });
        while (reader.Read())
        {
            if (reader is { TokenType: JsonTokenType.PropertyName, ValueIsEscaped: true } && JsonText.Decode(reader.ValueSpan, isEscaped: true) is null)
            {
                return true;
            }
        }

        return false;
    }
}
