using System.Buffers;
using System.Text.Json;
using Synthwave.Chat;
using Synthwave.Json;

namespace Synthwave.Api.Dialects.Responses;

/// <summary>The content of items → the content of chat messages. What no chat message can carry is left out and named.</summary>
internal sealed class ResponsesContent(IgnoredNames ignored)
{
    private readonly ArrayBufferWriter<byte> _parts = new(256);
    private readonly ArrayBufferWriter<byte> _texts = new(256);
    private int _count;
    private bool _onlyTexts;
    private GatewayError? _lost;

    /// <summary>
    /// Writes the content of a message: a string where it is nothing but texts, a blank line between them, which every server takes; else the parts. Writes nothing where all was left out. Null = fine.
    /// </summary>
    /// <param name="item">The message.</param>
    /// <param name="output">Takes one JSON value.</param>
    /// <param name="path">Of the item.</param>
    public GatewayError? WriteMessage(JsonElement item, IBufferWriter<byte> output, in InputItem path)
    {
        if (!item.Has("content"u8, out var content))
        {
            output.Write("\"\""u8);
            return null;
        }

        switch (content.ValueKind)
        {
            case JsonValueKind.String:
                output.Write(content.Raw());
                return null;
            case JsonValueKind.Array when content.GetArrayLength() == 0:
                output.Write("\"\""u8);
                return null;
            case JsonValueKind.Array:
                break;
            default:
                return GatewayError.BadRequest("invalid_input_content", "content must be a string or an array of parts.", path.Path + ".content");
        }

        Begin();
        var position = 0;
        foreach (var part in content.EnumerateArray())
        {
            if (AddPart(part) is var (member, rule))
            {
                return GatewayError.BadRequest("invalid_input_part", rule, $"{path.Path}.content[{position}]{member}");
            }

            if (_lost is { Param: null })
            {
                _lost = _lost with { Param = $"{path.Path}.content[{position}]" };
            }

            position++;
        }

        if (_count == 0)
        {
            return _lost;
        }

        if (_onlyTexts)
        {
            output.Write("\""u8, _texts.WrittenSpan, "\""u8);
        }
        else
        {
            output.Write("["u8, _parts.WrittenSpan, "]"u8);
        }

        return null;
    }

    /// <summary>
    /// Writes the output of a tool: its texts as one string, one behind the other, or the parts where there are images or files among them. Null = fine, otherwise
    /// the member at fault and what is asked of it.
    /// </summary>
    public (string Member, string Rule)? WriteOutput(JsonElement parts, IBufferWriter<byte> output)
    {
        Begin();
        var position = 0;
        var hasMedia = false;
        var text = new ArrayBufferWriter<byte>(256);
        foreach (var part in parts.EnumerateArray())
        {
            var before = _parts.WrittenCount;
            if (AddPart(part) is var (member, rule))
            {
                return ($"[{position}]{member}", rule);
            }

            var isText = TextOf(part, out var value);
            hasMedia |= !isText && _parts.WrittenCount > before;
            text.Write(isText ? value.RawText() : default);
            position++;
        }

        if (hasMedia)
        {
            output.Write("["u8, _parts.WrittenSpan, "]"u8);
        }
        else
        {
            output.Write("\""u8, position > 0 && _count == 0 ? Unshown : text.WrittenSpan, "\""u8);
        }

        return null;
    }

    // In place of an output of which no chat message can carry anything, such as a picture that is kept elsewhere.
    private static ReadOnlySpan<byte> Unshown => "[The output cannot be shown here.]"u8;

    private void Begin()
    {
        _parts.ResetWrittenCount();
        _texts.ResetWrittenCount();
        (_count, _onlyTexts, _lost) = (0, true, null);
    }

