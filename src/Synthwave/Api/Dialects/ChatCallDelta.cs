using System.Text.Json;
using Synthwave.Json;

namespace Synthwave.Api.Dialects;

/// <summary>One tool call, or a part of one, as chat answers carry it. Texts are what stands between the quotes, still escaped; empty = not there.</summary>
internal readonly record struct ChatCallDelta(int Index, ReadOnlyMemory<byte> Id, ReadOnlyMemory<byte> Name, ReadOnlyMemory<byte> Arguments)
{
    /// <summary>Reads the array <c>tool_calls</c>. Without an <c>index</c> a call's position counts.</summary>
    public static List<ChatCallDelta> ReadAll(ReadOnlyMemory<byte> calls)
    {
        var found = new List<ChatCallDelta>(1);
        var reader = JsonReading.ReaderAt(calls.Span);
        while (reader.Read() && reader.TokenType is not JsonTokenType.EndArray)
        {
            if (reader.TokenType is not JsonTokenType.StartObject)
            {
                reader.Skip();
                continue;
            }

            var (index, id) = (found.Count, ReadOnlyMemory<byte>.Empty);
            var function = default(ChatCallDelta);
            while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
            {
                if (reader.TextIs("index"u8))
                {
                    reader.Read();
                    index = reader.TokenType is JsonTokenType.Number && reader.TryGetInt32(out var number) ? number : index;
                    reader.Skip();
                }
                else if (reader.TextIs("id"u8))
                {
                    id = ReadText(ref reader, calls);
                }
                else if (reader.TextIs("function"u8))
                {
                    reader.Read();
                    function = ReadFunction(ref reader, calls);
                }
                else
                {
                    reader.Read();
                    reader.Skip();
                }
            }

            found.Add(new(index, id, function.Name, function.Arguments));
        }

        return found;
    }

    /// <summary>Reads the object <c>function_call</c>, which has no id.</summary>
    public static ChatCallDelta ReadLegacy(ReadOnlyMemory<byte> call)
    {
        var reader = JsonReading.ReaderAt(call.Span);
        return ReadFunction(ref reader, call);
    }

    private static ChatCallDelta ReadFunction(ref Utf8JsonReader reader, ReadOnlyMemory<byte> source)
    {
        if (reader.TokenType is not JsonTokenType.StartObject)
        {
            reader.Skip();
            return default;
        }

        ReadOnlyMemory<byte> name = default, arguments = default;
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            if (reader.TextIs("name"u8))
            {
                name = ReadText(ref reader, source);
            }
            else if (reader.TextIs("arguments"u8))
            {
                arguments = ReadText(ref reader, source);
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        return new(0, default, name, arguments);
    }

    private static ReadOnlyMemory<byte> ReadText(ref Utf8JsonReader reader, ReadOnlyMemory<byte> source)
    {
        reader.Read();
        if (reader.TokenType is JsonTokenType.String)
        {
            return source.Slice((int)reader.TokenStartIndex + 1, reader.ValueSpan.Length);
        }

        reader.Skip();
        return default;
    }
}
