using System.Globalization;
using System.Text;

namespace Synthwave.Load.Driver;

/// <summary>The <c>meta-model.toml</c> under measurement: a token, the static upstream under several names and speeds, the simulated models, and a profile for each strategy.</summary>
internal static class GatewayFile
{
    public const string RelayJson = "relay-json";
    public const string RelayStream = "relay-stream";
    public const string RawUpstream = "static-1";
    public const string CascadeJson = "cascade-json";
    public const string EnsembleJson = "ensemble-json";
    public const string EnsembleStream = "ensemble-stream";
    public const string EnsembleTimedJson = "ensemble-timed-json";
    public const string EnsembleTimedStream = "ensemble-timed-stream";
    public const string StreamAfterFiveMs = "stream-after-5-ms";

    private static readonly string[] Drafters = ["drafter-1", "drafter-2", "drafter-3"];

    /// <param name="token">The clients' bearer token.</param>
    /// <param name="nginx">The static upstream.</param>
    /// <param name="timed">The upstreams that take their time; without them their models and profiles are left out.</param>
    public static string Text(string token, Uri nginx, (Uri FiveMs, Uri TwentyMs, Uri Simulator)? timed = null)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"""
            [server]
            bearer_token = "{token}"
            log_level = "info"
            """);

        foreach (var name in (string[])[RawUpstream, "static-2", "static-3", "static-writer"])
        {
            Upstream(name, Payloads.StaticModel, new Uri(nginx, "json/v1"));
        }

        Upstream("static-stream", Payloads.StaticModel, new Uri(nginx, "sse/v1"));
        Ensemble(RelayJson, [RawUpstream], RawUpstream);
        Ensemble(RelayStream, ["static-stream"], "static-stream");
        Ensemble(EnsembleJson, [RawUpstream, "static-2", "static-3"], "static-writer");
        Ensemble(EnsembleStream, [RawUpstream, "static-2", "static-3"], "static-stream");
        text.AppendLine(CultureInfo.InvariantCulture, $"""

            [profiles.{CascadeJson}]
            type = "cascade"
            upstreams = ["{RawUpstream}", "static-2"]
            """);
        if (timed is not var (fiveMs, twentyMs, simulator))
        {
            return text.ToString();
        }

        Upstream(StreamAfterFiveMs, Payloads.StaticModel, new Uri(fiveMs, "sse/v1"));
        foreach (var name in (string[])[.. Drafters, "writer"])
        {
            Upstream(name, Payloads.StaticModel, new Uri(twentyMs, "json/v1"));
        }

        Upstream("stream-writer", Payloads.StaticModel, new Uri(twentyMs, "sse/v1"));
        foreach (var model in SimulationFile.Models)
        {
            Upstream(model, model, new Uri(simulator, "v1"));
        }

        Ensemble(EnsembleTimedJson, Drafters, "writer");
        Ensemble(EnsembleTimedStream, Drafters, "stream-writer");
        return text.ToString();

        void Upstream(string name, string model, Uri url) => text.AppendLine(CultureInfo.InvariantCulture, $"""

            [upstreams.{name}]
            model_id = "{model}"
            base_url = "{url}"
            context = 131072
            max_output = 4096
            idle_timeout_secs = 600
            proxy = "none"
            """);

        void Ensemble(string name, string[] generators, string synthesizer) => text.AppendLine(CultureInfo.InvariantCulture, $"""

            [profiles.{name}]
            type = "moa"
            generators = [{string.Join(", ", generators.Select(generator => $"\"{generator}\""))}]
            synthesizer = "{synthesizer}"
            """);
    }
}
