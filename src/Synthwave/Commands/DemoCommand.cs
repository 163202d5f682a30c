using System.Globalization;
using Synthwave.Commands.Live;
using Synthwave.Configuration.Loading;
using Synthwave.Hosting;
using Synthwave.Simulation;

namespace Synthwave.Commands;

/// <summary><c>synthwave demo</c>: three simulated models, a gateway in front of them, and each request as it happens.</summary>
internal static class DemoCommand
{
    public static async Task<int> RunAsync(int port, TextWriter output, TextWriter error)
    {
        await using var models = await SimulatedServer.StartAsync(DemoModels.All, new SimulatedServerOptions { RecordLimit = 0 });
        var loaded = ConfigLoader.Parse(Configuration(models.BaseUrl, port), null, static _ => null);
        var config = loaded.Config ?? throw new InvalidOperationException(string.Join('\n', loaded.Errors));
        var isDrawn = Terminal.Obstacle(Environment.GetEnvironmentVariable) is null;
        var console = isDrawn ? Terminal.Drawn(Environment.GetEnvironmentVariable) : Terminal.Plain();
        var options = new GatewayOptions
        {
            Config = config,
            Urls = [string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}")],
            Log = isDrawn ? new AboveViewLog(console, TimeProvider.System) : new DemoLog(console, TimeProvider.System),
        };
        return await ServeCommand.RunAsync(options, error, _ => output.WriteLineAsync(Welcome(port)), isDrawn ? app => GatewayWatch.RunAsync(app, console, error) : null);
    }

    /// <summary>The demo's own <c>meta-model.toml</c>.</summary>
    internal static string Configuration(string baseUrl, int port) => string.Create(CultureInfo.InvariantCulture, $$"""
        [server]
        port = {{port}}
        drain_secs = 0

        [features]
        voting = true

        {{string.Join('\n', DemoModels.All.Select(m => Upstream(m.Id, baseUrl)))}}
        [profiles.ensemble]
        type = "moa"
        generators = ["sim-quick", "sim-careful", "sim-bold"]
        synthesizer = "sim-careful"
        aliases = ["best"]

        [profiles.relay]
        type = "cascade"
        upstreams = ["sim-quick", "sim-careful"]

        [profiles.jury]
        type = "voting"
        upstreams = ["sim-quick", "sim-careful", "sim-bold"]
        """);

    private static string Upstream(string id, string baseUrl) => string.Create(CultureInfo.InvariantCulture, $"""
        [upstreams.{id}]
        model_id = "{id}"
        base_url = "{baseUrl}"
        context = {DemoModels.Context}
        max_output = 2048

        """);

    /// <summary>What is printed at start: the models, and commands to copy.</summary>
    internal static string Welcome(int port)
    {
        var (first, second, vote) = (DemoLibrary.Instance.Questions[0].Ask, DemoLibrary.Instance.Questions[1].Ask, DemoLibrary.Instance.Questions[2].Ask);
        return string.Create(CultureInfo.InvariantCulture, $$"""

            Synthwave demo: three simulated models behind http://127.0.0.1:{{port}}/v1 (no key needed, Ctrl+C stops it)

              ensemble   sim-quick, sim-careful and sim-bold draft in parallel, sim-careful writes one answer from the drafts (also called "best")
              relay      sim-quick, and sim-careful when it fails
              jury       all three say yes or no, and any yes is a yes

            Copy one of these into another terminal. The last lines of an ensemble's answer say what only one of the drafts had.

              curl -N http://127.0.0.1:{{port}}/v1/chat/completions -H 'content-type: application/json' \
                -d '{"model":"ensemble","stream":true,"messages":[{"role":"user","content":"{{first}}"}]}'

            How it came about, call by call:

              curl -s http://127.0.0.1:{{port}}/v1/chat/completions -H 'content-type: application/json' \
                -d '{"model":"ensemble","x_meta_model":{"trace":true},"messages":[{"role":"user","content":"{{second}}"}]}'

            A vote:

              curl -s http://127.0.0.1:{{port}}/v1/chat/completions -H 'content-type: application/json' \
                -d '{"model":"jury","messages":[{"role":"user","content":"{{vote}}"}]}'

            The models also know:

            {{string.Join('\n', DemoLibrary.Instance.Questions.Skip(3).Select(static q => "  " + q.Ask))}}

            Any OpenAI SDK works too: base URL http://127.0.0.1:{{port}}/v1, any key, model "ensemble". Your own models: synthwave init

            """);
    }
}
