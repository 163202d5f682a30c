using System.Text;
using Synthwave.Configuration;
using Synthwave.Telemetry.Reports;
using Synthwave.Upstreams;
using Synthwave.Upstreams.Faults;
using Synthwave.Upstreams.Learned;

namespace Synthwave.UnitTests.Strategies;

/// <summary>An upstream that gives one fault or one body whenever it is called, and keeps what it was asked.</summary>
internal sealed class ScriptedUpstream(string name, UpstreamFault? fault, string body = "{}", int context = 32_768) : IUpstream
{
    public List<UpstreamCall> Calls { get; } = [];

    public UpstreamConfig Config { get; } = new()
    {
        Name = name,
        ModelId = name,
        BaseUrl = "http://localhost",
        Context = context,
        MaxOutput = 1000,
        Modalities = Modalities.Text | Modalities.Image,
    };

    public bool Speaks(UpstreamOperation operation) => true;

    public bool ContinuesTexts => false;

    /// <summary>One that asked to be left alone refuses every call but the last chance.</summary>
    public RestReason? Resting { get; init; }

    public LatencyQuantiles Latency { get; } = new();

    public LatencyQuantiles FirstContent { get; } = new();

    public TokenCalibration Calibration { get; } = new();

    public HedgeBudget HedgeBudget { get; } = new();

    public StragglerRecord Stragglers { get; } = new(TimeProvider.System);

    public void NoteDraft(bool wasCut)
    {
    }

    public Task<UpstreamReply> CallAsync(UpstreamCall call, DispatchReport report, CancellationToken cancellationToken)
    {
        Calls.Add(call);
        var isLeftAlone = Resting is RestReason.RateLimited && !call.IsLastChance;
        var fails = isLeftAlone ? new UpstreamFault(UpstreamFaultKind.RateLimited) { RetryAfter = TimeSpan.FromSeconds(60) } : fault;
        var record = new CallReport(call.Role, Config.Name, Config.ModelId, 0) { Config = Config };
        report.AddCall(record);
        record.Complete(fails is null ? CallOutcome.Succeeded : CallOutcome.Failed, fails?.ReportReason(), 0);
        return Task.FromResult<UpstreamReply>(fails is null
            ? new CompleteUpstreamReply(200, Encoding.UTF8.GetBytes(body)) { Call = record }
            : new FaultedUpstreamReply(fails) { Call = record });
    }
}
