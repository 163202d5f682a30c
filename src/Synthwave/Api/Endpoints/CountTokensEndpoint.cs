using System.Buffers;
using Synthwave.Api.Admission;
using Synthwave.Api.Answers;
using Synthwave.Api.Dialects;
using Synthwave.Api.Dialects.Messages;
using Synthwave.Api.Dialects.Responses;
using Synthwave.Api.Routes;
using Synthwave.Json;
using Synthwave.Telemetry.Reports;

namespace Synthwave.Api.Endpoints;

/// <summary>
/// <c>POST /v1/messages/count_tokens</c> and <c>/v1/responses/input_tokens</c>: estimate how many tokens a prompt has; no upstream is asked.
/// </summary>
internal sealed class CountTokensEndpoint(PostEndpoint post)
{
    public void Map(IEndpointRouteBuilder routes, ResponsesDialect responses)
    {
        Map(routes, "/v1/messages/count_tokens", MessagesDialect.Traits, new(static (visit, body) => MessagesDialect.ReadForCount(body, visit.Runtime), null));
        Map(routes, "/v1/responses/input_tokens", ResponsesDialect.Traits, new((visit, body) => responses.Read(body, visit), "response.input_tokens"));
    }

    private void Map(IEndpointRouteBuilder routes, string path, RouteTraits traits, Door door) =>
        routes.MapPost(path, http => post.ServeAsync(http, door, static (visit, body, door) => AnswerAsync(visit, body, door))).WithTraits(traits);

    private static Task AnswerAsync(RequestVisit visit, ReadOnlyMemory<byte> body, Door door)
    {
        var reading = door.Read(visit, body);
        if (reading.Request is not { } request)
        {
            return visit.RefuseAsync(reading.Error!);
        }

        foreach (var name in request.Ignored)
        {
            visit.Report.Ignore(name);
        }

        visit.End(DispatchOutcome.Success, null);
        return WholeAnswer.WriteAsync(visit.Http, StatusCodes.Status200OK, WholeAnswer.Json, Answer(door.Object, PromptEstimate.Of(request, visit.Runtime)));
    }

    private static ReadOnlyMemory<byte> Answer(string? name, int tokens)
    {
        var output = new ArrayBufferWriter<byte>(64);
        using var json = JsonWriting.To(output);
        json.WriteStartObject();
        if (name is not null)
        {
            json.WriteString("object"u8, name);
        }

        json.WriteNumber("input_tokens"u8, tokens);
        json.WriteEndObject();
        json.Flush();
        return output.WrittenMemory;
    }

    /// <summary>How a dialect's requests are read, and what it calls the answer; null = it does not say.</summary>
    private sealed record Door(Func<RequestVisit, ReadOnlyMemory<byte>, DialectReading> Read, string? Object);
}
