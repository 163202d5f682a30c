using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using Synthwave.Simulation;
using Synthwave.Simulation.Items;

namespace Synthwave.Proof.Faults;

/// <summary>
/// What each model writes to each request, and how it fails at it: by seed, request, model and attempt, so that a run can be repeated. Thread-safe.
/// </summary>
internal sealed partial class FaultPlan(ulong seed, double faultShare)
{
    private const int LeastWords = 3;
    private const int WordsBeyond = 30;

    private static readonly ImmutableArray<Func<int, SimulatedFault>> Kinds =
    [
        static _ => new(SimulatedFaultKind.Refuse),
        static n => new(SimulatedFaultKind.Status) { Status = (n % 6) switch { 0 => 429, 1 => 503, 2 => 502, 3 => 400, 4 => 404, _ => 500 } },
        static _ => new(SimulatedFaultKind.Status) { Status = 500, Body = "<html>oops</html>" },
        static n => new(SimulatedFaultKind.Reset) { AfterTokens = n },
        static n => new(SimulatedFaultKind.Reset) { AfterTokens = n },
        static n => new(SimulatedFaultKind.EarlyClose) { AfterTokens = n },
        static n => new(SimulatedFaultKind.EarlyClose) { AfterTokens = n },
        static n => new(SimulatedFaultKind.BadJson) { AfterTokens = n },
        static n => new(SimulatedFaultKind.InvalidUtf8) { AfterTokens = n },
        static _ => new(SimulatedFaultKind.BadSse),
        static _ => new(SimulatedFaultKind.WrongType),
        static _ => new(SimulatedFaultKind.Empty),
        static _ => new(SimulatedFaultKind.EmptyBody),
        static _ => new(SimulatedFaultKind.Redirect),
        static _ => new(SimulatedFaultKind.JsonForStream),
        static n => n % 4 > 0 ? new(SimulatedFaultKind.Reset) { AfterTokens = 0 } : new(SimulatedFaultKind.Stall) { AfterTokens = n == 0 ? null : n },
    ];

    private readonly ConcurrentDictionary<(long Request, string Model), int> _attempts = new();

    public static string Prompt(long request) => string.Create(CultureInfo.InvariantCulture, $"Request #{request}. Tell me something.");

    /// <summary>Everything <paramref name="model"/> has to say to a request. No text is the beginning of another.</summary>
    public string Text(string model, long request)
    {
        var draw = ItemDraw.Named(seed, model);
        var words = LeastWords + ItemDraw.Index(draw, request, 0, WordsBeyond);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{model} to {request}: {string.Join(' ', Enumerable.Range(1, words).Select(i => string.Create(CultureInfo.InvariantCulture, $"{model}{i * i}")))} end of {model}.");
    }

    public SimulatedModel Model(string id) => SimulatedModel.Answering(id, request => Answer(id, request));

    /// <summary>Forgets the attempts of a request that has ended.</summary>
    public void Forget(long request, IEnumerable<string> models)
    {
        foreach (var model in models)
        {
            _attempts.TryRemove((request, model), out _);
        }
    }

    [GeneratedRegex(@"Request #(?<number>\d+)\.", RegexOptions.CultureInvariant)]
    private static partial Regex Numbers { get; }

    private SimulatedAnswer Answer(string model, SimulatedRequest sent)
    {
        var request = long.Parse(Numbers.Match(sent.AllText).Groups["number"].ValueSpan, CultureInfo.InvariantCulture);
        var attempt = _attempts.AddOrUpdate((request, model), 0, static (_, n) => n + 1);
        return new SimulatedAnswer { Text = Text(model, request), Fault = Fault(model, request, attempt) };
    }

    private SimulatedFault? Fault(string model, long request, int attempt)
    {
        var draw = ItemDraw.Named(seed, $"{model} fails");
        var stream = attempt * 8;
        if (ItemDraw.Uniform(draw, request, stream) >= faultShare)
        {
            return null;
        }

        var kind = Kinds[ItemDraw.Index(draw, request, stream + 1, Kinds.Length)];
        return kind(ItemDraw.Index(draw, request, stream + 2, LeastWords + WordsBeyond));
    }
}
