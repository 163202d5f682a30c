using Synthwave.Api.Admission;
using Synthwave.Api.Routes;
using Synthwave.Chat;
using Synthwave.Chat.Requests;
using Synthwave.Json;
using Synthwave.Routing;

namespace Synthwave.Api.Dialects.Messages;

/// <summary>
/// <c>POST /v1/messages</c>, Anthropic's Messages API in front of every profile. What chat has no word for travels as <c>x_anthropic</c>, which an
/// Anthropic upstream gets back as it was and every other upstream never sees.
/// </summary>
/// <remarks>Formats: https://docs.anthropic.com/en/api/messages.</remarks>
internal sealed class MessagesDialect : IDialect
{
    /// <summary>What every route of the Messages API is.</summary>
    public static RouteTraits Traits { get; } = new() { Errors = MessagesErrors.Shape, RequestIdHeader = "request-id", Dialect = "messages" };

    public RouteTraits Route => Traits;

    public DialectReading Read(ReadOnlyMemory<byte> body, GatewayRuntime runtime, string requestId) => Read(body, runtime, requestId, AnthropicHead.None);

    public DialectReading Read(ReadOnlyMemory<byte> body, RequestVisit visit) => Read(body, visit.Runtime, visit.Report.RequestId, HeadOf(visit.Http.Request));

    /// <summary>The request whose tokens <c>/v1/messages/count_tokens</c> counts: the same but for the limit of its answer.</summary>
    public static DialectReading ReadForCount(ReadOnlyMemory<byte> body, GatewayRuntime runtime) => Read(body, runtime, AnthropicHead.None, isCount: true, out _, out _, out _);

    private static AnthropicHead HeadOf(HttpRequest request) => AnthropicHead.Of(
        request.Headers["anthropic-beta"],
        request.Query["beta"] is [var beta] && string.Equals(beta, "true", StringComparison.OrdinalIgnoreCase),
        request.Headers["anthropic-version"] is [var version] ? version : null);

    private static DialectReading Read(ReadOnlyMemory<byte> body, GatewayRuntime runtime, string requestId, AnthropicHead head)
    {
        var reading = Read(body, runtime, head, isCount: false, out var model, out var wantsReasoning, out var ids);
        return reading.Request is { } request
            ? reading with
            {
                Request = request with { WantsReasoning = wantsReasoning },
                Shape = new MessagesShape(requestId, runtime.Config.Server.ModelName ?? model, wantsReasoning, ids, () => PromptEstimate.Of(request, runtime)),
            }
            : reading;
    }

    private static DialectReading Read(
        ReadOnlyMemory<byte> body, GatewayRuntime runtime, AnthropicHead head, bool isCount, out string model, out bool wantsReasoning, out MessageCallIds ids)
    {
        (model, wantsReasoning, ids) = ("", false, new());
        if (runtime.Config.Upstreams.IsEmpty)
        {
            return DialectReading.NoUpstream;
        }

        using var document = DialectBody.Parse(body, out var error);
        if (document is null)
        {
            return error!;
        }

        var root = document.RootElement;
        if (DialectModel.Check(root, runtime) is { } unknown)
        {
            return unknown;
        }

        if (!isCount && !root.Has("max_tokens"u8, out _))
        {
            return GatewayError.BadRequest("invalid_request", "max_tokens is required: the most tokens the answer may have.", "max_tokens");
        }

        var scope = MessagesScope.Of(DialectModel.TargetOf(root), runtime);
        var translation = new MessagesTranslation(root, head, scope);
        if (translation.Run() is { } problem)
        {
            return problem;
        }

        if (root.Has("model"u8, out var name))
        {
            _ = name.TryGetText(out model);
        }

        (wantsReasoning, ids) = (translation.WantsReasoning, translation.Ids);
        var reading = DialectReading.Of(ChatRequestReader.Read(translation.Body), runtime, static _ => ChatAnswerShape.Plain);
        return reading.Request is { } request ? reading with { Request = request with { Ignored = scope.Ignored, HasOwnTools = scope.HasOwnTools } } : reading;
    }
}
