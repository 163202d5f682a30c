using System.Buffers;
using System.Text.Json;
using Synthwave.Chat.Reasoning;
using Synthwave.Json;

namespace Synthwave.Strategies.MixtureOfAgents;

/// <summary>
/// Takes reasoning out of a conversation that goes to several models: whose it is cannot be seen, and it is nobody else's. Its author is given it back by
/// what is remembered of its calls.
/// </summary>
internal static class ForeignReasoning
{
    private static readonly string[] Members = ["reasoning_content", "reasoning", "reasoning_details", ReasoningMembers.OfDialect];

    /// <summary>The messages without it; null = there is none.</summary>
    public static ReadOnlyMemory<byte>? Strip(ReadOnlyMemory<byte> messages)
    {
        var json = messages.Span;
        if (json.IndexOf("reasoning"u8) < 0)
        {
            return null;
        }

        var edits = new JsonEdits();
        var reader = JsonReading.ReaderAt(json);
        while (reader.Read() && reader.TokenType is JsonTokenType.StartObject)
        {
            var start = (int)reader.TokenStartIndex;
            var hasIt = false;
            while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
            {
                foreach (var name in Members)
                {
                    hasIt |= reader.TextIs(name);
                }

                reader.Read();
                reader.Skip();
            }

            if (hasIt)
            {
                edits.CutMembers(json, new(start, (int)reader.BytesConsumed - start), Members);
            }
        }

        if (edits.IsEmpty)
        {
            return null;
        }

        var output = new ArrayBufferWriter<byte>(json.Length);
        edits.Apply(json, output);
        return output.WrittenMemory;
    }
}
