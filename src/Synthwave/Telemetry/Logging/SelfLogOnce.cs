namespace Synthwave.Telemetry.Logging;

/// <summary>
/// Tells on standard error that the log itself is in trouble: the first time only, since what is wrong with an output is wrong with every line.
/// Thread-safe. Never throws for what the writer does.
/// </summary>
internal sealed class SelfLogOnce(TextWriter error)
{
    private int _said;

    public void Write(string message)
    {
        if (Interlocked.Exchange(ref _said, 1) != 0)
        {
            return;
        }

        try
        {
            error.WriteLine($"synthwave: the log is incomplete, and further problems of this kind are not shown: {message}");
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // There is nobody left to tell.
        }
    }
}
