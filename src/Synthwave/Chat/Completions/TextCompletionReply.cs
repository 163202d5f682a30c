using System.Text.Json;
using Synthwave.Json;

namespace Synthwave.Chat.Completions;

/// <summary>What a <c>text_completion</c> says of itself. Its choices are not looked at.</summary>
internal readonly record struct TextCompletionReply(string? Model, TokenUsage? Usage)
{
    /// <summary>Null = no such document: no JSON object, or without a choice.</summary>
    public static TextCompletionReply? Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonReading.Document(json);
            var root = document.RootElement;
            if (root.ValueKind is not JsonValueKind.Object || !root.Has("choices"u8, JsonValueKind.Array, out var choices) || choices.GetArrayLength() == 0)
            {
                return null;
            }

            var model = root.Has("model"u8, out var name) && name.TryGetText(out var text) ? text : null;
            return new(model, root.Has("usage"u8, JsonValueKind.Object, out var usage) ? TokenUsage.Read(usage.Raw()) : null);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
