namespace Synthwave.Api.Dialects.Responses;

/// <summary>
/// One exchange of a conversation: its own items and the turn before it. A turn keeps its ancestors in memory, but not what they said: that goes with their response, when it is
/// deleted or its time is over. Thread-safe; all but what was said belongs to the <see cref="ResponseStore"/>.
/// </summary>
/// <param name="previous">Null = the conversation begins here.</param>
/// <param name="input">Input items, each a JSON object or string, separated by commas; references as they were given.</param>
/// <param name="output">Output items, separated by commas.</param>
internal sealed class ResponseTurn(ResponseTurn? previous, ReadOnlyMemory<byte> input, ReadOnlyMemory<byte> output)
{
    private volatile Items? _said = new(input, output);

    public ResponseTurn? Previous { get; } = previous;

    /// <summary>Null = deleted, or its time is over.</summary>
    public Items? Said => _said;

    /// <summary>All turns up to this one, bytes.</summary>
    public long Bytes { get; } = input.Length + output.Length + ResponseStore.EntryBytes + (previous?.Bytes ?? 0);

    /// <summary>How long it is kept after its last use.</summary>
    public TimeSpan Lifetime { get; set; }

    /// <summary>A timestamp.</summary>
    public long ExpiresAt { get; set; } = long.MaxValue;

    /// <summary>Its place among the responses that can be asked for; null = it is none of them, or no longer.</summary>
    public LinkedListNode<StoredResponse>? Node { get; set; }

    /// <summary>Lets go of what was said.</summary>
    public void Forget() => _said = null;

    /// <summary>What was said, items without brackets.</summary>
    public sealed record Items(ReadOnlyMemory<byte> Input, ReadOnlyMemory<byte> Output);
}
