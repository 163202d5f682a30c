using System.Globalization;
using System.Text.RegularExpressions;

namespace Synthwave.UnitTests.Telemetry.Metrics;

/// <summary>
/// Reads an exposition in OpenMetrics text 1.0.0 and refuses everything the specification forbids: its grammar, what a family's name, unit, type, samples and exemplars
/// may be, and in which order they may come. State sets, summaries and gauge histograms are unknown to it, and so are timestamps of samples.
/// </summary>
internal sealed partial class OpenMetricsDocument
{
    private const int LongestExemplar = 128;

    private static readonly Dictionary<string, string[]> Suffixes = new()
    {
        ["counter"] = ["_total", "_created"],
        ["gauge"] = [""],
        ["histogram"] = ["_bucket", "_sum", "_count", "_created"],
        ["info"] = ["_info"],
        ["unknown"] = [""],
    };

    private readonly List<Family> _families = [];
    private int _line;

    private OpenMetricsDocument()
    {
    }

    public IReadOnlyList<Family> Families => _families;

    /// <exception cref="FormatException">The text breaks a rule; says which and where.</exception>
    public static OpenMetricsDocument Parse(string text)
    {
        var document = new OpenMetricsDocument();
        document.Read(text);
        return document;
    }

    private void Read(string text)
    {
        Must(text.EndsWith("# EOF\n", StringComparison.Ordinal), "the last line is # EOF");
        var lines = text[..^1].Split('\n');
        Family? current = null;
        foreach (var line in lines[..^1])
        {
            _line++;
            if (line.StartsWith('#'))
            {
                current = Metadata(line, current);
            }
            else
            {
                current = ReadSample(line, current);
            }
        }

        foreach (var family in _families)
        {
            Check(family);
        }

        var names = _families.SelectMany(static f => Suffixes[f.Type].Append("").Distinct().Select(s => f.Name + s)).ToArray();
        Must(names.Distinct().Count() == names.Length, "no family has a name that another one's samples have");
    }

    private Family Metadata(string line, Family? current)
    {
        var match = MetadataLine().Match(line);
        Must(match.Success, "a comment is TYPE, UNIT or HELP of a name");
        var name = match.Groups["name"].Value;
        if (current?.Name != name)
        {
            Must(_families.TrueForAll(f => f.Name != name), "a family comes in one piece");
            current = new Family(name);
            _families.Add(current);
        }

        Must(current.Samples.Count == 0, "a family is described before its samples");
        var value = match.Groups["value"].Value;
        Must(current.Described.Add(match.Groups["word"].Value), "a family is described once");
        switch (match.Groups["word"].Value)
        {
            case "TYPE":
                Must(Suffixes.ContainsKey(value), "the type is known");
                current.Type = value;
                break;
            case "UNIT":
                Must(value.Length == 0 || name.EndsWith("_" + value, StringComparison.Ordinal), "the name ends with the unit");
                current.Unit = value;
                break;
            default:
                current.Help = Unescape(value);
                break;
        }

        return current;
    }

    private Family ReadSample(string line, Family? current)
    {
        var match = SampleLine().Match(line);
        Must(match.Success, "a sample is a name, labels, a value and perhaps an exemplar");
        Must(current is not null, "a sample belongs to a family");
        var name = match.Groups["name"].Value;
        var suffix = Array.Find(Suffixes[current!.Type], s => name == current.Name + s);
        Must(suffix is not null, "a sample has the family's name and a suffix of its type");
        var labels = Labels(match.Groups["labels"].Value);
        Must((suffix == "_bucket") == labels.ContainsKey("le"), "le is a bucket's label");
        var value = Number(match.Groups["value"].Value);
        Exemplar? exemplar = null;
        if (match.Groups["exemplar"].Success)
        {
            Must(suffix is "_total" or "_bucket", "only counters and buckets have exemplars");
            var exemplarLabels = Labels(match.Groups["exemplar_labels"].Value);
            Must(exemplarLabels.Sum(static l => l.Key.Length + l.Value.EnumerateRunes().Count()) <= LongestExemplar, "an exemplar's labels are short");
            exemplar = new Exemplar(exemplarLabels, Number(match.Groups["exemplar_value"].Value), Number(match.Groups["exemplar_time"].Value));
        }

        current.Samples.Add(new Sample(suffix!, labels, value, exemplar));
        return current;
    }

    private void Check(Family family)
    {
        Must(!(family.Type == "info" && family.Unit.Length > 0), "an info has no unit");
        var metrics = family.Samples.GroupBy(static s => s.Series).ToArray();
        var order = family.Samples.Select(static s => s.Series).ToArray();
        Must(order.Where((s, i) => i == 0 || s != order[i - 1]).Count() == metrics.Length, $"the samples of one metric stand together in {family.Name}");
        foreach (var metric in metrics)
        {
            var samples = metric.ToArray();
            Must(samples.Select(static s => (s.Suffix, s.Labels.GetValueOrDefault("le"))).Distinct().Count() == samples.Length, $"no sample comes twice in {family.Name}");
            Must(samples.Where(static s => s.Suffix is "_total" or "_count" or "_bucket" or "_created" or "_sum").All(static s => s.Value >= 0), $"{family.Name} is not negative");
            switch (family.Type)
            {
                case "info":
                    Must(samples.All(static s => s.Value == 1), "an info is 1");
                    break;
                case "counter":
                    Must(samples.Count(static s => s.Suffix == "_total") == 1, $"{family.Name} has a total");
                    break;
                case "histogram":
                    Histogram(family, samples);
                    break;
            }
        }
    }

