using System.Globalization;

namespace Synthwave.Proof;

/// <summary>What a run is asked for.</summary>
/// <param name="Table">Which proof.</param>
/// <param name="Count">Calls per row, questions or requests; null = the table's own.</param>
/// <param name="Quick">A small run that shows that everything works and proves nothing.</param>
/// <param name="Seed">Of everything drawn.</param>
internal sealed record ProofOptions(string Table, int? Count, bool Quick, ulong Seed)
{
    public const string Usage = """
        usage: dotnet run --project tests/Synthwave.Proof -c Release -- <stragglers|oracles|faults|contracts|wire> [--count N] [--quick] [--seed N]
               … -- hostile [--sweep bodies|heads|replies|cuts|floods|reloads|stops] [--input N] [--count N] [--quick] [--seed N]
               … -- soak [--minutes N] [--seed N]
               … -- fuzz [--target toml|json|sse|http] [--minutes N] [--seed N]
        """;

    private const ulong DefaultSeed = 20_261_120;

    /// <summary>The one sweep of a hostile run; null = all.</summary>
    public string? Sweep { get; init; }

    /// <summary>The one input of a sweep, to see it again; null = all.</summary>
    public long? Input { get; init; }

    /// <summary>The one target of a fuzzing run; null = all in turn.</summary>
    public string? Target { get; init; }

    /// <summary>How long a run that ends by the clock goes on; null = its own time.</summary>
    public double? Minutes { get; init; }

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
                case ["--sweep", var name, ..]:
                    options = options with { Sweep = name };
                    rest = rest[2..];
                    break;
                case ["--input", var text, ..] when long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var input):
                    options = options with { Input = input };
                    rest = rest[2..];
                    break;
                case ["--target", var name, ..]:
                    options = options with { Target = name };
                    rest = rest[2..];
                    break;
                case ["--minutes", var text, ..] when double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var minutes) && minutes > 0:
                    options = options with { Minutes = minutes };
                    rest = rest[2..];
                    break;
                default:
                    return null;
            }
        }

        return options;
    }

    /// <summary>How long, unless <c>--minutes</c> says otherwise.</summary>
    public TimeSpan TimeOr(double minutes) => TimeSpan.FromMinutes(Minutes ?? minutes);

    /// <summary>How many, unless <c>--count</c> says otherwise.</summary>
    public int CountOr(int full, int quick) => Count ?? (Quick ? quick : full);
}
