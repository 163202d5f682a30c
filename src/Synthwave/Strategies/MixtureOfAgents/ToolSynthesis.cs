using Synthwave.Chat.Tools;
using Synthwave.Configuration;
using Synthwave.Upstreams;

namespace Synthwave.Strategies.MixtureOfAgents;

/// <summary>Lets the synthesizer make the call that the drafts propose. Always buffered: a call is validated before it is released.</summary>
internal sealed class ToolSynthesis(MoaProfileConfig profile, Synthesizers synthesizers)
{
    /// <summary>
    /// The synthesizer's reply, judged as a draft: without a draft when it called something undeclared, which the drafts can repair. Null result = no usable
    /// reply at all.
    /// </summary>
    public Task<Synthesis<DraftResult>> RunAsync(LadderWork work, CancellationToken cancellationToken) =>
        synthesizers.AskAsync(work.Dispatch, async (synthesizer, turn) =>
        {
            var (dispatch, contract) = (work.Dispatch, work.Panel.Contract);
            var task = SynthesisTask.Call(contract, dispatch.Report.ToolsTokens ?? 0);
            if (new SynthesisPrompt(profile, synthesizer, dispatch, task, work.Place).Compose(work.Panel.Drafts.Select(static d => d.Text), work.Nonce) is not { } prompt)
            {
                return null;
            }

            if (turn.Call(SynthesisBody.ForAnswer(profile, synthesizer.Config, prompt, work.Body, withTools: true), prompt, stream: false) is not { } call)
            {
                return null;
            }

            return await JudgedCall.RunAsync(synthesizer, call, dispatch, (author, reply) => Read(author, reply, contract, dispatch), cancellationToken);
        });

    private static DraftResult? Read(IUpstream synthesizer, CompleteUpstreamReply reply, ToolContract contract, Dispatch dispatch)
    {
        var result = DraftReader.Read(reply, synthesizer, synthesizer.Config.Name, rescue: false, contract, dispatch);
        return result switch
        {
            { Draft: { } draft } when draft.Calls.All(static c => c.HasValidArguments) => result,
            { Reason: "undeclared_tool" } => result,
            _ => null,
        };
    }
}
