using System.Text;

namespace Synthwave.Upstreams.Protocols.History;

/// <summary>The texts that mending a conversation adds to it, as they stand in a JSON string.</summary>
internal static class HistoryWords
{
    /// <summary>Of a call nobody answered.</summary>
    public static ReadOnlySpan<byte> NoOutput => "[No output of this call is known.]"u8;

    /// <summary>Of a tool message whose call is nowhere; the id goes between the two.</summary>
    public static ReadOnlySpan<byte> OrphanHead => "[Output of the tool call "u8;

    public static ReadOnlySpan<byte> OrphanTail => ", which is not part of this conversation]"u8;

    /// <summary>Where images of a tool message were; they stand in the user message behind it.</summary>
    public static ReadOnlySpan<byte> MediaMoved => "[The output is in the next user message.]"u8;

    /// <summary>Before what a call returned, in that user message; the id goes between the two.</summary>
    public static ReadOnlySpan<byte> MediaHead => "[Returned by the tool call "u8;

    public static ReadOnlySpan<byte> MediaTail => "]"u8;

    /// <summary>Before the output of a tool that failed, where the output does not say so itself (<see cref="TellsFailure"/>).</summary>
    public static ReadOnlySpan<byte> Failed => "Error:"u8;

    /// <summary>Whether an output begins as failures do, among them those that coding agents mark with a tag.</summary>
    public static bool TellsFailure(ReadOnlySpan<byte> text) => Begins(text, "error"u8) || Begins(text, "<tool_use_error>"u8);

    private static bool Begins(ReadOnlySpan<byte> text, ReadOnlySpan<byte> word) => text.Length >= word.Length && Ascii.EqualsIgnoreCase(text[..word.Length], word);
}
