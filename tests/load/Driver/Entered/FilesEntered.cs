using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Synthwave.Load.Driver.Entered;

/// <summary>
/// Counts the source files a request enters: a fresh gateway, no line of it compiled, is asked for a stream of one model and then for one
/// of an ensemble, and what its compiler lists meanwhile is looked up in the symbols. What had to be entered to start is not counted again.
/// </summary>
internal sealed class FilesEntered(FilesEnteredOptions options)
{
    private const string Plain = "plain";
    private const string Ensemble = "panel";

    private static readonly string[] Models = ["alpha", "beta", "gamma", "writer"];
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(200);

    // Everything is compiled on the way, the framework included.
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(2);

    public async Task<bool> ExecuteAsync(CancellationToken cancellationToken)
    {
        var map = new SourceMap(options.Directory);
        var scratch = Directory.CreateTempSubdirectory("synthwave-entered-").FullName;
        try
        {
            var (start, plain, ensemble) = await ObserveAsync(scratch, cancellationToken);
            Print(map, map.FilesOf(start), map.FilesOf(plain), map.FilesOf(ensemble));
            return true;
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }
    }

    /// <summary>The methods that were entered for the first time before the first request, by it, and by the second.</summary>
    private async Task<(JittedMethod[] Start, JittedMethod[] Plain, JittedMethod[] Ensemble)> ObserveAsync(string scratch, CancellationToken cancellationToken)
    {
        using var client = Loopback.NewClient();
        var token = RandomNumberGenerator.GetHexString(32, lowercase: true);
        if (Loopback.FreePorts(2) is not [var upstreamPort, var port])
        {
            throw new InvalidOperationException("two ports were asked for");
        }

        var (upstream, gateway) = (Loopback.Url(upstreamPort), Loopback.Url(port));
        await File.WriteAllTextAsync(Path.Combine(scratch, "simulation.toml"), SimulationText(), cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(scratch, "meta-model.toml"), GatewayText(token, upstream), cancellationToken);

        await using var simulator = Start("simulator", "simulate", "simulation.toml", upstreamPort, scratch, environment: null);
        await Readiness.WaitAsync(client, simulator, new Uri(upstream, "v1/models"), Poll, cancellationToken);

        using var summary = new JitSummary();
        await using var process = Start("gateway", "serve", "meta-model.toml", port, scratch, summary.Environment);
        await Readiness.WaitAsync(client, process, new Uri(gateway, "healthz"), Poll, cancellationToken, StartLimit);

        var start = await summary.WhenQuietAsync(Quiet, cancellationToken);
        if (start.Count == 0)
        {
            throw new MeasurementException("the gateway's compiler lists nothing: this needs a build for an installed runtime");
        }

        await AskAsync(client, gateway, token, Plain, cancellationToken);
        var plain = await summary.WhenQuietAsync(Quiet, cancellationToken);
        await AskAsync(client, gateway, token, Ensemble, cancellationToken);
        var ensemble = await summary.WhenQuietAsync(Quiet, cancellationToken);
        return ([.. start], [.. plain.Skip(start.Count)], [.. ensemble.Skip(plain.Count)]);
    }

    private ChildProcess Start(string name, string verb, string file, int port, string scratch, IReadOnlyDictionary<string, string>? environment) => ChildProcess.Start(
        name,
        ["dotnet", Path.Combine(options.Directory, "synthwave.dll"), verb, "--config", Path.Combine(scratch, file), "--port", port.ToString(CultureInfo.InvariantCulture)],
        scratch, logs: null, environment);

    private static async Task AskAsync(HttpMessageInvoker client, Uri gateway, string token, string model, CancellationToken cancellationToken)
    {
        var body = $$"""{"model":"{{model}}","stream":true,"messages":[{"role":"user","content":"What is the answer?"}]}""";
        using var request = StreamProbe.NewRequest(new Uri(gateway, "v1/chat/completions"), Encoding.UTF8.GetBytes(body), token);
        using var response = await client.SendAsync(request, cancellationToken);
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        if (!response.IsSuccessStatusCode || !text.EndsWith("data: [DONE]\n\n", StringComparison.Ordinal))
        {
            throw new MeasurementException($"{model} answered {(int)response.StatusCode}:{Environment.NewLine}{text}");
        }
    }

    private void Print(SourceMap map, IReadOnlySet<string> start, IReadOnlySet<string> plain, IReadOnlySet<string> ensemble)
    {
        var both = plain.Union(ensemble).ToHashSet();
        Console.WriteLine($"files entered by the first plain streamed request: {plain.Count}");
        Console.WriteLine($"by that and a moa request after it:                 {both.Count}");
        Console.WriteLine($"files with code: {map.All.Count}, entered by the start: {start.Count}");
        foreach (var file in options.List ? both.Order(StringComparer.Ordinal) : Enumerable.Empty<string>())
        {
            Console.WriteLine($"{(plain.Contains(file) ? "plain" : "moa  ")} {file}");
        }
    }

    private static string SimulationText() => string.Concat(Models.Select(model => $"""
        [models.{model}]
        text = "Forty-two, all things considered."
        first_token_ms = 0


        """));

    private static string GatewayText(string token, Uri upstream) =>
        $"""
        [server]
        bearer_token = "{token}"
        log_level = "info"

        [profiles.{Plain}]
        type = "moa"
        generators = ["{Models[0]}"]
        synthesizer = "{Models[0]}"

        [profiles.{Ensemble}]
        type = "moa"
        generators = ["{Models[0]}", "{Models[1]}", "{Models[2]}"]
        synthesizer = "{Models[3]}"


        """
        + string.Concat(Models.Select(model => $"""
        [upstreams.{model}]
        model_id = "{model}"
        base_url = "{new Uri(upstream, "v1")}"
        context = 131072
        max_output = 4096
        proxy = "none"


        """));
}
