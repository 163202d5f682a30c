using Synthwave.Chat.Cleaning;
using Synthwave.Chat.Completions;
using Synthwave.Telemetry.Reports;

namespace Synthwave.Strategies;

/// <summary>What an answer's bytes told about themselves, buffered or streamed.</summary>
internal readonly record struct AnswerFacts(TokenUsage? Usage, string? FinishReason, string? Model, bool IsRescued, int ToolCalls, long ContentChars)
{
    public static AnswerFacts Of(CleanCompletion clean) =>
        new(clean.Usage, clean.FinishReason, clean.ResponseModel, clean.IsRescued, clean.ToolCallCount, clean.ContentChars);

    public static AnswerFacts Of(CleanAnswerStream stream) =>
        new(stream.Usage, stream.FinishReason, stream.ResponseModel, stream.IsRescued, stream.ToolCallCount, stream.ContentChars);

    /// <summary>Carries the facts into the call's report.</summary>
    public void NoteIn(CallReport call)
    {
        call.Usage = Usage ?? call.Usage;
        call.FinishReason = FinishReason ?? call.FinishReason;
        call.ResponseModel = Model ?? call.ResponseModel;
        call.Rescued = IsRescued;
    }

    /// <summary>Carries the facts of the final answer into both reports.</summary>
    public void NoteIn(CallReport call, DispatchReport report)
    {
        NoteIn(call);
        report.Rescued |= IsRescued;
        report.FinalToolCalls = ToolCalls;
        report.FinalContentChars = (int)Math.Min(int.MaxValue, ContentChars);
    }
}
