using Synthwave.Json;
using Synthwave.Upstreams.Learned;
using Synthwave.Upstreams.Protocols.History;

namespace Synthwave.Upstreams.Protocols.Anthropic;

/// <summary>Puts the thinking that led to a message's calls into the message, unless the client sends it itself. Used once, front to back.</summary>
internal sealed class ReturnedThinking(HistoryIndex history, ThinkingMemory memory, string? owner)
{
    private readonly CallMemory _kept = new(memory, history, owner);

    /// <summary>Adds the edits of one message.</summary>
    public void Edit(int position, JsonEdits edits)
    {
        var message = history.Messages[position];
        if (message.Role is not HistoryRole.Assistant || message.CallCount == 0)
        {
            return;
        }

        var text = history.TextOf(message.Whole);
        var own = JsonEdits.FindMember(text, "thinking_blocks"u8, out var end);
        if (own.IsPresent && own.In(text).StartsWith("["u8))
        {
            return;
        }

        for (var call = message.FirstCall; call < message.FirstCall + message.CallCount; call++)
        {
            if (_kept.Find(position, call) is { } blocks)
            {
                if (own.IsPresent)
                {
                    edits.Replace(own.Start, own.Length, blocks);
                }
                else
                {
                    edits.AppendMember(text, end, "thinking_blocks"u8, blocks);
                }

                return;
            }
        }
    }
}
