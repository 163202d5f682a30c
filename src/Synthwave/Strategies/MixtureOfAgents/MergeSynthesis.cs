using System.Collections.Immutable;
using Synthwave.Chat.Completions;
using Synthwave.Chat.Tools;
using Synthwave.Configuration;

namespace Synthwave.Strategies.MixtureOfAgents;

/// <summary>Lets the synthesizer write one answer from the drafts, streamed when the client streams.</summary>
internal sealed class MergeSynthesis(MoaProfileConfig profile, Synthesizers synthesizers)
{
    /// <summary>A synthesis, or nothing; the calls' faults are in the report.</summary>
    public Task<Synthesis<ChatReply>> RunAsync(
        LadderWork work, ImmutableArray<Draft> drafts, CancellationToken cancellationToken) =>
        synthesizers.AskAsync(work.Dispatch, async (synthesizer, turn) =>
        {
            var dispatch = work.Dispatch;
            if (new SynthesisPrompt(profile, synthesizer, dispatch, place: work.Place).Compose(drafts.Select(static d => d.Text), work.Nonce) is not { } prompt)
            {
                return null;
            }

            // A synthesis is never rescued: reasoning that became no answer is a failed synthesis, as a refusal is, and the drafts are better. It has no tools to call.
            if (turn.Call(SynthesisBody.ForAnswer(profile, synthesizer.Config, prompt, work.Body, withTools: false), prompt, dispatch.Request.Stream) is not { } call)
            {
                return null;
            }

            var policy = dispatch.PolicyFor(synthesizer.Config, dispatch.ShowsReasoning(profile.ExposeReasoning), rescue: false) with { Contract = ToolContract.WithoutTools, HoldsRefusal = true };
            if (!dispatch.Request.Stream || drafts.Any(static d => d.Json is not null))
            {
                // What is streamed cannot be taken back, so only its beginning is looked at, and only where a draft would do better.
                policy = policy with { Format = dispatch.Format };
            }

            return (await AnswerCall.RunAsync(new(synthesizer, call, policy, dispatch), cancellationToken)).Value;
        });
}
