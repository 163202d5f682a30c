using System.Diagnostics;

namespace Synthwave.Load.Driver;

/// <summary>From the start of the process to the first 200 of <c>/healthz</c>.</summary>
internal sealed class StartSection(Rig rig, Report report)
{
    private const double LimitMs = 400;
    private const int Starts = 5;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(2);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (rig.Gateway is null)
        {
            return;
        }

        Progress.Say("start");
        var times = new Samples();
        await StartOnceAsync(cancellationToken); // files come from the disk once
        for (var i = 0; i < Starts; i++)
        {
            times.Add(await StartOnceAsync(cancellationToken));
        }

        report.Heading("Start");
        report.Paragraph($"Milliseconds from the start of the process to the first 200 of /healthz, {Starts} starts.");
        report.Table(["", "ms"], [["fastest", Format.Count(times.Quantile(0))], ["median", Format.Count(times.Median)], ["slowest", Format.Count(times.Quantile(1))]]);
        report.Target("ready to serve, median, ms", Format.Count(LimitMs), Format.Count(times.Median), times.Median < LimitMs);
    }

    private async Task<double> StartOnceAsync(CancellationToken cancellationToken)
    {
        var launched = Stopwatch.GetTimestamp();
        var server = rig.LaunchGateway("gateway-start");
        await using (server.Process)
        {
            await Readiness.WaitAsync(rig.Client, server.Process, new Uri(server.Url, "healthz"), Pause, cancellationToken);
            return Stopwatch.GetElapsedTime(launched).TotalMilliseconds;
        }
    }
}
