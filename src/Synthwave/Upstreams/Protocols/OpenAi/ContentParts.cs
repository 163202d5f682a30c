using System.Buffers;
using System.Text.Json;
using Synthwave.Json;

namespace Synthwave.Upstreams.Protocols.OpenAi;

/// <summary>
/// Content that came as a list of parts, sorted into what clients know: text, reasoning, a refusal, images. The texts are kept as they were sent,
/// escapes included.
/// </summary>
internal sealed class ContentParts
{
    /// <summary>Lists in lists beyond this depth are nobody's thoughts.</summary>
    private const int MaxDepth = 4;

    private readonly ArrayBufferWriter<byte> _text = new();
    private readonly ArrayBufferWriter<byte> _reasoning = new();
    private readonly ArrayBufferWriter<byte> _refusal = new();
    private readonly List<JsonElement> _images = [];

    public ReadOnlySpan<byte> Text => _text.WrittenSpan;

    public ReadOnlySpan<byte> Reasoning => _reasoning.WrittenSpan;

    public ReadOnlySpan<byte> Refusal => _refusal.WrittenSpan;

    public IReadOnlyList<JsonElement> Images => _images;

    /// <summary>Null = the value is no list, or one in which nothing is known.</summary>
    public static ContentParts? Of(JsonElement content)
    {
        if (content.ValueKind is not JsonValueKind.Array)
        {
            return null;
        }

        var parts = new ContentParts();
        var isKnown = content.GetArrayLength() == 0;
        foreach (var part in content.EnumerateArray())
        {
            isKnown |= parts.Add(part);
        }

        return isKnown ? parts : null;
    }

    private bool Add(JsonElement part)
    {
        if (part.ValueKind is JsonValueKind.String)
        {
            _text.Write(part.RawText());
            return true;
        }

        if (!part.Has("type"u8, JsonValueKind.String, out var type))
        {
            return part.TryGet("text"u8, out var bare) && Append(_text, bare, MaxDepth);
        }

        if (type.IsText("text"u8) || type.IsText("output_text"u8))
        {
            Append(_text, part, "text"u8, MaxDepth);
            return true;
        }

        if (type.IsText("thinking"u8) || type.IsText("reasoning"u8) || type.IsText("reasoning_text"u8) || type.IsText("reasoning_content"u8) || type.IsText("summary_text"u8))
        {
            _ = Append(_reasoning, part, "thinking"u8, MaxDepth) || Append(_reasoning, part, "reasoning"u8, MaxDepth)
                || Append(_reasoning, part, "reasoning_content"u8, MaxDepth) || Append(_reasoning, part, "text"u8, MaxDepth) || Append(_reasoning, part, "summary"u8, MaxDepth);
            return true;
        }

        if (type.IsText("refusal"u8))
        {
            Append(_refusal, part, "refusal"u8, MaxDepth);
            return true;
        }

        if (type.IsText("image_url"u8))
        {
            _images.Add(part);
            return true;
        }

        return false;
    }

    private static bool Append(ArrayBufferWriter<byte> output, JsonElement parent, ReadOnlySpan<byte> name, int depth) =>
        parent.Has(name, out var value) && Append(output, value, depth);

    // A text, a list of texts, or an object around one.
    private static bool Append(ArrayBufferWriter<byte> output, JsonElement value, int depth)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                output.Write(value.RawText());
                return true;
            case JsonValueKind.Array when depth > 0:
                foreach (var item in value.EnumerateArray())
                {
                    Append(output, item, depth - 1);
                }

                return true;
            case JsonValueKind.Object when depth > 0:
                return Append(output, value, "text"u8, depth - 1) || Append(output, value, "value"u8, depth - 1);
            default:
                return false;
        }
    }
}
