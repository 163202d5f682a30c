using Synthwave.Chat;
using Synthwave.Chat.Memory;

namespace Synthwave.Api.Answers;

/// <summary>
/// What a door keeps of a streamed answer, for the object at its end or because it cannot be told yet: bounded by <c>max_reply_mb</c>, and taken from the request's
/// memory. Used by one flow.
/// </summary>
/// <param name="limit">Most bytes.</param>
/// <param name="memory">The request's.</param>
internal sealed class KeptBytes(long limit, MemoryShare memory)
{
    // The text, what is built of it at the end, and what of that is on its way to the client.
    private const int Copies = 3;

    private long _bytes;

    /// <summary>Why nothing more can be kept; null = it can.</summary>
    public GatewayError? Trouble { get; private set; }

    /// <summary>Nothing is counted.</summary>
    public static KeptBytes Unlimited() => new(long.MaxValue, MemoryShare.Uncounted);

    /// <summary>Counts before something is kept; false = it must not be, and the answer ends with <see cref="Trouble"/>.</summary>
    public bool TryKeep(long bytes)
    {
        if (Trouble is not null)
        {
            return false;
        }

        _bytes += bytes;
        Trouble = _bytes > limit
            ? new GatewayError(502, "too_large", $"The answer is larger than the {limit / (1024 * 1024)} MiB that max_reply_mb in [server] lets this endpoint keep of it. It was ended here.")
            : memory.TryTake(bytes * Copies) ? null : MemoryBudget.Full;
        return Trouble is null;
    }
}
