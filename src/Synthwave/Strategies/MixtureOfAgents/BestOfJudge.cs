using System.Collections.Immutable;
using Synthwave.Chat.Tools;
using Synthwave.Configuration;
using Synthwave.Upstreams;
using Synthwave.Upstreams.Faults;

namespace Synthwave.Strategies.MixtureOfAgents;

/// <summary>Lets the synthesizer name the best draft, which is then given as it is.</summary>
internal sealed class BestOfJudge(MoaProfileConfig profile, Synthesizers synthesizers)
{
    public Task<Synthesis<Draft>> RunAsync(
        LadderWork work, ImmutableArray<Draft> drafts, CancellationToken cancellationToken) =>
        synthesizers.AskAsync(work.Dispatch, async (judge, turn) =>
        {
            var dispatch = work.Dispatch;
            var texts = drafts.Select(static d => d.Text).ToArray();
            if (new SynthesisPrompt(profile, judge, dispatch, SynthesisTask.Select, work.Place).Compose(texts, work.Nonce) is not { } prompt)
            {
                return null;
            }

            if (turn.Call(SynthesisBody.ForVerdict(profile, judge.Config, prompt, work.Body), prompt, stream: false) is not { } call)
            {
                return null;
            }

            return await JudgedCall.RunAsync(judge, call, dispatch, (author, reply) => Read(author, reply, drafts, texts, work.Nonce, dispatch), cancellationToken);
        });

    private static Draft? Read(
        IUpstream judge, CompleteUpstreamReply reply, ImmutableArray<Draft> drafts, string[] texts, string nonce, Dispatch dispatch)
    {
        // Only what the judge wrote counts, never what it thought.
        var policy = dispatch.PolicyFor(judge.Config, exposeReasoning: false, rescue: false) with { Contract = ToolContract.WithoutTools };
        if (reply.Clean(policy) is not { } verdict)
        {
            reply.Call.Demote(new UpstreamFault(UpstreamFaultKind.Malformed).ReportReason());
            return null;
        }

        AnswerFacts.Of(verdict).NoteIn(reply.Call);
        var shown = Candidates.Of(texts, nonce).All;
        if (Verdict.Read(verdict.Completion.Text, shown.Length) is { } index)
        {
            // Several may have written it: the first in config order stands for them.
            return drafts.First(d => Candidates.Shown(d.Text) == shown[index].Text);
        }

        reply.Call.Demote(new UpstreamFault(verdict.IsUsable ? UpstreamFaultKind.Malformed : UpstreamFaultKind.Blank).ReportReason());
        return null;
    }
}
