using System.Buffers;
using System.Globalization;
using System.Text;

namespace Synthwave.Telemetry.Reports;

/// <summary>Writes facts as header values that no name and no prose can break: visible ASCII of bounded length. A fact that is null has no header.</summary>
internal readonly struct ReportHeaderWriter(IHeaderDictionary headers)
{
    /// <summary>Longest value, bytes.</summary>
    public const int MaxValueLength = 1024;

    // Visible ASCII but for the escape itself and the separator of lists.
    private static readonly SearchValues<char> Plain =
        SearchValues.Create([.. Enumerable.Range('!', '~' - '!' + 1).Select(c => (char)c).Where(c => c is not ('%' or ','))]);

    public void Number(string header, int? value)
    {
        if (value is { } known)
        {
            headers[header] = known.ToString(CultureInfo.InvariantCulture);
        }
    }

    /// <summary>A word of ours.</summary>
    public void Label(string header, string? value)
    {
        if (value is not null)
        {
            headers[header] = value;
        }
    }

    /// <summary>A name out of the file, see <see cref="Encode"/>.</summary>
    public void Name(string header, string? name)
    {
        if (name is not null)
        {
            headers[header] = Bounded(Encode(name));
        }
    }

    /// <summary>Prose keeps its blanks; whatever a header cannot carry becomes a question mark.</summary>
    public void Text(string header, string text) => headers[header] = Bounded(string.Create(text.Length, text, static (target, source) =>
    {
        for (var i = 0; i < source.Length; i++)
        {
            target[i] = source[i] is >= ' ' and <= '~' ? source[i] : '?';
        }
    }).Trim());

    /// <summary>Names with what came of them, as <c>name:word</c>.</summary>
    public void Pairs(string header, IReadOnlyList<KeyValuePair<string, string>> pairs) => List(header, pairs, static p => $"{Encode(p.Key)}:{p.Value}");

    /// <summary>A list, cut between items, never inside one.</summary>
    public void List<T>(string header, IReadOnlyList<T> items, Func<T, string> write)
    {
        if (items.Count == 1)
        {
            headers[header] = Bounded(write(items[0]));
            return;
        }

        var list = new StringBuilder();
        for (var i = 0; i < items.Count; i++)
        {
            var item = write(items[i]);
            if (list.Length + item.Length + 1 > MaxValueLength)
            {
                break;
            }

            list.Append(i == 0 ? "" : ",").Append(item);
        }

        headers[header] = list.ToString();
    }

    /// <summary>A name as it stands in a header: visible ASCII, the rest (and <c>%</c>, <c>,</c>) percent-encoded as UTF-8.</summary>
    public static string Encode(string name)
    {
        if (name.AsSpan().IndexOfAnyExcept(Plain) < 0)
        {
            return name;
        }

        var encoded = new StringBuilder(name.Length + 16);
        Span<byte> utf8 = stackalloc byte[4];
        foreach (var rune in name.EnumerateRunes())
        {
            if (rune.IsBmp && Plain.Contains((char)rune.Value))
            {
                encoded.Append((char)rune.Value);
                continue;
            }

            foreach (var b in utf8[..rune.EncodeToUtf8(utf8)])
            {
                encoded.Append('%').Append(b.ToString("X2", CultureInfo.InvariantCulture));
            }
        }

        return encoded.ToString();
    }

    private static string Bounded(string value)
    {
        if (value.Length <= MaxValueLength)
        {
            return value;
        }

        // Not through the middle of an escape.
        var end = value.LastIndexOf('%', MaxValueLength - 1, 3) is >= MaxValueLength - 2 and var escape ? escape : MaxValueLength;
        return value[..end];
    }
}
