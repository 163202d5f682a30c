using System.Buffers;
using Synthwave.Api.Answers;
using Synthwave.Api.Dialects.Responses;
using Synthwave.Api.Routes;
using Synthwave.Json;

namespace Synthwave.Api.Endpoints;

/// <summary><c>GET</c> and <c>DELETE /v1/responses/{id}</c>: responses this process keeps.</summary>
internal static class ResponsesEndpoints
{
    public static IEndpointRouteBuilder MapStoredResponses(this IEndpointRouteBuilder app, ResponseStore store)
    {
        var traits = ResponsesDialect.Traits with { CorsMethods = "GET, POST, DELETE, OPTIONS" };
        app.MapGet("/v1/responses/{id}", (RequestDelegate)(http => Id(http) is var id && store.Find(id) is { } found
            ? WholeAnswer.WriteAsync(http, StatusCodes.Status200OK, WholeAnswer.Json, found.Json)
            : ErrorWriter.WriteAsync(http, ResponseStore.NotFound()))).WithTraits(traits);
        app.MapDelete("/v1/responses/{id}", (RequestDelegate)(http => Id(http) is var id && store.Remove(id)
            ? WholeAnswer.WriteAsync(http, StatusCodes.Status200OK, WholeAnswer.Json, Deleted(id))
            : ErrorWriter.WriteAsync(http, ResponseStore.NotFound()))).WithTraits(traits);
        return app;
    }

    private static string Id(HttpContext http) => (string)http.Request.RouteValues["id"]!;

    private static ReadOnlyMemory<byte> Deleted(string id)
    {
        var output = new ArrayBufferWriter<byte>(96);
        using var json = JsonWriting.To(output);
        json.WriteStartObject();
        json.WriteString("id"u8, id);
        json.WriteString("object"u8, "response"u8);
        json.WriteBoolean("deleted"u8, true);
        json.WriteEndObject();
        json.Flush();
        return output.WrittenMemory;
    }
}
