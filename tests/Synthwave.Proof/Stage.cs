using System.Text;
using Synthwave.Simulation;
using Synthwave.TestKit;

namespace Synthwave.Proof;

/// <summary>Simulated models and a gateway in front of them, both in this process and on real sockets.</summary>
internal sealed class Stage : IAsyncDisposable
{
    private Stage(SimulatedServer models, TestGateway gateway)
    {
        Models = models;
        Gateway = gateway;
    }

    public SimulatedServer Models { get; }

    public TestGateway Gateway { get; }

    /// <summary>An upstream for each model under its id, with <paramref name="upstream"/> as further lines; <paramref name="profiles"/> is the rest of the file.</summary>
    public static async Task<Stage> StartAsync(IReadOnlyList<SimulatedModel> models, string profiles, string upstream = "")
    {
        var server = await SimulatedServer.StartAsync(models, new SimulatedServerOptions { RecordLimit = 0 });
        var toml = new StringBuilder();
        foreach (var model in models)
        {
            toml.AppendLine($"[upstreams.{model.Id}]\nmodel_id = \"{model.Id}\"\nbase_url = \"{server.BaseUrl}\"\ncontext = 65536\nmax_output = 4096\nproxy = \"none\"\n{upstream}");
        }

        return new Stage(server, await TestGateway.StartAsync(toml.AppendLine(profiles).ToString()));
    }

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await Models.DisposeAsync();
    }
}
