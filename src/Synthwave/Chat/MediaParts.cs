using System.Buffers;
using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Synthwave.Configuration;

namespace Synthwave.Chat;

/// <summary>Finds, judges and replaces the image, video and audio parts of a conversation. Everything else keeps its bytes.</summary>
internal static class MediaParts
{
    private static readonly JsonDocumentOptions Reading = new() { MaxDepth = ChatRequestReader.MaxDepth };

    /// <summary>Whether <paramref name="messages"/> may hold such parts: a quick look that may err on this side only.</summary>
    public static bool MayBeIn(ReadOnlySpan<byte> messages) =>
        messages.IndexOf("\"image_url\""u8) >= 0 || messages.IndexOf("\"video_url\""u8) >= 0 || messages.IndexOf("\"input_audio\""u8) >= 0;

    /// <summary>
    /// The conversation for a model that reads only <paramref name="readable"/>: a text part in the place of each part it cannot read says what stood
    /// there. Null = nothing had to change.
    /// </summary>
    public static ReadOnlyMemory<byte>? Fit(ReadOnlyMemory<byte> messages, Modalities readable) => Replace(
        messages,
        (kind, _) => readable.HasFlag(kind) ? null : $"[{NameOf(kind)} omitted: the model this is sent to cannot read it]");

    /// <summary>
    /// Puts a text part in the place of every media part for which <paramref name="text"/> has one, given its kind and its number among them (0 …); null
    /// keeps the part. Null = none was replaced.
    /// </summary>
    public static ReadOnlyMemory<byte>? Replace(ReadOnlyMemory<byte> messages, Func<Modalities, int, string?> text)
    {
        var output = new ArrayBufferWriter<byte>(messages.Length);
        var copied = 0;
        var number = 0;
        using var document = JsonDocument.Parse(messages, Reading);
        foreach (var part in PartsOf(document.RootElement))
        {
            if (KindOf(part.Value) is var kind && kind is Modalities.None || text(kind, number++) is not { } words)
            {
                continue;
            }

            var raw = JsonMarshal.GetRawUtf8Value(part.Value);
            messages.Span.Overlaps(raw, out var at);
            output.Write(messages.Span[copied..at]);
            output.Write("{\"type\":\"text\",\"text\":"u8);
            output.Write(ChunkText.Quote(words));
            output.Write("}"u8);
            copied = at + raw.Length;
        }

        if (copied == 0)
        {
            return null;
        }

        output.Write(messages.Span[copied..]);
        return output.WrittenMemory;
    }

    /// <summary>The raw <c>image_url</c> parts, in order.</summary>
    public static List<byte[]> Images(ReadOnlyMemory<byte> messages)
    {
        using var document = JsonDocument.Parse(messages, Reading);
        return [.. PartsOf(document.RootElement).Where(static p => KindOf(p.Value) is Modalities.Image).Select(static p => JsonMarshal.GetRawUtf8Value(p.Value).ToArray())];
    }

    /// <summary>
    /// Whether there are at most <paramref name="mostParts"/> of them, each by https, http or data, and the data whole, of the kind it claims and at most
    /// <paramref name="mostBytes"/> decoded. Null = fine.
    /// </summary>
    public static GatewayError? Check(ReadOnlyMemory<byte> messages, int mostParts, long mostBytes)
    {
        var count = 0;
        using var document = JsonDocument.Parse(messages, Reading);
        foreach (var part in PartsOf(document.RootElement))
        {
            var kind = KindOf(part.Value);
            if (kind is Modalities.None)
            {
                continue;
            }

            if (++count > mostParts)
            {
                return Bad($"More than {mostParts} image, video and audio parts.", part.Path);
            }

            if (CheckSource(part.Value, kind, mostBytes) is { } problem)
            {
                return Bad(problem, part.Path);
            }
        }

        return null;
    }

