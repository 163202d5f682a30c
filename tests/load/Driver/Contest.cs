namespace Synthwave.Load.Driver;

/// <summary>Contenders under the same client load, compared with the yardstick among them.</summary>
/// <param name="Name">What is sent and what comes back.</param>
/// <param name="Concurrency">Connections; every contender runs at each.</param>
/// <param name="CountsUpstreamCalls">Whether the upstream can tell how many calls an answer took.</param>
/// <param name="Direct">The upstream itself: the ceiling.</param>
/// <param name="Yardstick">The bare relay.</param>
/// <param name="Yarp">The second yardstick, the platform's own proxy; null where it is not compared.</param>
/// <param name="Measured">The gateway's ways.</param>
internal sealed record Contest(string Name, int[] Concurrency, bool CountsUpstreamCalls, Contender Direct, Contender Yardstick, Contender? Yarp, Contender[] Measured)
{
    /// <summary>Everyone who runs, in the report's order.</summary>
    public IReadOnlyList<Contender> All => Yarp is null ? [Direct, Yardstick, .. Measured] : [Direct, Yardstick, Yarp, .. Measured];
}

/// <summary>One way to get the answer.</summary>
/// <param name="Name">As it stands in the report.</param>
/// <param name="Url">Where the requests go.</param>
/// <param name="Body">What they carry.</param>
/// <param name="Process">Whose processor time and memory are read; null for the upstream itself.</param>
/// <param name="UpstreamCalls">Calls to the upstream that one answer must take.</param>
/// <param name="Limit">Processor time per request as a multiple of the yardstick's, and the target's name.</param>
/// <param name="EventLimit">Processor time per content event of a stream in µs, everything included, and the target's name.</param>
internal sealed record Contender(
    string Name, Uri Url, byte[] Body, ChildProcess? Process, int UpstreamCalls = 1, (string Target, double Ratio)? Limit = null, (string Target, double Micros)? EventLimit = null);
