using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Synthwave.Json;

namespace Synthwave.Commands.Discovery;

/// <summary>Reads <c>GET /models</c> in the forms servers answer it: an OpenAI list, a bare array, or <c>models</c>.</summary>
internal static class CatalogReader
{
    // What the server runs with comes before what the model was trained for.
    private static readonly string[][] ContextMembers =
    [
        ["context_length"], ["max_model_len"], ["context_window"], ["max_context_length"], ["loaded_context_length"], ["max_input_tokens"], ["inputTokenLimit"],
        ["top_provider", "context_length"], ["meta", "n_ctx"], ["meta", "n_ctx_train"],
    ];

    private static readonly string[][] MaxOutputMembers =
        [["max_output_tokens"], ["max_completion_tokens"], ["outputTokenLimit"], ["top_provider", "max_completion_tokens"], ["max_tokens"]];

    private static readonly string[] OtherTasks =
    [
        "embed", "whisper", "tts", "dall-e", "image", "imagen", "moderation", "rerank", "audio", "realtime", "transcribe", "sora", "veo", "guard", "bge-", "e5-", "gte-",
        "clip", "ocr", "stable-diffusion", "flux", "speech", "lyria", "aqa", "babbage", "davinci", "gpt-3.5-turbo-instruct", "computer-use", "safeguard", "video", "minilm",
        "deep-research", "-search",
    ];

    private static readonly string[] ChatTypes = ["chat", "language", "llm", "vlm", "model", "text"];

    /// <summary>Null when the text is no catalog. Entries without a usable id are left out.</summary>
    public static ImmutableArray<FoundModel>? Read(ReadOnlySpan<byte> json)
    {
        try
        {
            var root = JsonReading.Element(json);
            var list = root.ValueKind is JsonValueKind.Array ? root : root.Find("data") ?? root.Find("models");
            if (list is not { ValueKind: JsonValueKind.Array } models)
            {
                return null;
            }

            return [.. models.EnumerateArray().Select(ReadModel).OfType<FoundModel>().DistinctBy(m => m.Id, StringComparer.Ordinal)];
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static FoundModel? ReadModel(JsonElement entry)
    {
        // An id goes into the file's comments too: one with a line break could write settings there.
        if (entry.FindText("id") is not { Length: > 0 and <= 256 } id || id.Any(char.IsControl))
        {
            return null;
        }

        long? created = entry.Has("created"u8, JsonValueKind.Number, out var number) && number.TryGetInt64(out var seconds) ? seconds : null;
        if (created is null && entry.FindText("created_at") is { } text && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at))
        {
            created = at.ToUnixTimeSeconds();
        }

        return new FoundModel(id, FirstCount(entry, ContextMembers), FirstCount(entry, MaxOutputMembers), created, Chats(entry, id));
    }

    private static bool Chats(JsonElement entry, string id)
    {
        if (OtherTasks.Any(t => id.Contains(t, StringComparison.OrdinalIgnoreCase)))
        {
            return false;
        }

        if (entry.FindText("type") is { } type && !ChatTypes.Contains(type, StringComparer.OrdinalIgnoreCase))
        {
            return false;
        }

        if (Path(entry, ["capabilities", "completion_chat"]) is { ValueKind: JsonValueKind.False } || entry.Find("active") is { ValueKind: JsonValueKind.False })
        {
            return false;
        }

        return Path(entry, ["architecture", "output_modalities"]) is not { ValueKind: JsonValueKind.Array } outputs
            || outputs.EnumerateArray().Any(o => o.IsText("text"u8));
    }

    private static int? FirstCount(JsonElement entry, string[][] paths)
    {
        foreach (var path in paths)
        {
            if (Path(entry, path) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt32(out var count) && count > 0)
            {
                return count;
            }
        }

        return null;
    }

    private static JsonElement? Path(JsonElement entry, ReadOnlySpan<string> names)
    {
        JsonElement? at = entry;
        foreach (var name in names)
        {
            at = at?.Find(name);
        }

        return at;
    }
}
