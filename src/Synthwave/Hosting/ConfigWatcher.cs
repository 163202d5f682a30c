using System.Collections.Immutable;
using System.Security.Cryptography;
using Synthwave.Configuration;
using Synthwave.Configuration.Loading;
using Synthwave.Configuration.Schema;
using Synthwave.Telemetry.Logging;
using Synthwave.Telemetry.Metrics;

namespace Synthwave.Hosting;

/// <summary>
/// Looks at the configuration file and at the files it names every second (time, size, then content; links resolved) and on SIGHUP. A change is read once the
/// files have been left alone for <see cref="Settling"/> and hold the same at both ends of that time, so that a half-written file is not read; one that looks like the
/// beginning of the one that runs has to stay so for <see cref="ReloadRules.LongSettling"/>. Content is compared with the content that runs, so that a
/// change between the first load and the first look is found too. A valid change is built aside and swapped in; an invalid or missing configuration, and one that would
/// open a gateway that was closed, changes nothing and is logged with its problems. A file that goes away changes nothing either: what it held goes on until the
/// configuration is read again. Nor does whatever else than a file of sane size stands in its place: it is neither waited for nor read, and looked at again.
/// </summary>
internal sealed partial class ConfigWatcher(
    string path, RuntimeHost host, ReloadRequest request, Func<string, string?> environment, ListenPlan listen, GatewayMetrics metrics, LoggingSetup logging, TimeProvider time,
    ILogger<ConfigWatcher> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(250);

    // File clocks are coarse, up to two seconds: within that time a second change may leave the same stamp.
    private static readonly TimeSpan StampGrain = TimeSpan.FromSeconds(2);

    private ImmutableArray<SourceFile> _sources = host.Current.Config.Sources is [_, ..] known ? known : [new(path, null)];
    private readonly SettledRead _settled = new(time);
    private Dictionary<string, (DateTime Written, long Size, string Target)> _stamps = [];
    private bool _mustRead;
    private FileTrouble? _trouble;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var pause = Period;
        while (true)
        {
            await Task.Delay(pause, time, stoppingToken);
            pause = Look() ? Period : Settling;
        }
    }

    /// <summary>
    /// One look. A change is noted by the first look that sees it and taken by the next one that sees and reads the same. False = a change is settling. Not thread-safe.
    /// </summary>
    internal bool Look()
    {
        _mustRead |= request.Take();
        var stamps = Stamps();
        var isThere = stamps.ContainsKey(path);
        var gone = _stamps.Keys.Where(file => !stamps.ContainsKey(file)).ToList();
        var isNew = stamps.Any(s => !_stamps.TryGetValue(s.Key, out var before) || before != s.Value);
        if (isNew || gone.Count > 0)
        {
            _stamps = stamps;
            _mustRead |= isNew;
            gone.ForEach(file => LogGone(Path.GetFileName(file)));
            if (!_mustRead || !isThere)
            {
                return true;
            }

            _settled.Note(Read(stamps));
            return false;
        }

        if (!isThere || !_mustRead)
        {
            return true;
        }

        // Read again at the next look if it cannot be read now, or if its stamp does not prove that it stays as it is.
        var now = time.GetUtcNow().UtcDateTime;
        var sources = Read(stamps);
        _mustRead = sources.Any(s => s.Hash is null && stamps.ContainsKey(s.Path)) || stamps.Values.Any(s => now - s.Written < StampGrain);
        var isSettled = _settled.Note(sources);
        if (sources[0].Hash is null || sources.Zip(_sources, (read, known) => read.HasContentOf(known)).All(same => same))
        {
            return true;
        }

        if (!isSettled)
        {
            _mustRead = true;
            return false;
        }

        Reload(sources);
        return true;
    }

    private Dictionary<string, (DateTime Written, long Size, string Target)> Stamps()
    {
        var stamps = new Dictionary<string, (DateTime, long, string)>(StringComparer.Ordinal);
        foreach (var source in _sources)
        {
            if (PlainFile.Stamp(source.Path) is { } stamp)
            {
                stamps[source.Path] = stamp;
            }
        }

        return stamps;
    }

    /// <summary>A file as it is now; one that is gone as it was.</summary>
    private SourceFile Again(SourceFile known, Dictionary<string, (DateTime Written, long Size, string Target)> stamps) =>
        !stamps.ContainsKey(known.Path) ? known : known.Path == path ? new SourceFile(path, Hash()) : NamedFiles.Again(known.Path);

    private ImmutableArray<SourceFile> Read(Dictionary<string, (DateTime Written, long Size, string Target)> stamps) => [.. _sources.Select(s => Again(s, stamps))];

    private void Reload(ImmutableArray<SourceFile> settled)
    {
        var result = ConfigLoader.Load(path, environment);
        if (result.Sources.Any(s => s.Hash is not null && settled.FirstOrDefault(known => known.Path == s.Path) is { } read && !read.HasContentOf(s)))
        {
            // Written to in this very moment.
            _mustRead = true;
            return;
        }

        var running = host.Current.Config;
        result = result with { Config = result.Config is { } read ? listen.Settings.Over(read) : null };
        if (result.Config is { } valid && ReloadRules.Refusal(running, valid, listen.Addresses, environment) is null
            && ReloadRules.Doubt(running, valid) is { } doubt && _settled.Age < ReloadRules.LongSettling)
        {
            _mustRead = true;
            if (_settled.Announce())
            {
                LogDoubted(Path.GetFileName(path), doubt, ReloadRules.LongSettling.TotalSeconds);
            }

            return;
        }

        _sources = result.Sources is [_, ..] sources ? sources : settled;
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

        if (ReloadRules.Refusal(running, config, listen.Addresses, environment) is { } refusal)
        {
            metrics.ConfigReloaded(success: false);
            LogRefused(Path.GetFileName(path), refusal);
            return;
        }

        try
        {
            host.Swap(config);
        }
        catch (Exception e)
        {
            // Whatever goes wrong while building, the gateway that runs goes on.
            metrics.ConfigReloaded(success: false);
            LogFailed(Path.GetFileName(path), e.GetType().Name);
            return;
        }

        metrics.ConfigReloaded(success: true);
        metrics.Keep(config.Upstreams.Select(static u => u.Name).Concat(config.Profiles.Select(static p => p.Name)).ToHashSet(StringComparer.Ordinal));
        logging.SetLevel(config.Server.LogLevel);
        LogReloaded(Path.GetFileName(path), Counted.Of(config.Upstreams.Length, "upstream"), Counted.Of(config.Profiles.Length, "profile"));
        foreach (var warning in result.Warnings.Concat(ServiceChecks.Of(config)))
        {
            LogWarning(warning.ToString());
        }

        if (ReloadRules.OpensTheGateway(running, config, environment))
        {
            LogOpened();
        }

        if (OpenListen.Beyond(config.Server, listen.Addresses, environment) is { } address && OpenListen.Beyond(running.Server, listen.Addresses, environment) is null)
        {
            LogOpenToOthers(address);
        }

        if (listen.WantsRestart(config))
        {
            LogRestartNeeded();
        }
    }

    // Unlike what it names, a configuration may be empty.
    private ReadOnlyMemory<byte>? Hash()
    {
        var (content, trouble) = PlainFile.Read(path, ConfigLoader.LargestFile);
        if (trouble is { } wrong && trouble != _trouble)
        {
            LogUnreadable(Path.GetFileName(path), wrong.Words(ConfigLoader.LargestFile));
        }

        _trouble = trouble;
        return content is null ? (ReadOnlyMemory<byte>?)null : SHA256.HashData(content);
    }

    [LoggerMessage(301, LogLevel.Information, "Configuration {File} reloaded: {Upstreams}, {Profiles}.")]
    private partial void LogReloaded(string file, string upstreams, string profiles);

    [LoggerMessage(302, LogLevel.Error, "Configuration {File} is invalid; the running configuration stays.")]
    private partial void LogKept(string file);

    [LoggerMessage(303, LogLevel.Error, "{Problem}")]
    private partial void LogProblem(string problem);

    [LoggerMessage(304, LogLevel.Warning, "{Warning}")]
    private partial void LogWarning(string warning);

    [LoggerMessage(306, LogLevel.Warning, "{File} is gone; the running configuration stays.")]
    private partial void LogGone(string file);

    [LoggerMessage(307, LogLevel.Error, "Configuration {File} is valid but could not be put in place ({Error}); the running configuration stays.")]
    private partial void LogFailed(string file, string error);

    [LoggerMessage(308, LogLevel.Error, "Configuration {File} {Reason}; the running configuration stays.")]
    private partial void LogRefused(string file, string reason);

    [LoggerMessage(309, LogLevel.Warning, "Configuration {File} {Doubt}: it is taken if it stays so for {Seconds} s. Until then the running configuration stays.")]
    private partial void LogDoubted(string file, string doubt, double seconds);

    [LoggerMessage(316, LogLevel.Warning, "bearer_token is empty now: no token is asked for any more, and anyone who reaches the port may call.")]
    private partial void LogOpened();

    [LoggerMessage(322, LogLevel.Warning, "Other machines can reach {Address}, and there is no token: server.allow_open = true says that this is meant.")]
    private partial void LogOpenToOthers(string address);

    [LoggerMessage(317, LogLevel.Error, "Configuration {File} {Problem}; the running configuration stays.")]
    private partial void LogUnreadable(string file, string problem);

    [LoggerMessage(305, LogLevel.Warning, "server.host or server.port names another address than the one that is listened on: restart to listen there.")]
    private partial void LogRestartNeeded();
}
