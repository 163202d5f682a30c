using Synthwave.Chat;
using Synthwave.Configuration;

namespace Synthwave.Strategies.MixtureOfAgents;

/// <summary>Answers with a draft as it is.</summary>
internal sealed class DraftFallback(MoaProfileConfig profile)
{
    public async Task<ChatReply> AnswerAsync(Draft draft, Dispatch dispatch, CancellationToken cancellationToken)
    {
        var policy = dispatch.PolicyFor(draft.Generator.Upstream.Config, profile.ExposeReasoning, draft.Generator.Rescue is RescuePolicy.Always);
        var attempt = await AnswerCall.FromCompletionAsync(draft.Reply, policy, dispatch, cancellationToken);
        return attempt.Reply ?? throw new InvalidOperationException("A draft judged usable is an answer.");
    }
}
