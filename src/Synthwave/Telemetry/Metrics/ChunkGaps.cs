using System.Diagnostics;
using System.Diagnostics.Metrics;
using Synthwave.Telemetry.Reports;

namespace Synthwave.Telemetry.Metrics;

/// <summary>
/// Observes the time between one piece of a streamed call's output and the next, each on its own, as the GenAI conventions want it. Exists only while
/// somebody listens. Used by the one task that reads the stream.
/// </summary>
internal sealed class ChunkGaps(Histogram<double> instrument, CallReport call, TimeProvider time) : IPieceObserver
{
    private long? _last;
    private TagList? _tags;

    /// <inheritdoc/>
    public void Note()
    {
        var now = time.GetTimestamp();
        if (_last is { } last)
        {
            // Not before the second piece: by then the model has named itself.
            _tags ??= CallTags.Of(call);
            instrument.Record(time.GetElapsedTime(last, now).TotalSeconds, _tags.Value);
        }

        _last = now;
    }
}
