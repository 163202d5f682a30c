using System.Text.Json;
using Synthwave.Json;

namespace Synthwave.Api.Dialects;

/// <summary>What is seldom asked of a chat choice, read when it is.</summary>
internal static class ChatChoice
{
    /// <summary>The elements of <c>choices[0].logprobs.content</c> of a chunk, without brackets; empty = none.</summary>
    public static ReadOnlySpan<byte> LogProbabilities(ReadOnlyMemory<byte> chunk)
    {
        using var document = JsonReading.Document(chunk);
        return document.RootElement.Has("choices"u8, JsonValueKind.Array, out var choices) && choices.GetArrayLength() > 0
            ? LogProbabilities(choices[0])
            : default;
    }

    /// <summary>The same of a choice. What nests so deeply that an object around it could not be read again is none.</summary>
    public static ReadOnlySpan<byte> LogProbabilities(JsonElement choice) =>
        choice.Has("logprobs"u8, JsonValueKind.Object, out var found)
        && found.Has("content"u8, JsonValueKind.Array, out var content)
        && JsonReading.IsEmbeddable(found.Raw())
            ? content.Raw()[1..^1].Trim(" \t\r\n"u8)
            : default;

    /// <summary>The text of <c>refusal</c> in a delta, still escaped; empty = none.</summary>
    public static ReadOnlySpan<byte> Refusal(ReadOnlySpan<byte> delta)
    {
        var reader = JsonReading.ReaderAt(delta);
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            var isRefusal = reader.TextIs("refusal"u8);
            reader.Read();
            if (isRefusal && reader.TokenType is JsonTokenType.String)
            {
                return reader.ValueSpan;
            }

            reader.Skip();
        }

        return default;
    }
}
