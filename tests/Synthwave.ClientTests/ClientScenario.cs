using System.ClientModel;
using System.ClientModel.Primitives;
using Microsoft.Extensions.DependencyInjection;
using OpenAI;
using OpenAI.Chat;
using OpenAI.Models;
using Synthwave.Simulation;
using Synthwave.TestKit;
using Synthwave.Upstreams.Health;

namespace Synthwave.ClientTests;

/// <summary>Simulated models, a gateway on a real socket in front of them, and the official clients made the way an application makes them.</summary>
internal sealed class ClientScenario : IAsyncDisposable
{
    // By default a client that leaves a stream reads on for up to two seconds to save the connection; what a test sees must not wait for that.
    private readonly SocketsHttpHandler _sockets = new() { UseProxy = false, ResponseDrainTimeout = TimeSpan.Zero };
    private readonly HttpClient _http;

    private ClientScenario(SimulatedServer models, TestGateway gateway)
    {
        Models = models;
        Gateway = gateway;
        _http = new HttpClient(_sockets, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan };
    }

    public SimulatedServer Models { get; }

    public TestGateway Gateway { get; }

    /// <summary>What the clients did about failures. Shared by all clients of the scenario.</summary>
    public UnhurriedRetries Retries { get; } = new();

    /// <summary>Ends a test that waits for something that never comes.</summary>
    public CancellationToken Patience { get; } = new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token;

    /// <summary>
    /// One upstream per model, none of them retried by the gateway, so that the client sees each failure. <paramref name="server"/> holds further lines of
    /// <c>[server]</c>, <paramref name="more"/> further tables; <paramref name="clock"/> paces the models; <paramref name="seeing"/> is the one that reads images.
    /// </summary>
    public static async Task<ClientScenario> StartAsync(
        IReadOnlyList<SimulatedModel> models, string server = "", string more = "", TimeProvider? clock = null, string? seeing = null)
    {
        var simulated = await SimulatedServer.StartAsync(models, new SimulatedServerOptions { Time = clock ?? TimeProvider.System });
        return new(simulated, await TestGateway.StartAsync(GatewayFile.For(simulated, models, server, more, seeing)));
    }

    public static Task<ClientScenario> StartAsync(params SimulatedModel[] models) => StartAsync((IReadOnlyList<SimulatedModel>)models);

    /// <summary>Null as <paramref name="key"/> = a client that sends none.</summary>
    public ChatClient Chat(string model, string? key = "any-key")
    {
#pragma warning disable OPENAI001 // The only way to a client without a key is still marked as experimental.
        return key is null ? new ChatClient(model, new NoAuthentication(), Options()) : new ChatClient(model, new ApiKeyCredential(key), Options());
#pragma warning restore OPENAI001
    }

    public OpenAIModelClient ModelList() => new(new ApiKeyCredential("any-key"), Options());

    /// <summary>Waits until the first health probes are over: from then on the models' requests are the client's.</summary>
    public async Task WhenProbedAsync()
    {
        await Gateway.Services.GetRequiredService<IHealthStates>().CheckAsync(Patience);
        while (Models.InFlight > 0)
        {
            Patience.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        _sockets.Dispose();
        await Gateway.DisposeAsync();
        await Models.DisposeAsync();
    }

    /// <summary>How clients are made here.</summary>
    public OpenAIClientOptions Options() => new()
    {
        Endpoint = new Uri(Gateway.Address, "v1"),
        Transport = new HttpClientPipelineTransport(_http),
        RetryPolicy = Retries,
        NetworkTimeout = TimeSpan.FromSeconds(30),
    };

    private sealed class NoAuthentication : AuthenticationPolicy
    {
        public override void Process(PipelineMessage message, IReadOnlyList<PipelinePolicy> pipeline, int currentIndex) =>
            ProcessNext(message, pipeline, currentIndex);

        public override ValueTask ProcessAsync(PipelineMessage message, IReadOnlyList<PipelinePolicy> pipeline, int currentIndex) =>
            ProcessNextAsync(message, pipeline, currentIndex);
    }
}
