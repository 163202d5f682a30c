using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Synthwave.Json;

namespace Synthwave.Upstreams.Protocols.Anthropic;

/// <summary>Small things both directions need.</summary>
internal static class AnthropicJson
{
    private const int LongestId = 64;

    public static JsonDocumentOptions Reading { get; } = new() { MaxDepth = JsonLimits.MaxDepth };

    public static ReadOnlySpan<byte> Raw(JsonElement value) => JsonMarshal.GetRawUtf8Value(value);

    /// <summary>The member, unless it is missing or null.</summary>
    public static bool Has(JsonElement owner, ReadOnlySpan<byte> name, out JsonElement value) =>
        owner.TryGet(name, out value) && value.ValueKind is not JsonValueKind.Null;

    /// <summary>Whether a member is this very string.</summary>
    public static bool Is(JsonElement owner, ReadOnlySpan<byte> name, ReadOnlySpan<byte> text) =>
        owner.TryGet(name, out var value) && value.ValueKind is JsonValueKind.String && value.IsText(text);

    /// <summary>The string between its quotes, still escaped; empty = no string.</summary>
    public static ReadOnlySpan<byte> Inside(JsonElement value) => value.ValueKind is JsonValueKind.String ? Raw(value)[1..^1] : default;

    /// <summary>
    /// A call's id as the API takes it (letters, digits, <c>_</c>, <c>-</c>, at most 64): as it is, or one made of it, always the same, so that a call and
    /// its result still meet.
    /// </summary>
    public static byte[] WireId(ReadOnlySpan<byte> escaped)
    {
        foreach (var b in escaped)
        {
            if (!char.IsAsciiLetterOrDigit((char)b) && b is not ((byte)'_' or (byte)'-'))
            {
                return Made(escaped);
            }
        }

        return escaped.Length is > 0 and <= LongestId ? escaped.ToArray() : Made(escaped);
    }

    /// <summary>Writes <paramref name="head"/>, the escaped text, and <paramref name="tail"/>.</summary>
    public static void Write(this IBufferWriter<byte> output, ReadOnlySpan<byte> head, ReadOnlySpan<byte> text, ReadOnlySpan<byte> tail)
    {
        output.Write(head);
        output.Write(text);
        output.Write(tail);
    }

    private static byte[] Made(ReadOnlySpan<byte> text) => Encoding.ASCII.GetBytes("toolu_" + Convert.ToHexStringLower(SHA256.HashData(text)[..12]));
}
