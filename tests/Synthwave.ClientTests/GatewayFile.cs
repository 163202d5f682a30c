using System.Text;
using Synthwave.Simulation;

namespace Synthwave.ClientTests;

/// <summary>A configuration with one upstream for each simulated model, and heartbeats so rare that none carries a held-back token along.</summary>
internal static class GatewayFile
{
    public static string For(SimulatedServer simulated, IEnumerable<SimulatedModel> models, string server, string more, string? seeing = null)
    {
        var toml = new StringBuilder("[server]\nheartbeat_secs = 60\n").AppendLine(server);
        foreach (var model in models)
        {
            toml.AppendLine($"""
                [upstreams.{model.Id}]
                model_id = "{model.Id}"
                base_url = "{simulated.BaseUrl}"
                context = 32768
                max_output = 4096
                supports_function_calling = true
                retries = 0
                modalities = {(model.Id == seeing ? "[\"text\", \"image\"]" : "[\"text\"]")}
                """);
        }

        return toml.AppendLine(more).ToString();
    }
}
