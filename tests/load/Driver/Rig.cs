using System.Globalization;
using System.Security.Cryptography;

namespace Synthwave.Load.Driver;

/// <summary>
/// The processes of one run and where they listen: the static upstream, as it is and slowed down, the simulator, a relay in front of each,
/// YARP in front of the first, and the gateway in front of all. Owns everything it starts, and the scratch directory; disposing ends all of it.
/// </summary>
internal sealed class Rig : IAsyncDisposable
{
    private static readonly TimeSpan ReadyPause = TimeSpan.FromMilliseconds(20);

    private readonly string _scratch = Directory.CreateTempSubdirectory("synthwave-load-").FullName;
    private readonly string? _logs;
    private readonly Stack<ChildProcess> _children = new();
    private readonly GatewayBuild _build;

    private Rig(GatewayBuild build, string? logDirectory)
    {
        _build = build;
        _logs = logDirectory is null ? null : Directory.CreateDirectory(Path.GetFullPath(logDirectory)).FullName;
    }

    public string Token { get; } = RandomNumberGenerator.GetHexString(32, lowercase: true);

    public HttpMessageInvoker Client { get; } = Loopback.NewClient();

    /// <summary>For files a measurement needs.</summary>
    public string Scratch => _scratch;

    public required Uri StaticUrl { get; init; }

    public required Uri SimulatorUrl { get; init; }

    public Server Relay { get; private set; } = null!; // set before anybody gets an instance

    public Server Yarp { get; private set; } = null!; // as well

    /// <summary>Null when only the yardsticks are measured or gateways are started by hand, as are all that follow.</summary>
    public Server? SimulatorRelay { get; private set; }

    /// <summary>The static upstream, every answer of which begins 5 ms after its request.</summary>
    public Server? FiveMs { get; private set; }

    /// <summary>The static upstream, every answer of which begins 20 ms after its request.</summary>
    public Server? TwentyMs { get; private set; }

    public Server? Gateway { get; private set; }

    /// <summary>Everything a whole run needs.</summary>
    public static Task<Rig> StartAsync(RunOptions options, CancellationToken cancellationToken) =>
        StartAsync(GatewayBuild.Locate(options.PublishDirectory), options.LogDirectory, withGateway: !options.RelayOnly, cancellationToken);

    /// <summary>The static upstream, the yardsticks in front of it, and the file for gateways that ask nobody else.</summary>
    public static Task<Rig> StartYardsticksAsync(GatewayBuild build, string? logDirectory, CancellationToken cancellationToken) =>
        StartAsync(build, logDirectory, withGateway: false, cancellationToken);

    /// <summary>A gateway of its own, ready to serve, for measurements that must not see the traces of others. Without a build it is the run's.</summary>
    public async Task<Server> StartGatewayAsync(string name, CancellationToken cancellationToken, GatewayBuild? build = null)
    {
        var server = LaunchGateway(name, build);
        await WaitUntilReadyAsync(server.Process, new Uri(server.Url, "healthz"), cancellationToken);
        return server;
    }

    /// <summary>Starts a gateway without waiting for it.</summary>
    public Server LaunchGateway(string name, GatewayBuild? build = null)
    {
        var port = Loopback.FreePorts(1)[0];
        string[] command = [.. (build ?? _build).Gateway, "serve", "--config", GatewayFilePath, "--port", port.ToString(CultureInfo.InvariantCulture)];
        return Launch(name, command, port);
    }

    /// <summary>Starts a relay and waits for it. With a hold above 0, every answer begins so many milliseconds after its request.</summary>
    public async Task<Server> StartRelayAsync(string name, Uri upstream, int holdMs, CancellationToken cancellationToken)
    {
        var port = Loopback.FreePorts(1)[0];
        string[] command = [.. _build.Relay, port.ToString(CultureInfo.InvariantCulture), upstream.AbsoluteUri, holdMs.ToString(CultureInfo.InvariantCulture)];
        var server = Launch(name, command, port);

        await WaitUntilReadyAsync(server.Process, server.Url, cancellationToken);
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (_children.TryPop(out var child))
        {
            try
            {
                await child.DisposeAsync();
            }
            finally
            {
                // Whatever happened to this one, the others end too.
                await DisposeAsync();
            }
        }
        else if (Directory.Exists(_scratch))
        {
            Directory.Delete(_scratch, recursive: true);
        }
    }

