using System.Buffers;
using System.Buffers.Text;
using Synthwave.Json;

namespace Synthwave.Api.Dialects.Responses;

/// <summary>
/// Reasoning as <c>encrypted_content</c>, for clients that send nothing else of it back. It hides nothing: the client has been given the same text beside it.
/// </summary>
internal static class SealedReasoning
{
    // Of three bytes each becomes four characters: only the last slice may end in between.
    private const int Slice = 3 * 1024;

    private static ReadOnlySpan<byte> Mark => "synthwave_"u8;

    /// <summary>Appends the sealed form, which needs no escapes.</summary>
    /// <param name="text">As it stands between the quotes of a JSON string.</param>
    /// <param name="output">Takes it.</param>
    public static void Write(ReadOnlySpan<byte> text, IBufferWriter<byte> output)
    {
        output.Write(Mark);
        do
        {
            var slice = text[..Math.Min(text.Length, Slice)];
            var target = output.GetSpan(Base64.GetMaxEncodedToUtf8Length(slice.Length));
            Base64.EncodeToUtf8(slice, target, out _, out var written);
            output.Advance(written);
            text = text[slice.Length..];
        }
        while (!text.IsEmpty);
    }

    /// <summary>The text as it stands between quotes; false = it was not made here, or is damaged.</summary>
    public static bool TryOpen(ReadOnlySpan<byte> content, out byte[] text)
    {
        text = [];
        if (!content.StartsWith(Mark) || !Base64.IsValid(content[Mark.Length..], out var length))
        {
            return false;
        }

        // Whoever could have written it: it must stand between quotes.
        var quoted = new byte[length + 2];
        quoted[0] = quoted[^1] = (byte)'"';
        Base64.DecodeFromUtf8(content[Mark.Length..], quoted.AsSpan(1), out _, out _);
        using var document = JsonReading.TryDocument(quoted);
        if (document is null)
        {
            return false;
        }

        text = quoted[1..^1];
        return true;
    }
}
