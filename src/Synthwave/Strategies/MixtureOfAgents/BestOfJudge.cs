using System.Collections.Immutable;
using Synthwave.Chat;
using Synthwave.Chat.Tools;
using Synthwave.Configuration;
using Synthwave.Upstreams;

namespace Synthwave.Strategies.MixtureOfAgents;

/// <summary>Lets the synthesizer name the best draft, which is then given as it is.</summary>
internal sealed class BestOfJudge(MoaProfileConfig profile, Synthesizers synthesizers)
{
    public Task<Synthesis<Draft>> RunAsync(
        ChatBody body, ImmutableArray<Draft> drafts, string nonce, Dispatch dispatch, CancellationToken cancellationToken) =>
        synthesizers.AskAsync(dispatch, async (judge, turn) =>
        {
            var texts = drafts.Select(static d => d.Text).ToArray();
            if (new SynthesisPrompt(profile, judge, dispatch, SynthesisTask.Select).Compose(texts, nonce) is not { } prompt)
            {
                return null;
            }

            if (turn.Call(SynthesisBody.ForVerdict(profile, judge.Config, prompt, body), prompt, stream: false) is not { } call)
            {
                return null;
            }

            return await JudgedCall.RunAsync(judge, call, dispatch, (author, reply) => Read(author, reply, drafts, texts, nonce, dispatch), cancellationToken);
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
