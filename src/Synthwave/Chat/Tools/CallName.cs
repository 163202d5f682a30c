using System.Text;

namespace Synthwave.Chat.Tools;

/// <summary>Takes tokenizer marks that leaked into a function's name out of it (<c>exec&lt;|channel|&gt;commentary</c> is <c>exec</c>).</summary>
internal static class CallName
{
    private const string Open = "<|";

    /// <summary>The name without marks and without surrounding white space; empty when it was nothing but marks. The same string when there is none.</summary>
    public static string Clean(string name)
    {
        var at = name.IndexOf(Open, StringComparison.Ordinal);
        if (at < 0)
        {
            return name.Trim();
        }

        var clean = new StringBuilder(name.Length);
        var rest = name.AsSpan();
        while (at >= 0)
        {
            clean.Append(rest[..at]);
            rest = rest[(at + MarkLength(rest[at..]))..];
            at = rest.IndexOf(Open);
        }

        return clean.Append(rest).ToString().Trim();
    }

    // <|…|> takes the word behind it along; <|…| and <|… are marks that were cut off.
    private static int MarkLength(ReadOnlySpan<char> mark)
    {
        var end = Open.Length;
        while (end < mark.Length && mark[end] is not ('|' or '>'))
        {
            end++;
        }

        if (end == mark.Length || mark[end] == '>')
        {
            return end;
        }

        end++;
        if (end == mark.Length || mark[end] != '>')
        {
            return end;
        }

        end++;
        while (end < mark.Length && (char.IsAsciiLetter(mark[end]) || mark[end] == '_'))
        {
            end++;
        }

        return end;
    }
}
