using System.Diagnostics;
using System.Text;
using Synthwave.Telemetry.Metrics;
using Synthwave.Telemetry.Metrics.Catalogue;

namespace Synthwave.UnitTests.Telemetry.Metrics;

/// <summary>What Prometheus' own tool says. Skipped where it is not installed; Debian has it in the package <c>prometheus</c>.</summary>
public sealed class PromtoolTests
{
    // OpenTelemetry's conventions name the runtime's figures, and two of those names end as a histogram's sample does.
    private static readonly string[] Allowed =
    [
        "dotnet_thread_pool_thread_count non-histogram and non-summary metrics should not have \"_count\" suffix",
        "dotnet_timer_count non-histogram and non-summary metrics should not have \"_count\" suffix",
    ];

    [PromtoolFact]
    public async Task Promtool_finds_no_fault_in_the_metrics()
    {
        using var metrics = new GatewayMetrics(TimeProvider.System);
        metrics.ConfigReloaded(success: true);
        var clock = new SteppedClock();
        var builder = new ReportBuilder(clock);
        builder.Call("a", 0, 1, usage: ReportBuilder.Usage(1, 1));
        metrics.Record(builder.End(2));

        var (_, said) = await RunAsync(["check", "metrics"], metrics.ToPrometheusText());

        said.Split('\n', StringSplitOptions.RemoveEmptyEntries).Should().BeEquivalentTo(Allowed);
    }

    [PromtoolFact]
    public async Task Every_query_of_the_catalogue_is_promql()
    {
        var rules = new StringBuilder("groups:\n  - name: catalogue\n    rules:\n");
        foreach (var metric in MetricCatalogue.All)
        {
            rules.Append($"      - record: asked:{metric.Name}\n        expr: |\n          {metric.Query}\n");
        }

        var file = Path.Combine(Path.GetTempPath(), $"catalogue-{Guid.NewGuid():N}.yml");
        await File.WriteAllTextAsync(file, rules.ToString());
        try
        {
            var (code, said) = await RunAsync(["check", "rules", file], "");

            code.Should().Be(0, "{0}", said);
            said.Should().Contain($"{MetricCatalogue.All.Length} rules found");
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static async Task<(int Code, string Said)> RunAsync(string[] arguments, string input)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var process = Process.Start(new ProcessStartInfo(PromtoolFactAttribute.Tool!, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var errors = process.StandardError.ReadToEndAsync(limit.Token);
        await process.StandardInput.WriteAsync(input.AsMemory(), limit.Token);
        process.StandardInput.Close();
        await process.WaitForExitAsync(limit.Token);
        return (process.ExitCode, await output + await errors);
    }
}
