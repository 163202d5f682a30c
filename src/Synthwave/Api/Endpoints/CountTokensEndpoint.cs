using System.Buffers;
using System.Collections.Immutable;
using Synthwave.Api.Admission;
using Synthwave.Api.Answers;
using Synthwave.Api.Dialects.Messages;
using Synthwave.Api.Routes;
using Synthwave.Chat.Requests;
using Synthwave.Json;
using Synthwave.Routing;
using Synthwave.Telemetry.Reports;

namespace Synthwave.Api.Endpoints;

/// <summary>
/// <c>POST /v1/messages/count_tokens</c>: estimates how many tokens a prompt has; no upstream is asked. The estimate is corrected by what the model's
/// upstreams have reported so far (<c>TokenCalibration</c>). Of several upstreams the one that counts most decides.
/// </summary>
internal sealed class CountTokensEndpoint(PostEndpoint post)
{
    public void Map(IEndpointRouteBuilder routes) => routes.MapPost("/v1/messages/count_tokens", HandleAsync).WithTraits(MessagesDialect.Traits);

    private Task HandleAsync(HttpContext http) => post.ServeAsync<object?>(http, needsJson: false, null, static (visit, body, _) => AnswerAsync(visit, body));

    private static Task AnswerAsync(RequestVisit visit, ReadOnlyMemory<byte> body)
    {
        var reading = MessagesDialect.ReadForCount(body, visit.Runtime);
        if (reading.Request is not { } request)
        {
            return visit.RefuseAsync(reading.Error!);
        }

        visit.End(DispatchOutcome.Success, null);
        return WholeAnswer.WriteAsync(visit.Http, StatusCodes.Status200OK, WholeAnswer.Json, Answer(Count(request, visit.Runtime)));
    }

    private static int Count(ChatRequest request, GatewayRuntime runtime)
    {
        var estimate = TokenEstimator.Clamp((long)request.PromptTokens + request.ToolsTokens + runtime.SystemPromptTokens);
        return MembersOf(request, runtime).Select(name => runtime.Upstreams[name].Calibration.ToCounted(estimate)).DefaultIfEmpty(estimate).Max();
    }

    private static ImmutableArray<string> MembersOf(ChatRequest request, GatewayRuntime runtime) =>
        runtime.Names.Resolve(request.Target).Callable?.Members ?? [];

    private static ReadOnlyMemory<byte> Answer(int tokens)
    {
        var output = new ArrayBufferWriter<byte>(32);
        using var json = JsonWriting.To(output);
        json.WriteStartObject();
        json.WriteNumber("input_tokens"u8, tokens);
        json.WriteEndObject();
        json.Flush();
        return output.WrittenMemory;
    }
}
