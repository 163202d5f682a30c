using System.Globalization;
using System.Text;
using Synthwave.Telemetry.Metrics.Catalogue;

namespace Synthwave.Telemetry.Metrics.Prometheus;

/// <summary>
/// Writes one exposition in either format. Bucket bounds are written alike in both, so that a series stays the same one when a scraper changes formats.
/// </summary>
internal sealed class ExpositionText(ExpositionFormat format)
{
    private readonly StringBuilder _text = new(16384);

    private bool IsOpenMetrics => format == ExpositionFormat.OpenMetrics;

    /// <summary>What an answer in this format says it is.</summary>
    public static string ContentTypeOf(ExpositionFormat format) => format == ExpositionFormat.OpenMetrics
        ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
        : "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>Begins a family.</summary>
    public void Head(MetricDeclaration metric)
    {
        var name = IsOpenMetrics ? metric.FamilyName : metric.Name;
        _text.Append("# HELP ").Append(name).Append(' ');
        Escape(metric.Meaning, quotes: IsOpenMetrics);
        _text.Append("\n# TYPE ").Append(name).Append(' ').Append(Word(metric.Kind)).Append('\n');
        if (IsOpenMetrics && metric.Unit is { } unit)
        {
            _text.Append("# UNIT ").Append(name).Append(' ').Append(unit).Append('\n');
        }
    }

    /// <summary>One sample of a family without buckets.</summary>
    public void Sample(MetricDeclaration metric, in LabelValues values, double value, Exemplar? exemplar = null)
    {
        Series(metric.Name, "", metric, values);
        Value(value, exemplar);
    }

    /// <summary>One bucket of a histogram.</summary>
    /// <param name="metric">The histogram.</param>
    /// <param name="values">Its labels' values.</param>
    /// <param name="le">The upper bound, as <see cref="Bound"/> writes it.</param>
    /// <param name="count">Observations up to it.</param>
    /// <param name="exemplar">One of those that fell into this bucket.</param>
    public void Bucket(MetricDeclaration metric, in LabelValues values, string le, long count, Exemplar? exemplar)
    {
        Series(metric.Name, "_bucket", metric, values, le);
        Value(count, exemplar);
    }

    /// <summary>Sum and count of a histogram.</summary>
    public void Totals(MetricDeclaration metric, in LabelValues values, double sum, long count)
    {
        Series(metric.Name, "_sum", metric, values);
        Value(sum, null);
        Series(metric.Name, "_count", metric, values);
        Value(count, null);
    }

    /// <summary>When a series of a counter or histogram began, where the format can say it: seconds since 1970.</summary>
    public void Created(MetricDeclaration metric, in LabelValues values, double at)
    {
        if (IsOpenMetrics)
        {
            Series(metric.FamilyName, "_created", metric, values);
            _text.Append(' ').Append(Seconds(at)).Append('\n');
        }
    }

    /// <summary>The whole. Call once, last.</summary>
    public string End() => _text.Append(IsOpenMetrics ? "# EOF\n" : null).ToString();

    /// <summary>A bucket's bound: <c>1.0</c>, not <c>1</c>, as OpenMetrics asks for.</summary>
    public static string Bound(double value)
    {
        var text = Number(value);
        return double.IsInteger(value) && text.AsSpan().IndexOfAny('E', '.') < 0 ? text + ".0" : text;
    }

    private static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        double.NaN => "NaN",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };

    private static string Seconds(double value) => value.ToString("F3", CultureInfo.InvariantCulture);

    private string Word(MetricKind kind) => kind switch
    {
        MetricKind.Counter => "counter",
        MetricKind.Histogram => "histogram",
        MetricKind.Info when IsOpenMetrics => "info",
        _ => "gauge",
    };

    private void Series(string name, string suffix, MetricDeclaration metric, in LabelValues values, string? le = null)
    {
        _text.Append(name).Append(suffix);
        var labels = metric.Labels;
        if (labels.IsEmpty && le is null)
        {
            return;
        }

        _text.Append('{');
        for (var i = 0; i < labels.Length; i++)
        {
            Label(labels[i].Name, values[i] ?? "");
            _text.Append(i + 1 < labels.Length || le is not null ? "," : null);
        }

        if (le is not null)
        {
            Label("le", le);
        }

        _text.Append('}');
    }

    private void Value(double value, Exemplar? exemplar)
    {
        _text.Append(' ').Append(Number(value));
        if (IsOpenMetrics && exemplar is not null)
        {
            _text.Append(" # {");
            Label(Exemplar.TraceLabel, exemplar.TraceId);
            if (exemplar.HasRoomForRequest)
            {
                _text.Append(',');
                Label(Exemplar.RequestLabel, exemplar.RequestId);
            }

            _text.Append("} ").Append(Number(exemplar.Value)).Append(' ').Append(Seconds(exemplar.At));
        }

        _text.Append('\n');
    }

    private void Label(string name, string value)
    {
        _text.Append(name).Append("=\"");
        Escape(value, quotes: true);
        _text.Append('"');
    }

    private void Escape(string text, bool quotes)
    {
        foreach (var c in text)
        {
            _ = c switch
            {
                '\\' => _text.Append("\\\\"),
                '"' when quotes => _text.Append("\\\""),
                '\n' => _text.Append("\\n"),
                _ => _text.Append(c),
            };
        }
    }
}