    private void Histogram(Family family, Sample[] samples)
    {
        var buckets = samples.Where(static s => s.Suffix == "_bucket").ToArray();
        var bounds = buckets.Select(b => Number(b.Labels["le"])).ToArray();
        Must(bounds is [.., double.PositiveInfinity], $"{family.Name} ends with the bucket +Inf");
        Must(bounds.Zip(bounds.Skip(1)).All(static p => p.First < p.Second), $"the buckets of {family.Name} ascend");
        Must(buckets.Zip(buckets.Skip(1)).All(static p => p.First.Value <= p.Second.Value), $"the buckets of {family.Name} are cumulative");
        Must(samples.Single(static s => s.Suffix == "_count").Value == buckets[^1].Value, $"the count of {family.Name} is its last bucket");
        Must(samples.Count(static s => s.Suffix == "_sum") == 1, $"{family.Name} has a sum");
        for (var i = 0; i < buckets.Length; i++)
        {
            var value = buckets[i].Exemplar?.Value;
            Must(value is null || (value <= bounds[i] && (i == 0 || value > bounds[i - 1])), $"an exemplar of {family.Name} lies in its bucket");
        }
    }

    private Dictionary<string, string> Labels(string text)
    {
        var labels = new Dictionary<string, string>();
        foreach (Match label in Label().Matches(text))
        {
            Must(labels.TryAdd(label.Groups["name"].Value, Unescape(label.Groups["value"].Value)), "no label comes twice");
        }

        return labels;
    }

    private double Number(string text)
    {
        switch (text)
        {
            case "+Inf":
                return double.PositiveInfinity;
            case "-Inf":
                return double.NegativeInfinity;
            case "NaN":
                return double.NaN;
            default:
                Must(Real().IsMatch(text), $"{text} is a number");
                return double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
        }
    }

    private static string Unescape(string text) => Escape().Replace(text, static m => m.Value[1] == 'n' ? "\n" : m.Value[1..]);

    private void Must(bool holds, string rule)
    {
        if (!holds)
        {
            throw new FormatException($"Line {_line}: it does not hold that {rule}.");
        }
    }

    [GeneratedRegex("^# (?<word>TYPE|UNIT|HELP) (?<name>[a-zA-Z_:][a-zA-Z0-9_:]*) (?<value>([^\\\\\"]|\\\\[\\\\\"n])*)\\z", RegexOptions.ExplicitCapture)]
    private static partial Regex MetadataLine();

    [GeneratedRegex("""
        ^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?<labels>[a-zA-Z_][a-zA-Z0-9_]*="([^\\"]|\\[\\"n])*"(,[a-zA-Z_][a-zA-Z0-9_]*="([^\\"]|\\[\\"n])*")*)\})?[ ](?<value>[^ ]+)([ ]\#[ ](?<exemplar>\{(?<exemplar_labels>([a-zA-Z_][a-zA-Z0-9_]*="([^\\"]|\\[\\"n])*"(,[a-zA-Z_][a-zA-Z0-9_]*="([^\\"]|\\[\\"n])*")*)?)\})[ ](?<exemplar_value>[^ ]+)[ ](?<exemplar_time>[^ ]+))?\z
        """, RegexOptions.ExplicitCapture)]
    private static partial Regex SampleLine();

    [GeneratedRegex("(?<name>[a-zA-Z_][a-zA-Z0-9_]*)=\"(?<value>([^\\\\\"]|\\\\[\\\\\"n])*)\"", RegexOptions.ExplicitCapture)]
    private static partial Regex Label();

    [GeneratedRegex("^[+-]?([0-9]+(\\.[0-9]*)?|\\.[0-9]+)([eE][+-]?[0-9]+)?\\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Real();

    [GeneratedRegex("\\\\[\\\\\"n]")]
    private static partial Regex Escape();

    /// <summary>All of one name.</summary>
    internal sealed class Family(string name)
    {
        public string Name => name;

        public string Type { get; set; } = "unknown";

        public string Unit { get; set; } = "";

        public string Help { get; set; } = "";

        public HashSet<string> Described { get; } = [];

        public List<Sample> Samples { get; } = [];
    }

    /// <summary>One line.</summary>
    internal sealed record Sample(string Suffix, IReadOnlyDictionary<string, string> Labels, double Value, Exemplar? Exemplar)
    {
        /// <summary>What it shares with the others of its metric.</summary>
        public string Series => string.Join('\n', Labels.Where(static l => l.Key != "le").OrderBy(static l => l.Key, StringComparer.Ordinal).Select(static l => $"{l.Key}={l.Value}"));
    }

    internal sealed record Exemplar(IReadOnlyDictionary<string, string> Labels, double Value, double At);
}
