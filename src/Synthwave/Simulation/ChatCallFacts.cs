using System.Text.Json;
using Synthwave.Json;

namespace Synthwave.Simulation;

/// <summary>What one forward read of a chat call's body finds.</summary>
internal readonly record struct ChatCallFacts(string Model, bool Stream, bool IncludeUsage, int? MaxTokens)
{
    /// <summary>Null when the body is not a JSON object with a string <c>model</c>; <paramref name="problem"/> then says why.</summary>
    public static ChatCallFacts? Read(ReadOnlySpan<byte> body, out string problem)
    {
        try
        {
            return ReadObject(body, out problem);
        }
        catch (JsonException e)
        {
            problem = $"the body is not valid JSON (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1})";
            return null;
        }
        catch (InvalidOperationException)
        {
            problem = "the body has a string that is not valid UTF-8";
            return null;
        }
    }

    private static ChatCallFacts? ReadObject(ReadOnlySpan<byte> body, out string problem)
    {
        var reader = JsonReading.Reader(body);
        if (!reader.Read() || reader.TokenType is not JsonTokenType.StartObject)
        {
            problem = "the body must be a JSON object";
            return null;
        }

        string? model = null;
        var stream = false;
        var includeUsage = false;
        int? maxTokens = null;
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            var isModel = reader.TextIs("model"u8);
            var isStream = reader.TextIs("stream"u8);
            var isOptions = reader.TextIs("stream_options"u8);
            var isCap = reader.TextIs("max_tokens"u8) || reader.TextIs("max_completion_tokens"u8);
            reader.Read();
            switch (reader.TokenType)
            {
                case JsonTokenType.String when isModel:
                    model = JsonText.Unescape(reader.ValueSpan);
                    break;
                case JsonTokenType.True when isStream:
                    stream = true;
                    break;
                case JsonTokenType.Number when isCap && reader.TryGetInt32(out var cap):
                    maxTokens = cap;
                    break;
                case JsonTokenType.StartObject when isOptions:
                    includeUsage = ReadIncludeUsage(ref reader);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        while (reader.Read())
        {
            // Reads to the end so that bytes after the object are found.
        }

        if (model is null)
        {
            problem = "the body must name a model";
            return null;
        }

        problem = "";
        return new ChatCallFacts(model, stream, includeUsage, maxTokens);
    }

    private static bool ReadIncludeUsage(ref Utf8JsonReader reader)
    {
        var include = false;
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            var wanted = reader.TextIs("include_usage"u8);
            reader.Read();
            include |= wanted && reader.TokenType is JsonTokenType.True;
            reader.Skip();
        }

        return include;
    }
}
