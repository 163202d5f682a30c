using System.Runtime.InteropServices;
using Synthwave.Load.Driver;
using Synthwave.Load.Driver.Compare;
using Synthwave.Load.Driver.Entered;
using Synthwave.Load.Driver.Memory;

const int Good = 0, NotAsAimed = 1, NotMeasured = 2;

// A run that hangs would hold its processes; nothing here needs an hour.
using var stop = new CancellationTokenSource(TimeSpan.FromMinutes(60));
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop);

return args switch
{
    ["compare", .. var rest] => await MeasureAsync(CompareOptions.Parse(rest), CompareOptions.Usage, options => new Comparison(options).ExecuteAsync(stop.Token)),
    ["files-entered", .. var rest] => await MeasureAsync(
        FilesEnteredOptions.Parse(rest), FilesEnteredOptions.Usage, options => new FilesEntered(options).ExecuteAsync(stop.Token)),
    ["memory", .. var rest] => await MeasureAsync(MemoryOptions.Parse(rest), MemoryOptions.Usage, options => new MemoryProof(options).ExecuteAsync(stop.Token)),
    _ => await MeasureAsync(RunOptions.Parse(args), RunOptions.Usage, options => new Run(options).ExecuteAsync(stop.Token)),
};

async Task<int> MeasureAsync<TOptions>((TOptions? Options, string? Problem) parsed, string usage, Func<TOptions, Task<bool>> measure)
    where TOptions : class
{
    if (parsed.Options is not { } options)
    {
        await (parsed.Problem is null ? Console.Out : Console.Error).WriteLineAsync(parsed.Problem is null ? usage : $"{parsed.Problem}\n\n{usage}");
        return parsed.Problem is null ? Good : NotMeasured;
    }

    try
    {
        return await measure(options) ? Good : NotAsAimed;
    }
    catch (MeasurementException failure)
    {
        await Console.Error.WriteLineAsync($"not measured: {failure.Message}");
        return NotMeasured;
    }
    catch (OperationCanceledException)
    {
        await Console.Error.WriteLineAsync("not measured: interrupted; everything that was started has been ended");
        return NotMeasured;
    }
}

void Stop(PosixSignalContext context)
{
    context.Cancel = true;
    stop.Cancel();
}
