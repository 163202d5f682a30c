using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Synthwave.Commands.Lines;

namespace Synthwave.Commands.Checks;

/// <summary>The findings of <c>check --live</c> as a table, and below it what to do. Pure.</summary>
internal static class LiveTable
{
    private static readonly string[] Head = ["upstream", "model", "address", "dns", "tcp", "tls", "key", "listed", "answer"];

    public static string Write(ImmutableArray<LiveFinding> findings)
    {
        string[][] rows = [Head, .. findings.Select(Row)];
        var text = new StringBuilder(TextTable.Write(rows));
        foreach (var finding in findings.Where(static f => !f.IsOk || f.Note is not null))
        {
            text.Append('\n').Append(PlainText.Of(finding.Upstream)).Append(": ").Append(PlainText.Of(finding.Problem ?? finding.Note));
            text.Append(finding.Proxy is { } proxy ? $" (asked through the proxy {proxy})" : "").Append('\n');
            if (finding.Fix is { } fix)
            {
                text.Append("  → ").Append(PlainText.Of(fix)).Append('\n');
            }
        }

        return text.ToString();
    }

    private static string[] Row(LiveFinding finding) =>
    [
        finding.Upstream, finding.Model, finding.Address ?? "–",
        Cell(finding, "dns"), Cell(finding, "tcp"), finding.Steps.Any(static s => s.Name == "proxy") ? "proxy refused" : Cell(finding, "tls"), Cell(finding, "key"), Cell(finding, "model"), Cell(finding, "answer"),
    ];

    private static string Cell(LiveFinding finding, string step) => finding.Steps.FirstOrDefault(s => s.Name == step) switch
    {
        null => "–",
        { IsOk: false } => "FAILED",
        { Milliseconds: { } milliseconds } => string.Create(CultureInfo.InvariantCulture, $"{milliseconds:0} ms"),
        _ => "ok",
    };
}
