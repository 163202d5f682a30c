namespace Synthwave.Load.Driver.Compare;

/// <summary>Which two builds are compared, in what, and for how long.</summary>
internal sealed record CompareOptions
{
    public const string Usage = """
        usage: tests/load/compare DIR_A DIR_B [options]

        Two published gateways (tests/load/publish) by turns, for about two minutes: the processor time per request of A as a multiple
        of B's, and its scatter. The same directory twice shows how far apart equals come out on this machine, now.

          --launches N       fresh processes of each build (1-9, default 2): two processes of one build differ, too
          --rounds N         a launch (1-200, default 10)
          --turn MS          how long one build is asked (100-60000, default 500)
          --connections N    1-256, default 32
          --only A,B         some of: json, stream, moa
          --first            before everybody else on the cores (root): on a busy machine the only way to see a few percent
          --relay            the bare relay runs in the same rounds, and A and B are shown as multiples of it
          --logs DIR         keep the output of every process in DIR
        """;

    public required string DirectoryA { get; init; }

    public required string DirectoryB { get; init; }

    public int Launches { get; init; } = 2;

    /// <summary>Of each launch; in a round everybody has one turn in every case.</summary>
    public int Rounds { get; init; } = 10;

    public TimeSpan Turn { get; init; } = TimeSpan.FromMilliseconds(500);

    public int Connections { get; init; } = 32;

    public IReadOnlyList<CompareCase> Cases { get; init; } = CompareCase.All;

    public bool WithRelay { get; init; }

    /// <summary>Whether the script has put this process before all others; what it starts inherits that.</summary>
    public bool First { get; init; }

    public string? LogDirectory { get; init; }

    /// <summary>The options, or the problem with them; both null when help was asked for.</summary>
    public static (CompareOptions? Options, string? Problem) Parse(IReadOnlyList<string> args)
    {
        if (args.Contains("--help") || args.Contains("-h"))
        {
            return (null, null);
        }

        if (args is not [var a, var b, ..] || a.StartsWith('-') || b.StartsWith('-'))
        {
            return (null, "two directories come first");
        }

        var options = new CompareOptions { DirectoryA = Path.GetFullPath(a), DirectoryB = Path.GetFullPath(b) };
        for (var i = 2; i < args.Count; i++)
        {
            if (args[i] is "--relay" or "--first")
            {
                options = args[i] == "--relay" ? options with { WithRelay = true } : options with { First = true };
                continue;
            }

            var value = i + 1 < args.Count ? args[i + 1] : string.Empty;
            if (options.With(args[i], value) is not { } applied)
            {
                return (null, $"{args[i]} {value}: no such option or value");
            }

            options = applied;
            i++;
        }

        return (options, null);
    }

    private CompareOptions? With(string name, string value) => name switch
    {
        "--launches" when RunOptions.Number(value, 1, 9) is { } launches => this with { Launches = launches },
        "--rounds" when RunOptions.Number(value, 1, 200) is { } rounds => this with { Rounds = rounds },
        "--turn" when RunOptions.Number(value, 100, 60000) is { } ms => this with { Turn = TimeSpan.FromMilliseconds(ms) },
        "--connections" when RunOptions.Number(value, 1, 256) is { } connections => this with { Connections = connections },
        "--only" when value.Split(',') is var keys && keys.All(key => CompareCase.All.Any(one => one.Key == key)) =>
            this with { Cases = [.. CompareCase.All.Where(one => keys.Contains(one.Key))] },
        "--logs" when value.Length > 0 => this with { LogDirectory = value },
        _ => null,
    };
}
