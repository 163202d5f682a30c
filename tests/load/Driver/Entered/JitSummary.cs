using System.Diagnostics;

namespace Synthwave.Load.Driver.Entered;

/// <summary>The methods a process compiles, in the order in which it first enters them, as its compiler lists them.</summary>
internal sealed class JitSummary : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly Terminal _terminal = new();
    private readonly Lock _lock = new();
    private readonly List<JittedMethod> _methods = [];
    private readonly HashSet<JittedMethod> _seen = [];
    private long _last = Stopwatch.GetTimestamp();

    public JitSummary() => new Thread(Read) { IsBackground = true, Name = "jit summary" }.Start();

    /// <summary>
    /// What the process needs in its environment. Code that was compiled ahead is not used, and methods are compiled one by one and without
    /// inlining, as in the first tier, so that each one shows up when it is entered for the first time.
    /// </summary>
    public IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string>
    {
        ["DOTNET_JitStdOutFile"] = _terminal.Name,
        ["DOTNET_JitDisasmSummary"] = "1",
        ["DOTNET_ReadyToRun"] = "0",
        ["DOTNET_TieredCompilation"] = "1",
        ["DOTNET_TC_QuickJit"] = "1",
        ["DOTNET_TC_QuickJitForLoops"] = "1",
        ["DOTNET_TieredPGO"] = "0",
    };

    /// <summary>Waits until nothing has been compiled for so long, and gives what has been since the start.</summary>
    public async Task<IReadOnlyList<JittedMethod>> WhenQuietAsync(TimeSpan quiet, CancellationToken cancellationToken)
    {
        var asked = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(Math.Max(asked, Interlocked.Read(ref _last))) < quiet)
        {
            await Task.Delay(Pause, cancellationToken);
        }

        lock (_lock)
        {
            return [.. _methods];
        }
    }

    public void Dispose() => _terminal.Dispose();

    private void Read()
    {
        foreach (var line in _terminal.ReadLines())
        {
            // A method that is compiled again, better, was entered before.
            if (JittedMethod.Parse(line) is { } method)
            {
                lock (_lock)
                {
                    if (_seen.Add(method))
                    {
                        _methods.Add(method);
                        Interlocked.Exchange(ref _last, Stopwatch.GetTimestamp());
                    }
                }
            }
        }
    }
}
