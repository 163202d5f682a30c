using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Synthwave.Configuration;
using Synthwave.Json;

namespace Synthwave.Chat.Requests;

/// <summary>Finds, judges and replaces the image, video and audio parts of a conversation. Everything else keeps its bytes.</summary>
internal static class MediaParts
{
    /// <summary>
    /// Puts a text part in the place of every media part for which <paramref name="text"/> has one, given its kind and its raw JSON; null keeps the part.
    /// Null = none was replaced.
    /// </summary>
    public static ReadOnlyMemory<byte>? Replace(ReadOnlyMemory<byte> messages, Func<Modalities, ReadOnlyMemory<byte>, string?> text)
    {
        ArrayBufferWriter<byte>? output = null;
        var copied = 0;
        using var document = JsonReading.Document(messages);
        foreach (var part in PartsOf(document.RootElement))
        {
            if (KindOf(part.Value) is var kind && kind is Modalities.None)
            {
                continue;
            }

            var raw = part.Value.Raw();
            messages.Span.Overlaps(raw, out var at);
            if (text(kind, messages.Slice(at, raw.Length)) is not { } words)
            {
                continue;
            }

            output ??= new ArrayBufferWriter<byte>(messages.Length);
            output.Write(messages.Span[copied..at]);
            output.Write("{\"type\":\"text\",\"text\":"u8);
            output.Write(JsonText.Quote(words));
            output.Write("}"u8);
            copied = at + raw.Length;
        }

        if (output is null)
        {
            return null;
        }

        output.Write(messages.Span[copied..]);
        return output.WrittenMemory;
    }

    /// <summary>The raw <c>image_url</c> parts, in order.</summary>
    public static List<ReadOnlyMemory<byte>> Images(ReadOnlyMemory<byte> messages)
    {
        var images = new List<ReadOnlyMemory<byte>>();
        Replace(messages, (kind, part) =>
        {
            if (kind is Modalities.Image)
            {
                images.Add(part);
            }

            return null;
        });
        return images;
    }

    /// <summary>
    /// Whether there are at most <paramref name="mostParts"/> of them, each by https, http or data, and the data whole, an image's not known to be something else, and at most
    /// <paramref name="mostBytes"/> decoded. Null = fine.
    /// </summary>
    public static GatewayError? Check(ReadOnlyMemory<byte> messages, int mostParts, long mostBytes)
    {
        var count = 0;
        using var document = JsonReading.Document(messages);
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

        if (payload.Has("data"u8, JsonValueKind.String, out var data))
        {
            return CheckBase64(data.RawText(), mostBytes);
        }

        if (!payload.TryGet("url"u8, out var url) || url.ValueKind is not JsonValueKind.String)
        {
            return null;
        }

        var text = url.RawText();
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
        return !IsBase64(head) ? body.Length > mostBytes ? TooLarge(mostBytes) : null
            : CheckBase64(body, mostBytes) ?? (kind is Modalities.Image && !MayBeImage(head, body) ? "The data of an image's URL is not an image." : null);
    }

    /// <summary>Whether the head of a data URL, between <c>data:</c> and the comma, says that base64 follows.</summary>
    public static bool IsBase64(ReadOnlySpan<byte> head) => head.Length >= 7 && StartsWith(head[^7..], ";base64"u8);

    /// <summary>
    /// The media type of an image by its first bytes, whatever its label says (https://en.wikipedia.org/wiki/List_of_file_signatures); empty = unknown.
    /// </summary>
    /// <param name="base64">As it stands in a JSON string.</param>
    public static ReadOnlySpan<byte> ImageType(ReadOnlySpan<byte> base64)
    {
        Span<byte> bytes = stackalloc byte[12];
        var start = bytes[..Head(base64, bytes)];
        return start.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G']) ? "image/png"u8
            : start.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]) ? "image/jpeg"u8
            : start.StartsWith("GIF8"u8) ? "image/gif"u8
            : start.Length == 12 && start.StartsWith("RIFF"u8) && start[8..].StartsWith("WEBP"u8) ? "image/webp"u8
            : default;
    }

    // Labels are often wrong within a kind, and formats many: only a label and a signature of something else are telling.
    private static bool MayBeImage(ReadOnlySpan<byte> head, ReadOnlySpan<byte> base64)
    {
        if (!ImageType(base64).IsEmpty)
        {
            return true;
        }

        Span<byte> bytes = stackalloc byte[12];
        var start = bytes[..Head(base64, bytes)];
        return (StartsWith(head, "image/"u8) || StartsWith(head, ";"u8))
            && !start.StartsWith("%PDF"u8) && !start.StartsWith("PK\u0003\u0004"u8) && !start.StartsWith("<html"u8) && !start.StartsWith("ID3"u8);
    }

    // The first bytes of what is encoded; 0 = it is escaped, which leaves them unknown.
    private static int Head(ReadOnlySpan<byte> base64, Span<byte> bytes)
    {
        var head = base64[..Math.Min(16, base64.Length & ~3)];
        return head.IndexOf((byte)'\\') < 0 && Base64.DecodeFromUtf8(head, bytes, out _, out var length) is OperationStatus.Done ? length : 0;
    }

    // JSON may escape the slashes of base64.
    private static string? CheckBase64(ReadOnlySpan<byte> text, long mostBytes)
    {
        if (text.Length / 4L * 3 > mostBytes + 3)
        {
            return TooLarge(mostBytes);
        }

        var plain = text.IndexOf((byte)'\\') < 0 ? text : Encoding.UTF8.GetBytes(JsonText.Unescape(text));
        return plain.IsEmpty || !IsValidBase64(plain) ? "The data is not valid base64." : null;
    }

    // Many leave out the padding at the end.
    private static bool IsValidBase64(ReadOnlySpan<byte> text)
    {
        var rest = text.Length % 4;
        if (rest == 0 || text.IndexOfAny((byte)'=', (byte)'\n', (byte)'\r') >= 0)
        {
            return Base64.IsValid(text);
        }

        ReadOnlySpan<byte> last = [.. text[^rest..], (byte)'=', (byte)'='];
        return rest > 1 && Base64.IsValid(text[..^rest]) && Base64.IsValid(last[..4]);
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
            if (message.Has("content"u8, JsonValueKind.Array, out var content))
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

    private static bool StartsWith(ReadOnlySpan<byte> text, ReadOnlySpan<byte> scheme) =>
        text.Length >= scheme.Length && Ascii.EqualsIgnoreCase(text[..scheme.Length], scheme);

    private static string TooLarge(long mostBytes) => $"The data of a part is larger than the {mostBytes / (1024 * 1024)} MB this server accepts.";

    private static GatewayError Bad(string message, string param) => GatewayError.BadRequest("unsupported_content_part", message, param);
}
