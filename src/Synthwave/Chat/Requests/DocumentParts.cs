using System.Buffers;
using System.Text.Json;
using Synthwave.Json;

namespace Synthwave.Chat.Requests;

/// <summary>
/// Anthropic's blocks for reading matter as chat parts: a document that is text becomes a text part, a PDF a <c>file</c> part, a search result a text part.
/// Nothing but the block decides the bytes, so that a conversation keeps its beginning.
/// </summary>
internal static class DocumentParts
{
    private static ReadOnlySpan<byte> Break => "\\n"u8;

    /// <summary>Whether the block can be said in chat. What lies in the provider's own file store cannot.</summary>
    public static bool CanWrite(JsonElement block) => block.Is("type"u8, "search_result"u8)
        || (block.Is("type"u8, "document"u8) && block.Has("source"u8, JsonValueKind.Object, out var source) && (IsText(source) || !Content(source).IsEmpty || FileOf(source).Text.Length > 0));

    /// <summary>Writes the members <c>type</c> and what belongs to it, without braces. Only for what <see cref="CanWrite"/>.</summary>
    public static void Write(JsonElement block, IBufferWriter<byte> output)
    {
        if (block.Is("type"u8, "search_result"u8))
        {
            output.Write("\"type\":\"text\",\"text\":\""u8);
            WriteLine(block, "title"u8, output);
            WriteLine(block, "source"u8, output);
            output.Write(block.Has("content"u8, JsonValueKind.Array, out var found) ? Texts(found) : default);
            output.Write("\""u8);
            return;
        }

        var source = block.Get("source"u8);
        var file = FileOf(source);
        if (file.Text.IsEmpty)
        {
            output.Write("\"type\":\"text\",\"text\":\""u8);
            WriteLine(block, "title"u8, output);
            WriteLine(block, "context"u8, output);
            output.Write(IsText(source) ? source.Get("data"u8).RawText() : Content(source));
            output.Write("\""u8);
            return;
        }

        output.Write("\"type\":\"file\",\"file\":{\"filename\":\""u8);
        output.Write(block.Has("title"u8, JsonValueKind.String, out var title) && !title.RawText().IsEmpty ? title.RawText() : "document.pdf"u8);
        output.Write("\",\"file_data\":\""u8);
        output.Write(file.IsData ? "data:"u8 : default);
        output.Write(file.IsData ? MediaType(source) : default);
        output.Write(file.IsData ? ";base64,"u8 : default);
        output.Write(file.Text, "\"}"u8, default);
    }

    private static bool IsText(JsonElement source) => source.Is("type"u8, "text"u8) && source.Has("data"u8, JsonValueKind.String, out _);

    private static SourceFile FileOf(JsonElement source) =>
        source.Is("type"u8, "base64"u8) && source.Has("data"u8, JsonValueKind.String, out var data) ? new(data.RawText(), isData: true)
        : source.Is("type"u8, "url"u8) && source.Has("url"u8, JsonValueKind.String, out var url) ? new(url.RawText(), isData: false)
        : default;

    private static ReadOnlySpan<byte> MediaType(JsonElement source) =>
        source.Has("media_type"u8, JsonValueKind.String, out var type) && !type.RawText().IsEmpty ? type.RawText() : "application/pdf"u8;

    // Of a list only the texts: pictures within a document have no chat form.
    private static ReadOnlySpan<byte> Content(JsonElement source) =>
        !source.Is("type"u8, "content"u8) || !source.Has("content"u8, out var content) ? default
        : content.ValueKind is JsonValueKind.String ? content.RawText()
        : content.ValueKind is JsonValueKind.Array ? Texts(content)
        : default;

    private static ReadOnlySpan<byte> Texts(JsonElement blocks)
    {
        var text = new ArrayBufferWriter<byte>();
        foreach (var block in blocks.EnumerateArray())
        {
            if (block.Has("text"u8, JsonValueKind.String, out var words))
            {
                text.Write(text.WrittenCount > 0 ? Break : default);
                text.Write(words.RawText());
            }
        }

        return text.WrittenSpan;
    }

    private static void WriteLine(JsonElement block, ReadOnlySpan<byte> name, IBufferWriter<byte> output)
    {
        if (block.Has(name, JsonValueKind.String, out var line) && !line.RawText().IsEmpty)
        {
            output.Write(line.RawText(), Break, default);
        }
    }

    private readonly ref struct SourceFile(ReadOnlySpan<byte> text, bool isData)
    {
        public ReadOnlySpan<byte> Text { get; } = text;

        public bool IsData { get; } = isData;
    }
}
