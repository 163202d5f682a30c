using System.Diagnostics;
using Synthwave.Configuration;
using Synthwave.Telemetry;

namespace Synthwave.Upstreams;

/// <summary>Sees every upstream call begin and end, for spans and metrics. Thread-safe; must not throw or block.</summary>
internal interface ICallObserver
{
    /// <summary>Before the first exchange. An activity that is started here is the parent of the HTTP requests, whose <c>traceparent</c> names it; null = none.</summary>
    Activity? Started(CallReport call, UpstreamConfig upstream);

    /// <summary>A further exchange is about to be made for the same call.</summary>
    void Retrying(CallReport call, UpstreamConfig upstream);

    /// <summary>The report is complete. Called once per call that <see cref="Started"/> saw, perhaps on another thread.</summary>
    void Ended(CallReport call, UpstreamConfig upstream, Activity? activity);
}
