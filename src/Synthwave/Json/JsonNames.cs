using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Synthwave.Json;

/// <summary>
/// Compares names and texts of other people's JSON. The library's own comparisons throw at an escape that is half of a surrogate pair, which is valid JSON
/// and no valid Unicode: here it is a name that nobody asked for. A test keeps the library's out.
/// </summary>
internal static class JsonNames
{
    /// <summary>Bytes of the longest name of ours.</summary>
    public const int Longest = 64;

    /// <summary>Whether the reader's current name or string is <paramref name="expected"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TextIs(this ref Utf8JsonReader reader, scoped ReadOnlySpan<byte> expected) => JsonText.Matches(reader.ValueSpan, reader.ValueIsEscaped, expected);

    /// <summary>The same for a name of at most <see cref="Longest"/> bytes.</summary>
    public static bool TextIs(this ref Utf8JsonReader reader, string expected)
    {
        Span<byte> utf8 = stackalloc byte[Longest];
        return reader.TextIs(utf8[..Encoding.UTF8.GetBytes(expected, utf8)]);
    }

    /// <summary>
    /// The current string as a name; null when it is longer than <see cref="JsonLimits.MaxNameBytes"/>, holds half of a surrogate pair, or is no string. Leaves
    /// the reader on the value's last token.
    /// </summary>
    public static string? ReadName(this ref Utf8JsonReader reader)
    {
        if (reader.TokenType is JsonTokenType.String && reader.ValueSpan.Length <= JsonLimits.MaxNameBytes)
        {
            return JsonText.Decode(reader.ValueSpan, reader.ValueIsEscaped);
        }

        reader.Skip();
        return null;
    }

    public static bool IsNamed(this JsonProperty member, ReadOnlySpan<byte> name) => JsonText.Matches(member.RawName(), name);

    /// <summary>The name between its quotes, still escaped.</summary>
    public static ReadOnlySpan<byte> RawName(this JsonProperty member) => JsonMarshal.GetRawUtf8PropertyName(member);

    /// <summary>The name as text; half of a surrogate pair survives.</summary>
    public static string NameText(this JsonProperty member) => JsonText.Unescape(member.RawName());

    /// <summary>The name as text; false when it holds half of a surrogate pair, which is no name anyone means.</summary>
    public static bool TryGetName(this JsonProperty member, [NotNullWhen(true)] out string? name)
    {
        name = JsonText.Decode(member.RawName());
        return name is not null;
    }
}
