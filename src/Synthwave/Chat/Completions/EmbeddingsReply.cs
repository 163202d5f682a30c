using System.Text.Json;
using Synthwave.Json;

namespace Synthwave.Chat.Completions;

/// <summary>What an embeddings answer (<c>{"object":"list","data":[…],"model","usage"}</c>) says of itself. Immutable.</summary>
/// <param name="Count">Vectors.</param>
/// <param name="Forms">Every form a vector has.</param>
/// <param name="Model">The name the model gives itself; null = none.</param>
/// <param name="Usage">Null = none is told.</param>
internal sealed record EmbeddingsReply(int Count, VectorForm Forms, string? Model, TokenUsage? Usage)
{
    /// <summary>
    /// Null = no such document: no JSON object, or without an array <c>data</c> of objects that each have an <c>embedding</c>, or with a vector of which an
    /// element is no number.
    /// </summary>
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
            var forms = VectorForm.None;
            string? model = null;
            TokenUsage? usage = null;
            while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
            {
                if (reader.TextIs("data"u8))
                {
                    reader.Read();
                    count = CountVectors(ref reader, ref forms);
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

            return count is { } found && !reader.Read() ? new(found, forms, model, usage) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static int? CountVectors(ref Utf8JsonReader reader, ref VectorForm forms)
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
                    if (isVector)
                    {
                        var form = FormOf(ref reader);
                        hasVector = form is not VectorForm.None;
                        forms |= form;
                    }
                    else
                    {
                        reader.Skip();
                    }
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

    // Moves to the vector's end; None = it is no vector.
    private static VectorForm FormOf(ref Utf8JsonReader reader)
    {
        if (reader.TokenType is not JsonTokenType.StartArray)
        {
            var isText = reader.TokenType is JsonTokenType.String;
            reader.Skip();
            return isText ? VectorForm.Base64 : VectorForm.None;
        }

        var form = VectorForm.Numbers;
        while (reader.Read() && reader.TokenType is not JsonTokenType.EndArray)
        {
            if (reader.TokenType is JsonTokenType.Number)
            {
                continue;
            }

            form = form is not VectorForm.None && reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject ? VectorForm.Other : VectorForm.None;
            reader.Skip();
        }

        return form;
    }
}
