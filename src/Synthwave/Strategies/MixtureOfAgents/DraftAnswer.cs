using Synthwave.Chat.Cleaning;
using Synthwave.Chat.Completions;
using Synthwave.Chat.Tools;
using Synthwave.Configuration;
using Synthwave.Upstreams;
using Synthwave.Upstreams.Faults;

namespace Synthwave.Strategies.MixtureOfAgents;

/// <summary>Answers with a draft as it is: its own text, id and usage, its calls in the client's form.</summary>
internal sealed class DraftAnswer(MoaProfileConfig profile)
{
    public async Task<ChatReply> GiveAsync(Draft draft, ToolContract contract, Dispatch dispatch, CancellationToken cancellationToken)
    {
        var policy = dispatch.PolicyFor(draft.Upstream.Config, dispatch.ShowsReasoning(profile.ExposeReasoning), draft.Rescue) with { Contract = contract };
        var outcome = await AnswerCall.FromCompletionAsync(ReplyOf(draft, policy), policy, acceptBlank: draft.IsLastResort, dispatch, cancellationToken);

        // Content of a kind that nobody knows counts as an answer until it has to be told.
        return outcome.IsOk ? outcome.Value : new FailedReply(outcome.Error.ToGatewayError(draft.Upstream.Config.Name));
    }

    // Where JSON was asked for, what stands around it is taken off.
    private static CompleteUpstreamReply ReplyOf(Draft draft, AnswerPolicy policy)
    {
        if (draft.Json is not { } json || json == draft.Visible || draft.Reply.Clean(policy) is not { } clean)
        {
            return draft.Reply;
        }

        var completion = CompletionEditor.WithText(clean.Completion, json);
        return draft.Reply with { Body = completion.Json, Completion = completion };
    }
}
