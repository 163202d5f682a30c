namespace Synthwave.Load.Driver;

/// <summary>The gateway's memory before the load, right after it, with what the last requests needed, and when it has come to rest.</summary>
internal sealed class MemorySection(Rig rig, RunOptions options, Report report)
{
    private const double AfterLimitBytes = 150 * 1024 * 1024;

    /// <summary>"Near idle": what was compiled and pooled under load may stay, what was allocated may not.</summary>
    private const double NearIdle = 2;

    /// <param name="idle">Taken before the first request.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task RunAsync(ProcessReading idle, CancellationToken cancellationToken)
    {
        if (rig.Gateway is not { } gateway)
        {
            return;
        }

        var rest = TimeSpan.FromSeconds(options.Quick ? 10 : 30);
        Progress.Say($"memory, {rest.TotalSeconds:0} s idle");
        var loaded = gateway.Process.Read();
        await Task.Delay(rest, cancellationToken);
        var after = gateway.Process.Read();

        report.Heading("Memory");
        report.Paragraph($"RSS of the gateway in MB. After: {rest.TotalSeconds:0} s without a request.");
        report.Table(
            ["moment", "RSS"],
            [
                ["ready, before the first request", Format.Megabytes(idle.Rss)],
                ["highest", Format.Megabytes(loaded.PeakRss)],
                ["right after the load", Format.Megabytes(loaded.Rss)],
                ["after", Format.Megabytes(after.Rss)],
            ]);
        report.Target("RSS after the load, MB", Format.Megabytes(AfterLimitBytes), Format.Megabytes(after.Rss), after.Rss < AfterLimitBytes);
        report.Target(
            "RSS after idling, MB, near the start's", Format.Megabytes(NearIdle * idle.Rss), Format.Megabytes(after.Rss), after.Rss <= NearIdle * idle.Rss);
    }
}
