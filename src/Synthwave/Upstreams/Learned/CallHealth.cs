namespace Synthwave.Upstreams.Learned;

/// <summary>
/// How an upstream is as far as its calls tell: down while its breaker is open, else as the last call that told has it. Up where none did, and again after
/// <see cref="Memory"/>: readiness must not keep away the very calls that would show that it is. Thread-safe.
/// </summary>
internal sealed class CallHealth(CircuitBreaker breaker, TimeProvider time)
{
    /// <summary>How long a call's word counts.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromMinutes(1);

    private volatile HealthState _last = HealthState.Up;
    private long _notedAt;

    public HealthState State =>
        breaker.IsOpen ? HealthState.Down
        : _last is var last && last != HealthState.Up && time.GetElapsedTime(Volatile.Read(ref _notedAt)) < Memory ? last
        : HealthState.Up;

    /// <summary>What a call told.</summary>
    public void Note(HealthState state)
    {
        if (state != HealthState.Up)
        {
            Volatile.Write(ref _notedAt, time.GetTimestamp());
        }

        if (state != _last)
        {
            _last = state;
        }
    }
}
