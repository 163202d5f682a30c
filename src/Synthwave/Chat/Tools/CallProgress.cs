using System.Text;

namespace Synthwave.Chat.Tools;

/// <summary>One call of a stream, as far as it has come. Not thread-safe.</summary>
internal sealed class CallProgress(int position, int index, bool isOlderForm)
{
    /// <summary>Its place among all calls of the stream, in the order they began.</summary>
    public int Position { get; } = position;

    /// <summary>Where the model puts it.</summary>
    public int SourceIndex { get; set; } = index;

    /// <summary>It came as <c>function_call</c>.</summary>
    public bool IsOlderForm { get; } = isOlderForm;

    /// <summary>The id the model gave it; null = none so far.</summary>
    public string? SourceId { get; set; }

    /// <summary>That id is no other call's too.</summary>
    public bool HasOwnId { get; set; }

    /// <summary>The first piece of its name; null = none so far.</summary>
    public string? SourceName { get; set; }

    /// <summary>The name so far, while it may still grow into a declared one.</summary>
    public string WrittenName { get; set; } = "";

    public CallState State { get; set; } = CallState.Pending;

    /// <summary>Position among the calls the client sees.</summary>
    public int Index { get; set; } = -1;

    /// <summary>How far the arguments are, shown or not.</summary>
    public ArgumentsProgress Arguments { get; } = new();

    /// <summary>It began with an empty object, which is its arguments unless others follow.</summary>
    public bool HoldsEmptyObject { get; set; }

    /// <summary>Nothing more has to come.</summary>
    public bool IsWhole => Arguments.IsComplete || HoldsEmptyObject;

    /// <summary>Arguments that arrived before the name was known.</summary>
    public StringBuilder HeldArguments { get; } = new();

    /// <summary>Deltas that came before the name was known and have members beside the call's own.</summary>
    public List<byte[]> HeldMembers { get; } = [];

    /// <summary>The client has seen arguments.</summary>
    public bool HasArguments { get; set; }
}

internal enum CallState
{
    /// <summary>Its name is not known yet.</summary>
    Pending,

    /// <summary>The client sees it.</summary>
    Accepted,

    /// <summary>Undeclared, one too many, or no call at all: nothing of it is shown.</summary>
    Dropped,
}
