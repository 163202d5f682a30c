using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Synthwave.Configuration;
using Synthwave.Telemetry;
using Synthwave.Telemetry.Logging;

namespace Synthwave.Routing;

/// <summary>
/// Looks at the configuration file every second (time, size, then content; links resolved) and on SIGHUP. A valid change is built aside and swapped in;
/// an invalid or missing file changes nothing and is logged with its problems.
/// </summary>
internal sealed partial class ConfigWatcher(
    string path, RuntimeHost host, Func<string, string?> environment, GatewayMetrics metrics, LoggingSetup logging, TimeProvider time,
    ILogger<ConfigWatcher> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private (DateTime Written, long Size, string? Target)? _stamp;
    private byte[]? _content;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        _stamp = Stamp();
        _content = Hash();
        using var hangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
        {
            context.Cancel = true;
            _stamp = null;
        });
        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            Look();
        }
    }

    /// <summary>One look; reloads when the content changed.</summary>
    internal void Look()
    {
        var stamp = Stamp();
        if (stamp is null || stamp == _stamp)
        {
            return;
        }

        var content = Hash();
        _stamp = stamp;
        if (content is null || (_content is not null && content.AsSpan().SequenceEqual(_content)))
        {
            return;
        }

        _content = content;
        Reload();
    }

    private void Reload()
    {
        var result = ConfigLoader.Load(path, environment);
        if (result.Config is not { } config)
        {
            metrics.ConfigReloaded(success: false);
            foreach (var problem in result.Errors)
            {
                LogProblem(problem.ToString());
            }

            LogKept(Path.GetFileName(path));
            return;
        }

        var old = host.Current.Config.Server;
        host.Swap(config);
        metrics.ConfigReloaded(success: true);
        logging.SetLevel(config.Server.LogLevel);
        LogReloaded(Path.GetFileName(path), config.Upstreams.Length, config.Profiles.Length);
        foreach (var warning in result.Warnings)
        {
            LogWarning(warning.ToString());
        }

        if (old.Host != config.Server.Host || old.Port != config.Server.Port)
        {
            LogRestartNeeded();
        }
    }

    private (DateTime, long, string?)? Stamp()
    {
        try
        {
            var file = new FileInfo(path);
            var target = file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file;
            return target.Exists ? (target.LastWriteTimeUtc, target.Length, target.FullName) : null;
        }
        catch (IOException)
        {
            return null;
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
    }

    private byte[]? Hash()
    {
        try
        {
            return SHA256.HashData(File.ReadAllBytes(path));
        }
        catch (IOException)
        {
            return null;
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
    }

    [LoggerMessage(301, LogLevel.Information, "Configuration {File} reloaded: {Upstreams} upstreams, {Profiles} profiles.")]
    private partial void LogReloaded(string file, int upstreams, int profiles);

    [LoggerMessage(302, LogLevel.Error, "Configuration {File} is invalid; the running configuration stays.")]
    private partial void LogKept(string file);

    [LoggerMessage(303, LogLevel.Error, "{Problem}")]
    private partial void LogProblem(string problem);

    [LoggerMessage(304, LogLevel.Warning, "{Warning}")]
    private partial void LogWarning(string warning);

    [LoggerMessage(305, LogLevel.Warning, "server.host or server.port changed: restart to listen there.")]
    private partial void LogRestartNeeded();
}