    private (string Member, string Rule)? AddPart(JsonElement part)
    {
        if (part.ValueKind is not JsonValueKind.Object)
        {
            return ("", "A part must be an object.");
        }

        if (TextOf(part, out var text))
        {
            if (text.ValueKind is not (JsonValueKind.String or JsonValueKind.Undefined or JsonValueKind.Null))
            {
                return (part.Is("type"u8, "refusal"u8) ? ".refusal" : ".text", "The text of a part must be a string.");
            }

            _texts.Write(_count > 0 ? "\\n\\n"u8 : default);
            _texts.Write(text.RawText());
            Add("{\"type\":\"text\",\"text\":\""u8, text.RawText(), "\"}"u8);
            return null;
        }

        var kind = part.Has("type"u8, out var type) && type.TryGetText(out var name) ? name : "";
        var isTaken = kind switch
        {
            "input_image" or "computer_screenshot" => AddImage(part),
            "input_file" => AddFile(part),
            "input_audio" => AddAudio(part),
            _ => false,
        };
        _onlyTexts &= !isTaken;
        if (!isTaken)
        {
            ignored.Add(kind.Length > 0 ? kind : "content");
            _lost ??= kind switch
            {
                "input_image" => GatewayError.BadRequest("unsupported_image_shape", "An image must be given by its image_url: no files are kept here."),
                "input_file" => GatewayError.BadRequest("unsupported_input_part_type", "A file must be given by its file_data or file_id: none is fetched from a file_url."),
                _ => null,
            };
        }

        return null;
    }

    private bool AddImage(JsonElement part)
    {
        var isObject = part.Has("image_url"u8, JsonValueKind.Object, out var image);
        var url = isObject ? image.Has("url"u8, JsonValueKind.String, out var nested) ? nested : default : image;
        if (url.RawText().IsEmpty)
        {
            return false;
        }

        var hasDetail = (isObject && image.Has("detail"u8, JsonValueKind.String, out var detail)) || part.Has("detail"u8, JsonValueKind.String, out detail);
        Add("{\"type\":\"image_url\",\"image_url\":{\"url\":"u8, url.Raw(), hasDetail && !detail.RawText().IsEmpty ? (byte[])[.. ",\"detail\":"u8, .. detail.Raw(), .. "}}"u8] : "}}"u8);
        return true;
    }

    private bool AddFile(JsonElement part)
    {
        var file = new ArrayBufferWriter<byte>(256);
        foreach (var name in (ReadOnlySpan<string>)["file_data", "file_id"])
        {
            if (file.WrittenCount == 0 && part.Find(name) is { ValueKind: JsonValueKind.String } value && !value.RawText().IsEmpty)
            {
                file.Write(name is "file_data" ? "\"file_data\":"u8 : "\"file_id\":"u8);
                file.Write(value.Raw());
            }
        }

        if (file.WrittenCount == 0)
        {
            return false;
        }

        if (part.Has("filename"u8, JsonValueKind.String, out var filename))
        {
            file.Write(",\"filename\":"u8);
            file.Write(filename.Raw());
        }

        Add("{\"type\":\"file\",\"file\":{"u8, file.WrittenSpan, "}}"u8);
        return true;
    }

    // Told as the chat API has it, or as a data URL whose media type is the format.
    private bool AddAudio(JsonElement part)
    {
        if (part.Has("input_audio"u8, JsonValueKind.Object, out var audio))
        {
            Add("{\"type\":\"input_audio\",\"input_audio\":"u8, audio.Raw(), "}"u8);
            return true;
        }

        var url = part.Has("audio_url"u8, JsonValueKind.String, out var given) ? given.RawText() : default;
        const string Head = "data:audio/";
        var format = url.StartsWith("data:audio/"u8) ? url[Head.Length..] : default;
        var end = format.IndexOfAny(";,"u8);
        if (end <= 0)
        {
            return false;
        }

        Add("{\"type\":\"input_audio\",\"input_audio\":{\"data\":\""u8, url, (byte[])[.. "\",\"format\":\""u8, .. format[..end], .. "\"}}"u8]);
        return true;
    }

    private void Add(ReadOnlySpan<byte> head, ReadOnlySpan<byte> text, ReadOnlySpan<byte> tail)
    {
        _parts.Write(_count > 0 ? ","u8 : default);
        _parts.Write(head, text, tail);
        _count++;
    }

    /// <summary>Whether a part is text; its text may be missing.</summary>
    private static bool TextOf(JsonElement part, out JsonElement text)
    {
        text = default;
        if (!part.Has("type"u8, out var type) || !type.TryGetText(out var kind))
        {
            return false;
        }

        switch (kind)
        {
            case "input_text" or "output_text" or "text" or "summary_text":
                part.TryGet("text"u8, out text);
                return true;
            case "refusal":
                part.TryGet("refusal"u8, out text);
                return true;
            default:
                return false;
        }
    }
}
