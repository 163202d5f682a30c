using System.Text.Json;
using System.Text.Unicode;
using Synthwave.Chat;

namespace Synthwave.Upstreams.Protocols.OpenAi;

/// <summary>
/// What one validating pass over a buffered reply finds: whether it is a JSON object at all, and the top-level members a report wants. Whether it is a
/// usable answer is judged later, by whoever knows what is wanted of it.
/// </summary>
internal readonly record struct CompletionShape
{
    public bool HasChoices { get; private init; }

    /// <summary>A non-null <c>error</c> member.</summary>
    public bool HasError { get; private init; }

    public string? Model { get; private init; }

    public TokenUsage? Usage { get; private init; }

    /// <summary>False = not UTF-8, not JSON, no object, nested deeper than 256, or something after it.</summary>
    public static bool TryRead(ReadOnlySpan<byte> body, out CompletionShape shape)
    {
        shape = default;
        if (!Utf8.IsValid(body))
        {
            return false;
        }

        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = 256 });
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return false;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                shape = ReadMember(ref reader, body, shape);
            }

            // Reads on to notice what follows the object.
            return reader.TokenType == JsonTokenType.EndObject && !reader.Read();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    private static CompletionShape ReadMember(ref Utf8JsonReader reader, ReadOnlySpan<byte> body, CompletionShape shape)
    {
        if (reader.ValueTextEquals("choices"u8))
        {
            Pass(ref reader);
            return shape with { HasChoices = true };
        }

        if (reader.ValueTextEquals("error"u8))
        {
            Pass(ref reader);
            return shape with { HasError = shape.HasError || reader.TokenType != JsonTokenType.Null };
        }

        if (reader.ValueTextEquals("model"u8))
        {
            Pass(ref reader);
            return reader.TokenType == JsonTokenType.String && reader.ValueSpan.Length <= 256 ? shape with { Model = reader.GetString() } : shape;
        }

        if (reader.ValueTextEquals("usage"u8))
        {
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            return shape with { Usage = TokenUsage.Read(body[start..(int)reader.BytesConsumed]) };
        }

        Pass(ref reader);
        return shape;
    }

    private static void Pass(ref Utf8JsonReader reader)
    {
        reader.Read();
        reader.Skip();
    }
}
