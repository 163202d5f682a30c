using System.Buffers;
using System.Globalization;
using Synthwave.Api.Admission;
using Synthwave.Api.Answers;
using Synthwave.Api.Dialects.Responses;
using Synthwave.Api.Routes;
using Synthwave.Chat;
using Synthwave.Json;
using Synthwave.Telemetry.Reports;

namespace Synthwave.Api.Endpoints;

/// <summary>
/// What the Responses API has beside <c>POST /v1/responses</c>: the responses this process keeps, as objects, as events and by their input; and what is not here,
/// named. What another credential made is not there.
/// </summary>
internal static class ResponsesEndpoints
{
    private const int FlushAt = 64 * 1024;

    public static IEndpointRouteBuilder MapStoredResponses(this IEndpointRouteBuilder app, ResponseStore store)
    {
        var traits = ResponsesDialect.Traits with { CorsMethods = "GET, POST, DELETE, OPTIONS" };
        app.MapGet("/v1/responses/{id}", (RequestDelegate)(http => GetAsync(http, store))).WithTraits(traits);
        app.MapDelete("/v1/responses/{id}", (RequestDelegate)(http => Id(http) is var id && store.Remove(id, Owner(http))
            ? WholeAnswer.WriteAsync(http, StatusCodes.Status200OK, WholeAnswer.Json, Deleted(id))
            : ErrorWriter.WriteAsync(http, ResponseStore.NotFound()))).WithTraits(traits);
        app.MapGet("/v1/responses/{id}/input_items", (RequestDelegate)(http => ListAsync(http, store))).WithTraits(ResponsesDialect.Traits);
        app.MapPost("/v1/responses/{id}/cancel", (RequestDelegate)(http => ErrorWriter.WriteAsync(http, Find(http, store) is null
            ? ResponseStore.NotFound()
            : GatewayError.BadRequest("unsupported_endpoint", "A response is finished when it is kept here, and cannot be cancelled: none runs in the background.")))).WithTraits(ResponsesDialect.Traits with { OnlyRefuses = true });
        MapMissing(app, "/v1/responses/compact", ["POST"], "POST /v1/responses/compact is not supported: no conversation is compacted here. Send its items, or a summary of them.");
        const string Conversations = "The Conversations API (/v1/conversations) is not supported. Chain requests with previous_response_id, or send all items.";
        MapMissing(app, "/v1/conversations", ["GET", "POST"], Conversations);
        MapMissing(app, "/v1/conversations/{**rest}", ["GET", "POST", "DELETE"], Conversations);
        return app;
    }

    private static void MapMissing(IEndpointRouteBuilder app, string path, string[] methods, string message)
    {
        var error = GatewayError.BadRequest("unsupported_endpoint", message);
        app.MapMethods(path, methods, (RequestDelegate)(http => ErrorWriter.WriteAsync(http, error)))
            .WithTraits(ResponsesDialect.Traits with { CorsMethods = "GET, POST, DELETE, OPTIONS", OnlyRefuses = true });
    }

    private static StoredResponse? Find(HttpContext http, ResponseStore store) => store.Find(Id(http), Owner(http));

    private static string? Owner(HttpContext http) => CredentialPrint.Of(http.Request.Headers);

    private static string Id(HttpContext http) => (string)http.Request.RouteValues["id"]!;

    private static Task GetAsync(HttpContext http, ResponseStore store)
    {
        if (Find(http, store) is not { } found)
        {
            return ErrorWriter.WriteAsync(http, ResponseStore.NotFound());
        }

        var query = http.Request.Query;
        if (!string.Equals(query["stream"], "true", StringComparison.OrdinalIgnoreCase) && query["stream"] != "1")
        {
            return WholeAnswer.WriteAsync(http, StatusCodes.Status200OK, WholeAnswer.Json, found.Whole());
        }

        var after = -1;
        string? given = query["starting_after"];
        return !string.IsNullOrEmpty(given) && (!int.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out after))
            ? ErrorWriter.WriteAsync(http, GatewayError.BadRequest("invalid_request", "starting_after must be the number of an event.", "starting_after"))
            : ReplayAsync(http, found, after);
    }

    private static async Task ReplayAsync(HttpContext http, StoredResponse stored, int startingAfter)
    {
        http.Response.ContentType = "text/event-stream; charset=utf-8";
        http.Response.Headers.CacheControl = "no-cache";
        http.Response.Headers["X-Accel-Buffering"] = "no";
        var output = new ArrayBufferWriter<byte>(FlushAt);
        foreach (var _ in ResponseReplay.Write(stored, startingAfter, output))
        {
            if (output.WrittenCount >= FlushAt)
            {
                await PassAsync(http, output);
            }
        }

        await PassAsync(http, output);
    }

    private static async ValueTask PassAsync(HttpContext http, ArrayBufferWriter<byte> output)
    {
        http.Features.Get<RequestRecord>()?.BytesOut += output.WrittenCount;
        await ReaderWait.SendAsync(http, output.WrittenMemory);
        output.ResetWrittenCount();
    }

    private static Task ListAsync(HttpContext http, ResponseStore store)
    {
        if (Find(http, store) is not { } found)
        {
            return ErrorWriter.WriteAsync(http, ResponseStore.NotFound());
        }

        var (query, output) = (http.Request.Query, new ArrayBufferWriter<byte>(1024));
        return InputItemList.Write(found, query["order"], query["limit"], query["after"], output) is { } problem
            ? ErrorWriter.WriteAsync(http, problem)
            : WholeAnswer.WriteAsync(http, StatusCodes.Status200OK, WholeAnswer.Json, output.WrittenMemory);
    }

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
