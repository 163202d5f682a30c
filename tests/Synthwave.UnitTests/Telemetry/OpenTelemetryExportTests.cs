using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Synthwave.Telemetry;

namespace Synthwave.UnitTests.Telemetry;

[Collection(ProcessWideListeners.Name)]
public class OpenTelemetryExportTests
{
    [Theory]
    [InlineData(null, null, false, false)]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4317", true, true)]
    [InlineData("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://collector:4317", true, false)]
    [InlineData("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://collector:4317", false, true)]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "  ", false, false)]
    public void Export_is_off_until_an_endpoint_is_named(string? name, string? value, bool traces, bool metrics)
    {
        var export = new OpenTelemetryExport(n => n == name ? value : null);

        (export.ExportsTraces, export.ExportsMetrics).Should().Be((traces, metrics));
    }

    [Fact]
    public void A_disabled_sdk_exports_nothing()
    {
        var export = new OpenTelemetryExport(n => n == "OTEL_SDK_DISABLED" ? "true" : "http://collector:4317");

        export.ExportsTraces.Should().BeFalse();
    }

    [Fact]
    public void Without_an_endpoint_nothing_is_added()
    {
        var services = new ServiceCollection();

        new OpenTelemetryExport(_ => null).AddTo(services, new ConfigurationManager());

        services.Should().BeEmpty();
    }

    [Fact]
    public void The_service_is_called_synthwave() =>
        OpenTelemetryExport.Describe().Build().Attributes.Should().Contain(a => a.Key == "service.name" && (string)a.Value == (Environment.GetEnvironmentVariable("OTEL_SERVICE_NAME") ?? "synthwave"));
}
