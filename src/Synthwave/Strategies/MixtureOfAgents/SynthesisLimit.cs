using Synthwave.Configuration;

namespace Synthwave.Strategies.MixtureOfAgents;

/// <summary>Most tokens of a synthesizer's reply.</summary>
internal static class SynthesisLimit
{
    // Of the window: what is kept for thinking is taken from the drafts.
    private const int MostShare = 8;

    /// <summary>
    /// The client's limit; null = it set none. <c>max_completion_tokens</c> counts what is thought too, and the synthesizer thinks about the drafts besides: that much
    /// is put on top, so that the client's limit is left for the answer.
    /// </summary>
    public static int? Of(Dispatch dispatch, UpstreamConfig synthesizer)
    {
        if (dispatch.Request.MaxTokens is not { } asked)
        {
            return null;
        }

        var body = dispatch.Request.Body;
        return body.TryGet("max_completion_tokens", out var limit) && !limit.Span.SequenceEqual("null"u8)
            ? (int)Math.Min(int.MaxValue, asked + (long)Math.Min(Thinking(body.TryGet("reasoning_effort", out var effort) ? effort.Span : default, synthesizer), synthesizer.Context / MostShare))
            : asked;
    }

    private static int Thinking(ReadOnlySpan<byte> effort, UpstreamConfig synthesizer) => effort switch
    {
        _ when effort.IsEmpty || effort.SequenceEqual("null"u8) => synthesizer.SupportsThinking ? 8192 : 0,
        _ when effort.SequenceEqual("\"none\""u8) => 0,
        _ when effort.SequenceEqual("\"minimal\""u8) => 512,
        _ when effort.SequenceEqual("\"low\""u8) => 2048,
        _ when effort.SequenceEqual("\"high\""u8) => 16_384,
        _ when effort.SequenceEqual("\"xhigh\""u8) => 32_768,
        _ => 8192,
    };
}