    private static async Task<Rig> StartAsync(GatewayBuild build, string? logDirectory, bool withGateway, CancellationToken cancellationToken)
    {
        if (Loopback.FreePorts(2) is not [var staticPort, var simulatorPort])
        {
            throw new InvalidOperationException("two ports were asked for");
        }

        var rig = new Rig(build, logDirectory) { StaticUrl = Loopback.Url(staticPort), SimulatorUrl = Loopback.Url(simulatorPort) };
        try
        {
            await rig.StartServersAsync(staticPort, withGateway ? simulatorPort : null, cancellationToken);
            return rig;
        }
        catch
        {
            await rig.DisposeAsync();
            throw;
        }
    }

    private async Task StartServersAsync(int staticPort, int? simulatorPort, CancellationToken cancellationToken)
    {
        var nginx = StaticUpstream.Start(staticPort, _scratch, _logs);
        _children.Push(nginx);
        await WaitUntilReadyAsync(nginx, new Uri(StaticUrl, "status"), cancellationToken);
        Relay = await StartRelayAsync("relay", StaticUrl, 0, cancellationToken);
        Yarp = await StartYarpAsync(StaticUrl, cancellationToken);
        if (simulatorPort is not { } port)
        {
            await WriteGatewayFileAsync(GatewayFile.Text(Token, StaticUrl), cancellationToken);
            return;
        }

        FiveMs = await StartRelayAsync("upstream-5-ms", StaticUrl, 5, cancellationToken);
        TwentyMs = await StartRelayAsync("upstream-20-ms", StaticUrl, 20, cancellationToken);
        var simulation = Path.Combine(_scratch, "simulation.toml");
        await File.WriteAllTextAsync(simulation, SimulationFile.Text(), cancellationToken);
        await WriteGatewayFileAsync(GatewayFile.Text(Token, StaticUrl, (FiveMs.Url, TwentyMs.Url, SimulatorUrl)), cancellationToken);

        string[] command = [.. _build.Gateway, "simulate", "--config", simulation, "--port", port.ToString(CultureInfo.InvariantCulture)];
        var simulator = Launch("simulator", command, port);
        await WaitUntilReadyAsync(simulator.Process, new Uri(SimulatorUrl, "v1/models"), cancellationToken);
        SimulatorRelay = await StartRelayAsync("relay-to-simulator", SimulatorUrl, 0, cancellationToken);
        Gateway = await StartGatewayAsync("gateway", cancellationToken);
    }

    private async Task<Server> StartYarpAsync(Uri upstream, CancellationToken cancellationToken)
    {
        var port = Loopback.FreePorts(1)[0];
        var server = Launch("yarp", [.. _build.Yarp, port.ToString(CultureInfo.InvariantCulture), upstream.AbsoluteUri], port);
        await WaitUntilReadyAsync(server.Process, server.Url, cancellationToken);
        return server;
    }

    private string GatewayFilePath => Path.Combine(_scratch, "meta-model.toml");

    private Task WriteGatewayFileAsync(string text, CancellationToken cancellationToken) => File.WriteAllTextAsync(GatewayFilePath, text, cancellationToken);

    private Server Launch(string name, string[] command, int port)
    {
        var process = ChildProcess.Start(name, command, _scratch, _logs);
        _children.Push(process);
        return new Server(process, Loopback.Url(port));
    }

    private Task WaitUntilReadyAsync(ChildProcess process, Uri url, CancellationToken cancellationToken) =>
        Readiness.WaitAsync(Client, process, url, ReadyPause, cancellationToken);
}
