using System.Text.Json;

namespace Synthwave.Json;

/// <summary>Where the values of a document stand, while a reader passes over them. The document begins at the reader's first byte.</summary>
internal static class JsonValues
{
    /// <summary>From the first token of a value to its end; the value's place.</summary>
    public static ByteRange Pass(ref Utf8JsonReader reader)
    {
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return new(start, (int)reader.BytesConsumed - start);
    }

    /// <summary>The same; absent for a null.</summary>
    public static ByteRange PassPresent(ref Utf8JsonReader reader)
    {
        var isNull = reader.TokenType is JsonTokenType.Null;
        var range = Pass(ref reader);
        return isNull ? default : range;
    }

    /// <summary>The same for a text, between its quotes; absent for anything else.</summary>
    public static ByteRange PassText(ref Utf8JsonReader reader)
    {
        if (reader.TokenType is JsonTokenType.String)
        {
            return Text(ref reader);
        }

        reader.Skip();
        return default;
    }

    /// <summary>Passes over a member whose name was read.</summary>
    public static void PassMember(ref Utf8JsonReader reader)
    {
        reader.Read();
        reader.Skip();
    }

    /// <summary>The text the reader stands at, between its quotes.</summary>
    public static ByteRange Text(ref Utf8JsonReader reader) => new((int)reader.TokenStartIndex + 1, reader.ValueSpan.Length);

    /// <summary>Whether the reader stands at a text that says something.</summary>
    public static bool IsText(ref Utf8JsonReader reader) => reader.TokenType is JsonTokenType.String && !reader.ValueSpan.IsEmpty;

    /// <summary>Whether the reader stands at what is neither null nor a text that says something.</summary>
    public static bool IsOdd(ref Utf8JsonReader reader) => reader.TokenType is not JsonTokenType.Null && !IsText(ref reader);

    /// <summary>Moves to the end of a value and says whether it is more than null, false, an empty string, array or object.</summary>
    public static bool IsFilled(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.Null or JsonTokenType.False:
                return false;
            case JsonTokenType.String:
                return reader.ValueSpan.Length > 0;
            case JsonTokenType.StartArray or JsonTokenType.StartObject:
                var depth = reader.CurrentDepth;
                var count = 0;
                while (reader.Read() && reader.CurrentDepth > depth)
                {
                    count++;
                }

                return count > 0;
            default:
                return true;
        }
    }
}
