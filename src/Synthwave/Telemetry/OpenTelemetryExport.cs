using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Synthwave.Telemetry;

/// <summary>
/// Sends traces and metrics by OTLP while the host runs, each only when an endpoint for it is named in the environment. Everything else (protocol,
/// headers, sampling, intervals) follows the standard <c>OTEL_*</c> variables.
/// </summary>
internal sealed class OpenTelemetryExport(Func<string, string?> environment) : IHostedService, IDisposable
{
    public const string ServiceName = "synthwave";

    // Inside the host's own shutdown limit, so that an unreachable collector delays a stop but does not lose it.
    private const int FlushMilliseconds = 3000;

    private TracerProvider? _traces;
    private MeterProvider? _metrics;

    public bool ExportsTraces => IsSet("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT");

    public bool ExportsMetrics => IsSet("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT");

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (ExportsTraces)
        {
            _traces = Sdk.CreateTracerProviderBuilder()
                .SetResourceBuilder(Describe())
                .AddSource(Tracing.SourceName, "Microsoft.AspNetCore")
                .AddOtlpExporter()
                .Build();
        }

        if (ExportsMetrics)
        {
            _metrics = Sdk.CreateMeterProviderBuilder()
                .SetResourceBuilder(Describe())
                .AddMeter(GatewayMetrics.MeterName, "Microsoft.AspNetCore.Hosting", "System.Net.Http", "System.Runtime")
                .AddOtlpExporter()
                .Build();
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        // Both wait for the network, which the providers offer only as blocking calls.
        return Task.Run(
            () =>
            {
                _traces?.Shutdown(FlushMilliseconds);
                _metrics?.Shutdown(FlushMilliseconds);
            },
            cancellationToken);
    }

    public void Dispose()
    {
        _traces?.Dispose();
        _metrics?.Dispose();
    }

    /// <summary>Who is telling: the environment's detector comes last, so that OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES win.</summary>
    public static ResourceBuilder Describe() => ResourceBuilder.CreateEmpty()
        .AddService(ServiceName, serviceVersion: GatewayVersion.Text)
        .AddTelemetrySdk()
        .AddEnvironmentVariableDetector();

    private bool IsSet(string signalEndpoint) =>
        !IsOff() && (!string.IsNullOrWhiteSpace(environment("OTEL_EXPORTER_OTLP_ENDPOINT")) || !string.IsNullOrWhiteSpace(environment(signalEndpoint)));

    private bool IsOff() => string.Equals(environment("OTEL_SDK_DISABLED"), "true", StringComparison.OrdinalIgnoreCase);
}
