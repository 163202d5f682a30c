using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Synthwave.Chat;
using Synthwave.Chat.Compaction;
using Synthwave.Upstreams;

namespace Synthwave.Strategies.MixtureOfAgents;

/// <summary>
/// A conversation with a task and fenced drafts at its end, made to fit the window of whoever reads it.
/// <code>
/// │ the client's conversation, byte for byte │ task │ drafts │ answer │ 512 │
///   └ a prefix cache holds it                  └ at the end of the newest user turn, or in a turn of its own
/// </code>
/// Where the window is too small, what must be kept of the conversation comes first, then the drafts (cut in the middle, equal shares), then history.
/// </summary>
/// <param name="reader">Who is asked.</param>
/// <param name="dispatch">The request.</param>
/// <param name="overheadTokens">Kept free for the task at least.</param>
/// <param name="toolsTokens">Estimate of the tools that are sent along.</param>
internal sealed class DraftPrompt(IUpstream reader, Dispatch dispatch, int overheadTokens, int toolsTokens)
{
    /// <summary>Tokens per draft below which cutting would leave nothing worth reading.</summary>
    private const int LeastDraftTokens = 256;

    /// <summary>Tokens the estimate may be wrong by.</summary>
    private const int SafetyMargin = 512;

    /// <summary>
    /// The messages of the call; null when the window cannot hold what must be kept of the conversation and a little of each draft.
    /// </summary>
    /// <param name="messages">The request's <c>messages</c>, whose estimate <see cref="Dispatch.PromptTokens"/> is.</param>
    /// <param name="task">What is to be done, up to the first fence.</param>
    /// <param name="candidates">At least one.</param>
    /// <param name="wantedOutput">Tokens for the answer; lowered to what the reader can write.</param>
    public SynthesisMessages? Compose(ReadOnlyMemory<byte> messages, string task, Candidates candidates, int wantedOutput)
    {
        var output = Math.Max(1, Math.Min(Math.Min(reader.Config.MaxOutput, wantedOutput), reader.Config.Context / 2));
        var heading = Encoding.UTF8.GetBytes(task);
        var frames = candidates.All.Select((c, i) => Frame(c, i + 1, candidates.Nonce)).ToArray();
        var bytes = candidates.All.Select(c => Encoding.UTF8.GetByteCount(c.Text)).ToArray();

        var frameTokens = TokenEstimator.Text(heading.Length + frames.Sum(f => (long)f.Before.Length + f.After.Length)) + TokenEstimator.MessageOverhead + TokenEstimator.Text("user");
        var room = reader.Calibration.ToEstimate(Math.Max(0, reader.Config.Context - output - SafetyMargin))
            - toolsTokens - Math.Max(frameTokens, overheadTokens);
        if (Divide(messages, bytes, room) is not { } share)
        {
            return null;
        }

        var end = new ArrayBufferWriter<byte>();
        end.Write(Escaped(heading));
        for (var i = 0; i < frames.Length; i++)
        {
            end.Write(Escaped(frames[i].Before));
            TextCut.Write(end, Escaped(Encoding.UTF8.GetBytes(candidates.All[i].Text)), bytes[i], share.DraftBytes);
            end.Write(Escaped(frames[i].After));
        }

        var composed = Append(share.Messages.Span, end.WrittenSpan);
        var prompt = (long)share.MessageTokens + share.DraftTokens + frameTokens + toolsTokens;
        return new(composed, TokenEstimator.Clamp(prompt), output);
    }

    private Share? Divide(ReadOnlyMemory<byte> messages, int[] draftBytes, int room)
    {
        var wanted = TokenEstimator.Text(draftBytes.Sum(b => (long)b));
        if (dispatch.PromptTokens + (long)wanted <= room)
        {
            return new(messages, dispatch.PromptTokens, int.MaxValue, wanted);
        }

        var conversation = Conversation.Of(messages);
        var least = draftBytes.Sum(b => (long)Math.Min(TokenEstimator.Text(b), LeastDraftTokens));
        var draftRoom = Math.Min(wanted, room - (long)conversation.LeastTokens);
        if (draftRoom < Math.Min(least, wanted))
        {
            return null;
        }

        var level = EvenShares.Level(draftBytes, draftRoom * 28 / 10);
        var drafts = TokenEstimator.Text(draftBytes.Sum(b => (long)Math.Min(b, level)));
        return conversation.Fit(room - drafts) is { } fitted ? new(fitted.Messages, fitted.Tokens, level, drafts) : null;
    }

    private static (byte[] Before, byte[] After) Frame(Candidate candidate, int number, string nonce)
    {
        var same = candidate.Count > 1 ? $" same=\"{candidate.Count}\"" : "";
        return (Encoding.UTF8.GetBytes($"<draft-{nonce} number=\"{number}\"{same}>\n"), Encoding.UTF8.GetBytes($"\n</draft-{nonce}>\n"));
    }

    private static ReadOnlySpan<byte> Escaped(byte[] utf8) => JsonEncodedText.Encode(utf8, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes;

    // Inside the newest message when that is the user's, since many chat templates refuse two user turns in a row; else in a turn of its own.
    private static ReadOnlyMemory<byte> Append(ReadOnlySpan<byte> messages, ReadOnlySpan<byte> task)
    {
        var output = new ArrayBufferWriter<byte>(messages.Length + task.Length + 64);
        var (start, end) = NewestUserMessage(messages, out var arrayEnd);
        if (end > 0 && ContentEnd.Of(messages[start..end]) is { } place)
        {
            output.Write(messages[..start]);
            place.Write(output, messages[start..end], task);
            output.Write(messages[end..]);
            return output.WrittenMemory;
        }

        output.Write(messages[..arrayEnd]);
        output.Write(",{\"role\":\"user\",\"content\":\""u8);
        output.Write(task);
        output.Write("\"}"u8);
        output.Write(messages[arrayEnd..]);
        return output.WrittenMemory;
    }

    // The last message if it is the user's, else (0, 0).
    private static (int Start, int End) NewestUserMessage(ReadOnlySpan<byte> messages, out int arrayEnd)
    {
        var reader = new Utf8JsonReader(messages, new JsonReaderOptions { MaxDepth = ChatRequestReader.MaxDepth });
        var (start, end) = (0, 0);
        reader.Read();
        while (reader.Read() && reader.TokenType is JsonTokenType.StartObject)
        {
            start = (int)reader.TokenStartIndex;
            var isUser = false;
            while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
            {
                var isRole = JsonText.Matches(reader.ValueSpan, reader.ValueIsEscaped, "role"u8);
                reader.Read();
                isUser = isRole ? reader.TokenType is JsonTokenType.String && JsonText.Matches(reader.ValueSpan, reader.ValueIsEscaped, "user"u8) : isUser;
                reader.Skip();
            }

            end = isUser ? (int)reader.BytesConsumed : 0;
        }

        arrayEnd = (int)reader.TokenStartIndex;
        return end > 0 ? (start, end) : (0, 0);
    }

    /// <summary>The window divided: conversation, and the bytes each draft may keep.</summary>
    private sealed record Share(ReadOnlyMemory<byte> Messages, int MessageTokens, int DraftBytes, int DraftTokens);
}
