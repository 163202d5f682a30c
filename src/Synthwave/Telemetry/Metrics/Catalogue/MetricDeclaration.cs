using System.Collections.Immutable;

namespace Synthwave.Telemetry.Metrics.Catalogue;

/// <summary>What there is to know about one metric: from it come its name in every format, its description and its place in the documents. Immutable.</summary>
/// <param name="Name">The name a query uses: a counter's ends in <c>_total</c>, an info's in <c>_info</c>; a histogram's gets <c>_bucket</c>, <c>_sum</c> and <c>_count</c>.</param>
/// <param name="Kind">How it behaves.</param>
/// <param name="Meaning">One sentence or two, shown as help.</param>
/// <param name="Question">What an operator wants to know.</param>
/// <param name="Query">PromQL that answers <paramref name="Question"/>.</param>
/// <param name="Labels">In the order they are written.</param>
internal sealed record MetricDeclaration(string Name, MetricKind Kind, string Meaning, string Question, string Query, params ImmutableArray<MetricLabel> Labels)
{
    private const string Prefix = "synthwave_";

    private static readonly string[] Units = ["seconds", "bytes", "usd"];

    /// <summary>Longest <see cref="Labels"/>.</summary>
    public const int MaxLabels = 3;

    /// <summary><c>seconds</c>, <c>bytes</c>, <c>usd</c>, which is how the name ends; null = a plain number.</summary>
    public string? Unit => Array.Find(Units, u => FamilyName.EndsWith("_" + u, StringComparison.Ordinal));

    /// <summary>A histogram's upper bounds, inclusive, in <see cref="Unit"/>; empty for others.</summary>
    public ImmutableArray<double> Bounds { get; init; } = [];

    /// <summary>The name without what its kind adds: OpenMetrics calls the family so.</summary>
    public string FamilyName => Kind switch
    {
        MetricKind.Counter => Name[..^"_total".Length],
        MetricKind.Info => Name[..^"_info".Length],
        _ => Name,
    };

    /// <summary>The instrument's name: <c>synthwave.requests</c> for <c>synthwave_requests_total</c>; the unit is told apart from it.</summary>
    public string InstrumentName
    {
        get
        {
            var stem = FamilyName[Prefix.Length..];
            return "synthwave." + (Unit is { } unit && stem.EndsWith("_" + unit, StringComparison.Ordinal) ? stem[..^(unit.Length + 1)] : stem);
        }
    }

    /// <summary>The unit as OpenTelemetry writes it (UCUM; a currency by its code); null = none.</summary>
    public string? InstrumentUnit => Unit switch
    {
        "seconds" => "s",
        "bytes" => "By",
        "usd" => "USD",
        _ => null,
    };

    /// <summary>Names of the samples in the text format, which are the names a query can use.</summary>
    public IEnumerable<string> SampleNames => Kind == MetricKind.Histogram ? [Name + "_bucket", Name + "_sum", Name + "_count"] : [Name];
}
