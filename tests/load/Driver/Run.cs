namespace Synthwave.Load.Driver;

/// <summary>One run from start to report. Sections that leave traces in a process come after those that must not see them.</summary>
internal sealed class Run(RunOptions options)
{
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(3);

    /// <summary>True when every target that was measured was met.</summary>
    public async Task<bool> ExecuteAsync(CancellationToken cancellationToken)
    {
        Prerequisites.Check();
        var load = MachineFacts.LoadAverage();
        var report = new Report();
        await using (var rig = await Rig.StartAsync(options, cancellationToken))
        {
            await Task.Delay(Settle, cancellationToken);
            var idle = rig.Gateway?.Process.Read() ?? default;

            await SectionAsync("throughput", () => new ThroughputSection(rig, options, report).RunAsync(cancellationToken));
            await SectionAsync("first-token", () => new FirstTokenSection(rig, options, report).RunAsync(cancellationToken));
            await SectionAsync("ensemble", () => new EnsembleSection(rig, options, report).RunAsync(cancellationToken));
            await SectionAsync("memory", () => new MemorySection(rig, options, report).RunAsync(idle, cancellationToken));
            await SectionAsync("idle-streams", () => new IdleStreamSection(rig, options, report).RunAsync(cancellationToken));
            await SectionAsync("start", () => new StartSection(rig, report).RunAsync(cancellationToken));
        }

        var text = report.Render(MachineFacts.Collect(options, load));
        Console.Out.Write(text);
        if (options.ResultsFile is { } file)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
            await File.WriteAllTextAsync(file, text, cancellationToken);
        }

        return report.AllTargetsMet;
    }

    private async Task SectionAsync(string name, Func<Task> run)
    {
        if (options.Only.Contains(name))
        {
            await Console.Error.WriteLineAsync(name);
            await run();
        }
    }
}
