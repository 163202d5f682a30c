using Synthwave.Chat;

namespace Synthwave.Api.Admission;

/// <summary>
/// How far a stop has come: asked for, which readiness tells, then over, which requests in flight are told. Each is set once; thread-safe.
/// </summary>
internal sealed class ShutdownSignal : IDisposable
{
    private readonly CancellationTokenSource _over = new();
    private volatile bool _hasBegun;
    private volatile bool _isDisposed;

    public static GatewayError Error { get; } = new(503, "shutting_down", "The server is shutting down.") { RetryAfter = TimeSpan.FromSeconds(5) };

    /// <summary>Whether a stop was asked for.</summary>
    public bool HasBegun => _hasBegun;

    /// <summary>Whether the grace for requests in flight is over.</summary>
    public bool IsOver => _over.IsCancellationRequested;

    public CancellationToken Token => _over.Token;

    /// <summary>A stop was asked for.</summary>
    public void Begin() => _hasBegun = true;

    /// <summary>Ends the grace; nothing once this is disposed, since a timer may come late.</summary>
    public void Set()
    {
        if (!_isDisposed)
        {
            _over.Cancel();
        }
    }

    // The source holds nothing that must be freed, and may be asked until the very end.
    public void Dispose() => _isDisposed = true;
}
