using System.Globalization;
using System.Text;

namespace Synthwave.Load.Driver.Compare;

/// <summary>The rounds as tables and, for each case, a sentence that says no more than they bear out.</summary>
internal sealed class ComparisonReport(IReadOnlyDictionary<CompareCase, List<Round>> rounds, CompareOptions options)
{
    private const double Confidence = 0.95;

    private (CompareCase Case, List<Round> Rounds)[] Measured => [.. options.Cases.Select(one => (one, rounds[one])).Where(pair => pair.Item2.Count > 0)];

    public void AppendTo(StringBuilder text)
    {
        text.Append("CPU per request, µs, medians; A/B is the median of the ratios of the rounds, and beside it where that median lies with 95 % confidence, "
            + "the middle half of the ratios, all of them, and the median of each launch.\n\n");
        Report.AppendTable(
            text, ["case", "A", "B", "A/B", "95 %", "middle half", "all", "rounds", .. Launches.Select(launch => $"launch {launch}")],
            [.. Measured.Select(pair => CostRow(pair.Case, pair.Rounds))], textColumns: 1);

        foreach (var (one, taken) in Measured)
        {
            text.Append(CultureInfo.InvariantCulture, $"- {one.Name}: {Verdict(taken)}\n");
        }

        text.Append("\nLatency in ms, requests per second and RSS in MB, medians of the rounds.\n\n");
        string[] columns = ["case", "p50 A", "p50 B", "p99 A", "p99 B", "req/s A", "req/s B", "RSS A", "RSS B"];
        Report.AppendTable(text, options.WithRelay ? [.. columns, "A/relay", "B/relay"] : columns, [.. Measured.Select(pair => OtherRow(pair.Case, pair.Rounds))], textColumns: 1);
    }

    private IEnumerable<int> Launches => Enumerable.Range(1, options.Launches);

    private string[] CostRow(CompareCase one, List<Round> taken)
    {
        var ratios = Ratios(taken);
        return [
            one.Name, Format.Micros(Median(taken, round => round.A.CpuMicros)), Format.Micros(Median(taken, round => round.B.CpuMicros)),
            Fine(ratios.Median), ratios.MedianInterval(Confidence) is var (low, high) ? Range(low, high) : Format.None,
            Range(ratios.Quantile(0.25), ratios.Quantile(0.75)), Range(ratios.Quantile(0), ratios.Quantile(1)), $"{taken.Count}",
            .. Launches.Select(launch => Fine(MedianOfLaunch(taken, launch))),
        ];
    }

    private string[] OtherRow(CompareCase one, List<Round> taken)
    {
        string[] row =
        [
            one.Name, Format.Ms(Median(taken, round => round.A.Client.P50)), Format.Ms(Median(taken, round => round.B.Client.P50)),
            Format.Ms(Median(taken, round => round.A.Client.P99)), Format.Ms(Median(taken, round => round.B.Client.P99)),
            Format.Count(Median(taken, round => round.A.Client.PerSecond)), Format.Count(Median(taken, round => round.B.Client.PerSecond)),
            Format.Megabytes(Median(taken, round => round.A.Rss)), Format.Megabytes(Median(taken, round => round.B.Rss)),
        ];
        return options.WithRelay
            ? [.. row, Format.Ratio(Median(taken, round => round.A.CpuMicros / round.Relay?.CpuMicros ?? double.NaN)), Format.Ratio(Median(taken, round => round.B.CpuMicros / round.Relay?.CpuMicros ?? double.NaN))]
            : row;
    }

    private string Verdict(List<Round> taken)
    {
        var ratios = Ratios(taken);
        if (ratios.MedianInterval(Confidence) is not var (low, high))
        {
            return $"{taken.Count} rounds are too few to say anything";
        }

        var launches = Launches.Select(launch => MedianOfLaunch(taken, launch)).Where(double.IsFinite).ToArray();
        if (low > 1 && launches.All(median => median > 1))
        {
            return $"B costs {Format.Percent(1 - (1 / ratios.Median))} less than A (between {Format.Percent(1 - (1 / low))} and {Format.Percent(1 - (1 / high))})";
        }

        return high < 1 && launches.All(median => median < 1)
            ? $"B costs {Format.Percent((1 / ratios.Median) - 1)} more than A (between {Format.Percent((1 / high) - 1)} and {Format.Percent((1 / low) - 1)})"
            : $"no difference shown; one of {Format.Percent(Math.Max(Math.Abs(1 - low), Math.Abs(high - 1)))} could hide in the scatter";
    }

    private static Samples Ratios(IEnumerable<Round> taken)
    {
        var samples = new Samples();
        samples.AddRange(taken.Select(round => round.Ratio));
        return samples;
    }

    private static double MedianOfLaunch(IEnumerable<Round> taken, int launch) => Ratios(taken.Where(round => round.Launch == launch)).Median;

    private static double Median(IEnumerable<Round> taken, Func<Round, double> value) => Samples.MedianOf(taken.Select(value));

    private static string Fine(double ratio) => Format.FineRatio(ratio);

    private static string Range(double low, double high) => $"{Fine(low)}–{Fine(high)}";
}
