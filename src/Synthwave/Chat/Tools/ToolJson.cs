using System.Runtime.InteropServices;
using System.Text.Json;

namespace Synthwave.Chat.Tools;

/// <summary>Reads what models write as calls: members that may be missing, null or of the wrong type.</summary>
internal static class ToolJson
{
    /// <summary>A member that is there and not null.</summary>
    public static JsonElement? Find(JsonElement parent, string name) =>
        parent.ValueKind is JsonValueKind.Object && parent.TryGetProperty(name, out var value) && value.ValueKind is not JsonValueKind.Null ? value : null;

    /// <summary>A string member's text; lone surrogates survive.</summary>
    public static string? Text(JsonElement parent, string name) => Find(parent, name) is { ValueKind: JsonValueKind.String } text ? Text(text) : null;

    /// <summary>The text of a string.</summary>
    public static string Text(JsonElement text) => ChunkText.Unescape(JsonMarshal.GetRawUtf8Value(text)[1..^1]);

    /// <summary>Writes a member as it stands, so that no string has to be decoded.</summary>
    public static void WriteRaw(Utf8JsonWriter writer, string name, JsonElement value)
    {
        writer.WritePropertyName(name);
        writer.WriteRawValue(JsonMarshal.GetRawUtf8Value(value), skipInputValidation: true);
    }
}
