using System.Text;
using BenchmarkDotNet.Attributes;
using Synthwave.Chat.Completions;
using Synthwave.Chat.Requests;
using Synthwave.Configuration;
using Synthwave.Routing;
using Synthwave.Strategies;
using Synthwave.Telemetry.Reports;
using Synthwave.Upstreams;
using Synthwave.Upstreams.Learned;

namespace Synthwave.Benchmarks;

/// <summary>What a dispatch costs besides its upstream calls: the strategies over upstreams that answer at once from memory.</summary>
[MemoryDiagnoser]
public class DispatchBenchmarks
{
    private static readonly byte[] Request = Encoding.UTF8.GetBytes(
        $$"""{"model":"p","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"{{new string('x', 900)}}"}],"temperature":0.5}""");

    private static readonly byte[] Reply = Encoding.UTF8.GetBytes(
        """{"id":"chatcmpl-1","object":"chat.completion","created":1795182637,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"An answer of a sentence or two, as a small model gives it."},"finish_reason":"stop"}],"usage":{"prompt_tokens":34,"completion_tokens":12,"total_tokens":46}}""");

    private readonly ServerConfig _server = new();
    private IStrategy _passthrough = null!;
    private IStrategy _cascade = null!;
    private IStrategy _moa = null!;

    [GlobalSetup]
    public void Setup()
    {
        var upstreams = new[] { "a", "b", "c", "s" }.ToDictionary(n => n, n => (IUpstream)new InstantUpstream(n, Reply));
        _passthrough = StrategyRegistry.Create(new PassthroughProfileConfig { Name = "a", Upstream = "a" }, n => upstreams[n]);
        _cascade = StrategyRegistry.Create(new CascadeProfileConfig { Name = "c", Upstreams = ["a", "b"] }, n => upstreams[n]);
        _moa = StrategyRegistry.Create(
            new MoaProfileConfig { Name = "m", Generators = [new("a"), new("b"), new("c")], Synthesizer = "s" }, n => upstreams[n]);
    }

    [Benchmark(Baseline = true)]
    public Task Passthrough() => DispatchAsync(_passthrough);

    [Benchmark]
    public Task Cascade() => DispatchAsync(_cascade);

    [Benchmark]
    public Task MixtureOfAgents() => DispatchAsync(_moa);

    private Task<ChatReply> DispatchAsync(IStrategy strategy)
    {
        var time = TimeProvider.System;
        var request = ChatRequestReader.Read(Request).Request!;
        return strategy.RunAsync(
            new Dispatch
            {
                Request = request,
                Views = MemberViews.OfText(request.Body, request.PromptTokens),
                Clock = new RequestClock(time, time.GetTimestamp(), Deadline.After(time, _server.RequestTimeout)),
                Report = new DispatchReport("metamodel-0", time.GetTimestamp()),
                Server = _server,
            },
            CancellationToken.None);
    }

    private sealed class InstantUpstream(string name, byte[] reply) : IUpstream
    {
        public UpstreamConfig Config { get; } = new() { Name = name, ModelId = "m", BaseUrl = "http://127.0.0.1", Context = 32768, MaxOutput = 4096 };

        public bool Speaks(UpstreamOperation operation) => true;

        public bool ContinuesTexts => false;

        public RestReason? Resting => null;

        public LatencyQuantiles Latency { get; } = new();

        public LatencyQuantiles FirstContent { get; } = new();

        public TokenCalibration Calibration { get; } = new();

        public StragglerRecord Stragglers { get; } = new(TimeProvider.System);

        public void NoteDraft(bool wasCut)
        {
        }

        public HedgeBudget HedgeBudget { get; } = new();

        public Task<UpstreamReply> CallAsync(UpstreamCall call, DispatchReport report, CancellationToken cancellationToken)
        {
            var record = new CallReport(call.Role, call.Label ?? Config.Name, Config.ModelId, 0) { Config = Config, Attempts = 1, Status = 200 };
            report.AddCall(record);
            record.Complete(CallOutcome.Succeeded, null, 0);
            return Task.FromResult<UpstreamReply>(new CompleteUpstreamReply(200, reply) { Call = record });
        }
    }
}
