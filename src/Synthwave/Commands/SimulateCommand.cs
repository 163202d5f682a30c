using System.Net;
using Synthwave.Configuration;
using Synthwave.Simulation;

namespace Synthwave.Commands;

/// <summary><c>synthwave simulate</c>: serves the models of a simulation file until it is stopped.</summary>
internal static class SimulateCommand
{
    public const string DefaultHost = "127.0.0.1";

    public const int DefaultPort = 8500;

    /// <param name="path">Value of <c>--config</c>.</param>
    /// <param name="host">IP address, or <c>localhost</c>.</param>
    /// <param name="port">0 = one the system picks; the output names it.</param>
    /// <param name="output">Says where the models are once they can be called.</param>
    /// <param name="error">One line a problem.</param>
    /// <param name="time">The clock of pacing.</param>
    /// <param name="stop">Cancelled by a signal: the orderly end.</param>
    /// <returns>Exit code: 0 stopped, 1 the address cannot be listened on, 78 the file cannot be used.</returns>
    public static async Task<int> RunAsync(string path, string host, int port, TextWriter output, TextWriter error, TimeProvider time, CancellationToken stop)
    {
        if (host != "localhost" && !IPAddress.TryParse(host, out _))
        {
            await error.WriteLineAsync($"synthwave: --host must be an IP address or localhost, not '{host}'");
            return ExitCodes.Failed;
        }

        var file = SimulationFile.Load(path);
        foreach (var problem in file.Problems)
        {
            await error.WriteLineAsync(problem.ToString());
        }

        if (file.Models.IsEmpty)
        {
            return ExitCodes.Config;
        }

        SimulatedServer server;
        try
        {
            // Nothing is asserted here, so nothing is kept.
            server = await SimulatedServer.StartAsync(file.Models, new SimulatedServerOptions { Host = host, Port = port, RecordLimit = 0, Time = time }, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return ExitCodes.Ok;
        }
        catch (Exception e) when (ListenFailure.Is(e))
        {
            await error.WriteLineAsync(ListenFailure.Explain(e, [$"http://{ListenSettings.Bracketed(host)}:{port}"]));
            return ExitCodes.Failed;
        }

        await using (server)
        {
            await output.WriteLineAsync($"Simulating {string.Join(", ", file.Models.Select(m => m.Id))} at {server.BaseUrl}");
            await output.FlushAsync(CancellationToken.None);
            var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using var registration = stop.UnsafeRegister(_ => stopped.TrySetResult(), state: null);
            await stopped.Task;
        }

        return ExitCodes.Ok;
    }
}
