using System.Globalization;
using Synthwave.Api.Endpoints.Admin;

namespace Synthwave.Commands.Live;

/// <summary>One upstream as the view shows it.</summary>
/// <param name="Name">In the file.</param>
/// <param name="State">In words.</param>
/// <param name="IsWell">Whether an ordinary call would be made now and is likely to succeed; null = nobody has looked yet.</param>
internal sealed record LiveUpstream(string Name, string State, bool? IsWell)
{
    /// <summary>Half of its calls take no longer, milliseconds; null = there were too few to tell.</summary>
    public double? UsualMs { get; init; }

    public static LiveUpstream Of(UpstreamStatus status) =>
        Of(status.Name, status.Health, status.Resting, status.RestingSecs ?? 0, status.InFlight) with { UsualMs = status.LatencyMs?.P50 };

    /// <param name="name">In the file.</param>
    /// <param name="health">What the last look found: <c>up down auth_failed misconfigured unknown</c>.</param>
    /// <param name="resting">Why no ordinary call would be made now; null = one would.</param>
    /// <param name="restingSecs">For how long.</param>
    /// <param name="inFlight">Calls running now.</param>
    public static LiveUpstream Of(string name, string health, string? resting, double restingSecs, int inFlight)
    {
        var calls = inFlight > 0 ? string.Create(CultureInfo.InvariantCulture, $", {inFlight} in flight") : "";
        return resting is not null
            ? new(name, string.Create(CultureInfo.InvariantCulture, $"rests {Math.Ceiling(restingSecs):0} s ({resting.Replace('_', ' ')}){calls}"), false)
            : health switch
            {
                "up" => new(name, $"up{calls}", true),
                "unknown" => new(name, $"not looked at yet{calls}", null),
                _ => new(name, $"{health.Replace('_', ' ')}{calls}", false),
            };
    }
}
