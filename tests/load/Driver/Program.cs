using System.Runtime.InteropServices;
using Synthwave.Load.Driver;

const int TargetsMet = 0, TargetsMissed = 1, NotMeasured = 2;

var (options, problem) = RunOptions.Parse(args);
if (options is null)
{
    await (problem is null ? Console.Out : Console.Error).WriteLineAsync(problem is null ? RunOptions.Usage : $"{problem}\n\n{RunOptions.Usage}");
    return problem is null ? TargetsMet : NotMeasured;
}

// A run that hangs would hold its processes; nothing here needs three quarters of an hour.
using var stop = new CancellationTokenSource(TimeSpan.FromMinutes(45));
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop);

try
{
    return await new Run(options).ExecuteAsync(stop.Token) ? TargetsMet : TargetsMissed;
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

void Stop(PosixSignalContext context)
{
    context.Cancel = true;
    stop.Cancel();
}
