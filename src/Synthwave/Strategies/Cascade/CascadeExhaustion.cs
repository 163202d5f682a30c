using Synthwave.Chat;
using Synthwave.Telemetry.Reports;
using Synthwave.Upstreams.Faults;

namespace Synthwave.Strategies.Cascade;

/// <summary>A cascade's attempts as its report and, when nobody answered, as its error.</summary>
internal static class CascadeExhaustion
{
    private const string OutOfTime = "The request's time ran out before the next member could be tried.";

    /// <summary>Who was tried, who failed and why, and who answered or what the last one said.</summary>
    public static void Note(DispatchReport report, Attempts attempts)
    {
        report.CascadeAttempts = Words(attempts);
        report.CascadeWinner = attempts.Winner?.Config.Name;
        if (attempts.Winner is null)
        {
            (report.CascadeLastStatus, report.CascadeLastDetail, _) = Last(attempts);
        }
    }

    /// <summary>The last status, unless a rate limit said when to come back.</summary>
    /// <param name="attempts">Nobody answered.</param>
    /// <param name="structured502">Whatever happened, the status is 502.</param>
    public static GatewayError ToError(Attempts attempts, bool structured502)
    {
        var (lastStatus, lastDetail, lastRetryAfter) = Last(attempts);
        var status = structured502 ? 502 : attempts.RateLimited is null ? lastStatus ?? 502 : 429;
        var words = string.Join(", ", Words(attempts).Select(a => $"{a.Key}:{a.Value}"));
        if (!structured502 && attempts.Unreached is null && attempts.Skipped.IsEmpty
            && SharedFailure.Of([.. attempts.Failed.Select(a => (a.Member.Config.Name, a.Fault))], words) is { } shared)
        {
            // Its own code only where it tells a client what to do.
            return shared.Code is "upstream_error" ? shared with { Code = "cascade_exhausted" } : shared;
        }

        return new(status, "cascade_exhausted", $"No member of the cascade gave a usable answer ({words}). {lastDetail}".TrimEnd())
        {
            RetryAfter = structured502 ? null : attempts.RateLimited?.Fault.RetryAfter ?? (status is 429 or 503 ? lastRetryAfter : null),
        };
    }

    private static KeyValuePair<string, string>[] Words(Attempts attempts) =>
        [.. attempts.Skipped, .. attempts.Failed.Select(a => KeyValuePair.Create(a.Member.Config.Name, a.Fault.ReportReason()))];

    private static (int? Status, string? Detail, TimeSpan? RetryAfter) Last(Attempts attempts)
    {
        if (attempts.Unreached is not null)
        {
            return (504, OutOfTime, null);
        }

        if (attempts.Failed is not [.., var last])
        {
            return default;
        }

        var error = last.Fault.ToGatewayError(last.Member.Config.Name);
        return (error.Status, error.Message, error.RetryAfter);
    }
}
