using System.Diagnostics;
using Synthwave.Chat;
using Synthwave.Chat.Memory;
using Synthwave.Routing;
using Synthwave.Telemetry.Reports;
using Synthwave.Telemetry.Tracing;

namespace Synthwave.Api.Admission;

/// <summary>
/// One admitted POST: the configuration it is answered with, its cancellation, its report. Every path sets an outcome before disposal. The report is counted
/// and logged by the telemetry layer after the response. Used by the request's own flow.
/// </summary>
internal sealed class RequestVisit : IMemoryHolder, IDisposable
{
    private readonly ShutdownSignal _shutdown;
    private readonly CancellationTokenSource _cancellation;
    private readonly RequestRecord _record;
    private readonly Action<RequestVisit> _leave;
    private Activity? _workflow;
    private string? _client;

    public RequestVisit(HttpContext http, GatewayRuntime runtime, ShutdownSignal shutdown, MemoryBudget memory, TimeProvider time, Action<RequestVisit> leave)
    {
        _shutdown = shutdown;
        _leave = leave;
        Http = http;
        Runtime = runtime;
        Time = time;
        _record = http.Features.Get<RequestRecord>() ?? throw new InvalidOperationException("The telemetry layer is missing.");
        Report = new DispatchReport(_record.RequestId, _record.StartedAt);
        _record.Report = Report;
        Report.Memory = new MemoryShare(memory, this);
        _cancellation = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, shutdown.Token);
    }

    public HttpContext Http { get; }

    public TimeProvider Time { get; }

    public GatewayRuntime Runtime { get; }

    public DispatchReport Report { get; }

    /// <summary>
    /// Whom the request counts for: the same for every request of one client, within this process. Made when it is first asked for.
    /// </summary>
    public string Client => _client ??= ClientReader.Name(Report.Client);

    /// <summary>Whether it holds one of its client's places.</summary>
    public bool IsCounted { get; set; }

    /// <summary>Cancelled when the client is gone or the server's grace is over.</summary>
    public CancellationToken Token => _cancellation.Token;

    /// <summary>What the request holds of the process's memory, its calls included; given back when the visit is over.</summary>
    public MemoryShare Memory => Report.Memory;

    /// <summary>Set when the request must not be taken.</summary>
    public GatewayError? Refusal { get; set; }

    /// <summary>The error to give when <see cref="Token"/> was cancelled by the server rather than the client; null = the client is gone.</summary>
    public GatewayError? Interruption => !Http.RequestAborted.IsCancellationRequested && _shutdown.IsOver ? ShutdownSignal.Error : null;

    /// <summary>Gives up the request's upstream calls: the answer can no longer be delivered.</summary>
    public void Cancel() => _cancellation.Cancel();

    public void NoteBytesIn(long bytes) => _record.BytesIn = bytes;

    public void NoteBytesOut(long bytes) => _record.BytesOut += bytes;

    public void StartWorkflow() => _workflow = Spans.StartWorkflow(Report);

    /// <summary>Sets the outcome once.</summary>
    public void End(DispatchOutcome outcome, string? errorCode)
    {
        if (Report.Outcome is DispatchOutcome.Running)
        {
            Report.Outcome = outcome;
            Report.ErrorCode = errorCode;
            Report.EndedAt = Time.GetTimestamp();
        }
    }

    /// <summary>The outcome of an answer that was given: success, or degraded when a generator, a vote or a wish was lost on the way.</summary>
    public void EndAnswered() => End(
        Report.FailedGenerators.Count > 0 || Report.Degraded.Count > 0 || Report.Votes is { Failures: > 0 } or { Unparseable: > 0 }
            ? DispatchOutcome.Degraded
            : DispatchOutcome.Success,
        null);

    public void Dispose()
    {
        Spans.EndWorkflow(_workflow, Report);
        _cancellation.Dispose();
        Memory.Dispose();
        _leave(this);
    }
}
