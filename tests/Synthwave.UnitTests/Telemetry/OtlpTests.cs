using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using Synthwave.Configuration;
using Synthwave.Telemetry;
using Synthwave.Telemetry.Logging;
using Synthwave.Telemetry.Metrics;
using Synthwave.Telemetry.Reports;
using Synthwave.Telemetry.Tracing;
using Synthwave.TestKit;

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

    [Theory]
    [InlineData("grpc")]
    [InlineData("http/protobuf")]
    public async Task A_collector_that_is_down_is_told_of_once_and_then_once_a_minute(string protocol)
    {
        using var nobody = new RefusedPort();
        Set("OTEL_EXPORTER_OTLP_ENDPOINT", $"http://127.0.0.1:{nobody.Port}");
        Set("OTEL_EXPORTER_OTLP_PROTOCOL", protocol);
        var time = new FakeTimeProvider();
        using var log = new SilentLog();
        var hosting = Host.CreateEmptyApplicationBuilder(null);
        hosting.Services.AddSingleton<TimeProvider>(time);
        await using var logging = LoggingSetup.Create(log, LogThreshold.Info, time);
        logging.AddTo(hosting.Logging);
        new OpenTelemetryExport(Environment.GetEnvironmentVariable).AddTo(hosting.Services, hosting.Configuration);
        using var host = hosting.Build();
        await host.StartAsync();
        using var metrics = new GatewayMetrics(TimeProvider.System);

        void Fail(int times)
        {
            for (var i = 0; i < times; i++)
            {
                var report = new DispatchReport("metamodel-x", 0) { Profile = "p", Strategy = ReportBuilder.Kind("moa"), Outcome = DispatchOutcome.Success, EndedAt = 1 };
                Spans.EndWorkflow(Spans.StartWorkflow(report), report);
                metrics.Record(report);
                host.Services.GetRequiredService<TracerProvider>().ForceFlush();
                host.Services.GetRequiredService<MeterProvider>().ForceFlush();
            }
        }

        Fail(times: 3);
        time.Advance(ExportTrouble.Interval - TimeSpan.FromSeconds(1));
        Fail(times: 1);
        time.Advance(TimeSpan.FromSeconds(1));
        Fail(times: 1);
        await host.StopAsync();
        await logging.DisposeAsync();

        var lines = log.Events.Select(e => e.RenderMessage(CultureInfo.InvariantCulture)).ToArray();
        lines.Should().HaveCount(2).And.AllSatisfy(l => l.Should().StartWith("Telemetry does not reach its collector").And.NotContain("127.0.0.1"));
        lines[0].Should().Contain("last said: 1)");
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
