using System.Text;
using Spectre.Console;

namespace Synthwave.Commands.Lines;

/// <summary>Rows as columns for a terminal, or for whoever reads lines. What others named is made harmless. Pure.</summary>
internal static class TextTable
{
    private const string Between = "  ";

    /// <summary>One line a row, each with its line feed.</summary>
    /// <param name="rows">The titles first, all of the same length.</param>
    /// <param name="right">Columns whose cells stand at the right, counted from 0.</param>
    public static string Write(IEnumerable<string[]> rows, params IReadOnlyCollection<int> right)
    {
        var plain = rows.Select(static r => r.Select(static c => PlainText.Of(c)).ToArray()).ToList();
        var widths = Enumerable.Range(0, plain.Max(static r => r.Length)).Select(i => plain.Max(r => r[i].GetCellWidth())).ToArray();
        var text = new StringBuilder();
        foreach (var row in plain)
        {
            var cells = row.Select((cell, i) => Fill(cell, widths[i], right.Contains(i)));
            text.Append(string.Join(Between, cells).TrimEnd()).Append('\n');
        }

        return text.ToString();
    }

    private static string Fill(string cell, int width, bool isRight)
    {
        var blank = new string(' ', width - cell.GetCellWidth());
        return isRight ? blank + cell : cell + blank;
    }
}
