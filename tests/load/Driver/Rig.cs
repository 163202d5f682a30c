using System.Globalization;
using System.Security.Cryptography;

namespace Synthwave.Load.Driver;

/// <summary>
/// The processes of one run and where they listen: the static upstream, as it is and slowed down, the simulator, a relay in front of each,
/// and the gateway in front of all. Owns everything it starts, and the scratch directory; disposing ends all of it.
/// </summary>
internal sealed class Rig : IAsyncDisposable
{
    private static readonly TimeSpan ReadyPause = TimeSpan.FromMilliseconds(20);

    private readonly string _scratch = Directory.CreateTempSubdirectory("synthwave-load-").FullName;
    private readonly string? _logs;
    private readonly Stack<ChildProcess> _children = new();
    private readonly GatewayBuild _build;

    private Rig(RunOptions options)
    {
        _build = GatewayBuild.Locate(options.PublishDirectory);
        _logs = options.LogDirectory is null ? null : Directory.CreateDirectory(Path.GetFullPath(options.LogDirectory)).FullName;
    }

    public string Token { get; } = RandomNumberGenerator.GetHexString(32, lowercase: true);

    public HttpMessageInvoker Client { get; } = Loopback.NewClient();

    /// <summary>For files a measurement needs.</summary>
    public string Scratch => _scratch;

    public required Uri StaticUrl { get; init; }

    public required Uri SimulatorUrl { get; init; }

    public Server Relay { get; private set; } = null!; // set by StartAsync, the only way to get an instance

    /// <summary>Null when only the yardstick is measured, as are all that follow.</summary>
    public Server? SimulatorRelay { get; private set; }

    /// <summary>The static upstream, every answer of which begins 5 ms after its request.</summary>
    public Server? FiveMs { get; private set; }

    /// <summary>The static upstream, every answer of which begins 20 ms after its request.</summary>
    public Server? TwentyMs { get; private set; }

    public Server? Gateway { get; private set; }

    public static async Task<Rig> StartAsync(RunOptions options, CancellationToken cancellationToken)
    {
        if (Loopback.FreePorts(2) is not [var staticPort, var simulatorPort])
        {
            throw new InvalidOperationException("two ports were asked for");
        }

        var rig = new Rig(options) { StaticUrl = Loopback.Url(staticPort), SimulatorUrl = Loopback.Url(simulatorPort) };
        try
        {
            await rig.StartServersAsync(staticPort, options.RelayOnly ? null : simulatorPort, cancellationToken);
            return rig;
        }
        catch
        {
            await rig.DisposeAsync();
            throw;
        }
    }

    /// <summary>A gateway of its own, ready to serve, for measurements that must not see the traces of others.</summary>
    public async Task<Server> StartGatewayAsync(string name, CancellationToken cancellationToken)
    {
        var server = LaunchGateway(name);
        await WaitUntilReadyAsync(server.Process, new Uri(server.Url, "healthz"), cancellationToken);
        return server;
    }

    /// <summary>Starts a gateway without waiting for it.</summary>
    public Server LaunchGateway(string name)
    {
        var port = Loopback.FreePorts(1)[0];
        var file = Path.Combine(_scratch, "meta-model.toml");
        string[] command = [.. _build.Gateway, "serve", "--config", file, "--port", port.ToString(CultureInfo.InvariantCulture)];
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

    private async Task StartServersAsync(int staticPort, int? simulatorPort, CancellationToken cancellationToken)
    {
        var nginx = StaticUpstream.Start(staticPort, _scratch, _logs);
        _children.Push(nginx);
        await WaitUntilReadyAsync(nginx, new Uri(StaticUrl, "status"), cancellationToken);
        Relay = await StartRelayAsync("relay", StaticUrl, 0, cancellationToken);
        if (simulatorPort is not { } port)
        {
            return;
        }

        FiveMs = await StartRelayAsync("upstream-5-ms", StaticUrl, 5, cancellationToken);
        TwentyMs = await StartRelayAsync("upstream-20-ms", StaticUrl, 20, cancellationToken);
        var simulation = Path.Combine(_scratch, "simulation.toml");
        await File.WriteAllTextAsync(simulation, SimulationFile.Text(), cancellationToken);
        var file = GatewayFile.Text(Token, StaticUrl, FiveMs.Url, TwentyMs.Url, SimulatorUrl);
        await File.WriteAllTextAsync(Path.Combine(_scratch, "meta-model.toml"), file, cancellationToken);

        string[] command = [.. _build.Gateway, "simulate", "--config", simulation, "--port", port.ToString(CultureInfo.InvariantCulture)];
        var simulator = Launch("simulator", command, port);
        await WaitUntilReadyAsync(simulator.Process, new Uri(SimulatorUrl, "v1/models"), cancellationToken);
        SimulatorRelay = await StartRelayAsync("relay-to-simulator", SimulatorUrl, 0, cancellationToken);
        Gateway = await StartGatewayAsync("gateway", cancellationToken);
    }

    private Server Launch(string name, string[] command, int port)
    {
        var process = ChildProcess.Start(name, command, _scratch, _logs);
        _children.Push(process);
        return new Server(process, Loopback.Url(port));
    }

    private Task WaitUntilReadyAsync(ChildProcess process, Uri url, CancellationToken cancellationToken) =>
        Readiness.WaitAsync(Client, process, url, ReadyPause, cancellationToken);
}
