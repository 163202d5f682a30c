using System.Text.Json;
using Synthwave.Json;

namespace Synthwave.Chat.Completions;

/// <summary>What an embeddings answer (<c>{"object":"list","data":[…],"model","usage"}</c>) says of itself. The vectors are not looked at.</summary>
internal readonly record struct EmbeddingsReply(int Count, string? Model, TokenUsage? Usage)
{
    /// <summary>Null = no such document: no JSON object, or without an array <c>data</c> of objects that each have an <c>embedding</c>.</summary>
    public static EmbeddingsReply? Read(ReadOnlySpan<byte> json)
    {
        var reader = JsonReading.Reader(json);
        try
        {
            if (!reader.Read() || reader.TokenType is not JsonTokenType.StartObject)
            {
                return null;
            }

            int? count = null;
            string? model = null;
            TokenUsage? usage = null;
            while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
            {
                if (reader.TextIs("data"u8))
                {
                    reader.Read();
                    count = CountVectors(ref reader);
                }
                else if (reader.TextIs("model"u8))
                {
                    reader.Read();
                    model = reader.ReadName();
                }
                else if (reader.TextIs("usage"u8))
                {
                    reader.Read();
                    var start = (int)reader.TokenStartIndex;
                    reader.Skip();
                    usage = TokenUsage.Read(json[start..(int)reader.BytesConsumed]);
                }
                else
                {
                    reader.Read();
                    reader.Skip();
                }
            }

            return count is { } found && !reader.Read() ? new(found, model, usage) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static int? CountVectors(ref Utf8JsonReader reader)
    {
        if (reader.TokenType is not JsonTokenType.StartArray)
        {
            reader.Skip();
            return null;
        }

        var (count, isWhole) = (0, true);
        while (reader.Read() && reader.TokenType is not JsonTokenType.EndArray)
        {
            var hasVector = false;
            if (reader.TokenType is JsonTokenType.StartObject)
            {
                while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
                {
                    var isVector = reader.TextIs("embedding"u8);
                    reader.Read();
                    hasVector |= isVector && reader.TokenType is JsonTokenType.StartArray or JsonTokenType.String;
                    reader.Skip();
                }
            }
            else
            {
                reader.Skip();
            }

            isWhole &= hasVector;
            count++;
        }

        return isWhole ? count : null;
    }
}
