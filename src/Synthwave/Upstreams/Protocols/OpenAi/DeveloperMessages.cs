using System.Buffers;
using System.Text.Json;
using Synthwave.Json;

namespace Synthwave.Upstreams.Protocols.OpenAi;

/// <summary>Gives <c>developer</c> messages the role <c>system</c>, for servers that know only that.</summary>
internal static class DeveloperMessages
{
    private static ReadOnlySpan<byte> Developer => "\"developer\""u8;

    /// <summary>The messages rewritten; null = none of them is a developer's.</summary>
    public static ReadOnlyMemory<byte>? ToSystem(ReadOnlyMemory<byte> messages)
    {
        if (messages.Span.IndexOf(Developer) < 0)
        {
            return null;
        }

        using var document = JsonReading.Document(messages);
        if (document.RootElement.ValueKind is not JsonValueKind.Array)
        {
            return null;
        }

        // Everything but the roles' values keeps its bytes.
        var output = new ArrayBufferWriter<byte>(messages.Length);
        var copied = 0;
        var found = false;
        foreach (var message in document.RootElement.EnumerateArray())
        {
            if (message.TryGet("role"u8, out var role) && role.IsText("developer"u8))
            {
                var raw = role.Raw();
                messages.Span.Overlaps(raw, out var at);
                output.Write(messages.Span[copied..at]);
                output.Write("\"system\""u8);
                copied = at + raw.Length;
                found = true;
            }
        }

        if (!found)
        {
            return null;
        }

        output.Write(messages.Span[copied..]);
        return output.WrittenMemory;
    }
}
