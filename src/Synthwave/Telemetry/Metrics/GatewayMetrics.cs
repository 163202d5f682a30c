using System.Diagnostics.Metrics;
using System.Text.Json;
using Synthwave.Telemetry.Conventions;
using Synthwave.Telemetry.Metrics.Prometheus;
using Synthwave.Telemetry.Reports;

namespace Synthwave.Telemetry.Metrics;

/// <summary>
/// Counts finished requests: as instruments of the meter <c>Synthwave</c>, as Prometheus text, and as the recent requests of <c>/v1/metrics/moa</c>.
/// Label values are names from the file or closed sets. Thread-safe.
/// </summary>
/// <remarks>
/// Bucket bounds in seconds. Requests and upstream calls: 0.05 to 600, since an answer takes from a fraction of a second to the default request
/// timeout. First content: 0.05 to 60. Overhead: 0.0001 to 1.
/// </remarks>
internal sealed class GatewayMetrics : IDisposable
{
    public const string MeterName = "Synthwave";

    private static readonly double[] WorkSeconds = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600];
    private static readonly double[] FirstContentSeconds = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60];
    private static readonly double[] OverheadSeconds = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1];

    private static readonly string[] RequestLabels = ["profile", "strategy", "outcome"];
    private static readonly int OutcomeLabel = Array.IndexOf(RequestLabels, "outcome");
    private static readonly string[] CallLabels = ["upstream", "role", "outcome"];
    private static readonly string[] TokenLabels = ["upstream", "direction"];
    private static readonly string[] UpstreamLabel = ["upstream"];
    private static readonly string[] FallbackLabels = ["profile", "reason"];
    private static readonly string[] HedgeLabels = ["upstream", "won"];
    private static readonly string[] ReloadLabels = ["result"];

    private readonly TimeProvider _time;
    private readonly Meter _meter = new(MeterName, GatewayVersion.Text);
    private readonly RecentRequests _recent = new();
    private readonly GenAiMetrics _genAi;
    private readonly MetricFamily[] _families;

    private readonly MeteredCounter _requests;
    private readonly MeteredHistogram _requestSeconds;
    private readonly MeteredHistogram _firstContentSeconds;
    private readonly MeteredHistogram _overheadSeconds;
    private readonly MeteredCounter _calls;
    private readonly MeteredHistogram _upstreamSeconds;
    private readonly MeteredCounter _tokens;
    private readonly MeteredCounter _retries;
    private readonly MeteredCounter _fallbacks;
    private readonly MeteredCounter _hedges;
    private readonly MeteredCounter _stragglers;
    private readonly MeteredCounter _reloads;

    private Func<IEnumerable<KeyValuePair<string, bool>>> _ups = static () => [];
    private Func<IEnumerable<KeyValuePair<string, bool>>> _circuits = static () => [];
    private Func<IEnumerable<KeyValuePair<string, bool>>> _rests = static () => [];
    private Func<(long Used, long Budget)> _memory = static () => default;
    private long _inFlight;
    private int _configValid = 1;

    public GatewayMetrics(TimeProvider time)
    {
        _time = time;
        _genAi = new GenAiMetrics(_meter);
        _requests = new(_meter, "requests", "Finished requests.", RequestLabels);
        _requestSeconds = new(_meter, "request", "Time from a request's start to its end.", WorkSeconds, []);
        _firstContentSeconds = new(_meter, "first_content", "Time from a request's start to the first content of its answer.", FirstContentSeconds, []);
        _overheadSeconds = new(_meter, "overhead", "Part of a request's time during which no upstream call was running.", OverheadSeconds, []);
        _calls = new(_meter, "upstream_calls", "Upstream calls.", CallLabels);
        _upstreamSeconds = new(_meter, "upstream", "Duration of upstream calls, retries included.", WorkSeconds, CallLabels[..2]);
        _tokens = new(_meter, "tokens", "Tokens as reported by upstreams; direction is input or output.", TokenLabels);
        _retries = new(_meter, "retries", "Extra attempts of upstream calls.", UpstreamLabel);
        _fallbacks = new(_meter, "fallbacks", "Answers given in another way than the first one planned.", FallbackLabels);
        _hedges = new(_meter, "hedges", "Second calls made because the first one was late.", HedgeLabels);
        _stragglers = new(_meter, "stragglers_cut", "Generator calls cancelled because the ensemble no longer waited.", UpstreamLabel);
        _reloads = new(_meter, "config_reloads", "Attempts to take over a changed configuration; result is success or failure.", ReloadLabels);
        _families =
        [
            _requests.Family, _requestSeconds.Family, _firstContentSeconds.Family, _overheadSeconds.Family,
            Gauge("requests_in_flight", "POST requests in work.", [], () => [Value(LabelValues.None, Interlocked.Read(ref _inFlight))]),
            Gauge("memory_used_bytes", "Memory that requests in work hold, of the budget of all.", [], () => [Value(LabelValues.None, _memory().Used)]),
            Gauge("memory_budget_bytes", "Memory that requests in work may hold together.", [], () => [Value(LabelValues.None, _memory().Budget)]),
            _calls.Family, _upstreamSeconds.Family, _tokens.Family,
            Gauge("upstream_up", "1 while the upstream's last probe succeeded.", UpstreamLabel, () => Flags(_ups())),
            Gauge("circuit_open", "1 while the upstream's breaker refuses calls.", UpstreamLabel, () => Flags(_circuits())),
            Gauge("upstream_resting", "1 while the upstream is left alone as its Retry-After asked.", UpstreamLabel, () => Flags(_rests())),
            _retries.Family, _fallbacks.Family, _hedges.Family, _stragglers.Family, _reloads.Family,
            Gauge("config_valid", "1 while the file on disk is the configuration in use.", [], () => [Value(LabelValues.None, Volatile.Read(ref _configValid))]),
        ];
    }

    /// <summary>Names where the gauges of upstreams come from. Called once at start-up, before the first scrape.</summary>
    /// <param name="ups">Every upstream that was probed, and whether its last probe succeeded.</param>
    /// <param name="openCircuits">Every upstream, and whether its breaker refuses calls.</param>
    /// <param name="rests">Every upstream, and whether it is left alone at its own wish.</param>
    public void Observe(
        Func<IEnumerable<KeyValuePair<string, bool>>> ups, Func<IEnumerable<KeyValuePair<string, bool>>> openCircuits, Func<IEnumerable<KeyValuePair<string, bool>>> rests)
    {
        _ups = ups;
        _circuits = openCircuits;
        _rests = rests;
    }

    /// <summary>Names where the gauges of memory come from. Called once at start-up, before the first scrape.</summary>
    /// <param name="read">What requests hold now, and what they may hold together, bytes.</param>
    public void ObserveMemory(Func<(long Used, long Budget)> read) => _memory = read;

    public void RequestStarted() => Interlocked.Increment(ref _inFlight);

    public void RequestEnded() => Interlocked.Decrement(ref _inFlight);

    /// <inheritdoc cref="GenAiMetrics.Follow"/>
    public IPieceObserver? Follow(CallReport streamed) => _genAi.Follow(streamed, _time);

    /// <summary>A changed file was taken over, or refused.</summary>
    public void ConfigReloaded(bool success)
    {
        Volatile.Write(ref _configValid, success ? 1 : 0);
        _reloads.Add(new(success ? "success" : "failure"));
    }

    /// <summary>Counts a finished report. Call once per request, after <see cref="DispatchReport.Outcome"/> and <see cref="DispatchReport.EndedAt"/> are set.</summary>
    public void Record(DispatchReport report)
    {
        var profile = report.Profile ?? ReportLabels.Unknown;
        var elapsed = ReportTimes.Elapsed(report, _time);
        var calls = report.Calls;
        _requests.Add(new(profile, report.Strategy?.Word ?? ReportLabels.Unknown, ReportLabels.Of(report.Outcome)));
        _requestSeconds.Observe(LabelValues.None, elapsed.TotalSeconds);
        _overheadSeconds.Observe(LabelValues.None, ReportTimes.Overhead(report, calls, _time).TotalSeconds);
        if (ReportTimes.FirstContent(report, _time) is { } first)
        {
            _firstContentSeconds.Observe(LabelValues.None, first.TotalSeconds);
        }

        for (var i = 0; i < calls.Count; i++)
        {
            RecordCall(calls[i], report.Outcome);
        }

        RecordFallbacks(report, profile);
        _recent.Add(report, _time.GetUtcNow().ToUnixTimeMilliseconds(), elapsed.TotalMilliseconds);
    }

    /// <summary>Finished requests that ended so, under whatever profile.</summary>
    public long Requests(DispatchOutcome outcome) => _requests.Family.Sum(OutcomeLabel, ReportLabels.Of(outcome));

    /// <summary>All metrics in the text exposition format 0.0.4.</summary>
    public string ToPrometheusText()
    {
        var text = new PrometheusText();
        foreach (var family in _families)
        {
            family.Render(text);
        }

        return text.ToString();
    }

    /// <summary>The document of <c>/v1/metrics/moa</c>.</summary>
    public void WriteRecent(Utf8JsonWriter json) => _recent.Write(json);

    public void Dispose() => _meter.Dispose();

    private void RecordCall(CallReport call, DispatchOutcome requestOutcome)
    {
        var upstream = call.UpstreamName;
        var role = ReportLabels.Of(call.Role);
        _calls.Add(new(upstream, role, ReportLabels.Of(call.Outcome)));
        if (call.Attempts > 0)
        {
            _upstreamSeconds.Observe(new(upstream, role), ReportTimes.Elapsed(call, _time).TotalSeconds);
        }

        if (call.Attempts > 1)
        {
            _retries.Add(new(upstream), call.Attempts - 1);
        }

        if (call.Usage is { } usage)
        {
            _tokens.Add(new(upstream, "input"), usage.PromptTokens);
            _tokens.Add(new(upstream, "output"), usage.CompletionTokens);
        }

        if (call.IsHedge)
        {
            _hedges.Add(new(upstream, call.HasWon ? "true" : "false"));
        }

        if (call is { Role: CallRole.Generator, Outcome: CallOutcome.Cancelled or CallOutcome.Running } && requestOutcome != DispatchOutcome.Cancelled)
        {
            _stragglers.Add(new(upstream));
        }

        _genAi.Record(call, _time);
    }

    // A fallback is an ensemble's labelled way out, or a cascade's step from a failed member to the next one.
    private void RecordFallbacks(DispatchReport report, string profile)
    {
        if (report.FallbackReason is { } reason and not FallbackReason.None)
        {
            _fallbacks.Add(new(profile, ReportLabels.Of(reason)));
        }

        var attempts = report.CascadeAttempts;
        var steps = report.CascadeWinner is null ? attempts.Count - 1 : attempts.Count;
        for (var i = 0; i < steps; i++)
        {
            _fallbacks.Add(new(profile, attempts[i].Value));
        }
    }

    private GaugeFamily Gauge(string name, string help, string[] labels, Func<IEnumerable<KeyValuePair<LabelValues, double>>> read)
    {
        _meter.CreateObservableGauge($"synthwave.{name}", () => read().Select(v => new Measurement<double>(v.Value, v.Key.ToTags(labels))), null, help);
        return new GaugeFamily($"synthwave_{name}", help, read, labels);
    }

    private static IEnumerable<KeyValuePair<LabelValues, double>> Flags(IEnumerable<KeyValuePair<string, bool>> upstreams) =>
        upstreams.Select(u => Value(new(u.Key), u.Value ? 1 : 0));

    private static KeyValuePair<LabelValues, double> Value(LabelValues labels, double value) => new(labels, value);
}
