using Synthwave.Chat;
using Synthwave.Telemetry.Reports;
using Synthwave.Upstreams.Faults;

namespace Synthwave.Strategies.MixtureOfAgents;

/// <summary>The error when no draft came.</summary>
internal static class DraftFailures
{
    public static GatewayError ToError(DraftResult[] results)
    {
        if (results is [var only])
        {
            return only.Fault?.ToGatewayError(only.Label)
                ?? new GatewayError(502, "upstream_protocol_error", $"Generator '{only.Label}' gave no usable answer ({only.Reason}).");
        }

        var reasons = string.Join(", ", results.Select(r => $"{r.Label}:{r.Reason}"));
        if (results.Any(r => r.Reason is "undeclared_tool" or "dual_shape_response"))
        {
            return new GatewayError(503, ReportLabels.NoQuorumAfterConstraint, $"Every answer broke the request's tool contract ({reasons}).");
        }

        if (results.All(r => r.Fault is not null) && SharedFailure.Of([.. results.Select(r => (r.Label, r.Fault!))], reasons) is { } shared)
        {
            return shared;
        }

        // A limit is the operator's to raise, who must know which.
        var limit = results.FirstOrDefault(static r => r.Fault?.Limit is not null) is { } large ? " " + large.Fault!.ToGatewayError(large.Label).Message : "";
        var waits = results.Select(r => r.Fault?.RetryAfter).OfType<TimeSpan>().ToArray();
        return new GatewayError(502, "all_generators_failed", $"No generator gave a draft ({reasons}).{limit}")
        {
            RetryAfter = waits.Length > 0 ? waits.Min() : null,
        };
    }
}
