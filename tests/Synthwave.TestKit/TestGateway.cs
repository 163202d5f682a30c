using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Synthwave.Configuration;
using Synthwave.Configuration.Loading;
using Synthwave.Hosting;
using Synthwave.Upstreams.Health;

namespace Synthwave.TestKit;

/// <summary>The whole gateway on a real socket, from a TOML text or file. Disposing stops it.</summary>
internal sealed class TestGateway : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TestGateway(WebApplication app, Uri address, SilentLog log)
    {
        Log = log;
        _app = app;
        Address = address;
        Client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = address, Timeout = TimeSpan.FromSeconds(60) };
    }

    public Uri Address { get; }

    /// <summary>No token, base address set, one minute at most.</summary>
    public HttpClient Client { get; }

    /// <summary>What the gateway logged.</summary>
    public SilentLog Log { get; }

    public IServiceProvider Services => _app.Services;

    public WebApplication App => _app;

    public static Task<TestGateway> StartAsync(string toml, Func<string, string?>? environment = null, TimeProvider? time = null)
    {
        var result = ConfigLoader.Parse(toml, null, environment ?? (_ => null));
        return StartAsync(result, environment, time);
    }

    public static Task<TestGateway> StartFileAsync(string path, Func<string, string?>? environment = null, TimeProvider? time = null) =>
        StartAsync(ConfigLoader.Load(path, environment ?? (_ => null)), environment, time);

    public static async Task<TestGateway> StartAsync(ConfigResult result, Func<string, string?>? environment = null, TimeProvider? time = null)
    {
        var config = result.Config ?? throw new InvalidOperationException(string.Join('\n', result.Errors));
        var log = new SilentLog();
        var app = GatewayApp.Build(new GatewayOptions
        {
            Config = config,
            Urls = ["http://127.0.0.1:0"],
            Environment = environment ?? (_ => null),
            Time = time ?? TimeProvider.System,
            Log = log,
        });
        await app.StartAsync();
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        return new(app, new Uri(address), log);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();

        // A probe under way would be waited for under the gateway's clock, which may stand still.
        await Services.GetRequiredService<HealthMonitor>().StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
    }
}
