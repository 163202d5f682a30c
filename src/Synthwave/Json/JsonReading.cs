using System.Text.Json;
using System.Text.Unicode;

namespace Synthwave.Json;

/// <summary>The ways to open JSON text, all under <see cref="JsonLimits"/>: what one reader accepts, the next one does too.</summary>
internal static class JsonReading
{
    // Made anew each time: small structs that need no check whether statics are there.
    private static JsonReaderOptions ReaderOptions => new() { MaxDepth = JsonLimits.MaxDepth };

    private static JsonDocumentOptions DocumentOptions => new() { MaxDepth = JsonLimits.MaxDepth };

    /// <summary>A reader before the first token. It throws <see cref="JsonException"/> where the text is no JSON, and does not look whether strings are UTF-8.</summary>
    public static Utf8JsonReader Reader(ReadOnlySpan<byte> json) => new(json, ReaderOptions);

    /// <summary>A reader on the first token of <paramref name="json"/>, which is known to be valid.</summary>
    public static Utf8JsonReader ReaderAt(ReadOnlySpan<byte> json)
    {
        var reader = Reader(json);
        reader.Read();
        return reader;
    }

    /// <summary>A document that refers to <paramref name="json"/>; the caller disposes it. Throws <see cref="JsonException"/>.</summary>
    public static JsonDocument Document(ReadOnlyMemory<byte> json) => JsonDocument.Parse(json, DocumentOptions);

    /// <summary>The same of text from outside; null = not JSON in UTF-8, or nested too deeply.</summary>
    public static JsonDocument? TryDocument(ReadOnlyMemory<byte> json)
    {
        try
        {
            return Utf8.IsValid(json.Span) ? Document(json) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Whether text from outside is one JSON object in UTF-8 that may become part of a document, see <see cref="JsonLimits.MaxEmbeddedDepth"/>.</summary>
    public static bool IsEmbeddable(ReadOnlySpan<byte> text) => IsWhole(new(text, new() { MaxDepth = JsonLimits.MaxEmbeddedDepth }), isObject: true) && Utf8.IsValid(text);

    /// <summary>Whether text from outside is one whole JSON value.</summary>
    public static bool IsWhole(ReadOnlySpan<byte> text) => IsWhole(Reader(text), isObject: false);

    /// <summary>A value with a copy of its text, which nobody has to dispose. Throws <see cref="JsonException"/>.</summary>
    public static JsonElement Element(ReadOnlySpan<byte> json) => JsonElement.Parse(json, DocumentOptions);

    private static bool IsWhole(Utf8JsonReader reader, bool isObject)
    {
        try
        {
            return reader.Read() && (!isObject || reader.TokenType is JsonTokenType.StartObject) && reader.TrySkip() && !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
