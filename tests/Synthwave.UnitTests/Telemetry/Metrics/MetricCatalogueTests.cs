using System.Text.RegularExpressions;
using Synthwave.Telemetry.Metrics;
using Synthwave.Telemetry.Metrics.Catalogue;
using Synthwave.Telemetry.Metrics.Prometheus;
using Synthwave.Telemetry.Reports;

namespace Synthwave.UnitTests.Telemetry.Metrics;

[Collection(ProcessWideListeners.Name)]
public sealed partial class MetricCatalogueTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_is_exposed_is_what_the_catalogue_declares(bool openMetrics)
    {
        using var metrics = Used();

        var lines = metrics.Expose(openMetrics ? ExpositionFormat.OpenMetrics : ExpositionFormat.Prometheus).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Heads(lines, "TYPE").Select(static h => h.Name).Should().Equal(MetricCatalogue.All.Select(m => openMetrics ? m.FamilyName : m.Name));
        Heads(lines, "HELP").Select(static h => h.Text).Should().Equal(MetricCatalogue.All.Select(static m => m.Meaning));
        Heads(lines, "UNIT").Select(static h => h.Text).Should().Equal(openMetrics ? MetricCatalogue.All.Select(static m => m.Unit).OfType<string>() : []);
        var samples = lines.Where(static l => !l.StartsWith('#')).Select(static l => Sample().Match(l)).Where(static m => !m.Groups["name"].Value.EndsWith("_created", StringComparison.Ordinal)).ToArray();
        samples.Select(static m => m.Groups["name"].Value).Distinct().Should().BeEquivalentTo(MetricCatalogue.SampleNames);
        samples.Should().AllSatisfy(static m => LabelsOf(m).Should().Equal(Declared(m.Groups["name"].Value)));
    }

    [Fact]
    public void Instruments_are_called_like_their_metrics_and_say_their_unit()
    {
        RequestMetrics.Requests.InstrumentName.Should().Be("synthwave.requests");
        (RequestMetrics.Duration.InstrumentName, RequestMetrics.Duration.InstrumentUnit).Should().Be(("synthwave.request", "s"));
        (GatewayStateMetrics.MemoryUsed.InstrumentName, GatewayStateMetrics.MemoryUsed.InstrumentUnit).Should().Be(("synthwave.memory_used", "By"));
        (RequestMetrics.Cost.InstrumentName, RequestMetrics.Cost.InstrumentUnit).Should().Be(("synthwave.cost", "USD"));
    }

    [Fact]
    public void Names_follow_the_rules_of_both_formats()
    {
        MetricCatalogue.All.Select(static m => m.FamilyName).Should().OnlyHaveUniqueItems();
        foreach (var metric in MetricCatalogue.All)
        {
            metric.Name.Should().MatchRegex("^[a-z][a-z0-9_]*$");
            (metric.Name.EndsWith("_total", StringComparison.Ordinal) == (metric.Kind == MetricKind.Counter)).Should().BeTrue("{0} ends as its kind asks", metric.Name);
            (metric.Name.EndsWith("_info", StringComparison.Ordinal) == (metric.Kind == MetricKind.Info)).Should().BeTrue("{0} ends as its kind asks", metric.Name);
            metric.Labels.Length.Should().BeLessThanOrEqualTo(MetricDeclaration.MaxLabels);
            metric.Labels.Select(static l => l.Name).Should().OnlyHaveUniqueItems().And.NotContain("le");
            metric.Bounds.Should().BeInAscendingOrder().And.HaveCount(metric.Kind == MetricKind.Histogram ? metric.Bounds.Length : 0);
            metric.Meaning.Should().EndWith(".");
        }
    }

    [Fact]
    public void No_family_takes_a_name_that_belongs_to_another_ones_samples()
    {
        string[] suffixes = ["", "_total", "_created", "_bucket", "_sum", "_count", "_info"];

        var taken = MetricCatalogue.All.SelectMany(m => suffixes.Select(s => m.FamilyName + s));

        taken.Should().OnlyHaveUniqueItems();
    }

    [Fact]
    public void Every_query_asks_about_its_own_metric_and_for_nothing_unknown()
    {
        foreach (var metric in MetricCatalogue.All)
        {
            var asked = NamesIn(metric.Query);

            asked.Should().Contain(n => metric.SampleNames.Contains(n), "the query of {0} is about it", metric.Name);
            asked.Should().BeSubsetOf(MetricCatalogue.SampleNames);
            metric.Question.Should().MatchRegex("[?)]$");
        }
    }

    private static IEnumerable<string> NamesIn(string query) => MetricName().Matches(query).Select(static m => m.Value);

    // Something in every series.
    private static GatewayMetrics Used()
    {
        var clock = new SteppedClock();
        var metrics = new GatewayMetrics(clock);
        metrics.Observe(static () => [new("a", true)], static () => [new("a", false)], static () => [new("a", false)]);
        metrics.ConfigReloaded(success: true);
        var builder = new ReportBuilder(clock);
        builder.Report.FirstContentAt = clock.GetTimestamp() + 10;
        builder.Report.FallbackReason = FallbackReason.ReducedQuorum;
        var call = builder.Call("a", 0, 20, usage: ReportBuilder.Usage(10, 3), attempts: 2, config: ReportBuilder.Upstream("a", new(1, 2, null)));
        (call.IsHedge, call.FreeAttempts) = (true, 1);
        builder.Call("b", 0, 20, CallOutcome.Failed, reason: "timeout");
        builder.Call("c", 0, null);
        metrics.Record(builder.End(30));
        return metrics;
    }

    private static IEnumerable<(string Name, string Text)> Heads(string[] lines, string word) =>
        lines.Where(l => l.StartsWith($"# {word} ", StringComparison.Ordinal)).Select(static l => l.Split(' ', 4)).Select(static w => (w[2], w[3]));

    private static IEnumerable<string> LabelsOf(Match sample) => LabelName().Matches(sample.Groups["labels"].Value).Select(static m => m.Groups[1].Value).Where(static n => n != "le");

    private static IEnumerable<string> Declared(string sample) => MetricCatalogue.All.Single(m => m.SampleNames.Contains(sample)).Labels.Select(static l => l.Name);

    [GeneratedRegex("^(?<name>[a-z0-9_]+)(\\{(?<labels>[^}]*)\\})? ")]
    private static partial Regex Sample();

    [GeneratedRegex("([a-z_]+)=\"")]
    private static partial Regex LabelName();

    [GeneratedRegex("\\b(synthwave|process|dotnet)_[a-z0-9_]+")]
    private static partial Regex MetricName();
}
