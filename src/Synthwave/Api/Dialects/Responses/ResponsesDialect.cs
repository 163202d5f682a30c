using System.Text.Json;
using Synthwave.Api.Routes;
using Synthwave.Chat;
using Synthwave.Chat.Requests;
using Synthwave.Json;
using Synthwave.Routing;

namespace Synthwave.Api.Dialects.Responses;

/// <summary>
/// <c>POST /v1/responses</c>, OpenAI's Responses API: items become messages, the answer becomes items. Conversations are kept in
/// <see cref="ResponseStore"/>; what runs on OpenAI's own servers (background work, conversations, built-in tools) is refused.
/// </summary>
/// <remarks>Formats: https://platform.openai.com/docs/api-reference/responses.</remarks>
internal sealed class ResponsesDialect(ResponseStore store, TimeProvider time) : IDialect
{
    /// <summary>What every route of the Responses API is: its responses go by the id of their request.</summary>
    public static RouteTraits Traits { get; } = new() { RequestIdPrefix = "resp_" };

    public RouteTraits Route => Traits;

    public bool NeedsJsonContentType => false;

    public DialectReading Read(ReadOnlyMemory<byte> body, GatewayRuntime runtime, string requestId)
    {
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
        if ((DialectModel.Check(root, runtime) ?? RefuseUnsupported(root)) is { } refusal)
        {
            return refusal;
        }

        if (FindPrevious(root, out var previous) is { } lost)
        {
            return lost;
        }

        var translation = new ResponsesTranslation(root, previous);
        if (translation.Run() is { } problem)
        {
            return problem;
        }

        var server = runtime.Config.Server;
        var keeps = server.ResponseStoreBytes > 0 && !root.Has("store"u8, JsonValueKind.False, out _);
        var echo = ResponseEcho.Of(root, requestId, time.GetUtcNow().ToUnixTimeSeconds(), server.ModelName, keeps);
        var input = keeps ? translation.OwnItems() : default;
        return DialectReading.Of(
            ChatRequestReader.Read(translation.Body),
            runtime,
            _ => new ResponsesShape(
                echo,
                keeps ? (response, output) => store.Add(requestId, response, new ResponseTurn(previous, input, output), server.ResponseStoreBytes, server.ResponseTtl) : null,
                translation.WantsLogProbabilities));
    }

    private static GatewayError? RefuseUnsupported(JsonElement root)
    {
        if (root.Has("background"u8, out var background))
        {
            if (background.ValueKind is JsonValueKind.True)
            {
                return Unsupported("background", "background is not supported: the answer is given on this request.");
            }

            if (background.ValueKind is not JsonValueKind.False)
            {
                return GatewayError.BadRequest("invalid_request", "background must be a boolean.", "background");
            }
        }

        return root.Has("conversation"u8, out _) ? Unsupported("conversation", "conversation is not supported. Chain requests with previous_response_id.") : null;
    }

    private static GatewayError Unsupported(string param, string message) =>
        new(501, "unsupported_responses_param", message) { Type = "invalid_request_error", Param = param };

    private GatewayError? FindPrevious(JsonElement root, out ResponseTurn? previous)
    {
        const string Param = "previous_response_id";
        previous = null;
        if (!root.Has("previous_response_id"u8, out var value) || (value.ValueKind is JsonValueKind.String && value.Raw().Length == 2))
        {
            return null;
        }

        if (!value.TryGetText(out var id))
        {
            return GatewayError.BadRequest("invalid_request", "previous_response_id must be a string.", Param);
        }

        previous = store.Find(id)?.Turn;
        return previous is null ? ResponseStore.NotFound(Param) : null;
    }
}
