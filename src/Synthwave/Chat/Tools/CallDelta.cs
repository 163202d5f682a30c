using System.Text.Json;
using Synthwave.Json;

namespace Synthwave.Chat.Tools;

/// <summary>What one element of a delta's <c>tool_calls</c> says, or a whole <c>function_call</c>. Ranges lie in the chunk.</summary>
internal readonly record struct CallDelta
{
    /// <summary>The element, braces included.</summary>
    public ByteRange Whole { get; private init; }

    /// <summary>Null = the server numbers nothing.</summary>
    public int? Index { get; private init; }

    /// <summary>Text between the quotes; absent when empty, null or missing, as is the name.</summary>
    public ByteRange Id { get; private init; }

    public ByteRange Name { get; private init; }

    /// <summary>The whole value of <c>arguments</c>; absent when null or missing.</summary>
    public ByteRange Arguments { get; private init; }

    /// <summary>The arguments are a string, as they should be.</summary>
    public bool HasTextArguments { get; private init; }

    /// <summary>A type other than <c>function</c>.</summary>
    public bool IsOtherType { get; private init; }

    public bool HasType { get; private init; }

    /// <summary>There are members beside those of every call, a provider's signature for instance.</summary>
    public bool HasOthers { get; private init; }

    /// <summary>The element is no object.</summary>
    public bool IsNothing { get; private init; }

    /// <summary>Whether there is at least one character of arguments.</summary>
    public bool HasArgumentText => HasTextArguments ? Arguments.Length > 2 : Arguments.IsPresent;

    /// <summary>Reads the elements of an array within a chunk that is known to be valid JSON.</summary>
    public static void ReadAll(ReadOnlySpan<byte> chunk, ByteRange array, List<CallDelta> output)
    {
        output.Clear();
        var reader = JsonReading.ReaderAt(array.In(chunk));
        while (reader.Read() && reader.TokenType is not JsonTokenType.EndArray)
        {
            output.Add(ReadElement(ref reader, array.Start));
        }
    }

    /// <summary>Reads a <c>function_call</c> object.</summary>
    public static CallDelta ReadFunctionCall(ReadOnlySpan<byte> chunk, ByteRange function)
    {
        var reader = JsonReading.ReaderAt(function.In(chunk));
        var found = ReadFunction(ref reader, function.Start, default);
        return found with { Whole = function };
    }

    private static CallDelta ReadElement(ref Utf8JsonReader reader, int offset)
    {
        var start = (int)reader.TokenStartIndex;
        var delta = default(CallDelta);
        if (reader.TokenType is not JsonTokenType.StartObject)
        {
            reader.Skip();
            return delta with { IsNothing = true };
        }

        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            if (reader.TextIs("index"u8))
            {
                reader.Read();
                delta = delta with { Index = reader.TokenType is JsonTokenType.Number && reader.TryGetInt32(out var index) && index >= 0 ? index : null };
                reader.Skip();
            }
            else if (reader.TextIs("id"u8))
            {
                reader.Read();
                delta = delta with { Id = TextRange(ref reader, offset) };
            }
            else if (reader.TextIs("type"u8))
            {
                reader.Read();
                var isText = reader.TokenType is JsonTokenType.String && reader.ValueSpan.Length > 0;
                delta = delta with { HasType = isText, IsOtherType = isText && !reader.TextIs("function"u8) };
                reader.Skip();
            }
            else if (reader.TextIs("function"u8))
            {
                reader.Read();
                delta = ReadFunction(ref reader, offset, delta);
            }
            else
            {
                reader.Read();
                delta = delta with { HasOthers = true };
                reader.Skip();
            }
        }

        return delta with { Whole = new(offset + start, (int)reader.BytesConsumed - start) };
    }

    private static CallDelta ReadFunction(ref Utf8JsonReader reader, int offset, CallDelta delta)
    {
        if (reader.TokenType is not JsonTokenType.StartObject)
        {
            reader.Skip();
            return delta;
        }

        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            var isName = reader.TextIs("name"u8);
            var isArguments = reader.TextIs("arguments"u8);
            reader.Read();
            if (isName)
            {
                delta = delta with { Name = TextRange(ref reader, offset) };
            }
            else if (isArguments)
            {
                var isText = reader.TokenType is JsonTokenType.String;
                var isNull = reader.TokenType is JsonTokenType.Null;
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                delta = delta with { HasTextArguments = isText, Arguments = isNull ? default : new(offset + start, (int)reader.BytesConsumed - start) };
            }
            else
            {
                delta = delta with { HasOthers = true };
                reader.Skip();
            }
        }

        return delta;
    }

    private static ByteRange TextRange(ref Utf8JsonReader reader, int offset)
    {
        if (reader.TokenType is JsonTokenType.String)
        {
            return new(offset + (int)reader.TokenStartIndex + 1, reader.ValueSpan.Length);
        }

        reader.Skip();
        return default;
    }
}
