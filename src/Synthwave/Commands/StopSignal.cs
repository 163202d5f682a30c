using System.Runtime.InteropServices;

namespace Synthwave.Commands;

/// <summary>SIGTERM, SIGQUIT and SIGINT: the first asks for an orderly end, a second of any ends the process at once with exit code 0.</summary>
internal sealed class StopSignal : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly PosixSignalRegistration[] _registrations;
    private int _signals;

    public StopSignal() => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal),
        PosixSignalRegistration.Create(PosixSignal.SIGQUIT, OnSignal),
        PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal),
    ];

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => _stop.Token;

    /// <summary>Whether the first was SIGINT: somebody at a terminal wants it to end. Final once <see cref="Token"/> is cancelled.</summary>
    public bool IsInterrupt { get; private set; }

    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }

        _stop.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true;
        if (Interlocked.Increment(ref _signals) > 1)
        {
            Environment.Exit(ExitCodes.Ok);
        }

        IsInterrupt = context.Signal is PosixSignal.SIGINT;
        _stop.Cancel();
    }
}
