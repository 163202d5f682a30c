using System.Globalization;

namespace Synthwave.Load.Driver;

/// <summary>What one run measures, and with which builds.</summary>
internal sealed record RunOptions
{
    public const string Usage = """
        usage: tests/load/run [options]

          --quick            short rounds: shows that everything works, not a result to quote
          --only A,B         some of: throughput, first-token, ensemble, memory, idle-streams, start
          --relay-only       the yardstick and its upstream alone, without the gateway
          --duration SECS    of one wrk run (1-60, default 6)
          --rounds N         of every comparison (1-9, default 3)
          --first            before everybody else on the cores, for a machine that others use too (root)
          --publish DIR      measure the published gateway in DIR instead of the Release build
          --results FILE     where the report is written
          --revision TEXT    what was measured, for the report
          --logs DIR         keep the output of every process in DIR
        """;

    public static readonly string[] SectionNames = ["throughput", "first-token", "ensemble", "memory", "idle-streams", "start"];

    public bool Quick { get; init; }

    public bool RelayOnly { get; init; }

    public IReadOnlyCollection<string> Only { get; init; } = SectionNames;

    /// <summary>Of one wrk run.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(6);

    public int Rounds { get; init; } = 3;

    /// <summary>Whether the script has put this process before all others; what it starts inherits that.</summary>
    public bool First { get; init; }

    public string? PublishDirectory { get; init; }

    public string? ResultsFile { get; init; }

    public string? Revision { get; init; }

    public string? LogDirectory { get; init; }

    /// <summary>The options, or the problem with them; both null when help was asked for.</summary>
    public static (RunOptions? Options, string? Problem) Parse(IReadOnlyList<string> args)
    {
        var options = args.Contains("--quick") ? new RunOptions { Quick = true, Duration = TimeSpan.FromSeconds(2), Rounds = 2 } : new RunOptions();
        for (var i = 0; i < args.Count; i++)
        {
            var name = args[i];
            switch (name)
            {
                case "--help" or "-h":
                    return (null, null);
                case "--quick":
                    continue;
                case "--relay-only":
                    options = options with { RelayOnly = true };
                    continue;
                case "--first":
                    options = options with { First = true };
                    continue;
                default:
                    break;
            }

            if (++i == args.Count)
            {
                return (null, $"{name}: a value is missing, or there is no such option");
            }

            var applied = options.With(name, args[i]);
            if (applied is null)
            {
                return (null, $"{name} {args[i]}: no such option or value");
            }

            options = applied;
        }

        return (options, null);
    }

    private RunOptions? With(string name, string value) => name switch
    {
        "--only" when value.Split(',') is var sections && sections.All(SectionNames.Contains) => this with { Only = sections },
        "--duration" when Number(value, 1, 60) is { } seconds => this with { Duration = TimeSpan.FromSeconds(seconds) },
        "--rounds" when Number(value, 1, 9) is { } rounds => this with { Rounds = rounds },
        "--publish" => this with { PublishDirectory = value },
        "--results" => this with { ResultsFile = value },
        "--revision" => this with { Revision = value },
        "--logs" => this with { LogDirectory = value },
        _ => null,
    };

    /// <summary>The number when it is one from <paramref name="min"/> to <paramref name="max"/>.</summary>
    public static int? Number(string text, int min, int max) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max ? number : null;
}
