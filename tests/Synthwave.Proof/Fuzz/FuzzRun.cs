using System.Diagnostics;
using System.Text;
using Synthwave.Proof.Hostile;
using Synthwave.Proof.Hostile.Inputs;

namespace Synthwave.Proof.Fuzz;

/// <summary>Feeds a target with its corpus and with mutations of whatever made it say something new. Same seed and count, same inputs. Not thread-safe.</summary>
internal sealed class FuzzRun(IFuzzTarget target, ulong seed)
{
    /// <summary>No input may take longer.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

    private const int LargestInput = 64 * 1024;
    private const int MostKept = 20_000;

    private readonly Random _random = Draws.Of(seed, target.Name, 0);
    private readonly List<byte[]> _pool = [.. FuzzCorpus.Of(target.Name)];
    private readonly HashSet<string> _said = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FuzzFinding> _findings = new(StringComparer.Ordinal);

    /// <summary>Inputs read.</summary>
    public long Count { get; private set; }

    /// <summary>Different things the target said.</summary>
    public int Said => _said.Count;

    /// <summary>The longest that one input took.</summary>
    public TimeSpan Slowest { get; private set; }

    /// <summary>One of every kind.</summary>
    public IReadOnlyCollection<FuzzFinding> Findings => _findings.Values;

    /// <summary>Reads the corpus, then mutations until <paramref name="goesOn"/> says no.</summary>
    public void Run(Func<bool> goesOn)
    {
        foreach (var input in _pool.ToArray())
        {
            Read(input);
        }

        while (goesOn())
        {
            Read(Mutated());
        }
    }

    private void Read(byte[] input)
    {
        Count++;
        var took = Timed(input);

        // A busy machine may hold up anything once, and code is compiled when it runs first: what is slow is slow again.
        took = took > Longest ? Timed(input) : took;
        Slowest = took > Slowest ? took : Slowest;
        if (took > Longest)
        {
            Note("slow", FormattableString.Invariant($"{took.TotalSeconds:0.0} s"), input);
        }
    }

    private TimeSpan Timed(byte[] input)
    {
        var startedAt = Stopwatch.GetTimestamp();
        try
        {
            if (_said.Add(target.Read(input)) && _pool.Count < MostKept)
            {
                _pool.Add(input);
            }
        }
        catch (Exception e)
        {
            var frame = e.StackTrace?.Split('\n').FirstOrDefault(static l => l.Contains("Synthwave.", StringComparison.Ordinal))?.Trim() ?? "";
            Note($"{e.GetType().Name} {frame}", e.ToString(), input);
        }

        return Stopwatch.GetElapsedTime(startedAt);
    }

    private void Note(string kind, string what, byte[] input)
    {
        if (!_findings.TryGetValue(kind, out var known) || input.Length < known.Input.Length)
        {
            _findings[kind] = new(what, input);
        }
    }

    private byte[] Mutated()
    {
        var input = _random.Pick(_pool);
        for (var times = _random.Next(1, 5); times > 0; times--)
        {
            input = _random.Next(5) switch
            {
                0 or 1 => ByteDamage.Apply(_random, input),
                2 => WithWord(input),
                3 => Crossed(input, _random.Pick(_pool)),
                _ => OddAt(input),
            };
        }

        return input.Length > LargestInput ? input[..LargestInput] : input;
    }

    private byte[] WithWord(byte[] input)
    {
        var at = _random.Next(input.Length + 1);
        var to = _random.Once(2) ? at : Math.Min(input.Length, at + _random.Next(1, 12));
        return JsonPlaces.Spliced(input, at..to, Encoding.UTF8.GetBytes(_random.Pick(target.Words)));
    }

    private byte[] OddAt(byte[] input)
    {
        var at = _random.Next(input.Length + 1);
        return JsonPlaces.Spliced(input, at..at, OddValues.Draw(_random));
    }

    private byte[] Crossed(byte[] one, byte[] other) =>
        [.. one.AsSpan(0, _random.Next(one.Length + 1)), .. other.AsSpan(_random.Next(other.Length + 1))];
}
