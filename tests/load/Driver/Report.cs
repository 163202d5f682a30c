using System.Globalization;
using System.Text;

namespace Synthwave.Load.Driver;

/// <summary>What a run found: facts, tables and targets, as Markdown that also reads well on a terminal.</summary>
internal sealed class Report
{
    private readonly StringBuilder _body = new();
    private readonly List<string[]> _targets = [];

    public bool AllTargetsMet { get; private set; } = true;

    public void Heading(string title) => _body.Append("## ").AppendLine(title).AppendLine();

    public void Paragraph(string text) => _body.AppendLine(text).AppendLine();

    /// <summary>A table; the first columns are text, the others numbers and right-aligned.</summary>
    public void Table(string[] columns, IReadOnlyCollection<string[]> rows, int textColumns = 1) => AppendTable(_body, columns, rows, textColumns);

    /// <summary>A target and whether it was met; a measurement that is not a number has not met it.</summary>
    public void Target(string what, string limit, string measured, bool met)
    {
        AllTargetsMet &= met;
        _targets.Add([what, limit, measured, met ? "met" : "**missed**"]);
    }

    /// <summary>Something that should have been measured and could not be: a target missed.</summary>
    public void NotMeasured(string what, Exception problem) =>
        Target(what, "a result", string.Join(' ', problem.Message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).Replace('|', '/'), met: false);

    public string Render(IEnumerable<(string Name, string Value)> facts)
    {
        var text = new StringBuilder("# Load results\n\n");
        foreach (var (name, value) in facts)
        {
            text.Append(CultureInfo.InvariantCulture, $"- {name}: {value}\n");
        }

        text.Append('\n');
        if (_targets.Count > 0)
        {
            text.Append("## Targets\n\n");
            AppendTable(text, ["target", "limit", "measured", "verdict"], _targets, textColumns: 1);
        }

        return text.Append(_body).ToString().TrimEnd() + "\n";
    }

    /// <summary>A table; the first columns are text, the others numbers and right-aligned.</summary>
    public static void AppendTable(StringBuilder text, string[] columns, IReadOnlyCollection<string[]> rows, int textColumns)
    {
        var widths = columns.Select((column, i) => rows.Select(row => row[i].Length).Append(column.Length).Max()).ToArray();
        Line(columns);
        Line([.. widths.Select((width, i) => i < textColumns ? new string('-', width) : new string('-', width - 1) + ":")]);
        foreach (var row in rows)
        {
            Line(row);
        }

        text.AppendLine();

        void Line(string[] cells) => text.Append("| ")
            .AppendJoin(" | ", cells.Select((cell, i) => i < textColumns ? cell.PadRight(widths[i]) : cell.PadLeft(widths[i])))
            .AppendLine(" |");
    }
}
