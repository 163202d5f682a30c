using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Synthwave.Configuration;
using Synthwave.Json;

namespace Synthwave.Chat.Requests;

/// <summary>Finds, judges and replaces the image, video, audio and file parts of a conversation. Everything else keeps its bytes.</summary>
internal static class MediaParts
{
    private const string NotBase64 = "The data is not valid base64.";

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
    /// Whether there are at most <paramref name="mostParts"/> of them, and the data of each at most <paramref name="mostBytes"/> decoded. Null = fine.
    /// </summary>
    /// <param name="messages">The conversation.</param>
    /// <param name="mostParts">Images, videos and sounds together.</param>
    /// <param name="mostBytes">Of one part.</param>
    /// <param name="foreign">
    /// The first source that is not known here, as a refusal: neither https, http nor data, data that is none, an image known to be something else. Null = all are.
    /// </param>
    public static GatewayError? Check(ReadOnlyMemory<byte> messages, int mostParts, long mostBytes, out GatewayError? foreign)
    {
        foreign = null;
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
                return Bad($"More than {mostParts} image, video, audio and file parts.", part.Path);
            }

            var source = SourceOf(part.Value, kind, out var isData);
            var data = isData ? source : DataIn(source);
            if (data.Length / 4L * 3 > mostBytes + 3)
            {
                return Bad($"The data of a part is larger than the {mostBytes / (1024 * 1024)} MB this server accepts.", part.Path);
            }

            if (foreign is null && Judge(source, isData, kind) is { } problem)
            {
                foreign = Bad(problem, part.Path);
            }
        }

        return null;
    }

    /// <summary>
    /// The raw part with its base64 in the plain form, see <see cref="Base64Data"/>: the very memory that came in where it is so already, or where there is none.
    /// </summary>
    public static ReadOnlyMemory<byte> Normalise(ReadOnlyMemory<byte> part)
    {
        using var document = JsonReading.Document(part);
        var kind = KindOf(document.RootElement);
        var source = kind is Modalities.None ? default : SourceOf(document.RootElement, kind, out _);
        var data = DataIn(source);
        if (data.IsEmpty || !part.Span.Overlaps(data, out var at))
        {
            return part;
        }

        var given = part.Slice(at, data.Length);
        var plain = Base64Data.Normalise(given);
        return plain.IsEmpty || plain.Equals(given) ? part : (byte[])[.. part.Span[..at], .. plain.Span, .. part.Span[(at + data.Length)..]];
    }

    /// <summary>Where the first part of a kind stands; null = there is none.</summary>
    public static string? PathOf(ReadOnlyMemory<byte> messages, Modalities kind)
    {
        using var document = JsonReading.Document(messages);
        return PartsOf(document.RootElement).FirstOrDefault(p => KindOf(p.Value) == kind).Path;
    }

    // The address of the part, or its data, as it stands in JSON; empty = it has neither.
    private static ReadOnlySpan<byte> SourceOf(JsonElement part, Modalities kind, out bool isData)
    {
        isData = false;
        if (kind is Modalities.File)
        {
            var file = FileParts.DataOf(part);
            isData = FileParts.IsBare(file);
            return file;
        }

        var name = kind switch { Modalities.Image => "image_url"u8, Modalities.Video => "video_url"u8, _ => "input_audio"u8 };
        if (!part.TryGet(name, out var payload))
        {
            return default;
        }

        if (payload.ValueKind is JsonValueKind.String)
        {
            return payload.RawText();
        }

        if (payload.ValueKind is not JsonValueKind.Object)
        {
            return default;
        }

        if (payload.Has("data"u8, JsonValueKind.String, out var data))
        {
            isData = true;
            return data.RawText();
        }

        return payload.TryGet("url"u8, out var url) && url.ValueKind is JsonValueKind.String ? url.RawText() : default;
    }

    // Behind the comma of a data URL, whatever its encoding; empty = the source is none.
    private static ReadOnlySpan<byte> DataIn(ReadOnlySpan<byte> source) =>
        StartsWith(source, "data:"u8) && source.IndexOf((byte)',') is >= 0 and var comma ? source[(comma + 1)..] : default;

    private static string? Judge(ReadOnlySpan<byte> source, bool isData, Modalities kind)
    {
        if (isData)
        {
            return IsBase64Data(source) ? null : NotBase64;
        }

        if (source.IsEmpty)
        {
            return null;
        }

        if (!StartsWith(source, "data:"u8))
        {
            return StartsWith(source, "https:"u8) || StartsWith(source, "http:"u8) ? null : "A url must be https, http or data.";
        }

        var comma = source.IndexOf((byte)',');
        if (comma < 0)
        {
            return "A data URL needs a comma before its data.";
        }

        var head = source["data:".Length..comma];
        var body = source[(comma + 1)..];
        return !IsBase64(head) ? null
            : !IsBase64Data(body) ? NotBase64
            : kind is Modalities.Image && !MayBeImage(head, body) ? "The data of an image's URL is not an image."
            : null;
    }

    private static bool IsBase64Data(ReadOnlySpan<byte> text) => Base64.IsValid(text) ? !text.IsEmpty : !Base64Data.Normalise(text.ToArray()).IsEmpty;

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
        : type.IsText("file"u8) && FileParts.IsKnown(FileParts.DataOf(part)) ? Modalities.File
        : Modalities.None;

    private static bool StartsWith(ReadOnlySpan<byte> text, ReadOnlySpan<byte> scheme) =>
        text.Length >= scheme.Length && Ascii.EqualsIgnoreCase(text[..scheme.Length], scheme);

    private static GatewayError Bad(string message, string param) => GatewayError.BadRequest("unsupported_content_part", message, param);
}
