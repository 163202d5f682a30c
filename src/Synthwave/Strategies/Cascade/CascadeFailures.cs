using System.Collections.Immutable;
using Synthwave.Chat;
using Synthwave.Upstreams.Faults;

namespace Synthwave.Strategies.Cascade;

/// <summary>Collects why members failed and picks the most informative error when all did.</summary>
internal sealed class CascadeFailures(ImmutableArray<KeyValuePair<string, string>> skipped)
{
    private readonly List<KeyValuePair<string, string>> _attempts = [.. skipped];
    private (int Status, TimeSpan RetryAfter)? _rateLimit;
    private TimeSpan? _lastRetryAfter;

    public IReadOnlyList<KeyValuePair<string, string>> Attempts => _attempts;

    public string? LastDetail { get; private set; }

    public int? LastStatus { get; private set; }

    public void Add(string member, UpstreamFault fault)
    {
        _attempts.Add(new(member, fault.ReportReason()));
        var error = fault.ToGatewayError(member);
        LastDetail = error.Message;
        LastStatus = error.Status;
        _lastRetryAfter = error.RetryAfter;
        if (fault is { Kind: UpstreamFaultKind.RateLimited, RetryAfter: { } wait })
        {
            _rateLimit = (429, wait);
        }
    }

    public void AddDeadline()
    {
        LastDetail = "The request's time ran out before the next member could be tried.";
        LastStatus = 504;
    }

    /// <summary>The last status, unless a rate limit said when to come back: that tells a client more than whatever came after it.</summary>
    public GatewayError ToError(bool structured502)
    {
        var status = structured502 ? 502 : _rateLimit?.Status ?? LastStatus ?? 502;
        var attempts = string.Join(", ", _attempts.Select(a => $"{a.Key}:{a.Value}"));
        return new(status, "cascade_exhausted", $"No member of the cascade gave a usable answer ({attempts}). {LastDetail}".TrimEnd())
        {
            RetryAfter = structured502 ? null : _rateLimit?.RetryAfter ?? (status is 429 or 503 ? _lastRetryAfter : null),
        };
    }
}
