namespace Synthwave.Sse;

/// <summary>Makes bytes unreadable where they stand. Their number stays, and so does the form of a document in whose text they are.</summary>
internal static class Overwriting
{
    /// <summary>Overwrites every occurrence of <paramref name="hidden"/>, which is not empty. One search where there is none.</summary>
    public static void Apply(Span<byte> text, ReadOnlySpan<byte> hidden)
    {
        while (text.IndexOf(hidden) is >= 0 and var at)
        {
            text.Slice(at, hidden.Length).Fill((byte)'*');
            text = text[(at + hidden.Length)..];
        }
    }
}
