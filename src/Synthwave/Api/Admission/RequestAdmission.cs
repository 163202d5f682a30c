using Synthwave.Chat;
using Synthwave.Routing;

namespace Synthwave.Api.Admission;

/// <summary>Admits requests: fixes the configuration each is answered with and counts those in work. Thread-safe.</summary>
/// <param name="current">The runtime in force now.</param>
/// <param name="shutdown">Whether requests are still taken.</param>
/// <param name="time">The clock of reports.</param>
/// <param name="environment">Reads a variable; null or empty = not set.</param>
internal sealed class RequestAdmission(Func<GatewayRuntime> current, ShutdownSignal shutdown, TimeProvider time, Func<string, string?> environment)
{
    private int _inWork;

    /// <summary>Requests in work.</summary>
    public int InWork => Volatile.Read(ref _inWork);

    /// <summary>Opens a visit. The caller disposes it, which gives its place back, also when it carries a <see cref="RequestVisit.Refusal"/>.</summary>
    public RequestVisit Open(HttpContext http)
    {
        var runtime = current();
        var inWork = Interlocked.Increment(ref _inWork);
        var most = runtime.Config.Server.MaxConcurrentRequests;
        var visit = new RequestVisit(http, runtime, shutdown, time, () => Interlocked.Decrement(ref _inWork))
        {
            Refusal = shutdown.IsOver ? ShutdownSignal.Error
                : most > 0 && inWork > most ? Overloaded(most)
                : null,
        };
        visit.Report.Caller = CallerReader.Read(http.Request.Headers, runtime, environment, visit.Report);
        return visit;
    }

    private static GatewayError Overloaded(int most) =>
        new(503, "overloaded", $"The server works on {most} requests already.") { RetryAfter = TimeSpan.FromSeconds(1) };
}
