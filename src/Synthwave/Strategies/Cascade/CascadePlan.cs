using System.Collections.Immutable;
using Synthwave.Chat.Requests;
using Synthwave.Upstreams;

namespace Synthwave.Strategies.Cascade;

/// <summary>Which members are worth a call, in order, and which were left out and why.</summary>
internal readonly record struct CascadePlan(ImmutableArray<IUpstream> Members, ImmutableArray<KeyValuePair<string, string>> Skipped)
{
    /// <summary>
    /// Leaves out members whose breaker is open or whose window cannot hold the estimated prompt, as long as somebody else remains: estimates are
    /// rough and a breaker's word is old, so a cascade never ends without having asked anyone.
    /// </summary>
    public static CascadePlan Order(ImmutableArray<IUpstream> members, Dispatch dispatch)
    {
        var skipped = ImmutableArray.CreateBuilder<KeyValuePair<string, string>>();
        var fitting = Keep(members, m => m.Config.Context >= m.Calibration.ToCounted(TokenEstimator.Clamp((long)dispatch.ViewFor(m.Config).PromptTokens + dispatch.Request.ToolsTokens)), "context", skipped);
        var kept = Keep(fitting, m => !m.IsCircuitOpen, "circuit_open", skipped);
        return new(kept, skipped.ToImmutable());
    }

    private static ImmutableArray<IUpstream> Keep(
        ImmutableArray<IUpstream> members, Func<IUpstream, bool> isWorthACall, string reason, ImmutableArray<KeyValuePair<string, string>>.Builder skipped)
    {
        if (!members.Any(isWorthACall) || members.All(isWorthACall))
        {
            return members;
        }

        skipped.AddRange(members.Where(m => !isWorthACall(m)).Select(m => KeyValuePair.Create(m.Config.Name, reason)));
        return [.. members.Where(isWorthACall)];
    }
}
