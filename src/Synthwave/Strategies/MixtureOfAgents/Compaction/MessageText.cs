namespace Synthwave.Strategies.MixtureOfAgents.Compaction;

/// <summary>A text of a message that can be shortened. Offsets count bytes from the start of the conversation's JSON.</summary>
/// <param name="Start">Behind the opening quote, or the first byte of an object or array.</param>
/// <param name="End">The closing quote, or behind the object or array.</param>
/// <param name="Bytes">UTF-8 bytes of the unescaped text, or of the value as estimated.</param>
/// <param name="Kind">What the text is, and so how it may be shortened.</param>
internal readonly record struct MessageText(int Start, int End, int Bytes, MessageTextKind Kind);

internal enum MessageTextKind
{
    /// <summary>Prose between quotes: its middle can be cut.</summary>
    Content,

    /// <summary>A call's arguments as a string: whole, or a note in their place, since half of a JSON text is none.</summary>
    Arguments,

    /// <summary>A call's arguments as JSON, likewise.</summary>
    ArgumentsValue,
}
