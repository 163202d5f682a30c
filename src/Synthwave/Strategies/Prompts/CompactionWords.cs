using System.Globalization;

namespace Synthwave.Strategies.Prompts;

/// <summary>What stands in a conversation or a draft where something was left out to fit a window. All of it is inside a JSON string already.</summary>
internal static class CompactionWords
{
    /// <summary>Upper bound, in estimated tokens, of <see cref="PartsLeftOut"/>, also when it needs a message of its own.</summary>
    public const int PartsLeftOutTokens = 48;

    /// <summary>Upper bound, in bytes, of <see cref="ArgumentsLeftOut"/>.</summary>
    public const int ArgumentsLeftOutBytes = 32;

    /// <summary>The mark in the middle of a text is this, the bytes that are missing, and <see cref="MarkEnd"/>.</summary>
    public static ReadOnlySpan<byte> MarkStart => "\\n[... "u8;

    public static ReadOnlySpan<byte> MarkEnd => " bytes left out ...]\\n"u8;

    /// <summary>At the start of a conversation.</summary>
    public static string PartsLeftOut(int parts) => string.Create(
        CultureInfo.InvariantCulture, $"({parts} earlier {(parts == 1 ? "part" : "parts")} of this conversation were left out to fit the context window.)");

    /// <summary>In the place of a call's arguments.</summary>
    /// <param name="bytes">What was there.</param>
    /// <param name="isInString">The arguments are a JSON string, else an object.</param>
    public static string ArgumentsLeftOut(int bytes, bool isInString)
    {
        var quote = isInString ? "\\\"" : "\"";
        return string.Create(CultureInfo.InvariantCulture, $"{{{quote}left_out{quote}:{quote}{bytes} bytes{quote}}}");
    }
}
