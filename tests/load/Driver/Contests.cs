namespace Synthwave.Load.Driver;

/// <summary>What is compared. Without a gateway the yardstick stands alone.</summary>
internal static class Contests
{
    private const int SmallBytes = 1024;
    private const int LargeBytes = 64 * 1024;

    private static readonly (string, double) Passthrough = ("passthrough", 1.3);
    private static readonly (string, double) Stream = ("passthrough stream of 100 events", 1.6);
    private static readonly (string, double) Ensemble = ("MoA, three generators and a synthesizer", 6);

    private static readonly (string, double) Translated = ("messages → chat → messages", 2.5);
    private static readonly (string, double) TranslatedEvent = ("translated stream", 20);

    private static readonly int[] EveryConcurrency = [1, 32, 256];

    public static IEnumerable<Contest> All(Rig rig)
    {
        var json = new Uri(rig.StaticUrl, "json/v1/chat/completions");
        yield return Against(rig, "JSON, 1 KB", EveryConcurrency, json, stream: false, SmallBytes, [
            ("passthrough", GatewayFile.RelayJson, 1, Passthrough),
            ("raw upstream", GatewayFile.RawUpstream, 1, Passthrough),
            ("cascade", GatewayFile.CascadeJson, 1, null),
            ("MoA 3+1", GatewayFile.EnsembleJson, 4, Ensemble),
        ]);
        yield return Translation(rig, "JSON, 1 KB, other doors", json, stream: false, GatewayFile.RelayJson);
        yield return Against(rig, "JSON, 64 KB", [32], json, stream: false, LargeBytes, [("passthrough", GatewayFile.RelayJson, 1, Passthrough)]);
        yield return Against(rig, "100 events", EveryConcurrency, new Uri(rig.StaticUrl, "sse/v1/chat/completions"), stream: true, SmallBytes, [
            ("passthrough", GatewayFile.RelayStream, 1, Stream),
            ("MoA 3+1", GatewayFile.EnsembleStream, 4, Ensemble),
        ]);

        yield return Translation(rig, "100 events, other doors", new Uri(rig.StaticUrl, "sse/v1/chat/completions"), stream: true, GatewayFile.RelayStream);

        if (rig is { SimulatorRelay: { } relay, Gateway: { } gateway })
        {
            // Each event is a read of its own here, which a static upstream cannot show.
            var body = Payloads.Request(SimulationFile.Paced, stream: true, SmallBytes);
            yield return new Contest(
                "100 events, 200/s", [64], CountsUpstreamCalls: false,
                new Contender("direct", new Uri(rig.SimulatorUrl, "v1/chat/completions"), body, null),
                new Contender("relay", relay.Chat, body, relay.Process),
                Yarp: null,
                [new Contender("passthrough", gateway.Chat, body, gateway.Process, 1, Stream)]);
        }
    }

    private static Contest Translation(Rig rig, string name, Uri upstream, bool stream, string model)
    {
        var body = Payloads.Request(Payloads.StaticModel, stream, SmallBytes);
        Contender Door(Server gateway, string path, byte[] request, (string, double)? limit) =>
            new(path, new Uri(gateway.Url, path), request, gateway.Process, 1, stream ? null : limit, stream ? TranslatedEvent : null);
        return new Contest(
            name, EveryConcurrency, CountsUpstreamCalls: true,
            new Contender("direct", upstream, body, null),
            new Contender("relay", new Uri(rig.Relay.Url, upstream.AbsolutePath), body, rig.Relay.Process),
            Yarp: null,
            rig.Gateway is not { } gateway
                ? []
                : [
                    Door(gateway, "v1/messages", Payloads.Messages(model, stream, SmallBytes), Translated),
                    Door(gateway, "v1/responses", Payloads.Responses(model, stream, SmallBytes), null),
                ]);
    }

    private static Contest Against(
        Rig rig, string name, int[] concurrency, Uri upstream, bool stream, int bytes, (string Name, string Model, int Calls, (string, double)? Limit)[] ways)
    {
        var body = Payloads.Request(Payloads.StaticModel, stream, bytes);
        return new Contest(
            name, concurrency, CountsUpstreamCalls: true,
            new Contender("direct", upstream, body, null),
            new Contender("relay", new Uri(rig.Relay.Url, upstream.AbsolutePath), body, rig.Relay.Process),
            new Contender("YARP", new Uri(rig.Yarp.Url, upstream.AbsolutePath), body, rig.Yarp.Process),
            rig.Gateway is not { } gateway
                ? []
                : [.. ways.Select(way => new Contender(
                    way.Name, gateway.Chat, Payloads.Request(way.Model, stream, bytes), gateway.Process, way.Calls, way.Limit))]);
    }
}
