using System.Globalization;
using System.Text;
using Spectre.Console;
using Spectre.Console.Rendering;
using Synthwave.Commands.Lines;

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
        var harmless = PlainText.Of(text);
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
        var shown = Cut(PlainText.Of(text), cells);
        return Add(shown + new string(' ', cells - shown.GetCellWidth() + 1), style);
    }

    /// <summary>Adds lines that hold all of a text, broken between its words.</summary>
    /// <param name="lines">Are added to.</param>
    /// <param name="text">From anywhere.</param>
    /// <param name="width">Of the terminal, cells.</param>
    /// <param name="style">Of all of it.</param>
    public static void AddWrapped(List<IRenderable> lines, string text, int width, Style style)
    {
        var line = new StringBuilder();
        foreach (var word in PlainText.Of(text).Split(' '))
        {
            if (line.Length > 0 && line.ToString().GetCellWidth() + 1 + word.GetCellWidth() > width)
            {
                lines.Add(new LiveText(width).Add(line.ToString(), style).Line);
                line.Clear();
            }

            line.Append(line.Length > 0 ? " " : "").Append(word);
        }

        lines.Add(new LiveText(width).Add(line.ToString(), style).Line);
    }

    /// <summary>A time as people read it: at most eight characters below a thousand hours.</summary>
    public static string Duration(double milliseconds)
    {
        var seconds = (long)Math.Round(milliseconds / 1_000);
        return milliseconds switch
        {
            < 999.5 => string.Create(CultureInfo.InvariantCulture, $"{milliseconds:0} ms"),
            < 59_950 => string.Create(CultureInfo.InvariantCulture, $"{milliseconds / 1_000:0.0} s"),
            _ when seconds < 3_600 => string.Create(CultureInfo.InvariantCulture, $"{seconds / 60}m {seconds % 60:00}s"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{seconds / 3_600}h {seconds % 3_600 / 60:00}m"),
        };
    }

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
