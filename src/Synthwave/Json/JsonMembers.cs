using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Synthwave.Json;

/// <summary>Reads members and texts of other people's JSON, which may be missing, null or of the wrong type. None of these throws at what a document says.</summary>
internal static class JsonMembers
{
    /// <summary>A member; of a repeated name the last counts. What is no object has none.</summary>
    public static bool TryGet(this JsonElement parent, ReadOnlySpan<byte> name, out JsonElement value)
    {
        value = default;
        if (parent.ValueKind is not JsonValueKind.Object)
        {
            return false;
        }

        var found = false;
        foreach (var member in parent.EnumerateObject())
        {
            if (member.IsNamed(name))
            {
                value = member.Value;
                found = true;
            }
        }

        return found;
    }

    /// <summary>A member that is there and not null.</summary>
    public static bool Has(this JsonElement parent, ReadOnlySpan<byte> name, out JsonElement value) =>
        parent.TryGet(name, out value) && value.ValueKind is not JsonValueKind.Null;

    /// <summary>A member of one kind.</summary>
    public static bool Has(this JsonElement parent, ReadOnlySpan<byte> name, JsonValueKind kind, out JsonElement value) =>
        parent.TryGet(name, out value) && value.ValueKind == kind;

    /// <summary>Whether a member is this very string.</summary>
    public static bool Is(this JsonElement parent, ReadOnlySpan<byte> name, ReadOnlySpan<byte> text) => parent.TryGet(name, out var value) && value.IsText(text);

    /// <summary>The same as <see cref="TryGet(JsonElement, ReadOnlySpan{byte}, out JsonElement)"/>, by a name of at most <see cref="JsonNames.Longest"/> bytes.</summary>
    public static bool TryGet(this JsonElement parent, string name, out JsonElement value)
    {
        Span<byte> utf8 = stackalloc byte[JsonNames.Longest];
        return parent.TryGet(utf8[..Encoding.UTF8.GetBytes(name, utf8)], out value);
    }

    /// <summary>A member that is there and not null.</summary>
    public static JsonElement? Find(this JsonElement parent, string name) =>
        parent.TryGet(name, out var value) && value.ValueKind is not JsonValueKind.Null ? value : null;

    /// <summary>A member that a look before has found.</summary>
    public static JsonElement Get(this JsonElement parent, ReadOnlySpan<byte> name) =>
        parent.TryGet(name, out var value) ? value : throw new InvalidOperationException($"The document has no {Encoding.UTF8.GetString(name)}.");

    /// <summary>A string member's text; null = there is none. Half of a surrogate pair survives.</summary>
    public static string? FindText(this JsonElement parent, string name) => parent.Find(name) is { ValueKind: JsonValueKind.String } text ? text.Text() : null;

    /// <summary>Whether a string is <paramref name="expected"/>; anything else than a string is not.</summary>
    public static bool IsText(this JsonElement value, ReadOnlySpan<byte> expected) => value.ValueKind is JsonValueKind.String && JsonText.Matches(value.RawText(), expected);

    /// <summary>The value's bytes as they were sent.</summary>
    public static ReadOnlySpan<byte> Raw(this JsonElement value) => JsonMarshal.GetRawUtf8Value(value);

    /// <summary>A string between its quotes, still escaped; empty for anything else.</summary>
    public static ReadOnlySpan<byte> RawText(this JsonElement value) => value.ValueKind is JsonValueKind.String ? value.Raw()[1..^1] : default;

    /// <summary>A string's text, empty for anything else. Half of a surrogate pair survives.</summary>
    public static string Text(this JsonElement value) => JsonText.Unescape(value.RawText());

    /// <summary>A string's text; false for anything else, and for half of a surrogate pair, which is no text anyone means.</summary>
    public static bool TryGetText(this JsonElement value, out string text)
    {
        var decoded = value.ValueKind is JsonValueKind.String ? JsonText.Decode(value.RawText()) : null;
        text = decoded ?? "";
        return decoded is not null;
    }
}
