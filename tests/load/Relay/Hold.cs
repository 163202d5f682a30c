using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Synthwave.Load.Relay;

/// <summary>
/// Waits of one length, slept on a thread of its own: never shorter, and longer by what waking up takes. Timers were seen to fire up to a
/// kernel tick early or late, which hides what is measured here. Safe for concurrent use; disposing ends the thread.
/// </summary>
internal sealed class Hold : IDisposable
{
    private readonly TimeSpan _length;

    // All waits are equally long: whoever came first is due first.
    private readonly BlockingCollection<(long Start, TaskCompletionSource Over)> _waits = [];
    private readonly Thread _thread;

    public Hold(TimeSpan length)
    {
        _length = length;
        _thread = new Thread(Run) { IsBackground = true, Name = "hold" };
        _thread.Start();
    }

    public Task WaitAsync()
    {
        var over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _waits.Add((Stopwatch.GetTimestamp(), over));
        return over.Task;
    }

    public void Dispose()
    {
        _waits.CompleteAdding();
        _thread.Join();
        _waits.Dispose();
    }

    private void Run()
    {
        foreach (var (start, over) in _waits.GetConsumingEnumerable())
        {
            TimeSpan left;
            while ((left = _length - Stopwatch.GetElapsedTime(start)) > TimeSpan.Zero)
            {
                var request = new TimeSpec(0, (nint)left.TotalNanoseconds);
                _ = nanosleep(in request, 0);
            }

            over.SetResult();
        }
    }

    // Ends early on a signal; the loop above sleeps the rest.
    [DllImport("libc")]
    private static extern int nanosleep(in TimeSpec request, nint remaining);

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct TimeSpec(nint Seconds, nint Nanoseconds);
}
