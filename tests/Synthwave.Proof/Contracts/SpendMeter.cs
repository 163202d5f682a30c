using System.Collections.Concurrent;
using System.Globalization;
using System.Text.RegularExpressions;
using Synthwave.Simulation;
using Synthwave.Simulation.Items;

namespace Synthwave.Proof.Contracts;

/// <summary>
/// Models that count, request by request, the calls that reach them and what those cost by the price table, whatever the gateway makes of them: a hedge that
/// lost, a voter that was cut and a retry are all paid for. Thread-safe.
/// </summary>
internal sealed partial class SpendMeter(ulong seed, double faultShare)
{
    /// <summary>USD per million tokens.</summary>
    public const decimal InputPrice = 2;

    public const decimal OutputPrice = 10;

    private const int FewWords = 4;
    private const int WordsBeyond = 120;

    private const double SlowShare = 0.03;

    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(1.5);

    private readonly ConcurrentDictionary<long, Spend> _spent = new();

    public static string Prompt(long request) => string.Create(CultureInfo.InvariantCulture, $"Request #{request}. Is it so? Answer yes or no, with reasons.");

    /// <summary>What request <paramref name="request"/> has spent so far.</summary>
    public Spend Of(long request) => _spent.GetValueOrDefault(request);

    public SimulatedModel Model(string id) => SimulatedModel.Answering(id, request => Answer(id, request));

    [GeneratedRegex(@"Request #(?<number>\d+)\.", RegexOptions.CultureInvariant)]
    private static partial Regex Numbers { get; }

    private SimulatedAnswer Answer(string model, SimulatedRequest sent)
    {
        var request = long.Parse(Numbers.Match(sent.AllText).Groups["number"].ValueSpan, CultureInfo.InvariantCulture);
        var draw = ItemDraw.Named(seed, model);
        var attempt = _spent.GetValueOrDefault(request).Calls;
        var faulted = ItemDraw.Uniform(draw, request, 10 + attempt) < faultShare;
        var text = $"yes, {model} thinks so: {string.Join(' ', Enumerable.Repeat("because", FewWords + ItemDraw.Index(draw, request, 0, WordsBeyond)))}";

        // A draft is as many tokens to its reader as it was to its writer: no cap on the whole could be kept if it were more.
        var usage = new SimulatedUsage(TokenSplitter.Split(sent.AllText).Count, Math.Min(TokenSplitter.Split(text).Count, sent.Facts.MaxTokens ?? int.MaxValue));
        var cost = faulted ? 0 : ((usage.PromptTokens * InputPrice) + (usage.CompletionTokens * OutputPrice)) / 1_000_000m;
        _spent.AddOrUpdate(
            request,
            static (_, a) => new Spend(1, a.cost, a.faulted ? 1 : 0),
            static (_, spend, a) => new Spend(spend.Calls + 1, spend.CostUsd + a.cost, spend.Faults + (a.faulted ? 1 : 0)),
            (cost, faulted));
        var delay = ItemDraw.Uniform(draw, request, 1) < SlowShare ? LongestDelay * ItemDraw.Uniform(draw, request, 2) : TimeSpan.Zero;
        return new SimulatedAnswer { Text = text, Usage = usage, FirstTokenDelay = delay, Fault = faulted ? new SimulatedFault(SimulatedFaultKind.Status) { Status = 503 } : null };
    }
}

/// <summary>Calls that arrived, what they cost, and how many of them were refused.</summary>
internal readonly record struct Spend(int Calls, decimal CostUsd, int Faults);
