using Synthwave.Chat.Completions;
using Synthwave.Chat.Tools;
using Synthwave.Configuration;
using Synthwave.Strategies.Caps;
using Synthwave.Telemetry.Reports;
using Synthwave.Upstreams;
using Synthwave.Upstreams.Faults;

namespace Synthwave.Strategies.Passthrough;

/// <summary>
/// One upstream answers: the body goes out with the upstream's own preparation, the reply comes back cleaned of hidden reasoning. Nobody
/// else could answer, so calls are judged mildly: an undeclared one is left out, and only an answer that was nothing else is an error (502
/// <c>upstream_protocol_error</c>); a required call the model did not make is the model's answer all the same.
/// <code>request ──► upstream ──► answer (its bytes, its status)</code>
/// </summary>
internal sealed class PassthroughStrategy(IUpstream upstream, bool exposeReasoning, bool rescue, bool stripTools) : IStrategy
{
    public StrategyKind Kind => PassthroughKind.Instance;

    /// <summary>A raw upstream: its bytes, reasoning hidden.</summary>
    public static PassthroughStrategy Of(PassthroughProfileConfig profile, Func<string, IUpstream> upstream) =>
        new(upstream(profile.Upstream), profile.ExposeReasoning, profile.Rescue is not RescuePolicy.Off, stripTools: false);

    public Task<ChatReply> RunAsync(Dispatch dispatch, CancellationToken cancellationToken)
    {
        if (dispatch.Spending.IsLimited)
        {
            var caps = CapPlanner.Parallel(dispatch.Spending.Caps, [dispatch.CallTo(upstream, stripTools ? 0 : dispatch.Request.ToolsTokens)], least: 1);
            if (dispatch.Adopt(caps) is { } refusal)
            {
                return Task.FromResult<ChatReply>(refusal);
            }
        }

        return AnswerAsync(dispatch, cancellationToken);
    }

    /// <summary>The call itself, for a strategy whose plan holds it already.</summary>
    public async Task<ChatReply> AnswerAsync(Dispatch dispatch, CancellationToken cancellationToken)
    {
        var report = dispatch.Report;
        var view = dispatch.Views.For(upstream.Config);
        report.Generators = 1;
        report.Quorum = 1;
        report.FallbackReason = FallbackReason.None;
        report.CompactedN = 0;
        report.PromptTokensIn = report.PromptTokensOut = view.PromptTokens;
        report.ToolsTokens = stripTools ? 0 : dispatch.Request.ToolsTokens;

        var call = new UpstreamCall
        {
            Body = stripTools ? view.Body.WithoutTools() : view.Body,
            Role = CallRole.Passthrough,
            Deadline = dispatch.Clock.Deadline,
            Stream = dispatch.Request.Stream,
            PromptTokens = dispatch.Views.TextTokens((long)view.PromptTokens + report.ToolsTokens.Value),
            MayRetry = true,
            IsLastChance = true,
        };
        var policy = dispatch.PolicyFor(upstream.Config, dispatch.ShowsReasoning(exposeReasoning), rescue);
        var outcome = await AnswerCall.RunAsync(
            new(upstream, call, stripTools ? policy with { Contract = ToolContract.WithoutTools } : policy, dispatch) { AcceptsBlank = true }, cancellationToken);
        return outcome.IsOk
            ? outcome.Value
            : new FailedReply(outcome.Error.ToGatewayError(upstream.Config.Name), outcome.Error.MayRelayBody ? outcome.Error.ErrorBody : null);
    }
}
