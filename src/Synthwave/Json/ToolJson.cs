using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Synthwave.Json;

/// <summary>Reads what models write as calls: members that may be missing, null or of the wrong type.</summary>
internal static class ToolJson
{
    /// <summary>A member that is there and not null.</summary>
    public static JsonElement? Find(JsonElement parent, string name) => JsonNames.Find(parent, name);

    /// <summary>A string member's text; lone surrogates survive.</summary>
    public static string? Text(JsonElement parent, string name) => Find(parent, name) is { ValueKind: JsonValueKind.String } text ? Text(text) : null;

    /// <summary>The text of a string.</summary>
    public static string Text(JsonElement text) => ChunkText.Unescape(JsonMarshal.GetRawUtf8Value(text)[1..^1]);

    /// <summary>Writes a member whose value stands as it is, so that no string has to be decoded; half of a surrogate pair in its name becomes a mark of what is none.</summary>
    public static void WriteRaw(Utf8JsonWriter writer, JsonProperty member)
    {
        writer.WritePropertyName(Encoding.UTF8.GetBytes(member.NameText()));
        writer.WriteRawValue(JsonMarshal.GetRawUtf8Value(member.Value), skipInputValidation: true);
    }
}
