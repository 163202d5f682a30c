using System.Diagnostics;

namespace Synthwave.Load.Driver;

/// <summary>A process this run started: its readings, and its end. Disposing, once or more, kills it by its handle.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(5);

    // What would make a run depend on the shell it was started from. Runtime settings (DOTNET_*) stay: they bind all children alike.
    private static readonly string[] ForeignSettings =
        ["OTEL_", "ASPNETCORE_", "META_MODEL_", "TK_MOA_", "DOTNET_URLS", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"];

    private readonly Process _process;
    private readonly string _errorFile;
    private bool _disposed;

    private ChildProcess(string name, Process process, string errorFile)
    {
        Name = name;
        _process = process;
        _errorFile = errorFile;
    }

    public string Name { get; }

    public bool HasExited => _process.HasExited;

    /// <param name="name">Shown in messages and used for file names.</param>
    /// <param name="command">Program and arguments.</param>
    /// <param name="scratch">Receives standard error.</param>
    /// <param name="logs">Receives standard output when not null; otherwise it is discarded, since a line a request fills a disk quickly.</param>
    /// <param name="environment">Variables it gets on top of this process's own.</param>
    public static ChildProcess Start(
        string name, IReadOnlyList<string> command, string scratch, string? logs, IReadOnlyDictionary<string, string>? environment = null)
    {
        var errorFile = Path.Combine(logs ?? scratch, $"{name}.stderr");
        var outputFile = logs is null ? "/dev/null" : Path.Combine(logs, $"{name}.stdout");

        // The shell redirects to files, which a pipe through this process would make this process pay for, and becomes the program: same id.
        var start = new ProcessStartInfo("/bin/sh") { UseShellExecute = false, WorkingDirectory = scratch };
        foreach (var argument in (string[])["-c", "out=$1 err=$2; shift 2; exec \"$@\" </dev/null >\"$out\" 2>\"$err\"", "sh", outputFile, errorFile, .. command])
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var variable in start.Environment.Keys.Where(IsForeign).ToArray())
        {
            start.Environment.Remove(variable);
        }

        foreach (var (variable, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[variable] = value;
        }

        var process = Process.Start(start) ?? throw new MeasurementException($"{name} did not start");
        return new ChildProcess(name, process, errorFile);
    }

    /// <summary>Processor time (user and system) since the start, and resident memory now and at its highest, in bytes.</summary>
    public ProcessReading Read()
    {
        ThrowIfExited();
        _process.Refresh();
        return new ProcessReading(ProcessorClock.Read(_process.Id), ProcessorClock.ReadCompiler(_process.Id), _process.WorkingSet64, _process.PeakWorkingSet64);
    }

    public void ThrowIfExited()
    {
        if (_process.HasExited)
        {
            throw new MeasurementException($"{Name} ended with exit code {_process.ExitCode}{LastErrors()}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        if (!_process.HasExited)
        {
            _process.Kill();
            using var limit = new CancellationTokenSource(EndLimit);
            await _process.WaitForExitAsync(limit.Token);
        }

        _process.Dispose();
    }

    private static bool IsForeign(string variable) =>
        ForeignSettings.Any(prefix => variable.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));

    private string LastErrors()
    {
        if (!File.Exists(_errorFile))
        {
            return string.Empty;
        }

        var lines = File.ReadLines(_errorFile).TakeLast(10).ToArray();
        return lines.Length == 0 ? " and said nothing" : $":{Environment.NewLine}  {string.Join($"{Environment.NewLine}  ", lines)}";
    }
}
