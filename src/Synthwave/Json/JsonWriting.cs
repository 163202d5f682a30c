using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Synthwave.Json;

/// <summary>Output for machines: no escapes but those JSON asks for. What is written is built from values known to be valid, so that nothing is checked twice.</summary>
internal static class JsonWriting
{
    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>A writer into <paramref name="output"/>, which has everything once the writer is flushed or disposed.</summary>
    public static Utf8JsonWriter To(IBufferWriter<byte> output) => new(output, Relaxed);

    /// <summary>Writes a member whose value is JSON already.</summary>
    public static void WriteRaw(this Utf8JsonWriter json, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        json.WritePropertyName(name);
        json.WriteRawValue(value, skipInputValidation: true);
    }

    /// <summary>Writes a member with the bytes its value was sent with.</summary>
    public static void WriteRaw(this Utf8JsonWriter json, ReadOnlySpan<byte> name, JsonElement value) => json.WriteRaw(name, value.Raw());

    /// <inheritdoc cref="WriteRaw(Utf8JsonWriter, ReadOnlySpan{byte}, JsonElement)"/>
    public static void WriteRaw(this Utf8JsonWriter json, string name, JsonElement value)
    {
        json.WritePropertyName(name);
        json.WriteRaw(value);
    }

    /// <summary>Writes a member with the bytes its value was sent with; half of a surrogate pair in its name becomes a mark of what is none.</summary>
    public static void WriteRaw(this Utf8JsonWriter json, JsonProperty member)
    {
        var raw = member.RawName();
        json.WriteRaw(raw.Contains((byte)'\\') ? Encoding.UTF8.GetBytes(member.NameText()) : raw, member.Value);
    }

    /// <summary>Writes a value with the bytes it was sent with.</summary>
    public static void WriteRaw(this Utf8JsonWriter json, JsonElement value) => json.WriteRawValue(value.Raw(), skipInputValidation: true);

    /// <summary>Writes a string member in which half of a surrogate pair survives.</summary>
    public static void WriteText(this Utf8JsonWriter json, ReadOnlySpan<byte> name, string text) => json.WriteRaw(name, JsonText.Quote(text));

    /// <summary>Writes <paramref name="head"/>, the text between, and <paramref name="tail"/>.</summary>
    public static void Write(this IBufferWriter<byte> output, ReadOnlySpan<byte> head, ReadOnlySpan<byte> text, ReadOnlySpan<byte> tail)
    {
        output.Write(head);
        output.Write(text);
        output.Write(tail);
    }

    /// <summary>Writes a member's name as it was sent, and the colon behind it.</summary>
    public static void WriteName(this IBufferWriter<byte> output, JsonProperty member) => output.Write("\""u8, member.RawName(), "\":"u8);
}
