using System.Collections.Immutable;
using Synthwave.Chat.Requests;
using Synthwave.Upstreams;
using Synthwave.Upstreams.Learned;

namespace Synthwave.Strategies;

/// <summary>Which members are worth a call, in order, and which were left out and why.</summary>
internal readonly record struct MemberChoice(ImmutableArray<IUpstream> Members, ImmutableArray<KeyValuePair<string, string>> Skipped)
{
    /// <summary>
    /// Leaves out members whose window cannot hold the estimated prompt or whose breaker is open, as long as somebody else remains: estimates are
    /// rough and a breaker's word is old, so nothing ends without anyone having been asked.
    /// </summary>
    public static MemberChoice For(ImmutableArray<IUpstream> members, Dispatch dispatch) => Of(
        members,
        m => m.Config.Context >= m.Calibration.ToCounted(TokenEstimator.Clamp((long)dispatch.Views.For(m.Config).PromptTokens + dispatch.Request.ToolsTokens)));

    /// <summary>The same where the caller knows what fits.</summary>
    public static MemberChoice Of(ImmutableArray<IUpstream> members, Func<IUpstream, bool> fits)
    {
        var skipped = ImmutableArray.CreateBuilder<KeyValuePair<string, string>>();
        var fitting = Keep(members, fits, "context", skipped);
        var kept = Keep(fitting, static m => m.Resting is not RestReason.CircuitOpen, "circuit_open", skipped);
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
