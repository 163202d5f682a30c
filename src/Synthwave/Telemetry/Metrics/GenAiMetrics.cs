using System.Diagnostics.Metrics;
using Synthwave.Telemetry.Conventions;
using Synthwave.Telemetry.Reports;
using Synthwave.Telemetry.Tracing;

namespace Synthwave.Telemetry.Metrics;

/// <summary>
/// The client metrics of the GenAI conventions: one observation per upstream call, and one per gap between two pieces of its output. They cost nothing
/// while nobody listens.
/// </summary>
internal sealed class GenAiMetrics
{
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _firstChunk;
    private readonly Histogram<double> _perChunk;
    private readonly Histogram<long> _tokens;

    public GenAiMetrics(Meter meter)
    {
        var seconds = new InstrumentAdvice<double>
        {
            HistogramBucketBoundaries = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92],
        };
        var tokens = new InstrumentAdvice<long>
        {
            HistogramBucketBoundaries = [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864],
        };
        _duration = meter.CreateHistogram(GenAi.Metrics.OperationDuration, "s", "Duration of upstream calls.", null, seconds);
        _firstChunk = meter.CreateHistogram(GenAi.Metrics.TimeToFirstChunk, "s", "Time to the first content of streamed upstream calls.", null, seconds);
        _perChunk = meter.CreateHistogram(GenAi.Metrics.TimePerOutputChunk, "s", "Time between two pieces of the output of streamed upstream calls.", null, seconds);
        _tokens = meter.CreateHistogram(GenAi.Metrics.TokenUsage, "{token}", "Tokens as reported by the upstream.", null, tokens);
    }

    /// <summary>What is told of every piece of a streamed call's output; null = nobody listens.</summary>
    public IPieceObserver? Follow(CallReport call, TimeProvider time) => _perChunk.Enabled ? new ChunkGaps(_perChunk, call, time) : null;

    public void Record(CallReport call, TimeProvider time)
    {
        if (call.Attempts == 0 || !(_duration.Enabled || _firstChunk.Enabled || _tokens.Enabled))
        {
            return;
        }

        var tags = CallTags.Of(call);
        if (call.Streamed && ReportTimes.FirstContent(call, time) is { } first)
        {
            _firstChunk.Record(first.TotalSeconds, tags);
        }

        if (call.Usage is { } usage)
        {
            _tokens.Record(usage.PromptTokens, [.. tags, new(GenAi.TokenType, GenAi.TokenTypes.Input)]);
            _tokens.Record(usage.CompletionTokens, [.. tags, new(GenAi.TokenType, GenAi.TokenTypes.Output)]);
        }

        if (Spans.ErrorTypeOf(call) is { } error)
        {
            tags.Add(GenAi.ErrorType, error);
        }

        _duration.Record(ReportTimes.Elapsed(call, time).TotalSeconds, tags);
    }
}
