using Synthwave.Json;

namespace Synthwave.Upstreams.Protocols.History;

/// <summary>Who speaks, as far as calls and their outputs are concerned.</summary>
internal enum HistoryRole
{
    /// <summary>Functions of the older form, and roles unknown.</summary>
    Other,
    System,
    User,
    Assistant,
    Tool,
}

/// <summary>One message of a conversation; ranges lie in its array.</summary>
internal readonly record struct HistoryMessage
{
    /// <summary>The message, braces included.</summary>
    public required ByteRange Whole { get; init; }

    public required HistoryRole Role { get; init; }

    /// <summary>Where its calls begin among all calls of the conversation.</summary>
    public required int FirstCall { get; init; }

    public required int CallCount { get; init; }

    /// <summary>It has a list of calls in which no call is.</summary>
    public bool HasEmptyCalls { get; init; }

    /// <summary><c>tool_call_id</c> between its quotes, still escaped; absent = none, or an empty one.</summary>
    public ByteRange ResultOf { get; init; }

    /// <summary>The value of <c>content</c>; absent = null, or no such member.</summary>
    public ByteRange Content { get; init; }

    /// <summary>The content is a list in which something is no text.</summary>
    public bool HasMedia { get; init; }
}

/// <summary>One call of an assistant's message; ranges lie in the array of messages.</summary>
internal readonly record struct HistoryCall
{
    /// <summary>The call, braces included.</summary>
    public required ByteRange Whole { get; init; }

    /// <summary>Between its quotes, still escaped; absent = none, or an empty one.</summary>
    public ByteRange Id { get; init; }

    /// <summary>The value of <c>function</c> when it is an object.</summary>
    public ByteRange Function { get; init; }

    /// <summary>The function's name between its quotes, still escaped.</summary>
    public ByteRange Name { get; init; }

    /// <summary>The value of <c>arguments</c>; absent = null, or no such member.</summary>
    public ByteRange Arguments { get; init; }

    /// <summary>The arguments are a text that says something.</summary>
    public bool HasArguments { get; init; }
}
