using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;

namespace Synthwave.Api.Answers;

/// <summary>
/// Waits for an operation until it is done or a time has passed, as often as need be: with one timer, and without a new task for every wait. One operation
/// after the other, each watched to its end before the next begins; waits are made by one flow at a time. The operation and the timer may end a wait on any
/// thread, which then runs what follows it. Disposing ends no wait.
/// </summary>
internal sealed class TimedWait : IValueTaskSource<bool>, IDisposable
{
    private const int Idle = 0;
    private const int Waiting = 1;

    private readonly TimeProvider _time;
    private readonly Action _done;
    private ManualResetValueTaskSourceCore<bool> _core;
    private Task? _task;
    private ITimer? _timer;
    private long _firesAt;
    private bool _isArmed;
    private bool _isDone;
    private int _isCut;
    private int _state;

    public TimedWait(TimeProvider time)
    {
        _time = time;
        _done = NoteDone;
    }

    /// <summary>Watches <paramref name="task"/>; nothing new for the task that is watched already.</summary>
    public void Watch(Task task)
    {
        if (!IsWatching(task))
        {
            _task = task;
            _isDone = false;
            task.GetAwaiter().UnsafeOnCompleted(_done);
        }
    }

    /// <summary>Watches an operation that nobody else waits for.</summary>
    public void Watch(ValueTaskAwaiter operation)
    {
        _task = null;
        _isDone = false;
        operation.UnsafeOnCompleted(_done);
    }

    public bool IsWatching(Task task) => ReferenceEquals(_task, task);

    /// <summary>Whether the operation is done within <paramref name="limit"/>. False may come early: whoever counts the time looks at it.</summary>
    public ValueTask<bool> IsDoneWithinAsync(TimeSpan limit)
    {
        _core.Reset();
        Interlocked.Exchange(ref _state, Waiting);

        // Looked at only now: what happens from here on ends the wait.
        if ((Volatile.Read(ref _isDone) || limit == TimeSpan.Zero || Interlocked.Exchange(ref _isCut, 0) == 1) && TryEnd())
        {
            return new(Volatile.Read(ref _isDone));
        }

        Arm(limit);
        return new(this, _core.Version);
    }

    /// <summary>Ends the wait that is under way, or else the next one, as if its time had passed. Any thread.</summary>
    public void Cut()
    {
        Interlocked.Exchange(ref _isCut, 1);
        if (TryEnd())
        {
            // Nothing is left of it for the next one.
            Interlocked.Exchange(ref _isCut, 0);
            _core.SetResult(false);
        }
    }

    public void Dispose() => _timer?.Dispose();

    bool IValueTaskSource<bool>.GetResult(short token) => _core.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    // A timer that fires sooner is left alone: whoever waits then looks at the time and waits again.
    private void Arm(TimeSpan limit)
    {
        if (limit == Timeout.InfiniteTimeSpan)
        {
            return;
        }

        var end = _time.GetTimestamp() + (long)(limit.TotalSeconds * _time.TimestampFrequency);
        if (Volatile.Read(ref _isArmed) && _firesAt <= end)
        {
            return;
        }

        _firesAt = end;
        Volatile.Write(ref _isArmed, true);
        _timer ??= _time.CreateTimer(static state => ((TimedWait)state!).NoteTime(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(limit, Timeout.InfiniteTimeSpan);
    }

    private void NoteDone()
    {
        Volatile.Write(ref _isDone, true);
        if (TryEnd())
        {
            _core.SetResult(true);
        }
    }

    private void NoteTime()
    {
        Volatile.Write(ref _isArmed, false);
        if (TryEnd())
        {
            _core.SetResult(false);
        }
    }

    private bool TryEnd() => Interlocked.CompareExchange(ref _state, Idle, Waiting) == Waiting;
}
