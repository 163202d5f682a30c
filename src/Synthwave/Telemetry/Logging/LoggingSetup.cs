using Serilog;
using Serilog.Core;
using Serilog.Debugging;
using Serilog.Events;
using Serilog.Extensions.Hosting;
using Serilog.Extensions.Logging;
using Synthwave.Configuration;

namespace Synthwave.Telemetry.Logging;

/// <summary>
/// The process's log: Serilog behind <c>Microsoft.Extensions.Logging</c>, one asynchronous writer, standard output. Lives as long as the process;
/// disposing it last writes what is still waiting.
/// </summary>
internal sealed class LoggingSetup : IAsyncDisposable
{
    // The host's word, with a stack trace, for an exception that whoever starts the host gets too, and words better.
    private const string StartFailed = "Hosting failed to start";

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
            .Filter.ByExcluding(static e => e.MessageTemplate.Text == StartFailed
                || IsAboutRestOfBody(e))
            .WriteTo.Sink(_sink)
            .CreateLogger();
    }

    /// <summary>Where the lines of requests go.</summary>
    public Serilog.ILogger Requests => _logger;

    /// <summary>Log lines lost because the output was too slow.</summary>
    public long Dropped => _sink.Dropped;

    /// <summary>
    /// Opens standard output in the configured format: <c>auto</c> is text on a terminal, else JSON. Text on a terminal is coloured unless <c>NO_COLOR</c>
    /// is set or <c>TERM</c> is <c>dumb</c>. From here on trouble with the log itself is told on standard error, once.
    /// </summary>
    public static LoggingSetup Create(ServerConfig server, TimeProvider time, Func<string, string?> environment)
    {
        var text = server.LogFormat switch
        {
            LogFormat.Text => true,
            LogFormat.Json => false,
            _ => !Console.IsOutputRedirected,
        };
        var colour = !Console.IsOutputRedirected && string.IsNullOrEmpty(environment("NO_COLOR")) && environment("TERM") != "dumb";
        SelfLog.Enable(new SelfLogOnce(Console.Error).Write);
        return Create(text ? new TextLogOutput(Console.Out, colour, time) : new JsonLogOutput(Console.OpenStandardOutput(), time), server.LogLevel, time);
    }

    // What the server finds in the rest of a body that nobody reads any more, and tells with a stack trace: its sender is told by the answer, and wrote it.
    private static bool IsAboutRestOfBody(LogEvent entry) =>
        entry.Exception is BadHttpRequestException or InvalidOperationException
        && entry.Properties.GetValueOrDefault(Constants.SourceContextPropertyName) is ScalarValue { Value: "Microsoft.AspNetCore.Server.Kestrel" };

    /// <summary>The same over another output, which is owned from here on.</summary>
    public static LoggingSetup Create(ILogOutput output, LogThreshold threshold, TimeProvider time) => new(output, threshold, time);

    /// <summary>
    /// Makes this the only place the host logs to, and lets requests be logged by <see cref="RequestLog"/>. Owned by the host once it was asked for there.
    /// </summary>
    public void AddTo(ILoggingBuilder logging)
    {
        logging.ClearProviders();
        logging.AddProvider(new SerilogLoggerProvider(_logger));
        logging.Services.AddSingleton(_ => this);
        logging.Services.AddSingleton(new DiagnosticContext(_logger));

        // The level is the switch's to decide; framework chatter is cut before it reaches Serilog, and scopes, opened per request, are of no use here.
        logging.SetMinimumLevel(LogLevel.Debug);
        logging.AddFilter("Microsoft", LogLevel.Warning);
        logging.AddFilter("System", LogLevel.Warning);

        // Tells of every try of a probe, with its address.
        logging.AddFilter("Polly", LogLevel.None);

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
