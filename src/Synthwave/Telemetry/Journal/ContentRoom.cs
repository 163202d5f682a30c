namespace Synthwave.Telemetry.Journal;

/// <summary>The memory there is for what requests in work have said and been answered. Thread-safe.</summary>
internal sealed class ContentRoom
{
    private long _limit;
    private long _used;

    /// <summary>Bytes; 0 = nothing is kept.</summary>
    public long Limit
    {
        get => Volatile.Read(ref _limit);
        set => Volatile.Write(ref _limit, value);
    }

    /// <summary>Takes so many bytes; false = there is no room for them.</summary>
    public bool TryTake(int bytes)
    {
        if (Interlocked.Add(ref _used, bytes) <= Limit)
        {
            return true;
        }

        Interlocked.Add(ref _used, -bytes);
        return false;
    }

    public void Give(int bytes) => Interlocked.Add(ref _used, -bytes);
}
