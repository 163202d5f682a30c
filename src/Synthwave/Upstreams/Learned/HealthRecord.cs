namespace Synthwave.Upstreams.Learned;

/// <summary>The last probe of one upstream and the one under way. Thread-safe.</summary>
internal sealed class HealthRecord
{
    private readonly Lock _gate = new();
    private Task<HealthState>? _probe;
    private HealthState? _status;
    private long _probedAt;

    /// <summary>The last result; null = never probed.</summary>
    public HealthState? Status
    {
        get
        {
            lock (_gate)
            {
                return _status;
            }
        }
    }

    /// <summary>A result younger than <paramref name="lifetime"/>; null = a probe is due.</summary>
    public HealthState? Fresh(TimeProvider time, TimeSpan lifetime)
    {
        lock (_gate)
        {
            return _status is { } status && time.GetElapsedTime(_probedAt) < lifetime ? status : null;
        }
    }

    /// <summary>The probe under way, or the one that <paramref name="start"/> begins: never two at a time.</summary>
    public Task<HealthState> Join(Func<Task<HealthState>> start)
    {
        lock (_gate)
        {
            return _probe ??= start();
        }
    }

    /// <summary>The probe under way; null = none is.</summary>
    public Task<HealthState>? UnderWay
    {
        get
        {
            lock (_gate)
            {
                return _probe;
            }
        }
    }

    /// <summary>Ends the probe under way. <paramref name="status"/> null = it was stopped and says nothing. Returns the status before.</summary>
    public HealthState? Complete(HealthState? status, long timestamp)
    {
        lock (_gate)
        {
            _probe = null;
            var before = _status;
            if (status is not null)
            {
                _status = status;
                _probedAt = timestamp;
            }

            return before;
        }
    }
}
