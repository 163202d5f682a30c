using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Synthwave.Json;

/// <summary>
/// Compares names and texts of other people's JSON. The library's own comparisons throw at an escape that is half of a surrogate pair, which is valid JSON
/// and no valid Unicode: here it is a name that nobody asked for.
/// </summary>
internal static class JsonNames
{
    private const int Longest = 64;

    /// <summary>Whether the reader's current name or string is <paramref name="expected"/> (at most 64 bytes).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TextIs(this ref Utf8JsonReader reader, scoped ReadOnlySpan<byte> expected) => JsonText.Matches(reader.ValueSpan, reader.ValueIsEscaped, expected);

    /// <inheritdoc cref="TextIs(ref Utf8JsonReader, ReadOnlySpan{byte})"/>
    public static bool TextIs(this ref Utf8JsonReader reader, string expected)
    {
        Span<byte> utf8 = stackalloc byte[Longest];
        return reader.TextIs(utf8[..Encoding.UTF8.GetBytes(expected, utf8)]);
    }

    public static bool IsNamed(this JsonProperty member, ReadOnlySpan<byte> name) => Is(JsonMarshal.GetRawUtf8PropertyName(member), name);

    /// <summary>The name as text; half of a surrogate pair survives.</summary>
    public static string NameText(this JsonProperty member) => ChunkText.Unescape(JsonMarshal.GetRawUtf8PropertyName(member));

    /// <summary>Whether a string is <paramref name="expected"/>; anything else than a string is not.</summary>
    public static bool IsText(this JsonElement value, ReadOnlySpan<byte> expected) =>
        value.ValueKind is JsonValueKind.String && Is(JsonMarshal.GetRawUtf8Value(value)[1..^1], expected);

    /// <summary>A member of an object; of a repeated name the last counts.</summary>
    public static bool TryGet(this JsonElement parent, ReadOnlySpan<byte> name, out JsonElement value)
    {
        value = default;
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

    /// <summary>A member of an object that is there and not null.</summary>
    public static JsonElement? Find(JsonElement parent, string name)
    {
        Span<byte> utf8 = stackalloc byte[Longest];
        return parent.ValueKind is JsonValueKind.Object && parent.TryGet(utf8[..Encoding.UTF8.GetBytes(name, utf8)], out var value) && value.ValueKind is not JsonValueKind.Null
            ? value
            : null;
    }

    private static bool Is(ReadOnlySpan<byte> raw, ReadOnlySpan<byte> expected) => JsonText.Matches(raw, raw.Contains((byte)'\\'), expected);
}
