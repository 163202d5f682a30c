using System.Text;
using Synthwave.Json;

namespace Synthwave.Chat.Requests;

/// <summary>
/// Token counts as the gateway guesses them without a tokenizer: 2.8 bytes of UTF-8 a token, a few tokens for what surrounds a message, a flat sum for an image. Pure.
/// The same rules give the estimates a <see cref="ChatRequest"/> carries.
/// </summary>
internal static class TokenEstimator
{
    /// <summary>Around every message, its role and text not counted.</summary>
    public const int MessageOverhead = 4;

    /// <summary>Around every tool call, its name and arguments not counted.</summary>
    public const int ToolCallOverhead = 10;

    /// <summary>Around a list of tools.</summary>
    public const int ToolsOverhead = 64;

    /// <summary>An image. Models count some 85 to 1,600, by its size, which only its bytes tell (OpenAI: tiles; Anthropic: width × height / 750).</summary>
    public const int Image = 1000;

    /// <summary>A sound, of a length nobody has said.</summary>
    public const int Audio = 1000;

    /// <summary>A video, of a length nobody has said.</summary>
    public const int Video = 4000;

    /// <summary>Per <c>file</c> part: a page of a PDF costs 1,500 to 3,000 tokens (https://docs.claude.com/en/docs/build-with-claude/pdf-support), and how many there are is not known.</summary>
    public const int File = 3000;

    /// <summary>Tokens of a text of so many UTF-8 bytes, rounded up; 0 for none.</summary>
    public static int Text(long utf8Bytes) => Clamp(((10 * utf8Bytes) + 27) / 28);

    public static int Text(string text) => Text(Encoding.UTF8.GetByteCount(text));

    /// <summary>A <c>tools</c> array (valid JSON); 0 when it is empty or no array.</summary>
    public static int Tools(ReadOnlySpan<byte> tools)
    {
        var content = tools.Trim(" \t\r\n"u8);
        if (content.Length < 2 || content[0] != '[' || content[1..^1].Trim(" \t\r\n"u8).IsEmpty)
        {
            return 0;
        }

        return Tools(JsonMeasure.SpacedLength(content));
    }

    /// <summary>A list of tools that takes so many characters when written with spaces behind commas and colons and everything outside ASCII escaped.</summary>
    public static int Tools(long characters) => Clamp((characters / 3) + ToolsOverhead);

    public static int Clamp(long tokens) => (int)Math.Min(tokens, int.MaxValue);
}
