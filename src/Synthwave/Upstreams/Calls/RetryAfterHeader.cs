using System.Globalization;
using System.Net.Http.Headers;

namespace Synthwave.Upstreams.Calls;

/// <summary>How long an upstream asks to be left alone.</summary>
internal static class RetryAfterHeader
{
    /// <summary>Nobody waits longer, and no client is told to.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    /// <summary><c>retry-after-ms</c>, or <c>Retry-After</c> as seconds or a date, from zero to <see cref="Longest"/>; null = absent or unreadable.</summary>
    public static TimeSpan? Read(HttpResponseHeaders headers, DateTimeOffset now)
    {
        if (headers.TryGetValues("retry-after-ms", out var values)
            && double.TryParse(values.First(), NumberStyles.Float, CultureInfo.InvariantCulture, out var ms)
            && double.IsFinite(ms))
        {
            return Bounded(TimeSpan.FromMilliseconds(Math.Clamp(ms, 0, Longest.TotalMilliseconds)));
        }

        // Some servers send fractions, which the typed header refuses.
        if (headers.TryGetValues("Retry-After", out var raw)
            && double.TryParse(raw.First(), NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds)
            && double.IsFinite(seconds))
        {
            return TimeSpan.FromSeconds(Math.Clamp(seconds, 0, Longest.TotalSeconds));
        }

        // The date is one of the upstream's clock, which need not be ours.
        return headers.RetryAfter?.Date is { } date ? Bounded(date - (headers.Date ?? now)) : null;
    }

    private static TimeSpan Bounded(TimeSpan span) => span < TimeSpan.Zero ? TimeSpan.Zero : span > Longest ? Longest : span;
}
