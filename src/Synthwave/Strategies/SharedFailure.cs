using Synthwave.Chat;
using Synthwave.Upstreams.Faults;

namespace Synthwave.Strategies;

/// <summary>
/// What a client is told when every member failed for one kind that it, or its operator, can do something about: that kind's own status and code, so that an
/// agent shortens its conversation, waits or stops, where a 502 would make it try again.
/// </summary>
internal static class SharedFailure
{
    /// <summary>The error of the kind all faults share; null = they share none, or one that says nothing more than that all failed.</summary>
    /// <param name="faults">Each member's name with its fault, in order.</param>
    /// <param name="detail">What members failed of, for the message.</param>
    public static GatewayError? Of(IReadOnlyList<(string Member, UpstreamFault Fault)> faults, string detail)
    {
        if (faults.Count == 0 || faults.Select(f => Shared(f.Fault.Kind)).Distinct().ToArray() is not [{ } kind])
        {
            return null;
        }

        // The one with a sentence tells the most, the last of them, as everywhere.
        var (member, fault) = faults.LastOrDefault(f => f.Fault.Sentence.Length > 0, faults[^1]);
        var error = fault.ToGatewayError(member);
        var waits = faults.Select(f => f.Fault.RetryAfter).OfType<TimeSpan>().ToArray();
        return error with
        {
            Message = faults.Count == 1 ? error.Message : $"{error.Message} Nobody else could answer either ({detail}).",
            RetryAfter = kind is UpstreamFaultKind.NoMemory ? error.RetryAfter
                : kind is UpstreamFaultKind.RateLimited && waits.Length > 0 ? waits.Min()
                : null,
        };
    }

    private static UpstreamFaultKind? Shared(UpstreamFaultKind kind) => kind switch
    {
        UpstreamFaultKind.BadRequest or UpstreamFaultKind.ContextTooLong or UpstreamFaultKind.Moderation or UpstreamFaultKind.Billing
            or UpstreamFaultKind.NoMemory or UpstreamFaultKind.CallerKeyMissing or UpstreamFaultKind.CallerKeyRefused => kind,
        UpstreamFaultKind.RateLimited or UpstreamFaultKind.QuotaWindow => UpstreamFaultKind.RateLimited,
        _ => null,
    };
}
