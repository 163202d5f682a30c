using System.Diagnostics;

namespace Synthwave.Telemetry.Metrics.Prometheus;

/// <summary>
/// What the observations of one traced request have in common. Only requests whose trace is recorded have one, since an exemplar is there to be followed:
/// all others leave no exemplar and cost nothing.
/// </summary>
internal sealed class ExemplarSource
{
    private readonly string _traceId;
    private readonly string _requestId;
    private readonly double _at;

    private ExemplarSource(string traceId, string requestId, double at) => (_traceId, _requestId, _at) = (traceId, requestId, at);

    /// <summary>Null = the request is not traced.</summary>
    /// <param name="span">The request's own.</param>
    /// <param name="requestId">The request's id.</param>
    /// <param name="time">Tells when.</param>
    public static ExemplarSource? Of(Activity? span, string requestId, TimeProvider time) =>
        span is { Recorded: true, IdFormat: ActivityIdFormat.W3C } ? new(span.TraceId.ToHexString(), requestId, UnixSeconds(time)) : null;

    public Exemplar With(double value) => new(_traceId, _requestId, value, _at);

    public static double UnixSeconds(TimeProvider time) => time.GetUtcNow().ToUnixTimeMilliseconds() / 1e3;
}
