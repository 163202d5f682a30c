namespace Synthwave.Proof.Stragglers;

/// <summary>The table of straggler policies, printed.</summary>
internal static class StragglerProof
{
    public static IReadOnlyList<Bound> Run(ProofOptions options, TextWriter output)
    {
        var calls = options.CountOr(full: 20_000, quick: 4_000);
        output.WriteLine(FormattableString.Invariant($"{calls} calls a row on virtual time; the last column is the share of calls in which a generator was cut\n"));
        var table = StragglerTable.Full(calls, options.Seed);
        output.WriteLine(StragglerRow.Header);
        foreach (var row in table.Rows)
        {
            output.WriteLine(row);
        }

        output.WriteLine($"\n{HedgeRow.Header}");
        foreach (var row in table.Hedges)
        {
            output.WriteLine(row);
        }

        return [.. table.Bounds()];
    }
}
