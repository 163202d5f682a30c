namespace Synthwave.Hosting;

/// <summary>Remembers that somebody wants the configuration read again, also while nobody looks yet. Thread-safe.</summary>
internal sealed class ReloadRequest
{
    private int _isAsked;

    /// <summary>Asks; asking twice before it is taken is asking once.</summary>
    public void Ask() => Volatile.Write(ref _isAsked, 1);

    /// <summary>Whether it was asked since the last time.</summary>
    public bool Take() => Interlocked.Exchange(ref _isAsked, 0) != 0;
}
