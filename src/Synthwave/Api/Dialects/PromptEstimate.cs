using System.Collections.Immutable;
using Synthwave.Chat.Requests;
using Synthwave.Routing;

namespace Synthwave.Api.Dialects;

/// <summary>
/// How many tokens a request's prompt has, without asking an upstream: the estimate, corrected by what the model's upstreams have reported so far
/// (<c>TokenCalibration</c>). Of several upstreams the one that counts most decides.
/// </summary>
internal static class PromptEstimate
{
    public static int Of(ChatRequest request, GatewayRuntime runtime)
    {
        var estimate = TokenEstimator.Clamp((long)request.PromptTokens + request.ToolsTokens + runtime.SystemPromptTokens);
        return MembersOf(request, runtime).Select(name => runtime.Upstreams[name].Calibration.ToCounted(estimate)).DefaultIfEmpty(estimate).Max();
    }

    private static ImmutableArray<string> MembersOf(ChatRequest request, GatewayRuntime runtime) =>
        runtime.Names.Resolve(request.Target).Callable?.Members ?? [];
}
