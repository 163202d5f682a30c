using System.Buffers;
using Synthwave.Chat;
using Synthwave.Chat.Cleaning;
using Synthwave.Chat.Completions;
using Synthwave.Json;
using Synthwave.Telemetry.Reports;

namespace Synthwave.Strategies.Voting;

/// <summary>The verdict as a chat completion of the profile's own, complete or sliced into a stream.</summary>
internal static class VoteAnswer
{
    public static async Task<ChatReply> WriteAsync(bool verdict, string profile, Dispatch dispatch, CancellationToken cancellationToken)
    {
        var word = ReportLabels.YesNo(verdict);
        dispatch.Report.FinalContentChars = word.Length;
        var body = Compose(word, dispatch.Server.ModelName ?? profile, dispatch);
        if (!dispatch.Request.Stream)
        {
            return new CompleteReply(200, body);
        }

        var stream = new CleanAnswerStream(
            new SlicedStream(body, dispatch.Clock.Time),
            new AnswerPolicy { Strip = Configuration.ReasoningStrip.Off, Rescue = false, WantsUsage = dispatch.Request.IncludeUsage },
            dispatch.Clock.Time);
        if (await stream.CommitAsync(cancellationToken) is not AnswerStart.Committed)
        {
            throw new InvalidOperationException("A verdict is an answer.");
        }

        dispatch.Report.FirstContentAt ??= dispatch.Clock.Time.GetTimestamp();
        return new StreamReply(stream);
    }

    private static ReadOnlyMemory<byte> Compose(string word, string model, Dispatch dispatch)
    {
        var output = new ArrayBufferWriter<byte>(512);
        using (var json = JsonWriting.To(output))
        {
            json.WriteStartObject();
            json.WriteString("id"u8, RandomHex.New(24, "metamodel-vote-"));
            json.WriteString("object"u8, "chat.completion"u8);
            json.WriteNumber("created"u8, dispatch.Clock.Time.GetUtcNow().ToUnixTimeSeconds());
            json.WriteString("model"u8, model);
            json.WriteStartArray("choices"u8);
            json.WriteStartObject();
            json.WriteNumber("index"u8, 0);
            json.WriteStartObject("message"u8);
            json.WriteString("role"u8, "assistant"u8);
            json.WriteString("content"u8, word);
            json.WriteEndObject();
            json.WriteString("finish_reason"u8, "stop"u8);
            json.WriteEndObject();
            json.WriteEndArray();
            if (dispatch.Report.TotalUsage() is { } usage)
            {
                json.WritePropertyName("usage"u8);
                json.WriteRawValue(usage.ToJson(), skipInputValidation: true);
            }

            json.WriteEndObject();
        }

        return output.WrittenMemory;
    }
}
