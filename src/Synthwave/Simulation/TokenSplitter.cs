namespace Synthwave.Simulation;

/// <summary>Cuts text into pieces the size of tokens: leading white space and up to eight further characters. The pieces together are the text.</summary>
internal static class TokenSplitter
{
    private const int Longest = 8;

    public static List<string> Split(string text)
    {
        var pieces = new List<string>((text.Length / 5) + 1);
        for (var start = 0; start < text.Length;)
        {
            var end = End(text, start);
            pieces.Add(text[start..end]);
            start = end;
        }

        return pieces;
    }

    private static int End(string text, int start)
    {
        var end = start;
        while (end < text.Length && char.IsWhiteSpace(text[end]))
        {
            end++;
        }

        var limit = end + Longest;
        while (end < text.Length && end < limit && !char.IsWhiteSpace(text[end]))
        {
            end++;
        }

        // A pair of surrogates is one character.
        return end < text.Length && char.IsLowSurrogate(text[end]) && char.IsHighSurrogate(text[end - 1]) ? end + 1 : end;
    }
}
