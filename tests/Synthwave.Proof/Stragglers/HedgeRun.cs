using Synthwave.Chat.Cleaning;
using Synthwave.Chat.Requests;
using Synthwave.Configuration;
using Synthwave.Strategies;
using Synthwave.Telemetry.Reports;
using Synthwave.TestKit;
using Synthwave.Upstreams;
using Synthwave.Upstreams.Learned;

namespace Synthwave.Proof.Stragglers;

/// <summary>Many synthesizer calls on a virtual clock, by the product's own hedge with its learned delay and its budget.</summary>
internal static class HedgeRun
{
    private static readonly TimeSpan MedianToFirstToken = TimeSpan.FromSeconds(0.5);

    private static readonly ChatRequest Request = ChatRequestReader.Read("""{"model":"s","messages":[{"role":"user","content":"?"}],"stream":true}"""u8.ToArray()).Request!;

    private static readonly CleanCompletion Answer = CompletionEditor.Clean(
        """{"id":"1","object":"chat.completion","created":1,"model":"s","choices":[{"index":0,"message":{"role":"assistant","content":"!"},"finish_reason":"stop"}]}"""u8.ToArray(),
        new AnswerPolicy())!;

    /// <summary>The same calls without and with a hedge.</summary>
    public static HedgeRow[] Both(double stalls, int calls, ulong seed) => [Run(stalls, null, calls, seed), Run(stalls, new HedgeConfig(), calls, seed)];

    private static HedgeRow Run(double stalls, HedgeConfig? hedge, int calls, ulong seed)
    {
        var time = new ManualTimeProvider();
        return VirtualTime.Run(time, () => RunAsync(new LatencyModel(MedianToFirstToken, 0.45, stalls), hedge, calls, seed, time));
    }

    private static async Task<HedgeRow> RunAsync(LatencyModel model, HedgeConfig? hedge, int calls, ulong seed, ManualTimeProvider time)
    {
        var synthesizer = new VirtualUpstream(hedge);
        var durations = new TimeSpan[calls];
        var started = 0;
        for (var call = 0; call < calls; call++)
        {
            var startedAt = time.GetTimestamp();
            var planned = new UpstreamCall
            {
                Body = Request.Body,
                Role = CallRole.Synthesizer,
                Deadline = Deadline.After(time, TimeSpan.FromHours(1)),
                Stream = true,
            };
            var dispatch = new Dispatch
            {
                Request = Request,
                Views = MemberViews.OfText(Request.Body, Request.PromptTokens),
                Clock = new RequestClock(time, startedAt, planned.Deadline),
                Report = new DispatchReport("metamodel-0", startedAt),
                Server = new ServerConfig(),
            };
            var current = call;
            var (candidate, source) = Hedge.Of(synthesizer, planned, dispatch) is { } second
                ? await second.RunAsync(t => AnswerAsync(current, 0, t), t => AnswerAsync(current, LatencyModel.Streams, t), CancellationToken.None)
                : (await AnswerAsync(current, 0, CancellationToken.None), null);
            if (!candidate.Adopt(dispatch, source).IsOk)
            {
                throw new InvalidOperationException("A call that always answers gave no answer.");
            }

            durations[call] = time.GetElapsedTime(startedAt);
        }

        Array.Sort(durations);
        return new HedgeRow(
            model.Stalls, hedge is not null, durations.Quantile(0.5), durations.Quantile(0.95), durations.Quantile(0.99), ((double)started / calls) - 1);

        // As the product's calls do: the first content is observed when it comes, and a loser's never does.
        async Task<AnswerCandidate> AnswerAsync(int call, int stream, CancellationToken cancellationToken)
        {
            started++;
            var toFirstToken = model.Draw(seed, call, stream);
            await VirtualCall.WaitAsync(time, toFirstToken, cancellationToken);
            synthesizer.FirstContent.Observe(toFirstToken);
            return AnswerCandidate.Complete(new CallReport(CallRole.Synthesizer, "s", "s", time.GetTimestamp()), 200, Answer);
        }
    }

    /// <summary>What a hedge asks an upstream for; the calls themselves are the run's.</summary>
    private sealed class VirtualUpstream(HedgeConfig? hedge) : IUpstream
    {
        public UpstreamConfig Config { get; } = new()
        {
            Name = "s",
            ModelId = "s",
            BaseUrl = "http://127.0.0.1",
            Context = 32_768,
            MaxOutput = 4096,
            Hedge = hedge,
        };

        public bool Speaks(UpstreamOperation operation) => true;

        public bool ContinuesTexts => false;

        public RestReason? Resting => null;

        public LatencyQuantiles Latency { get; } = new();

        public LatencyQuantiles FirstContent { get; } = new();

        public HedgeBudget HedgeBudget { get; } = new();

        public TokenCalibration Calibration { get; } = new();

        public StragglerRecord Stragglers { get; } = new(TimeProvider.System);

        public void NoteDraft(bool wasCut) => throw new NotSupportedException("A synthesizer drafts nothing.");

        public Task<UpstreamReply> CallAsync(UpstreamCall call, DispatchReport report, CancellationToken cancellationToken) =>
            throw new NotSupportedException("The run makes the calls.");
    }
}
