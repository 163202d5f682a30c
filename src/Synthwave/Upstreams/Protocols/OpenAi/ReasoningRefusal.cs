using System.Text;
using Synthwave.Chat.Bodies;

namespace Synthwave.Upstreams.Protocols.OpenAi;

/// <summary>Tells the error of a server that gives reasoning and does not take it back, from that of one that misses it.</summary>
internal static class ReasoningRefusal
{
    private static readonly string[] Words =
        ["unsupported", "not supported", "unknown", "unexpected", "unrecognized", "not permitted", "not allowed", "forbidden", "extra inputs", "extra_forbidden", "additional propert", "should not be", "must not be"];

    /// <param name="member">The reasoning's name.</param>
    /// <param name="error">The error's document, possibly cut.</param>
    public static bool IsOf(string member, ReadOnlySpan<byte> error)
    {
        var text = Encoding.UTF8.GetString(error);
        return text.Contains(member, StringComparison.Ordinal) && Words.Any(w => text.Contains(w, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>
    /// Whether the error may be about what the client itself says: then it teaches nothing, and nobody can provoke it for others who share the credential. Of what a dialect
    /// translated we are the authors.
    /// </summary>
    /// <param name="member">The reasoning's name.</param>
    /// <param name="asked">The conversation as the client has it; null = unknown.</param>
    public static bool MayBeOfClient(string member, ChatBody? asked) =>
        asked is not null && !asked.TryGet("x_anthropic", out _) && Encoding.UTF8.GetString(asked.ToArray()).Contains(member, StringComparison.Ordinal);
}
