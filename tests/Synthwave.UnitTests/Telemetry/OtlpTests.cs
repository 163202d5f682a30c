using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Synthwave.Telemetry;
using Synthwave.Telemetry.Metrics;
using Synthwave.Telemetry.Reports;
using Synthwave.Telemetry.Tracing;

namespace Synthwave.UnitTests.Telemetry;

[Collection(ProcessWideListeners.Name)]
public sealed class OtlpTests : IDisposable
{
    private readonly Dictionary<string, string?> _before = [];

    [Fact]
    public async Task Spans_and_metrics_reach_a_collector_before_the_host_is_down()
    {
        var received = new ConcurrentDictionary<string, string>();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var collector = builder.Build();
        collector.Run(async context =>
        {
            using var reader = new StreamReader(context.Request.Body, Encoding.Latin1);
            var body = await reader.ReadToEndAsync();
            received.AddOrUpdate(context.Request.Path, body, (_, before) => before + body);
            context.Response.ContentType = "application/x-protobuf";
        });
        await collector.StartAsync();

        // The exporter itself reads the process environment.
        Set("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Urls.Single());
        Set("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf");
        Set("OTEL_SERVICE_NAME", "renamed-gateway");
        var hosting = Host.CreateEmptyApplicationBuilder(null);
        new OpenTelemetryExport(Environment.GetEnvironmentVariable).AddTo(hosting.Services, hosting.Configuration);
        var host = hosting.Build();
        await host.StartAsync();
        using var metrics = new GatewayMetrics(TimeProvider.System);
        var report = new DispatchReport("metamodel-x", 0) { Profile = "exported-profile", Strategy = ReportBuilder.Kind("moa"), Outcome = DispatchOutcome.Success, EndedAt = 1 };
        Spans.EndWorkflow(Spans.StartWorkflow(report), report);
        metrics.Record(report);
        await host.StopAsync();
        host.Dispose();

        received.Keys.Should().BeEquivalentTo("/v1/traces", "/v1/metrics");
        received["/v1/traces"].Should().Contain("invoke_workflow exported-profile").And.Contain("renamed-gateway");
        received["/v1/metrics"].Should().Contain("synthwave.requests").And.Contain("exported-profile").And.Contain("renamed-gateway");
    }

    public void Dispose()
    {
        foreach (var (name, value) in _before)
        {
            Environment.SetEnvironmentVariable(name, value);
        }
    }

    private void Set(string name, string value)
    {
        _before[name] = Environment.GetEnvironmentVariable(name);
        Environment.SetEnvironmentVariable(name, value);
    }
}
