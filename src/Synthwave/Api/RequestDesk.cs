using Synthwave.Chat;
using Synthwave.Routing;

namespace Synthwave.Api;

/// <summary>Where every POST signs in: runtime, place among the requests in work, cancellation, report. Thread-safe.</summary>
internal sealed class RequestDesk(RuntimeHost host, ShutdownSignal shutdown, TimeProvider time)
{
    private int _inWork;

    /// <summary>Requests in work.</summary>
    public int InWork => Volatile.Read(ref _inWork);

    public RequestVisit Open(HttpContext http)
    {
        var runtime = host.Current;
        var inWork = Interlocked.Increment(ref _inWork);
        var most = runtime.Config.Server.MaxConcurrentRequests;
        return new RequestVisit(http, runtime, shutdown, time, () => Interlocked.Decrement(ref _inWork))
        {
            Refusal = shutdown.IsOver ? ShutdownSignal.Error
                : most > 0 && inWork > most ? Overloaded(most)
                : null,
        };
    }

    private static GatewayError Overloaded(int most) =>
        new(503, "overloaded", $"The server works on {most} requests already.") { RetryAfter = TimeSpan.FromSeconds(1) };
}