    private static string? CheckSource(JsonElement part, Modalities kind, long mostBytes)
    {
        var name = kind switch { Modalities.Image => "image_url"u8, Modalities.Video => "video_url"u8, _ => "input_audio"u8 };
        if (!part.TryGet(name, out var payload) || payload.ValueKind is not JsonValueKind.Object)
        {
            return null;
        }

        if (payload.TryGet("data"u8, out var data) && data.ValueKind is JsonValueKind.String)
        {
            return CheckBase64(JsonMarshal.GetRawUtf8Value(data)[1..^1], mostBytes);
        }

        if (!payload.TryGet("url"u8, out var url) || url.ValueKind is not JsonValueKind.String)
        {
            return null;
        }

        var text = JsonMarshal.GetRawUtf8Value(url)[1..^1];
        if (!StartsWith(text, "data:"u8))
        {
            return StartsWith(text, "https:"u8) || StartsWith(text, "http:"u8) ? null : "A url must be https, http or data.";
        }

        var comma = text.IndexOf((byte)',');
        if (comma < 0)
        {
            return "A data URL needs a comma before its data.";
        }

        var head = text["data:".Length..comma];
        var body = text[(comma + 1)..];
        if (!head.EndsWith(";base64"u8))
        {
            return body.Length > mostBytes ? TooLarge(mostBytes) : null;
        }

        return CheckBase64(body, mostBytes) ?? (kind is Modalities.Image && !LooksLike(head[..head.IndexOf((byte)';')], body) ? "The data of a data URL is not of the media type it claims." : null);
    }

    // JSON may escape the slashes of base64.
    private static string? CheckBase64(ReadOnlySpan<byte> text, long mostBytes)
    {
        if (text.Length / 4L * 3 > mostBytes + 3)
        {
            return TooLarge(mostBytes);
        }

        var plain = text.IndexOf((byte)'\\') < 0 ? text : Encoding.UTF8.GetBytes(ChunkText.Unescape(text));
        return plain.IsEmpty || !Base64.IsValid(plain) ? "The data is not valid base64." : null;
    }

    // The first bytes tell the common formats apart; of others nothing is claimed.
    private static bool LooksLike(ReadOnlySpan<byte> type, ReadOnlySpan<byte> base64)
    {
        Span<byte> bytes = stackalloc byte[12];
        var head = base64[..Math.Min(16, base64.Length & ~3)];
        if (head.IndexOf((byte)'\\') >= 0 || Base64.DecodeFromUtf8(head, bytes, out _, out var length) is not OperationStatus.Done)
        {
            return true;
        }

        var start = bytes[..length];
        return (start.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G']), start.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]), start.StartsWith("GIF8"u8), start.StartsWith("RIFF"u8)) switch
        {
            (true, _, _, _) => type.SequenceEqual("image/png"u8),
            (_, true, _, _) => type.SequenceEqual("image/jpeg"u8) || type.SequenceEqual("image/jpg"u8),
            (_, _, true, _) => type.SequenceEqual("image/gif"u8),
            (_, _, _, true) => type.SequenceEqual("image/webp"u8),
            _ => true,
        };
    }

    private static IEnumerable<(string Path, JsonElement Value)> PartsOf(JsonElement messages)
    {
        if (messages.ValueKind is not JsonValueKind.Array)
        {
            yield break;
        }

        var position = 0;
        foreach (var message in messages.EnumerateArray())
        {
            if (message.ValueKind is JsonValueKind.Object && message.TryGet("content"u8, out var content) && content.ValueKind is JsonValueKind.Array)
            {
                var place = 0;
                foreach (var part in content.EnumerateArray())
                {
                    yield return ($"messages[{position}].content[{place++}]", part);
                }
            }

            position++;
        }
    }

    private static Modalities KindOf(JsonElement part) => part.ValueKind is not JsonValueKind.Object || !part.TryGet("type"u8, out var type) ? Modalities.None
        : type.IsText("image_url"u8) ? Modalities.Image
        : type.IsText("video_url"u8) ? Modalities.Video
        : type.IsText("input_audio"u8) ? Modalities.Audio
        : Modalities.None;

    private static string NameOf(Modalities kind) => kind.ToString().ToLowerInvariant();

    private static bool StartsWith(ReadOnlySpan<byte> text, ReadOnlySpan<byte> scheme) =>
        text.Length >= scheme.Length && Ascii.EqualsIgnoreCase(text[..scheme.Length], scheme);

    private static string TooLarge(long mostBytes) => $"The data of a part is larger than the {mostBytes / (1024 * 1024)} MB this server accepts.";

    private static GatewayError Bad(string message, string param) => GatewayError.BadRequest("unsupported_content_part", message, param);
}
