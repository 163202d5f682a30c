namespace Synthwave.Load.Driver.Compare;

/// <summary>One kind of request that both builds answer.</summary>
/// <param name="Key">On the command line.</param>
/// <param name="Name">In the report.</param>
/// <param name="Model">What a gateway is asked for.</param>
/// <param name="Stream">Whether the answer is streamed.</param>
/// <param name="UpstreamCalls">Calls to the upstream that one answer must take.</param>
/// <param name="UpstreamPath">Where the relay finds the answer.</param>
internal sealed record CompareCase(string Key, string Name, string Model, bool Stream, int UpstreamCalls, string UpstreamPath)
{
    private const string Json = "json/v1/chat/completions";
    private const string Events = "sse/v1/chat/completions";
    private const int RequestBytes = 1024;

    public static readonly IReadOnlyList<CompareCase> All =
    [
        new("json", "passthrough, JSON", GatewayFile.RelayJson, Stream: false, 1, Json),
        new("stream", "passthrough, 100 events", GatewayFile.RelayStream, Stream: true, 1, Events),
        new("moa", "MoA 3+1, JSON", GatewayFile.EnsembleJson, Stream: false, 4, Json),
    ];

    public Contender At(string name, Server gateway) =>
        new(name, gateway.Chat, Payloads.Request(Model, Stream, RequestBytes), gateway.Process, UpstreamCalls);

    public Contender AtRelay(Server relay) =>
        new("relay", new Uri(relay.Url, UpstreamPath), Payloads.Request(Payloads.StaticModel, Stream, RequestBytes), relay.Process);
}
