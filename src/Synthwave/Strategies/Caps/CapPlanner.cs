using System.Collections.Immutable;
using System.Globalization;
using Synthwave.Chat;
using Synthwave.Configuration;
using Synthwave.Telemetry.Reports;

namespace Synthwave.Strategies.Caps;

/// <summary>
/// Decides before the first call what a request's caps allow, every call at its worst case.
/// <code>
/// everything ──► fewer drafts ──► best draft, no synthesis ──► single upstream ──► 400 cap_unsatisfiable
/// </code>
/// Of fewer drafts the first in config order are kept if they fit, else the cheapest. A cost cap with an unpriced upstream is refused: what cannot be
/// counted cannot be capped. Pure.
/// </summary>
internal static class CapPlanner
{
    /// <summary>The code of a request whose caps not even one upstream keeps.</summary>
    public const string Unsatisfied = "cap_unsatisfiable";

    private const string MaxCalls = "max_calls";
    private const string MaxCost = "max_cost_usd";

    /// <summary>Drafts and a synthesis over them.</summary>
    /// <param name="caps">What the request may spend.</param>
    /// <param name="drafts">One per generator, config order.</param>
    /// <param name="synthesis">The synthesis over the drafts at these positions.</param>
    /// <param name="singles">Who may answer alone, best first.</param>
    public static CapPlan Ensemble(
        CapsConfig caps, ImmutableArray<CappedCall> drafts, Func<ImmutableArray<int>, CappedCall> synthesis, ImmutableArray<CappedCall> singles)
    {
        var all = All(drafts.Length);
        var full = synthesis(all);
        if (Unpriced(caps, [.. drafts, full, .. singles]) is { } error)
        {
            return new CapPlan { Error = error };
        }

        // A single draft needs no synthesis.
        for (var count = drafts.Length; count >= Math.Min(2, drafts.Length); count--)
        {
            foreach (var members in Choices(drafts, count))
            {
                var calls = members.Select(i => drafts[i]).Concat(count > 1 ? [synthesis(members)] : []);
                if (TryPlan(caps, calls) is { } plan)
                {
                    return plan with { Members = members, Degraded = count < drafts.Length ? [DegradeStep.FewerDrafts] : [] };
                }
            }
        }

        for (var count = drafts.Length; count >= 2; count--)
        {
            foreach (var members in Choices(drafts, count))
            {
                if (TryPlan(caps, members.Select(i => drafts[i])) is { } plan)
                {
                    ImmutableArray<DegradeStep> steps = count < drafts.Length ? [DegradeStep.FewerDrafts, DegradeStep.BestDraft] : [DegradeStep.BestDraft];
                    return plan with { Members = members, Synthesizes = false, Degraded = steps };
                }
            }
        }

        for (var i = 0; i < singles.Length; i++)
        {
            if (TryPlan(caps, [singles[i]]) is { } plan)
            {
                return plan with { Members = [i], Synthesizes = false, IsSingle = true, Degraded = [DegradeStep.SingleUpstream] };
            }
        }

        return new CapPlan { Error = Unsatisfiable(caps, [.. drafts, .. singles], least: 1) };
    }

    /// <summary>Calls side by side of which at least <paramref name="least"/> must be made.</summary>
    public static CapPlan Parallel(CapsConfig caps, ImmutableArray<CappedCall> calls, int least)
    {
        if (Unpriced(caps, calls) is { } error)
        {
            return new CapPlan { Error = error };
        }

        for (var count = calls.Length; count >= least; count--)
        {
            foreach (var members in Choices(calls, count))
            {
                if (TryPlan(caps, members.Select(i => calls[i])) is { } plan)
                {
                    return plan with { Members = members, Degraded = Steps(count, calls.Length) };
                }
            }
        }

        return new CapPlan { Error = Unsatisfiable(caps, calls, least) };
    }

    /// <summary>Calls one after the other until one answers: as many as fit, in order; whoever is too expensive is passed over.</summary>
    public static CapPlan Sequence(CapsConfig caps, ImmutableArray<CappedCall> calls)
    {
        if (Unpriced(caps, calls) is { } error)
        {
            return new CapPlan { Error = error };
        }

        CapPlan? last = null;
        var members = new List<int>();
        for (var i = 0; i < calls.Length; i++)
        {
            if (TryPlan(caps, members.Append(i).Select(m => calls[m])) is { } plan)
            {
                members.Add(i);
                last = plan;
            }
        }

        // Fewer members to fall back on take nothing from an answer; none at all is worth saying.
        return last is null
            ? new CapPlan { Error = Unsatisfiable(caps, calls, least: 1) }
            : last with { Members = [.. members], Degraded = members.Count == 1 ? Steps(1, calls.Length) : [] };
    }

    private static ImmutableArray<DegradeStep> Steps(int kept, int all) => kept == all ? [] : kept == 1 ? [DegradeStep.SingleUpstream] : [DegradeStep.FewerDrafts];

    private static ImmutableArray<int> All(int count) => [.. Enumerable.Range(0, count)];

    private static IEnumerable<ImmutableArray<int>> Choices(ImmutableArray<CappedCall> calls, int count)
    {
        yield return All(count);
        if (count < calls.Length)
        {
            yield return [.. All(calls.Length).OrderBy(i => calls[i].WorstCaseUsd ?? 0).Take(count).Order()];
        }
    }

    private static CapPlan? TryPlan(CapsConfig caps, IEnumerable<CappedCall> planned)
    {
        var calls = planned.ToArray();
        decimal? usd = calls.All(c => c.WorstCaseUsd is not null) ? calls.Sum(c => c.WorstCaseUsd!.Value) : null;
        return calls.Length <= (caps.MaxCalls ?? int.MaxValue) && (caps.MaxCostUsd is not { } most || usd <= most)
            ? new CapPlan { Calls = calls.Length, WorstCaseUsd = usd }
            : null;
    }

    private static GatewayError? Unpriced(CapsConfig caps, ImmutableArray<CappedCall> calls)
    {
        if (caps.MaxCostUsd is null)
        {
            return null;
        }

        var names = calls.Where(c => c.WorstCaseUsd is null).Select(c => c.Upstream).Distinct(StringComparer.Ordinal).ToArray();
        return names.Length == 0
            ? null
            : GatewayError.BadRequest(Unsatisfied, $"max_cost_usd cannot be kept: no price is configured for {string.Join(", ", names)}.", MaxCost);
    }

    private static GatewayError Unsatisfiable(CapsConfig caps, ImmutableArray<CappedCall> calls, int least)
    {
        if (caps.MaxCalls < least)
        {
            return GatewayError.BadRequest(Unsatisfied, $"max_calls = {caps.MaxCalls} cannot be kept: this profile needs {least} calls at least.", MaxCalls);
        }

        var cheapest = calls.Select(c => c.WorstCaseUsd ?? 0).Order().Take(least).Sum();
        var message = string.Create(
            CultureInfo.InvariantCulture,
            $"max_cost_usd = {caps.MaxCostUsd:0.############} cannot be kept: the least this request can cost is estimated at {cheapest:0.############} USD at worst. Lower max_tokens or raise the cap.");
        return GatewayError.BadRequest(Unsatisfied, message, MaxCost);
    }
}
