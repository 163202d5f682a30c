using System.Text;
using System.Text.Json;
using Synthwave.Chat.Bodies;
using Synthwave.Json;

namespace Synthwave.Upstreams.Protocols.OpenAi;

/// <summary>Tells the error of a server that gives reasoning and does not take it back, from that of one that misses it.</summary>
internal static class ReasoningRefusal
{
    private static readonly string[] Words =
        ["unsupported", "not supported", "unknown", "unexpected", "unrecognized", "not permitted", "not allowed", "forbidden", "extra inputs", "extra_forbidden", "additional propert", "should not be", "must not be"];

    // DeepSeek and MiMo, Kimi, and what others may say.
    private static readonly string[] AbsenceWords = ["passed back", "pass back", "is missing", "must be provided", "is required", "field required"];

    /// <summary>The member that servers ask for where it is missing.</summary>
    public const string Wanted = "reasoning_content";

    /// <summary>Whether the server misses the reasoning beside a call.</summary>
    /// <param name="error">The error's document, possibly cut.</param>
    public static bool IsOfAbsence(ReadOnlySpan<byte> error)
    {
        var text = Encoding.UTF8.GetString(error);
        return text.Contains(Wanted, StringComparison.Ordinal) && AbsenceWords.Any(w => text.Contains(w, StringComparison.OrdinalIgnoreCase));
    }

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
        asked is not null && !asked.TryGet("x_anthropic", out _) && asked.TryGet("messages", out var messages) && HasMember(messages, member);

    // The member itself: the word alone stands in many conversations about such errors.
    private static bool HasMember(ReadOnlyMemory<byte> messages, string member)
    {
        if (messages.Span.IndexOf(Encoding.UTF8.GetBytes(member)) < 0)
        {
            return false;
        }

        using var document = JsonReading.TryDocument(messages);
        return document?.RootElement.ValueKind is JsonValueKind.Array
            && document.RootElement.EnumerateArray().Any(m => m.ValueKind is JsonValueKind.Object && m.Find(member) is not null);
    }
}
