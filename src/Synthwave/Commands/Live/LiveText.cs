using System.Globalization;
using System.Text;
using Spectre.Console;
using Synthwave.Telemetry.Logging;

namespace Synthwave.Commands.Live;

/// <summary>One line of the view: pieces of text with a style, cut where the line is full. Names are made harmless, and no markup is read.</summary>
/// <param name="most">Cells there are.</param>
internal sealed class LiveText(int most)
{
    private readonly Paragraph _line = new();

    /// <summary>Cells taken so far.</summary>
    public int Width { get; private set; }

    public Paragraph Line => _line;

    /// <summary>Adds text from anywhere.</summary>
    public LiveText Add(string? text, Style? style = null)
    {
        var harmless = AnsiText.Append(new StringBuilder(), text, colour: null).ToString();
        if (harmless.Length > 0 && Width < most)
        {
            var shown = Cut(harmless, most - Width);
            _line.Append(shown, style);
            Width += shown.GetCellWidth();
        }

        return this;
    }

    /// <summary>Adds text in a column: cut or filled up to <paramref name="cells"/>, and a space.</summary>
    public LiveText Column(string? text, int cells, Style? style = null)
    {
        var shown = Cut(AnsiText.Append(new StringBuilder(), text, colour: null).ToString(), cells);
        return Add(shown + new string(' ', cells - shown.GetCellWidth() + 1), style);
    }

    /// <summary>A time as people read it.</summary>
    public static string Duration(double milliseconds) => milliseconds switch
    {
        < 1_000 => string.Create(CultureInfo.InvariantCulture, $"{milliseconds:0} ms"),
        < 60_000 => string.Create(CultureInfo.InvariantCulture, $"{milliseconds / 1_000:0.0} s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(milliseconds / 60_000):0} min {Math.Floor(milliseconds % 60_000 / 1_000):0} s"),
    };

    /// <summary>Dollars: two decimals, or as many more as the first figure that is not zero needs.</summary>
    public static string Money(decimal usd) => string.Create(CultureInfo.InvariantCulture, $"${usd:0.00####}");

    private static string Cut(string text, int cells)
    {
        if (text.GetCellWidth() <= cells)
        {
            return text;
        }

        var cut = new StringBuilder();
        var width = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            var next = rune.ToString();
            if (width + next.GetCellWidth() > cells - 1)
            {
                break;
            }

            cut.Append(next);
            width += next.GetCellWidth();
        }

        return cut.Append('…').ToString();
    }
}
