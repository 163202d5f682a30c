using System.Globalization;

namespace Synthwave.Proof;

/// <summary>What a run is asked for.</summary>
/// <param name="Table">Which proof.</param>
/// <param name="Count">Calls per row, questions or requests; null = the table's own.</param>
/// <param name="Quick">A small run that shows that everything works and proves nothing.</param>
/// <param name="Seed">Of everything drawn.</param>
internal sealed record ProofOptions(string Table, int? Count, bool Quick, ulong Seed)
{
    public const string Usage = "usage: dotnet run --project tests/Synthwave.Proof -c Release -- <stragglers|oracles|faults|contracts|wire> [--count N] [--quick] [--seed N]";

    private const ulong DefaultSeed = 20_261_120;

    /// <summary>Null when the arguments make no sense.</summary>
    public static ProofOptions? Parse(ReadOnlySpan<string> args)
    {
        if (args.IsEmpty)
        {
            return null;
        }

        var options = new ProofOptions(args[0], null, false, DefaultSeed);
        for (var rest = args[1..]; !rest.IsEmpty;)
        {
            switch (rest)
            {
                case ["--quick", ..]:
                    options = options with { Quick = true };
                    rest = rest[1..];
                    break;
                case ["--count", var text, ..] when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0:
                    options = options with { Count = count };
                    rest = rest[2..];
                    break;
                case ["--seed", var text, ..] when ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seed):
                    options = options with { Seed = seed };
                    rest = rest[2..];
                    break;
                default:
                    return null;
            }
        }

        return options;
    }

    /// <summary>How many, unless <c>--count</c> says otherwise.</summary>
    public int CountOr(int full, int quick) => Count ?? (Quick ? quick : full);
}
