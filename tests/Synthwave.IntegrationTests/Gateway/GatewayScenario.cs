using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Synthwave.Simulation;
using Synthwave.TestKit;

namespace Synthwave.IntegrationTests.Gateway;

/// <summary>Simulated models <c>a</c>, <c>b</c>, <c>c</c>, <c>s</c> on a real socket and a gateway in front of them.</summary>
internal sealed class GatewayScenario : IAsyncDisposable
{
    private GatewayScenario(SimulatedServer models, TestGateway gateway)
    {
        Models = models;
        Gateway = gateway;
    }

    public SimulatedServer Models { get; }

    public TestGateway Gateway { get; }

    public HttpClient Client => Gateway.Client;

    /// <summary>
    /// Profiles <c>moa</c> (a, b, c → s), <c>cascade</c> (a, b, c) and the raw upstreams. <paramref name="server"/>, <paramref name="moa"/>,
    /// <paramref name="cascade"/> and <paramref name="upstream"/> are further TOML lines of their tables, <paramref name="more"/> further tables, in which <c>$BASE_URL</c> stands for the models' address.
    /// </summary>
    public static async Task<GatewayScenario> StartAsync(
        IEnumerable<SimulatedModel> models, string server = "", string moa = "", string cascade = "", string upstream = "", string more = "")
    {
        var simulated = await SimulatedServer.StartAsync([.. models]);
        var toml = new StringBuilder("[server]\n").AppendLine(server);
        foreach (var name in (ReadOnlySpan<string>)["a", "b", "c", "s"])
        {
            toml.AppendLine($"[upstreams.{name}]\nmodel_id = \"{name}\"\nbase_url = \"{simulated.BaseUrl}\"\ncontext = 32768\nmax_output = 4096\n{upstream}");
        }

        toml.AppendLine($"[profiles.moa]\ntype = \"moa\"\ngenerators = [\"a\", \"b\", \"c\"]\nsynthesizer = \"s\"\n{moa}");
        toml.AppendLine($"[profiles.cascade]\ntype = \"cascade\"\nupstreams = [\"a\", \"b\", \"c\"]\n{cascade}");
        toml.AppendLine(more.Replace("$BASE_URL", simulated.BaseUrl, StringComparison.Ordinal));
        return new(simulated, await TestGateway.StartAsync(toml.ToString()));
    }

    public static Task<GatewayScenario> StartAsync(params SimulatedModel[] models) => StartAsync((IEnumerable<SimulatedModel>)models);

    /// <summary>A request that was answered with JSON, whatever the status.</summary>
    public async Task<(HttpResponseMessage Response, JsonElement Body)> AskAsync(string model, string members = "", string content = "Hello?")
    {
        var response = await Client.PostAsync("/v1/chat/completions", Body(model, members, content));
        return (response, await response.Content.ReadFromJsonAsync<JsonElement>());
    }

    /// <summary>A streamed request, read to its end.</summary>
    public async Task<(HttpResponseMessage Response, SseCapture Stream)> StreamAsync(string model, string members = "", string content = "Hello?")
    {
        var response = await SendStreamAsync(model, members, content, default);
        return (response, await SseCapture.ReadAsync(response));
    }

    /// <summary>A streamed request whose head has arrived.</summary>
    public Task<HttpResponseMessage> SendStreamAsync(string model, string members, string content, CancellationToken cancellationToken)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = Body(model, $"\"stream\":true,{members}".TrimEnd(','), content) };
        return Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await Models.DisposeAsync();
    }

    private static StringContent Body(string model, string members, string content) => new(
        $$"""{"model":{{JsonSerializer.Serialize(model)}},"messages":[{"role":"user","content":{{JsonSerializer.Serialize(content)}}}]{{(members.Length > 0 ? "," + members : "")}}}""",
        Encoding.UTF8,
        "application/json");
}
