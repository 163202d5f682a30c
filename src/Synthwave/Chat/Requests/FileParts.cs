using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Synthwave.Json;

namespace Synthwave.Chat.Requests;

/// <summary>
/// Chat parts of the type <c>file</c> as far as their data says what they are: PDF and text, in a data URL, and PDF as bare base64 or at an address. Others, and files that lie
/// with a provider, are known to whoever has them.
/// </summary>
internal static class FileParts
{
    // "%PDF-" in base64.
    private static ReadOnlySpan<byte> PdfHead => "JVBERi"u8;

    /// <summary><c>file_data</c> as it stands in JSON; empty = the part has none.</summary>
    public static ReadOnlySpan<byte> DataOf(JsonElement part) =>
        part.Has("file"u8, JsonValueKind.Object, out var file) && file.Has("file_data"u8, JsonValueKind.String, out var data) ? data.RawText() : default;

    /// <summary>Whether the data says that it is a document.</summary>
    /// <param name="data">As it stands in JSON.</param>
    public static bool IsKnown(ReadOnlySpan<byte> data) => IsBare(data) || IsAddress(data) || IsPdf(HeadOf(data)) || IsText(HeadOf(data));

    /// <summary>Whether the data is base64 alone.</summary>
    public static bool IsBare(ReadOnlySpan<byte> data) => data.StartsWith(PdfHead);

    /// <summary>The same file as a block of Anthropic's API; null = it cannot be said there.</summary>
    public static byte[]? ToBlock(JsonElement part)
    {
        var data = DataOf(part);
        if (!IsKnown(data))
        {
            return null;
        }

        var block = new ArrayBufferWriter<byte>(data.Length + 128);
        block.Write("{\"type\":\"document\",\"source\":"u8);
        if (IsAddress(data))
        {
            block.Write("{\"type\":\"url\",\"url\":\""u8, data, "\"}"u8);
        }
        else if (IsBare(data))
        {
            block.Write("{\"type\":\"base64\",\"media_type\":\"application/pdf\",\"data\":\""u8, Base64Data.Plain(data), "\"}"u8);
        }
        else if (!TryWriteSource(HeadOf(data), data[(data.IndexOf((byte)',') + 1)..], block))
        {
            return null;
        }

        if (part.Get("file"u8).Has("filename"u8, JsonValueKind.String, out var name) && !name.RawText().IsEmpty)
        {
            block.Write(",\"title\":"u8);
            block.Write(name.Raw());
        }

        if (part.Has("cache_control"u8, out var cache))
        {
            block.Write(",\"cache_control\":"u8);
            block.Write(cache.Raw());
        }

        block.Write("}"u8);
        return block.WrittenSpan.ToArray();
    }

    private static bool TryWriteSource(ReadOnlySpan<byte> head, ReadOnlySpan<byte> data, ArrayBufferWriter<byte> block)
    {
        if (!MediaParts.IsBase64(head))
        {
            return false;
        }

        var plain = Base64Data.Plain(data);
        if (IsPdf(head))
        {
            block.Write("{\"type\":\"base64\",\"media_type\":\"application/pdf\",\"data\":\""u8, plain, "\"}"u8);
            return true;
        }

        // Text is given as text there; of another encoding nobody can say what it means.
        var text = new byte[Base64.GetMaxDecodedFromUtf8Length(plain.Length)];
        if (Base64.DecodeFromUtf8(plain, text, out _, out var length) is not OperationStatus.Done || !Utf8.IsValid(text.AsSpan(0, length)))
        {
            return false;
        }

        block.Write("{\"type\":\"text\",\"media_type\":\"text/plain\",\"data\":"u8, JsonText.Quote(Encoding.UTF8.GetString(text, 0, length)), "}"u8);
        return true;
    }

    private static ReadOnlySpan<byte> HeadOf(ReadOnlySpan<byte> data) =>
        StartsWith(data, "data:"u8) && data.IndexOf((byte)',') is >= 0 and var comma ? data["data:".Length..comma] : default;

    private static bool IsPdf(ReadOnlySpan<byte> head) => StartsWith(head, "application/pdf"u8);

    private static bool IsText(ReadOnlySpan<byte> head) => StartsWith(head, "text/"u8);

    private static bool IsAddress(ReadOnlySpan<byte> data) => StartsWith(data, "https://"u8) || StartsWith(data, "http://"u8);

    private static bool StartsWith(ReadOnlySpan<byte> text, ReadOnlySpan<byte> head) => text.Length >= head.Length && Ascii.EqualsIgnoreCase(text[..head.Length], head);
}
