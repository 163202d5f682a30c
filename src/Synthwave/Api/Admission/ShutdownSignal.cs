using Synthwave.Chat;

namespace Synthwave.Api.Admission;

/// <summary>
/// Tells requests in flight that the grace after a stop signal is over. Set once; thread-safe.
/// </summary>
internal sealed class ShutdownSignal : IDisposable
{
    private readonly CancellationTokenSource _over = new();

    public static GatewayError Error { get; } = new(503, "shutting_down", "The server is shutting down.") { RetryAfter = TimeSpan.FromSeconds(5) };

    public bool IsOver => _over.IsCancellationRequested;

    public CancellationToken Token => _over.Token;

    /// <summary>Ends the grace.</summary>
    public void Set() => _over.Cancel();

    public void Dispose() => _over.Dispose();
}
