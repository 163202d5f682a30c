using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Runtime.InteropServices;
using System.Text.Json;
using Synthwave.Telemetry.Conventions;
using Synthwave.Telemetry.Metrics.Catalogue;
using Synthwave.Telemetry.Metrics.Prometheus;
using Synthwave.Telemetry.Reports;

namespace Synthwave.Telemetry.Metrics;

/// <summary>
/// Counts finished requests: as instruments of the meter <c>Synthwave</c>, as Prometheus text, and as the recent requests of <c>/v1/metrics/moa</c>. What there is
/// to count, <see cref="MetricCatalogue"/> declares. Label values are names from the file or closed sets. Thread-safe.
/// </summary>
internal sealed class GatewayMetrics : IDisposable
{
    public const string MeterName = "Synthwave";

    private static readonly int OutcomeLabel = RequestMetrics.Requests.Labels.IndexOf(MetricLabels.Outcome);

    private readonly TimeProvider _time;
    private readonly Meter _meter = new(MeterName, GatewayVersion.Text);
    private readonly RecentRequests _recent = new();
    private readonly GenAiMetrics _genAi;
    private readonly MetricFamily[] _families;

    private readonly MeteredCounter _requests;
    private readonly MeteredHistogram _requestSeconds;
    private readonly MeteredHistogram _firstContentSeconds;
    private readonly MeteredHistogram _overheadSeconds;
    private readonly MeteredMoney _cost;
    private readonly MeteredCounter _unpriced;
    private readonly MeteredCounter _fallbacks;
    private readonly MeteredCounter _calls;
    private readonly MeteredCounter _failures;
    private readonly MeteredHistogram _upstreamSeconds;
    private readonly MeteredCounter _tokens;
    private readonly MeteredCounter _retries;
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
        _requests = Counter(RequestMetrics.Requests);
        _requestSeconds = Histogram(RequestMetrics.Duration);
        _firstContentSeconds = Histogram(RequestMetrics.FirstContent);
        _overheadSeconds = Histogram(RequestMetrics.Overhead);
        _cost = new MeteredMoney(_meter, RequestMetrics.Cost, time);
        _unpriced = Counter(RequestMetrics.Unpriced);
        _fallbacks = Counter(RequestMetrics.Fallbacks);
        _calls = Counter(UpstreamMetrics.Calls);
        _failures = Counter(UpstreamMetrics.Failures);
        _upstreamSeconds = Histogram(UpstreamMetrics.Duration);
        _tokens = Counter(UpstreamMetrics.Tokens);
        _retries = Counter(UpstreamMetrics.Retries);
        _hedges = Counter(UpstreamMetrics.Hedges);
        _stragglers = Counter(UpstreamMetrics.Stragglers);
        _reloads = Counter(GatewayStateMetrics.Reloads);
        _families =
        [
            _requests.Family, _requestSeconds.Family, _firstContentSeconds.Family, _overheadSeconds.Family,
            Gauge(RequestMetrics.InFlight, () => Interlocked.Read(ref _inFlight)),
            _cost.Family, _unpriced.Family, _fallbacks.Family,
            _calls.Family, _failures.Family, _upstreamSeconds.Family, _tokens.Family,
            Gauge(UpstreamMetrics.Up, () => Flags(_ups())),
            Gauge(UpstreamMetrics.CircuitOpen, () => Flags(_circuits())),
            Gauge(UpstreamMetrics.Resting, () => Flags(_rests())),
            _retries.Family, _hedges.Family, _stragglers.Family,
            new ObservedFamily(GatewayStateMetrics.Build, static () => [Value(Build(), 1)]),
            Gauge(GatewayStateMetrics.ConfigValid, () => Volatile.Read(ref _configValid)),
            _reloads.Family,
            Gauge(GatewayStateMetrics.MemoryUsed, () => _memory().Used),
            Gauge(GatewayStateMetrics.MemoryBudget, () => _memory().Budget),
            .. ProcessFigures.Families(),
            .. RuntimeFigures.Families(),
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
        _reloads.Add(new(success ? "success" : "failure"), null);
    }

    /// <summary>Drops what was counted for profiles and upstreams that are no longer in the file, so that no number of reloads makes the series many.</summary>
    /// <param name="names">Of all profiles and upstreams, as written in the file.</param>
    public void Keep(IReadOnlySet<string> names)
    {
        foreach (var family in _families)
        {
            family.Keep(names);
        }

        _recent.Keep(names);
    }

    /// <summary>Counts a finished report. Call once per request, after <see cref="DispatchReport.Outcome"/> and <see cref="DispatchReport.EndedAt"/> are set.</summary>
    /// <param name="report">Finished.</param>
    /// <param name="span">The request's own; exemplars lead to it if its trace is recorded. Null = there is none.</param>
    public void Record(DispatchReport report, Activity? span = null)
    {
        var source = ExemplarSource.Of(span, report.RequestId, _time);
        var profile = report.Profile ?? ReportLabels.Unknown;
        var strategy = report.Strategy?.Word ?? ReportLabels.Unknown;
        var elapsed = ReportTimes.Elapsed(report, _time);
        var calls = report.Calls;
        var request = new LabelValues(profile, strategy, ReportLabels.Of(report.Outcome));
        _requests.Add(request, source);
        _requestSeconds.Observe(request, elapsed.TotalSeconds, source);
        _overheadSeconds.Observe(new(strategy), ReportTimes.Overhead(report, calls, _time).TotalSeconds, source);
        if (ReportTimes.FirstContent(report, _time) is { } first)
        {
            _firstContentSeconds.Observe(new(profile, strategy), first.TotalSeconds, source);
        }

        for (var i = 0; i < calls.Count; i++)
        {
            RecordCall(calls[i], report.Outcome, profile, source);
        }

        RecordFallbacks(report, profile, source);
        _recent.Add(report, _time.GetUtcNow().ToUnixTimeMilliseconds(), elapsed.TotalMilliseconds);
    }

