using Synthwave.Chat.Completions;
using Synthwave.Configuration;
using Synthwave.Routing;
using Synthwave.Telemetry.Reports;

namespace Synthwave.UnitTests.Telemetry;

/// <summary>A clock that stands still until moved; one tick of its timestamp is a millisecond.</summary>
internal sealed class SteppedClock : TimeProvider
{
    private long _now = 1_000;

    public override long TimestampFrequency => 1_000;

    public override long GetTimestamp() => _now;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddMilliseconds(_now);

    public void Step(int milliseconds) => _now += milliseconds;
}

/// <summary>Reports with known times: everything is milliseconds after the request's start.</summary>
internal sealed class ReportBuilder
{
    private readonly SteppedClock _clock;
    private readonly long _start;

    public ReportBuilder(SteppedClock clock, string? profile = "ensemble", string? strategy = "moa", DispatchOutcome outcome = DispatchOutcome.Success)
    {
        _clock = clock;
        _start = clock.GetTimestamp();
        Report = new DispatchReport("metamodel-0123456789abcdef01234567", _start) { Profile = profile, Strategy = Kind(strategy), Outcome = outcome };
    }

    public DispatchReport Report { get; }

    public static StrategyKind? Kind(string? word) => word is null ? null : StrategyRegistry.Kinds.Single(k => k.Word == word);

    public static UpstreamConfig Upstream(string name, PriceConfig? price = null, string baseUrl = "https://models.internal:8443/v1") => new()
    {
        Name = name,
        ModelId = name + "-model",
        BaseUrl = baseUrl,
        Context = 8192,
        MaxOutput = 512,
        Price = price,
    };

    public static TokenUsage Usage(long prompt, long completion) => new() { PromptTokens = prompt, CompletionTokens = completion, TotalTokens = prompt + completion };

    public CallReport Call(
        string upstream,
        int from,
        int? to,
        CallOutcome outcome = CallOutcome.Succeeded,
        CallRole role = CallRole.Generator,
        string? reason = null,
        int attempts = 1,
        TokenUsage? usage = null,
        UpstreamConfig? config = null)
    {
        var call = new CallReport(role, upstream, upstream + "-model", _start + from) { Attempts = attempts, Usage = usage, Config = config };
        if (to is { } end)
        {
            call.Complete(outcome, reason, _start + end);
        }

        Report.AddCall(call);
        return call;
    }

    public DispatchReport End(int at)
    {
        _clock.Step(at);
        Report.EndedAt = _start + at;
        return Report;
    }
}
