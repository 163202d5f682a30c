using System.Globalization;
using Synthwave.Chat;
using Synthwave.Chat.Memory;
using Synthwave.Configuration;
using Synthwave.Routing;

namespace Synthwave.Api.Admission;

/// <summary>Admits requests: fixes the configuration each is answered with and counts those in work, all together and by client. Thread-safe.</summary>
internal sealed class RequestAdmission
{
    private readonly Func<GatewayRuntime> _current;
    private readonly ShutdownSignal _shutdown;
    private readonly MemoryBudget _memory;
    private readonly TimeProvider _time;
    private readonly TokenInForce _token;
    private readonly TokenInForce _adminToken;
    private readonly ClientPlaces _places = new();
    private readonly Action<RequestVisit> _leave;
    private int _inWork;

    /// <param name="current">The runtime in force now.</param>
    /// <param name="shutdown">Whether requests are still taken.</param>
    /// <param name="memory">What all requests share.</param>
    /// <param name="time">The clock of reports.</param>
    /// <param name="environment">Reads a variable; null or empty = not set.</param>
    public RequestAdmission(Func<GatewayRuntime> current, ShutdownSignal shutdown, MemoryBudget memory, TimeProvider time, Func<string, string?> environment)
    {
        (_current, _shutdown, _memory, _time) = (current, shutdown, memory, time);
        _token = new TokenInForce(environment);
        _adminToken = TokenInForce.OfAdmin(environment);
        _leave = Leave;
    }

    /// <summary>Requests in work.</summary>
    public int InWork => Volatile.Read(ref _inWork);

    /// <summary>Opens a visit. The caller disposes it, which gives its places back, also when it carries a <see cref="RequestVisit.Refusal"/>.</summary>
    public RequestVisit Open(HttpContext http)
    {
        var runtime = _current();
        var server = runtime.Config.Server;
        var token = _token.Of(server);
        var inWork = Interlocked.Increment(ref _inWork);
        var visit = new RequestVisit(http, runtime, _shutdown, _memory, _time, _leave);
        visit.Report.Client = ClientReader.Read(http);
        visit.Refusal = Judge(visit, server, inWork);
        if (visit.Refusal is null)
        {
            visit.Report.Caller = CallerReader.Read(http.Request.Headers, runtime, token, runtime.TakesCallersKeys ? _adminToken.BytesOf(server) : null, visit.Report);
        }

        return visit;
    }

    private GatewayError? Judge(RequestVisit visit, ServerConfig server, int inWork)
    {
        if (_shutdown.IsOver)
        {
            return ShutdownSignal.Error;
        }

        if (server.MaxConcurrentRequests is > 0 and var most && inWork > most)
        {
            return Overloaded(most);
        }

        // While so few are in work that no client can hold too many, nobody is counted.
        if (server.ClientPlaces is not { Most: > 0 } places || inWork <= places.Uncounted)
        {
            return null;
        }

        visit.IsCounted = _places.TryEnter(visit.Report.Client, places.Most);
        return visit.IsCounted ? null : TooMany(places.Most);
    }

    private void Leave(RequestVisit visit)
    {
        if (visit.IsCounted)
        {
            _places.Leave(visit.Report.Client);
        }

        Interlocked.Decrement(ref _inWork);
    }

    private static string Requests(int most) => most == 1 ? "one request" : string.Create(CultureInfo.InvariantCulture, $"{most} requests");

    private static GatewayError Overloaded(int most) =>
        new(503, "overloaded", $"The server works on {Requests(most)} already.") { RetryAfter = TimeSpan.FromSeconds(1) };

    private static GatewayError TooMany(int most) =>
        new(429, "too_many_concurrent_requests", $"The server works on {Requests(most)} of yours already. Send the next one when one of them is answered.") { RetryAfter = TimeSpan.FromSeconds(1) };
}
