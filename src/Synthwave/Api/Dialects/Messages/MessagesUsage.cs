using System.Text.Json;
using Synthwave.Chat.Completions;
using Synthwave.Json;

namespace Synthwave.Api.Dialects.Messages;

/// <summary>Usage as a message tells it: what was read from a cache, or written to one, is no input.</summary>
internal static class MessagesUsage
{
    /// <summary>Writes the member; null = nothing is known.</summary>
    public static void Write(Utf8JsonWriter json, TokenUsage? usage)
    {
        var (written, read) = (usage?.CacheWriteTokens ?? 0, usage?.CachedTokens ?? 0);
        json.WriteStartObject("usage"u8);
        json.WriteNumber("input_tokens"u8, Math.Max(0, (usage?.PromptTokens ?? 0) - written - read));
        json.WriteNumber("cache_creation_input_tokens"u8, written);
        json.WriteNumber("cache_read_input_tokens"u8, read);
        json.WriteNumber("output_tokens"u8, usage?.CompletionTokens ?? 0);
        if (usage is { Further.IsEmpty: false })
        {
            WriteFurther(usage.Further, json);
        }

        json.WriteEndObject();
    }

    private static void WriteFurther(ReadOnlyMemory<byte> further, Utf8JsonWriter json)
    {
        using var document = JsonReading.Document(further);
        foreach (var member in document.RootElement.EnumerateObject())
        {
            if (!(member.IsNamed("input_tokens"u8) || member.IsNamed("output_tokens"u8) || member.IsNamed("cache_creation_input_tokens"u8) || member.IsNamed("cache_read_input_tokens"u8)))
            {
                json.WriteRaw(member);
            }
        }
    }
}
