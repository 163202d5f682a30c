using System.Text;

namespace Synthwave.Chat.Tools;

/// <summary>One call of a stream, as far as it has come. Not thread-safe.</summary>
internal sealed class CallProgress(int index, bool isOlderForm)
{
    /// <summary>Where the model puts it.</summary>
    public int SourceIndex { get; } = index;

    /// <summary>It came as <c>function_call</c>.</summary>
    public bool IsOlderForm { get; } = isOlderForm;

    /// <summary>The id the model gave it; null = none so far.</summary>
    public string? SourceId { get; set; }

    /// <summary>The name so far, while it may still grow into a declared one.</summary>
    public string WrittenName { get; set; } = "";

    public CallState State { get; set; } = CallState.Pending;

    /// <summary>Position among the calls the client sees.</summary>
    public int Index { get; set; } = -1;

    /// <summary>Arguments that arrived before the name was known.</summary>
    public StringBuilder HeldArguments { get; } = new();

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
