using System.Globalization;
using Synthwave.Simulation;
using Synthwave.TestKit;

namespace Synthwave.ClientTests.Node;

/// <summary>What the scripts under <c>tests/clients</c> talk to: one gateway behind a token, the models they name, and a <see cref="Witness"/> of what these see.</summary>
public sealed class NodeGateway : IAsyncLifetime
{
    private const string Token = "node-token";

    private static readonly int[] Statuses = [400, 401, 409, 422, 429, 500, 502, 503, 504];

    private SimulatedServer? _models;
    private TestGateway? _gateway;
    private Witness? _witness;

    /// <summary>How a script finds all this.</summary>
    public IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string>
    {
        ["SYNTHWAVE_BASE_URL"] = new Uri(_gateway!.Address, "v1").ToString(),
        ["SYNTHWAVE_API_KEY"] = Token,
        ["SYNTHWAVE_WITNESS_URL"] = _witness!.Address.ToString(),
    };

    public async Task InitializeAsync()
    {
        var clock = new ManualTimeProvider();
        SimulatedModel[] models = [.. Models()];
        _models = await SimulatedServer.StartAsync([.. models, .. Special()], new SimulatedServerOptions { Time = clock });
        _witness = await Witness.StartAsync(_models, clock);
        _gateway = await TestGateway.StartAsync(GatewayFile.For(
            _models,
            models,
            server: $"bearer_token = \"{Token}\"\nmax_body_mb = 1",
            more: """
                [profiles.panel]
                type = "moa"
                generators = ["draft-a", "draft-b"]
                synthesizer = "writer"
                aliases = ["best"]

                [profiles.relay]
                type = "cascade"
                upstreams = ["busy-member", "echo"]

                [upstreams.seer]
                model_id = "seer"
                base_url = "$BASE_URL"
                context = 32768
                max_output = 4096
                modalities = ["text", "image"]

                [upstreams.thinker]
                model_id = "thinker"
                base_url = "$BASE_URL"
                protocol = "anthropic"
                context = 32768
                max_output = 4096

                [upstreams.searcher]
                model_id = "claude"
                base_url = "$WITNESSclaude/v1"
                protocol = "anthropic"
                context = 32768
                max_output = 4096

                [profiles.search-relay]
                type = "cascade"
                upstreams = ["busy-member", "searcher"]

                [profiles.tool-relay]
                type = "cascade"
                upstreams = ["forecaster"]
                """.Replace("$BASE_URL", _models.BaseUrl, StringComparison.Ordinal).Replace("$WITNESS", _witness.Address.ToString(), StringComparison.Ordinal)));
    }

    public async Task DisposeAsync()
    {
        if (_witness is not null)
        {
            await _witness.DisposeAsync();
        }

        if (_gateway is not null)
        {
            await _gateway.DisposeAsync();
        }

        if (_models is not null)
        {
            await _models.DisposeAsync();
        }
    }

    // Their upstreams are more than a name.
    private static IEnumerable<SimulatedModel> Special()
    {
        yield return SimulatedModel.Saying("seer", "a dot");
        yield return SimulatedModel.Answering("thinker", request => System.Text.Encoding.UTF8.GetString(request.Body.Span).Contains("tool_result", StringComparison.Ordinal)
            ? SimulatedAnswer.Of("Rain.")
            : new SimulatedAnswer { Reasoning = "it may rain", ToolCalls = [new("weather", "{}", "call_think_1")] });
    }

    // A model whose calls a script counts, or that fails only at first, is used by one test alone.
    private static IEnumerable<SimulatedModel> Models()
    {
        yield return SimulatedModel.Saying("echo", "Grüße, 世界 👋") with { Usage = new(11, 7) };
        yield return SimulatedModel.Saying("recorder", "noted");
        yield return SimulatedModel.Saying("json", """{"name":"Ada","age":36}""");
        yield return SimulatedModel.Saying("paced", "one two three four five") with { TokensPerSecond = 1, Usage = new(12, 5) };
        yield return SimulatedModel.Saying("draft-a", "something red") with { Usage = new(10, 5) };
        yield return SimulatedModel.Saying("draft-b", "quite another thing: green") with { Usage = new(10, 5) };
        yield return SimulatedModel.Saying("writer", "Red and green.") with { Usage = new(40, 4) };
        yield return SimulatedModel.Answering("forecaster", request => request.Messages[^1] is { Role: "tool" } result
            ? SimulatedAnswer.Of($"The tool says: {result.Text}")
            : new SimulatedAnswer { ToolCalls = [new("weather", """{"city":"Reykjavik","unit":"celsius","days":[1,2,3]}""", "call_weather_1")] });
        yield return SimulatedModel.Saying("breaks", "one two three four five") with { Fault = new(SimulatedFaultKind.Reset) { AfterTokens = 3 } };
        foreach (var id in (string[])["stalls", "stalls-for-helper", "stalls-for-break", "stalls-for-abort"])
        {
            yield return SimulatedModel.Saying(id, "one two three four") with { Fault = new(SimulatedFaultKind.Stall) { AfterTokens = 2 } };
        }

        foreach (var id in (string[])["silent", "silent-until-timeout"])
        {
            yield return SimulatedModel.Saying(id, "never") with { Fault = new(SimulatedFaultKind.Stall) };
        }

        yield return SimulatedModel.Saying("busy", "at last") with { Fault = new(SimulatedFaultKind.Status) { Status = 429, RetryAfter = 1, First = 1 } };
        yield return SimulatedModel.Saying("busy-stream", "at last") with { Fault = new(SimulatedFaultKind.Status) { Status = 429, RetryAfter = 0, First = 2 } };
        yield return SimulatedModel.Saying("busy-forever", "never") with { Fault = new(SimulatedFaultKind.Status) { Status = 429, RetryAfter = 0 } };
        yield return SimulatedModel.Saying("busy-member", "never") with { Fault = new(SimulatedFaultKind.Status) { Status = 429 } };
        yield return SimulatedModel.Saying("stumbles", "up again") with { Fault = new(SimulatedFaultKind.Status) { Status = 500, First = 1 } };
        foreach (var status in Statuses)
        {
            yield return SimulatedModel.Saying($"status-{status.ToString(CultureInfo.InvariantCulture)}", "never") with
            {
                Fault = new(SimulatedFaultKind.Status) { Status = status, RetryAfter = status is 429 ? 7 : null },
            };
        }
    }
}
