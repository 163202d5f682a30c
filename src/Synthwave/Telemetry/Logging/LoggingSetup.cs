using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Extensions.Logging;
using Synthwave.Configuration;

namespace Synthwave.Telemetry.Logging;

/// <summary>
/// The process's log: Serilog behind <c>Microsoft.Extensions.Logging</c>, one asynchronous writer, standard output. Lives as long as the process;
/// disposing it last writes what is still waiting.
/// </summary>
internal sealed class LoggingSetup : IAsyncDisposable
{
    private readonly LoggingLevelSwitch _level = new();
    private readonly LoggingLevelSwitch _frameworkLevel = new();
    private readonly AsyncLogSink _sink;
    private readonly Logger _logger;

    private LoggingSetup(ILogOutput output, LogThreshold threshold, TimeProvider time)
    {
        SetLevel(threshold);
        _sink = new AsyncLogSink(output, time);
        _logger = new LoggerConfiguration()
            .MinimumLevel.ControlledBy(_level)
            .MinimumLevel.Override("Microsoft", _frameworkLevel)
            .MinimumLevel.Override("System", _frameworkLevel)
            .WriteTo.Sink(_sink)
            .CreateLogger();
        Requests = new RequestLog(_logger);
    }

    public RequestLog Requests { get; }

    /// <summary>Log lines lost because the output was too slow.</summary>
    public long Dropped => _sink.Dropped;

    /// <summary>Opens standard output in the configured format: <c>auto</c> is text on a terminal, else JSON.</summary>
    public static LoggingSetup Create(ServerConfig server, TimeProvider time, Func<string, string?> environment)
    {
        var text = server.LogFormat switch
        {
            LogFormat.Text => true,
            LogFormat.Json => false,
            _ => !Console.IsOutputRedirected,
        };
        var colour = !Console.IsOutputRedirected && string.IsNullOrEmpty(environment("NO_COLOR"));
        return Create(text ? new TextLogOutput(colour) : new JsonLogOutput(Console.OpenStandardOutput(), time), server.LogLevel, time);
    }

    /// <summary>The same over another output, which is owned from here on.</summary>
    public static LoggingSetup Create(ILogOutput output, LogThreshold threshold, TimeProvider time) => new(output, threshold, time);

    /// <summary>Makes this the only place the host logs to.</summary>
    public void AddTo(ILoggingBuilder logging)
    {
        logging.ClearProviders();
        logging.AddProvider(new SerilogLoggerProvider(_logger));

        // The level is the switch's to decide; framework chatter is cut before it reaches Serilog, and scopes, opened per request, are of no use here.
        logging.SetMinimumLevel(LogLevel.Debug);
        logging.AddFilter("Microsoft", LogLevel.Warning);
        logging.AddFilter("System", LogLevel.Warning);

        // The host makes a span for every request as long as this logger would write anything, whether or not anybody listens to spans.
        logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        logging.Services.Configure<LoggerFilterOptions>(static o => o.CaptureScopes = false);
    }

    /// <summary>Takes effect at once, also for loggers already made.</summary>
    public void SetLevel(LogThreshold threshold)
    {
        _level.MinimumLevel = threshold switch
        {
            LogThreshold.Debug => LogEventLevel.Debug,
            LogThreshold.Info => LogEventLevel.Information,
            LogThreshold.Warning => LogEventLevel.Warning,
            _ => LogEventLevel.Error,
        };
        _frameworkLevel.MinimumLevel = _level.MinimumLevel < LogEventLevel.Warning ? LogEventLevel.Warning : _level.MinimumLevel;
    }

    public async ValueTask DisposeAsync()
    {
        await _logger.DisposeAsync().ConfigureAwait(false);
        await _sink.DisposeAsync().ConfigureAwait(false);
    }
}
