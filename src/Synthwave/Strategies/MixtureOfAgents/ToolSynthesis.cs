using System.Collections.Immutable;
using Synthwave.Chat;
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
    public Task<Synthesis<DraftResult>> RunAsync(
        ChatBody body, ImmutableArray<Draft> drafts, ToolContract contract, int toolsTokens, string nonce, Dispatch dispatch, CancellationToken cancellationToken) =>
        synthesizers.AskAsync(dispatch, async (synthesizer, turn) =>
        {
            var task = SynthesisTask.Call(contract, toolsTokens);
            if (new SynthesisPrompt(profile, synthesizer, dispatch, task).Compose(drafts.Select(static d => d.Text), nonce) is not { } prompt)
            {
                return null;
            }

            if (turn.Call(SynthesisBody.ForAnswer(profile, synthesizer.Config, prompt, body, withTools: true), prompt, stream: false) is not { } call)
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
