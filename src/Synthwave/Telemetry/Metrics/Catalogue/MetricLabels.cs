using Synthwave.Telemetry.Reports;

namespace Synthwave.Telemetry.Metrics.Catalogue;

/// <summary>The labels that more than one metric has.</summary>
internal static class MetricLabels
{
    public static readonly MetricLabel Profile = new("profile", "name of the profile, or of the upstream that was asked for by its own name; `-` where the request named neither", IsNameFromFile: true);
    public static readonly MetricLabel Upstream = new("upstream", "name of the upstream", IsNameFromFile: true);
    public static readonly MetricLabel Strategy = new("strategy", "the profile's `type`, or `passthrough`; `-` where there was no profile");
    public static readonly MetricLabel Outcome = new("outcome", Words(Enum.GetValues<DispatchOutcome>().Select(ReportLabels.Of)));
    public static readonly MetricLabel CallOutcome = new("outcome", Words(Enum.GetValues<CallOutcome>().Select(ReportLabels.Of)));
    public static readonly MetricLabel Role = new("role", Words(Enum.GetValues<CallRole>().Select(ReportLabels.Of)));

    /// <summary>A closed set.</summary>
    public static string Words(IEnumerable<string> values) => string.Join(", ", values.Distinct().Select(static v => $"`{v}`"));
}
