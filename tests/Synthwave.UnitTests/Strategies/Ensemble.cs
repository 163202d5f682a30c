using System.Text;
using Synthwave.Chat.Requests;
using Synthwave.Configuration;
using Synthwave.Strategies;
using Synthwave.Strategies.MixtureOfAgents;
using Synthwave.Telemetry.Reports;
using Synthwave.Upstreams;
using Synthwave.Upstreams.Learned;

namespace Synthwave.UnitTests.Strategies;

/// <summary>Generators and requests for tests that make no calls.</summary>
internal static class Ensemble
{
    public static Generator Generator(string name, int context, int maxOutput = 1000) =>
        new(new SilentUpstream(name, context, maxOutput), name, Temperature: 0.7, RescuePolicy.Always);

    public static Dispatch Dispatch(byte[] messages, string more = "")
    {
        var json = Encoding.UTF8.GetBytes($"{{\"model\":\"m\",\"messages\":{Encoding.UTF8.GetString(messages)}{(more.Length > 0 ? "," + more : "")}}}");
        var request = ChatRequestReader.Read(json).Request ?? throw new InvalidOperationException("The request of a test must be valid.");
        return new Dispatch
        {
            Request = request,
            Views = MemberViews.OfText(request.Body, request.PromptTokens),
            Clock = new RequestClock(TimeProvider.System, 0, Deadline.After(TimeProvider.System, TimeSpan.FromMinutes(1))),
            Report = new DispatchReport("r", 0),
            Server = new ServerConfig(),
        };
    }
}

/// <summary>An upstream with a window and nothing behind it.</summary>
internal sealed class SilentUpstream(string name, int context, int maxOutput) : IUpstream
{
    public UpstreamConfig Config { get; } = new() { Name = name, ModelId = name, BaseUrl = "http://localhost", Context = context, MaxOutput = maxOutput };

    public bool Speaks(UpstreamOperation operation) => true;

    public bool ContinuesTexts => false;

    public RestReason? Resting => null;

    public LatencyQuantiles Latency { get; } = new();

    public LatencyQuantiles FirstContent { get; } = new();

    public TokenCalibration Calibration { get; } = new();

        public HedgeBudget HedgeBudget { get; } = new();

    public StragglerRecord Stragglers { get; } = new(TimeProvider.System);

    public void NoteDraft(bool wasCut)
    {
    }

    public Task<UpstreamReply> CallAsync(UpstreamCall call, DispatchReport report, CancellationToken cancellationToken) =>
        throw new InvalidOperationException("Nobody answers here.");
}
