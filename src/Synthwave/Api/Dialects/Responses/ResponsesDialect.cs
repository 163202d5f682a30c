using System.Text.Json;
using Synthwave.Api.Admission;
using Synthwave.Api.Routes;
using Synthwave.Chat;
using Synthwave.Chat.Memory;
using Synthwave.Chat.Requests;
using Synthwave.Json;
using Synthwave.Routing;

namespace Synthwave.Api.Dialects.Responses;

/// <summary>
/// <c>POST /v1/responses</c>, OpenAI's Responses API: items become messages, the answer becomes items. Conversations are kept in
/// <see cref="ResponseStore"/>; what is kept on OpenAI's own servers (background work, conversations, prompts) is refused, what runs there (hosted tools) is
/// left out.
/// </summary>
/// <remarks>Formats: https://platform.openai.com/docs/api-reference/responses.</remarks>
internal sealed class ResponsesDialect(ResponseStore store, TimeProvider time) : IDialect
{
    /// <summary>What every route of the Responses API is: its responses go by the id of their request.</summary>
    public static RouteTraits Traits { get; } = new() { RequestIdPrefix = "resp_", Dialect = "responses" };

    public RouteTraits Route => Traits;

    public DialectReading Read(ReadOnlyMemory<byte> body, GatewayRuntime runtime, string requestId) => Read(body, runtime, requestId, owner: null, MemoryShare.Uncounted);

    public DialectReading Read(ReadOnlyMemory<byte> body, RequestVisit visit) =>
        Read(body, visit.Runtime, visit.Report.RequestId, CredentialPrint.Of(visit.Http.Request.Headers), visit.Memory);

    private DialectReading Read(ReadOnlyMemory<byte> body, GatewayRuntime runtime, string requestId, string? owner, MemoryShare memory)
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
        var server = runtime.Config.Server;
        using var history = new ResponsesHistory(store, owner, server.MaxBodyBytes, memory);
        ResponseTurn? previous = null;
        if ((DialectModel.Check(root, runtime) ?? RefuseUnsupported(root) ?? FindPrevious(root, owner, out previous) ?? history.Read(root, previous)) is { } refusal)
        {
            return refusal;
        }

        var translation = new ResponsesTranslation(root, history);
        if (translation.Run() is { } problem)
        {
            return problem;
        }

        var keeps = server.ResponseStoreBytes > 0 && !root.Has("store"u8, JsonValueKind.False, out _);
        if (keeps && !memory.TryTake(body.Length))
        {
            // Its items are kept beside it until the answer is there.
            return MemoryBudget.Full;
        }

        var echo = ResponseEcho.Of(root, requestId, time.GetUtcNow().ToUnixTimeSeconds(), server.ModelName, keeps);
        var input = keeps ? history.OwnItems() : default;
        ResponsesShape.KeepResponse? keep = !keeps ? null
            : (response, output, steps) => store.Add(requestId, owner, response, new ResponseTurn(previous, input, output), steps, server.ResponseTtl);
        var reading = ChatRequestReader.Read(translation.Body);
        var wishes = translation.Wishes;
        return DialectReading.Of(
            reading with { Request = reading.Request is { } request ? request with { Ignored = translation.Ignored } : null },
            runtime,
            _ => new ResponsesShape(echo, wishes, keep));
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

        if (root.Has("conversation"u8, out _))
        {
            return Unsupported("conversation", "conversation is not supported. Chain requests with previous_response_id.");
        }

        return root.Has("prompt"u8, out _)
            ? GatewayError.BadRequest("unsupported_responses_param", "prompt names a template that is kept on OpenAI's servers. Send its text as instructions and input.", "prompt")
            : null;
    }

    private static GatewayError Unsupported(string param, string message) =>
        new(501, "unsupported_responses_param", message) { Type = "invalid_request_error", Param = param };

    private GatewayError? FindPrevious(JsonElement root, string? owner, out ResponseTurn? previous)
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

        previous = store.Find(id, owner)?.Turn is { } turn && store.TryUse(turn) ? turn : null;
        return previous is null ? ResponseStore.NotFound(Param) : null;
    }
}
