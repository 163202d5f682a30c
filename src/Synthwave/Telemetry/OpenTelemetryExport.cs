using System.Collections;
using Microsoft.Extensions.DependencyInjection.Extensions;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Synthwave.Telemetry.Conventions;
using Synthwave.Telemetry.Metrics;
using Synthwave.Telemetry.Tracing;

namespace Synthwave.Telemetry;

/// <summary>
/// Sends traces and metrics by OTLP while the host runs, each only when an endpoint for it is named in the environment. Everything else (protocol,
/// headers, sampling, intervals) follows the standard <c>OTEL_*</c> variables. The providers are the host's: they start with it, and what waits is sent
/// when it stops.
/// </summary>
internal sealed class OpenTelemetryExport(Func<string, string?> environment)
{
    public const string ServiceName = "synthwave";

    private const string VariablePrefix = "OTEL_";

    public bool ExportsTraces => IsSet("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT");

    public bool ExportsMetrics => IsSet("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT");

    /// <summary>Adds what is to be exported, or nothing. The exporter's variables are read from the process.</summary>
    public void AddTo(IServiceCollection services, IConfigurationBuilder configuration)
    {
        if (!ExportsTraces && !ExportsMetrics)
        {
            return;
        }

        configuration.AddInMemoryCollection(
            Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
                .Where(static v => ((string)v.Key).StartsWith(VariablePrefix, StringComparison.Ordinal))
                .Select(static v => KeyValuePair.Create((string)v.Key, (string?)v.Value)));
        services.TryAddSingleton(TimeProvider.System);
        services.AddHostedService<ExportTrouble>();
        services.AddHostedService(static provider => new ExportEnd(provider.GetService<TracerProvider>(), provider.GetService<MeterProvider>(), provider.GetRequiredService<TimeProvider>()));
        var telemetry = services.AddOpenTelemetry();
        if (ExportsTraces)
        {
            telemetry.WithTracing(static traces => traces
                .SetResourceBuilder(Describe())
                .AddSource(Spans.SourceName, "Microsoft.AspNetCore")
                .AddOtlpExporter(UseOwnClient));
        }

        if (ExportsMetrics)
        {
            telemetry.WithMetrics(static metrics => metrics
                .SetResourceBuilder(Describe())
                .AddMeter(GatewayMetrics.MeterName, "Microsoft.AspNetCore.Hosting", "System.Net.Http", "System.Runtime")
                .AddOtlpExporter(UseOwnClient));
        }
    }

    /// <summary>Who is telling: the environment's detector comes last, so that OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES win.</summary>
    public static ResourceBuilder Describe() => ResourceBuilder.CreateEmpty()
        .AddService(ServiceName, serviceVersion: GatewayVersion.Text)
        .AddTelemetrySdk()
        .AddEnvironmentVariableDetector();

    // Its own client, wrapped so that the exporter does not put the host's in its place: that one asks endpoints for their models, tries again, and is waited for.
    private static void UseOwnClient(OtlpExporterOptions exporter)
    {
        var own = exporter.HttpClientFactory;
        exporter.HttpClientFactory = () => own();
    }

    private bool IsSet(string signalEndpoint) =>
        !IsOff() && (!string.IsNullOrWhiteSpace(environment("OTEL_EXPORTER_OTLP_ENDPOINT")) || !string.IsNullOrWhiteSpace(environment(signalEndpoint)));

    private bool IsOff() => string.Equals(environment("OTEL_SDK_DISABLED"), "true", StringComparison.OrdinalIgnoreCase);
}
