using System.Collections.Immutable;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Synthwave.Configuration;
using Synthwave.Telemetry.Conventions;
using Synthwave.Telemetry.Metrics;
using Synthwave.Telemetry.Reports;

namespace Synthwave.Hosting;

/// <summary>Says once what the process serves, when it can be called, and once what it has served, when the last request is over. A process that could not start says neither.</summary>
internal sealed partial class ServingLog(
    IServer server, RuntimeHost host, GatewayMetrics metrics, Func<string, string?> environment, TimeProvider time, ILogger<ServingLog> logger) : IHostedLifecycleService
{
    /// <summary>More names than so many are only counted.</summary>
    private const int MostNames = 20;

    private long? _startedAt;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        _startedAt = time.GetTimestamp();
        var config = host.Current.Config;
        LogStarted(
            GatewayVersion.Text,
            string.Join(", ", server.Features.Get<IServerAddressesFeature>()?.Addresses.Select(a => a + config.Server.PathPrefix) ?? []),
            config.SourcePath ?? "built in",
            Names([.. config.Profiles.Select(p => p.Name)]),
            Names([.. config.Upstreams.Select(u => u.Name)]),
            AccessToken.Read(config.Server, environment) is null ? "not set" : "set");
        var memory = host.Memory;
        LogMemory(Mebibytes(memory.Whole), Mebibytes(memory.Requests), Mebibytes(memory.Responses), Mebibytes(memory.Thinking), Mebibytes(memory.Descriptions), Mebibytes(memory.Journal + (2 * memory.Content)));
        if (config.History.Content)
        {
            LogKeepsContent();
        }

        return Task.CompletedTask;
    }

    public Task StoppedAsync(CancellationToken cancellationToken)
    {
        if (_startedAt is not { } startedAt)
        {
            return Task.CompletedTask;
        }

        var (success, degraded, failed, cancelled) = (
            metrics.Requests(DispatchOutcome.Success), metrics.Requests(DispatchOutcome.Degraded), metrics.Requests(DispatchOutcome.Failed), metrics.Requests(DispatchOutcome.Cancelled));
        var uptime = time.GetElapsedTime(startedAt);
        LogStopped(TimeSpan.FromSeconds(Math.Floor(uptime.TotalSeconds)), success + degraded + failed + cancelled, success, degraded, failed, cancelled);
        return Task.CompletedTask;
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static long Mebibytes(long bytes) => bytes / (1024 * 1024);

    private static string Names(ImmutableArray<string> names) => names.Length switch
    {
        0 => "none",
        <= MostNames => string.Join(", ", names),
        _ => $"{string.Join(", ", names[..MostNames])} and {names.Length - MostNames} more",
    };

    [LoggerMessage(310, LogLevel.Information,
        "Synthwave {Version} serves {Addresses}. Configuration: {Configuration}. Profiles: {Profiles}. Upstreams: {Upstreams}. Token: {Token}.")]
    private partial void LogStarted(string version, string addresses, string configuration, string profiles, string upstreams, string token);

    [LoggerMessage(319, LogLevel.Information,
        "Memory, MiB: {Whole} in all, {Requests} for requests in work, and what outlives them: {Responses} responses, {Thinking} thinking, {Descriptions} descriptions, {Journal} journal.")]
    private partial void LogMemory(long whole, long requests, long responses, long thinking, long descriptions, long journal);

    [LoggerMessage(318, LogLevel.Warning,
        "Prompts and answers are kept in memory and shown by /admin, because [history] content = true. Whoever may read /admin reads them.")]
    private partial void LogKeepsContent();

    [LoggerMessage(311, LogLevel.Information,
        "Stopped after {Uptime}. Requests: {Requests} (success {Success}, degraded {Degraded}, failed {Failed}, cancelled {Cancelled}).")]
    private partial void LogStopped(TimeSpan uptime, long requests, long success, long degraded, long failed, long cancelled);
}
