using System.Buffers;
using System.Text;
using Synthwave.Chat.Requests;
using Synthwave.Strategies.Prompts;

namespace Synthwave.Strategies.MixtureOfAgents.Compaction;

/// <summary>Composes a messages array from slices of the original, texts cut where their message got less than it costs, and a note about what is missing.</summary>
internal static class ConversationWriter
{
    /// <param name="conversation">What is written.</param>
    /// <param name="targets">Tokens by message, 0 = left out.</param>
    public static FittedConversation Write(Conversation conversation, int[] targets)
    {
        var json = conversation.Json.Span;
        var messages = conversation.Messages;
        var dropped = DroppedGroups(conversation, targets);
        var noteAfter = dropped == 0 ? -1 : conversation.Layout.Leading - 1;
        var output = new ArrayBufferWriter<byte>(LikelyLength(messages, targets));
        long tokens = 0;
        var shortened = 0;
        var copied = -1;
        output.Write("["u8);
        if (dropped > 0 && noteAfter < 0)
        {
            tokens += WriteNoteMessage(output, dropped);
        }

        for (var i = 0; i < messages.Length; i++)
        {
            if (targets[i] == 0)
            {
                continue;
            }

            ref readonly var message = ref messages[i];
            var isShortened = targets[i] < message.Tokens;
            if (!isShortened && i != noteAfter)
            {
                // Neighbours keep what stands between them.
                var from = copied >= 0 && copied == i - 1 ? messages[copied].End : Separate(output, message.Start);
                output.Write(json[from..message.End]);
                copied = i;
                tokens += message.Tokens;
                continue;
            }

            Separate(output, 0);
            var start = output.WrittenCount;
            if (isShortened)
            {
                shortened++;
                WriteShortened(output, conversation, message, targets[i]);
            }
            else if (!TryWriteWithNote(output, json[message.Start..message.End], dropped))
            {
                output.Write(json[message.Start..message.End]);
                tokens += MessageTokens.Of(output.WrittenSpan[start..]);
                Separate(output, 0);
                start = output.WrittenCount;
                WriteNoteMessage(output, dropped);
            }

            tokens += MessageTokens.Of(output.WrittenSpan[start..]);
        }

        output.Write("]"u8);
        return new(output.WrittenMemory, TokenEstimator.Clamp(tokens), dropped, shortened);
    }

    // Most of a kept message's bytes are its text; one that is cut takes about three bytes a token.
    private static int LikelyLength(ConversationMessage[] messages, int[] targets)
    {
        var length = 512;
        for (var i = 0; i < messages.Length; i++)
        {
            length += targets[i] == 0 ? 0 : Math.Min(messages[i].End - messages[i].Start + 2, (4 * targets[i]) + 256);
        }

        return length;
    }

    private static int DroppedGroups(Conversation conversation, int[] targets)
    {
        var dropped = 0;
        for (var group = 0; group < conversation.Layout.GroupCount; group++)
        {
            dropped += targets[conversation.Layout.StartOf(group)] == 0 ? 1 : 0;
        }

        return dropped;
    }

    private static int Separate(ArrayBufferWriter<byte> output, int next)
    {
        if (output.WrittenCount > 1)
        {
            output.Write(","u8);
        }

        return next;
    }

    // Where the system speaks already, so that no template meets a system message in the middle.
    private static bool TryWriteWithNote(ArrayBufferWriter<byte> output, ReadOnlySpan<byte> message, int dropped)
    {
        if (ContentEnd.Of(message) is not { } end)
        {
            return false;
        }

        end.Write(output, message, Encoding.UTF8.GetBytes($"\\n\\n{CompactionWords.PartsLeftOut(dropped)}"));
        return true;
    }

    private static int WriteNoteMessage(ArrayBufferWriter<byte> output, int dropped)
    {
        var start = output.WrittenCount;
        output.Write("{\"role\":\"system\",\"content\":\""u8);
        output.Write(Encoding.UTF8.GetBytes(CompactionWords.PartsLeftOut(dropped)));
        output.Write("\"}"u8);
        return MessageTokens.Of(output.WrittenSpan[start..]);
    }

    private static void WriteShortened(ArrayBufferWriter<byte> output, Conversation conversation, in ConversationMessage message, int target)
    {
        var json = conversation.Json.Span;
        var level = message.HasCalls ? 0 : ContentLevel(conversation, message, target);
        var at = message.Start;
        foreach (ref readonly var text in conversation.TextsOf(message))
        {
            var isCut = message.HasCalls ? Conversation.IsLong(text) : text.Kind is MessageTextKind.Content;
            if (!isCut)
            {
                continue;
            }

            output.Write(json[at..text.Start]);
            if (text.Kind is MessageTextKind.Content)
            {
                TextCut.Write(output, json[text.Start..text.End], text.Bytes, level);
            }
            else
            {
                output.Write(Encoding.UTF8.GetBytes(CompactionWords.ArgumentsLeftOut(text.Bytes, isInString: text.Kind is MessageTextKind.Arguments)));
            }

            at = text.End;
        }

        output.Write(json[at..message.End]);
    }

    // The bytes each text of the message may keep.
    private static int ContentLevel(Conversation conversation, in ConversationMessage message, int target)
    {
        var around = message.Tokens - TokenEstimator.Text(message.ContentBytes);
        var room = Math.Max(0, target - around) * 28L / 10;
        var sizes = new List<int>();
        foreach (ref readonly var text in conversation.TextsOf(message))
        {
            if (text.Kind is MessageTextKind.Content)
            {
                sizes.Add(text.Bytes);
            }
        }

        return EvenShares.Level([.. sizes], room - (message.ContentBytes - sizes.Sum()));
    }
}