    /// <summary>Finished requests that ended so, under whatever profile.</summary>
    public long Requests(DispatchOutcome outcome) => _requests.Family.Sum(OutcomeLabel, ReportLabels.Of(outcome));

    /// <summary>All metrics as text.</summary>
    public string Expose(ExpositionFormat format)
    {
        var text = new ExpositionText(format);
        foreach (var family in _families)
        {
            family.Render(text);
        }

        return text.End();
    }

    /// <summary>All metrics in the text exposition format 0.0.4.</summary>
    public string ToPrometheusText() => Expose(ExpositionFormat.Prometheus);

    /// <summary>The document of <c>/v1/metrics/moa</c>.</summary>
    public void WriteRecent(Utf8JsonWriter json) => _recent.Write(json);

    public void Dispose() => _meter.Dispose();

    private void RecordCall(CallReport call, DispatchOutcome requestOutcome, string profile, ExemplarSource? source)
    {
        var upstream = call.UpstreamName;
        var role = ReportLabels.Of(call.Role);
        _calls.Add(new(upstream, role, ReportLabels.Of(call.Outcome)), source);
        if (call.Attempts > 0)
        {
            _upstreamSeconds.Observe(new(upstream, role), ReportTimes.Elapsed(call, _time).TotalSeconds, source);
        }

        if (call.Attempts > 1)
        {
            _retries.Add(new(upstream), source, call.Attempts - 1);
        }

        if (call.Usage is { } usage)
        {
            _tokens.Add(new(upstream, "input"), source, usage.PromptTokens);
            _tokens.Add(new(upstream, "output"), source, usage.CompletionTokens);
        }

        if (call is { Outcome: CallOutcome.Failed, Reason: { } reason })
        {
            _failures.Add(new(upstream, reason), source);
        }

        if (call.IsHedge)
        {
            _hedges.Add(new(upstream, call.HasWon ? "true" : "false"), source);
        }

        if (call is { Role: CallRole.Generator, Outcome: CallOutcome.Cancelled or CallOutcome.Running } && requestOutcome != DispatchOutcome.Cancelled)
        {
            _stragglers.Add(new(upstream), source);
        }

        RecordCost(call, new(profile, upstream), source);
        _genAi.Record(call, _time);
    }

    private void RecordCost(CallReport call, in LabelValues labels, ExemplarSource? source)
    {
        if (call.CostUsd is not { } cost)
        {
            _unpriced.Add(labels, source);
        }
        else if (cost > 0)
        {
            _cost.Add(labels, cost, source);
        }
    }

    // A fallback is an ensemble's labelled way out, or a cascade's step from a failed member to the next one.
    private void RecordFallbacks(DispatchReport report, string profile, ExemplarSource? source)
    {
        if (report.FallbackReason is { } reason and not FallbackReason.None)
        {
            _fallbacks.Add(new(profile, ReportLabels.Of(reason)), source);
        }

        var attempts = report.CascadeAttempts;
        var steps = report.CascadeWinner is null ? attempts.Count - 1 : attempts.Count;
        for (var i = 0; i < steps; i++)
        {
            _fallbacks.Add(new(profile, attempts[i].Value), source);
        }
    }

    private static LabelValues Build() => new(GatewayVersion.Text, Environment.Version.ToString(), RuntimeInformation.RuntimeIdentifier);

    private MeteredCounter Counter(MetricDeclaration declaration) => new(_meter, declaration, _time);

    private MeteredHistogram Histogram(MetricDeclaration declaration) => new(_meter, declaration, _time);

    private ObservedFamily Gauge(MetricDeclaration declaration, Func<double> read) => Gauge(declaration, () => [Value(LabelValues.None, read())]);

    private ObservedFamily Gauge(MetricDeclaration declaration, Func<IEnumerable<KeyValuePair<LabelValues, double>>> read)
    {
        _meter.CreateObservableGauge(
            declaration.InstrumentName, () => read().Select(v => new Measurement<double>(v.Value, v.Key.ToTags(declaration.Labels))), declaration.InstrumentUnit, declaration.Meaning);
        return new ObservedFamily(declaration, read);
    }

    private static IEnumerable<KeyValuePair<LabelValues, double>> Flags(IEnumerable<KeyValuePair<string, bool>> upstreams) =>
        upstreams.Select(static u => Value(new(u.Key), u.Value ? 1 : 0));

    private static KeyValuePair<LabelValues, double> Value(LabelValues labels, double value) => new(labels, value);
}
