using Synthwave.Chat;
using Synthwave.Chat.Memory;
using Synthwave.Routing;

namespace Synthwave.Api.Admission;

/// <summary>Admits requests: fixes the configuration each is answered with and counts those in work. Thread-safe.</summary>
internal sealed class RequestAdmission
{
    private readonly Func<GatewayRuntime> _current;
    private readonly ShutdownSignal _shutdown;
    private readonly MemoryBudget _memory;
    private readonly TimeProvider _time;
    private readonly Func<string, string?> _environment;
    private readonly Action _leave;
    private int _inWork;

    /// <param name="current">The runtime in force now.</param>
    /// <param name="shutdown">Whether requests are still taken.</param>
    /// <param name="memory">What all requests share.</param>
    /// <param name="time">The clock of reports.</param>
    /// <param name="environment">Reads a variable; null or empty = not set.</param>
    public RequestAdmission(Func<GatewayRuntime> current, ShutdownSignal shutdown, MemoryBudget memory, TimeProvider time, Func<string, string?> environment)
    {
        (_current, _shutdown, _memory, _time, _environment) = (current, shutdown, memory, time, environment);
        _leave = () => Interlocked.Decrement(ref _inWork);
    }

    /// <summary>Requests in work.</summary>
    public int InWork => Volatile.Read(ref _inWork);

    /// <summary>Opens a visit. The caller disposes it, which gives its place back, also when it carries a <see cref="RequestVisit.Refusal"/>.</summary>
    public RequestVisit Open(HttpContext http)
    {
        var runtime = _current();
        var inWork = Interlocked.Increment(ref _inWork);
        var most = runtime.Config.Server.MaxConcurrentRequests;
        var visit = new RequestVisit(http, runtime, _shutdown, _memory, _time, _leave)
        {
            Refusal = _shutdown.IsOver ? ShutdownSignal.Error
                : most > 0 && inWork > most ? Overloaded(most)
                : null,
        };
        visit.Report.Caller = CallerReader.Read(http.Request.Headers, runtime, _environment, visit.Report);
        return visit;
    }

    private static GatewayError Overloaded(int most) =>
        new(503, "overloaded", $"The server works on {most} requests already.") { RetryAfter = TimeSpan.FromSeconds(1) };
}
