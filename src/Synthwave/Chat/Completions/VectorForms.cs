using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;
using System.Text.Json;
using Synthwave.Json;

namespace Synthwave.Chat.Completions;

/// <summary>Gives the vectors of an embeddings answer in the form that was asked: servers know one form or the other, and clients read what they asked for.</summary>
internal static class VectorForms
{
    /// <summary>A float at its longest, <c>-1.17549435E-38</c>, and a comma.</summary>
    private const int LongestNumber = 24;

    /// <summary>The answer with every vector in the form asked: the same memory where they are in it already. All other bytes stay.</summary>
    /// <param name="json">An embeddings answer.</param>
    /// <param name="found">What was read of it.</param>
    /// <param name="asked"><see cref="VectorForm.Numbers"/> or <see cref="VectorForm.Base64"/>.</param>
    /// <param name="maxBytes">Most bytes that may come out.</param>
    /// <param name="isTooLarge">More would come out.</param>
    /// <returns>Null = it cannot be done: too large, or a vector that is no list of finite 32-bit floats.</returns>
    public static ReadOnlyMemory<byte>? Fit(ReadOnlyMemory<byte> json, EmbeddingsReply found, VectorForm asked, long maxBytes, out bool isTooLarge)
    {
        isTooLarge = false;
        var foreign = asked is VectorForm.Numbers ? VectorForm.Base64 : VectorForm.Numbers;
        if (!found.Forms.HasFlag(foreign))
        {
            return json;
        }

        var edits = new JsonEdits();
        var scratch = new ArrayBufferWriter<byte>();
        var length = (long)json.Length;
        var reader = JsonReading.ReaderAt(json.Span);
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            var isData = reader.TextIs("data"u8);
            reader.Read();
            if (!isData || reader.TokenType is not JsonTokenType.StartArray)
            {
                reader.Skip();
                continue;
            }

            while (reader.Read() && reader.TokenType is not JsonTokenType.EndArray)
            {
                if (!TryFit(ref reader, asked, scratch, edits, maxBytes, ref length))
                {
                    isTooLarge = length > maxBytes;
                    return null;
                }
            }
        }

        var output = new ArrayBufferWriter<byte>((int)length);
        edits.Apply(json.Span, output);
        return output.WrittenMemory;
    }

    // One element of the data. A vector in another form than numbers or base64 is left alone.
    private static bool TryFit(ref Utf8JsonReader reader, VectorForm asked, ArrayBufferWriter<byte> scratch, JsonEdits edits, long maxBytes, ref long length)
    {
        if (reader.TokenType is not JsonTokenType.StartObject)
        {
            reader.Skip();
            return true;
        }

        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            var isVector = reader.TextIs("embedding"u8);
            reader.Read();
            if (!isVector || reader.TokenType is not (JsonTokenType.StartArray or JsonTokenType.String)
                || (asked is VectorForm.Base64) != (reader.TokenType is JsonTokenType.StartArray))
            {
                reader.Skip();
                continue;
            }

            var start = (int)reader.TokenStartIndex;
            scratch.ResetWrittenCount();
            var isDone = asked is VectorForm.Base64 ? TryEncode(ref reader, scratch) : TryDecode(ref reader, scratch);
            if (!isDone)
            {
                return false;
            }

            var replaced = (int)reader.BytesConsumed - start;
            if (scratch.WrittenCount > 0)
            {
                length += scratch.WrittenCount - replaced;
                if (length > maxBytes)
                {
                    return false;
                }

                edits.Replace(start, replaced, scratch.WrittenSpan.ToArray());
            }
        }

        return true;
    }

    // Nothing written = an array of something else than numbers.
    private static bool TryEncode(ref Utf8JsonReader reader, ArrayBufferWriter<byte> output)
    {
        var floats = new ArrayBufferWriter<byte>(4096);
        while (reader.Read() && reader.TokenType is not JsonTokenType.EndArray)
        {
            if (reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject)
            {
                SkipRest(ref reader);
                return true;
            }

            if (!reader.TryGetSingle(out var number) || !float.IsFinite(number))
            {
                return false;
            }

            BinaryPrimitives.WriteSingleLittleEndian(floats.GetSpan(sizeof(float)), number);
            floats.Advance(sizeof(float));
        }

        var text = output.GetSpan(Base64.GetMaxEncodedToUtf8Length(floats.WrittenCount) + 2);
        text[0] = (byte)'"';
        Base64.EncodeToUtf8(floats.WrittenSpan, text[1..], out _, out var written);
        text[written + 1] = (byte)'"';
        output.Advance(written + 2);
        return true;
    }

    private static void SkipRest(ref Utf8JsonReader reader)
    {
        reader.Skip();
        while (reader.Read() && reader.TokenType is not JsonTokenType.EndArray)
        {
            reader.Skip();
        }
    }

    private static bool TryDecode(ref Utf8JsonReader reader, ArrayBufferWriter<byte> output)
    {
        var text = reader.ValueIsEscaped ? System.Text.Encoding.UTF8.GetBytes(JsonText.Unescape(reader.ValueSpan)) : reader.ValueSpan;
        var floats = ArrayPool<byte>.Shared.Rent(Base64.GetMaxDecodedFromUtf8Length(text.Length));
        try
        {
            if (Base64.DecodeFromUtf8(text, floats, out _, out var count) is not OperationStatus.Done || count % sizeof(float) != 0)
            {
                return false;
            }

            output.Write("["u8);
            for (var i = 0; i < count; i += sizeof(float))
            {
                var number = BinaryPrimitives.ReadSingleLittleEndian(floats.AsSpan(i));
                if (!float.IsFinite(number))
                {
                    return false;
                }

                var place = output.GetSpan(LongestNumber);
                var at = 0;
                if (i > 0)
                {
                    place[at++] = (byte)',';
                }

                number.TryFormat(place[at..], out var written, default, CultureInfo.InvariantCulture);
                output.Advance(at + written);
            }

            output.Write("]"u8);
            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(floats);
        }
    }
}
