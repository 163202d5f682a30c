using System.Globalization;
using System.Text;

namespace Synthwave.Telemetry.Metrics.Prometheus;

/// <summary>Writes the text exposition format, version 0.0.4.</summary>
internal sealed class PrometheusText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly StringBuilder _text = new(8192);

    public void Head(string name, string help, string type) =>
        _text.Append("# HELP ").Append(name).Append(' ').Append(help.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal))
            .Append('\n').Append("# TYPE ").Append(name).Append(' ').Append(type).Append('\n');

    /// <summary>One sample line. <paramref name="le"/> is the bucket bound of a histogram, written last.</summary>
    public void Sample(string name, string suffix, string[] labels, in LabelValues values, double value, string? le = null)
    {
        _text.Append(name).Append(suffix);
        if (labels.Length > 0 || le is not null)
        {
            _text.Append('{');
            for (var i = 0; i < labels.Length; i++)
            {
                Label(labels[i], values[i] ?? string.Empty);
                _text.Append(i + 1 < labels.Length || le is not null ? "," : null);
            }

            if (le is not null)
            {
                Label("le", le);
            }

            _text.Append('}');
        }

        _text.Append(' ').Append(Number(value)).Append('\n');
    }

    public static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        double.NaN => "NaN",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };

    public override string ToString() => _text.ToString();

    private void Label(string name, string value)
    {
        _text.Append(name).Append("=\"");
        foreach (var c in value)
        {
            _ = c switch
            {
                '\\' => _text.Append("\\\\"),
                '"' => _text.Append("\\\""),
                '\n' => _text.Append("\\n"),
                _ => _text.Append(c),
            };
        }

        _text.Append('"');
    }
}
