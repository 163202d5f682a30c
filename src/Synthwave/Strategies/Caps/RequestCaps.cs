using Synthwave.Chat.Requests;
using Synthwave.Configuration;

namespace Synthwave.Strategies.Caps;

/// <summary>What a request may spend: the profile's caps, tightened where the request asks for less. A request never loosens them.</summary>
internal static class RequestCaps
{
    public static CapsConfig Of(CapsConfig profile, RequestExtension request) => request is { MaxCalls: null, MaxCostUsd: null, MaxLatencyMs: null }
        ? profile
        : new CapsConfig
        {
            MaxCalls = Lesser(profile.MaxCalls, request.MaxCalls),
            MaxCostUsd = Lesser(profile.MaxCostUsd, request.MaxCostUsd),
            MaxLatency = Lesser(profile.MaxLatency, request.MaxLatencyMs is { } ms ? TimeSpan.FromMilliseconds(ms) : null),
        };

    private static T? Lesser<T>(T? left, T? right)
        where T : struct, IComparable<T> => (left, right) switch
        {
            ({ } l, { } r) => l.CompareTo(r) <= 0 ? l : r,
            _ => left ?? right,
        };
}
