using System.Collections.Concurrent;

namespace Synthwave.Proof.Hostile;

/// <summary>Counts how the inputs of a sweep ended, and keeps of every kind of problem the first input and the smallest. Thread-safe.</summary>
internal sealed class Tally(string sweep)
{
    private readonly ConcurrentDictionary<string, int> _outcomes = new();
    private readonly ConcurrentDictionary<string, Kind> _kinds = new();
    private int _count;

    public string Sweep => sweep;

    public int Count => Volatile.Read(ref _count);

    public int Problems => _kinds.Values.Sum(k => k.Times);

    public IReadOnlyDictionary<string, int> Outcomes => _outcomes;

    /// <summary>The longest that an input took.</summary>
    public TimeSpan Longest { get; private set; }

    public void Add(long number, Ending ending, TimeSpan took)
    {
        Interlocked.Increment(ref _count);
        _outcomes.AddOrUpdate(ending.Outcome, 1, static (_, n) => n + 1);
        lock (_kinds)
        {
            Longest = took > Longest ? took : Longest;
            if (ending.Problem is { } problem)
            {
                var name = problem.Split('\n')[0];
                var known = _kinds.GetValueOrDefault(name) ?? new Kind(0, number, problem, ending);
                var isSmaller = ending.Made is null && ending.Input.Length < known.Smallest.Input.Length;
                _kinds[name] = isSmaller ? known with { Times = known.Times + 1, Number = number, Problem = problem, Smallest = ending } : known with { Times = known.Times + 1 };
            }
        }
    }

    /// <summary>Every kind of problem, the most frequent first, with what makes it again.</summary>
    public IEnumerable<string> Report() => _kinds.OrderByDescending(static k => k.Value.Times).Select(k => FormattableString.Invariant(
        $"{k.Value.Times} times: {k.Key}; again with --sweep {sweep} --input {k.Value.Number}\n  {k.Value.Problem.ReplaceLineEndings("\n  ")}\n  input: {k.Value.Smallest.Made ?? Printable.Of(k.Value.Smallest.Input.Span)}"));

    private sealed record Kind(int Times, long Number, string Problem, Ending Smallest);
}
