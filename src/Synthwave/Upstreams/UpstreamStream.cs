using Synthwave.Chat.Events;
using Synthwave.Telemetry.Reports;
using Synthwave.Upstreams.Faults;

namespace Synthwave.Upstreams;

/// <summary>
/// An upstream's event stream, read under the idle clock. Ends with <see cref="Fault"/> null only after <c>[DONE]</c>, or after a finish reason when
/// the upstream closes without it. Disposing before the end cancels the call and closes the connection.
/// </summary>
internal abstract class UpstreamStream : ChatStream
{
    /// <summary>After the end: why the stream broke; null = it finished.</summary>
    public UpstreamFault? Fault { get; protected set; }

    /// <summary>The call this stream belongs to.</summary>
    public abstract CallReport Report { get; }

    /// <summary>
    /// Lifts the deadline the call was made under (the stream is committed) and puts <paramref name="maxStream"/>, counted from now, in its place;
    /// zero = no limit. The idle clock stays.
    /// </summary>
    public abstract void Commit(TimeSpan maxStream);
}
