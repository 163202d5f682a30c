namespace Synthwave.Load.Driver;

/// <summary>One run from start to report. Sections that leave traces in a process come after those that must not see them.</summary>
internal sealed class Run(RunOptions options)
{
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(3);

    /// <summary>True when everything that was asked for was measured and every target met.</summary>
    public async Task<bool> ExecuteAsync(CancellationToken cancellationToken)
    {
        Prerequisites.Check();
        var load = MachineFacts.LoadAverage();
        var report = new Report();
        await using (var rig = await Rig.StartAsync(options, cancellationToken))
        {
            await Task.Delay(Settle, cancellationToken);
            var idle = rig.Gateway?.Process.Read() ?? default;

            await SectionAsync(report, "throughput", () => new ThroughputSection(rig, options, report).RunAsync(cancellationToken));
            await SectionAsync(report, "first-token", () => new FirstTokenSection(rig, options, report).RunAsync(cancellationToken));
            await SectionAsync(report, "ensemble", () => new EnsembleSection(rig, options, report).RunAsync(cancellationToken));
            await SectionAsync(report, "memory", () => new MemorySection(rig, options, report).RunAsync(idle, cancellationToken));
            await SectionAsync(report, "idle-streams", () => new IdleStreamSection(rig, options, report).RunAsync(cancellationToken));
            await SectionAsync(report, "start", () => new StartSection(rig, report).RunAsync(cancellationToken));
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

    /// <summary>Runs a section that was asked for. One that fails is a missed target; what the others find stays worth knowing.</summary>
    private async Task SectionAsync(Report report, string name, Func<Task> run)
    {
        if (!options.Only.Contains(name))
        {
            return;
        }

        await Console.Error.WriteLineAsync(name);
        try
        {
            await run();
        }
        catch (Exception problem) when (problem is MeasurementException or HttpRequestException or IOException)
        {
            report.NotMeasured(name, problem);
        }
    }
}
