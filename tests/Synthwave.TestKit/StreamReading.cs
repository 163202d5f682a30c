using Synthwave.Chat.Events;
using Synthwave.Sse;

namespace Synthwave.TestKit;

/// <summary>Looking and waiting in one call, for tests that only want the next event.</summary>
internal static class StreamReading
{
    /// <summary>Advances to the next event; false = the end. Throws only on cancellation.</summary>
    public static ValueTask<bool> MoveNextAsync(this ChatStream stream, CancellationToken cancellationToken)
    {
        // No async method where nothing is waited for: in debug builds each call of one allocates.
        var step = stream.Step();
        return step is StreamStep.Pending ? WaitAsync(stream, cancellationToken) : new(step is StreamStep.Event);
    }

    /// <summary>Advances to the next event; false = the end.</summary>
    public static async ValueTask<bool> ReadAsync(this SseEventReader reader, CancellationToken cancellationToken)
    {
        while (!reader.TryRead())
        {
            if (reader.End is not SseEnd.None)
            {
                return false;
            }

            await reader.FillAsync(cancellationToken);
        }

        return true;
    }

    private static async ValueTask<bool> WaitAsync(ChatStream stream, CancellationToken cancellationToken)
    {
        StreamStep step;
        do
        {
            await stream.WaitAsync(cancellationToken);
            step = stream.Step();
        }
        while (step is StreamStep.Pending);

        return step is StreamStep.Event;
    }
}
