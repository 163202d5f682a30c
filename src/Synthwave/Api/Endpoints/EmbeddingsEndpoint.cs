using System.Text.Json;
using Synthwave.Api.Admission;
using Synthwave.Api.Answers;
using Synthwave.Api.Dialects;
using Synthwave.Api.Routes;
using Synthwave.Chat;
using Synthwave.Chat.Bodies;
using Synthwave.Chat.Cleaning;
using Synthwave.Chat.Completions;
using Synthwave.Chat.Requests;
using Synthwave.Json;
using Synthwave.Routing;
using Synthwave.Telemetry.Reports;
using Synthwave.Upstreams;

namespace Synthwave.Api.Endpoints;

/// <summary><c>POST /v1/embeddings</c>: vectors from one upstream, or from the first of a cascade that has them, in the form that was asked. Only
/// the model's name in the body is replaced.</summary>
internal sealed class EmbeddingsEndpoint(PostEndpoint post, TimeProvider time)
{
    public void Map(IEndpointRouteBuilder routes) => routes.MapPost("/v1/embeddings", HandleAsync).WithTraits(new RouteTraits { Dialect = "embeddings" });

    private Task HandleAsync(HttpContext http) => post.ServeAsync(http, this, static (visit, body, endpoint) => endpoint.AnswerAsync(visit, body));

    private async Task AnswerAsync(RequestVisit visit, ReadOnlyMemory<byte> body)
    {
        var request = EmbeddingsReading.Read(body, visit.Runtime, out var error);
        if (request is null)
        {
            await visit.RefuseAsync(error!);
            return;
        }

        var route = EmbeddingsRoutes.Find(visit.Runtime, request.Target, visit.Report);
        if (!route.IsOk)
        {
            await visit.RefuseAsync(route.Error);
            return;
        }

        visit.StartWorkflow();
        var server = visit.Runtime.Config.Server;
        var deadline = Deadline.After(time, server.RequestTimeout);
        switch (await route.Value.RunAsync(request, deadline, visit.Report, visit.Token))
        {
            case CompleteReply complete:
                await WriteAsync(visit, request, server.ModelName is { } brand ? CompletionEditor.WithModel(complete.Body, brand) : complete.Body);
                break;
            case FailedReply failed:
                await visit.RefuseAsync(failed.Error, failed.RelayedBody);
                break;
        }
    }

    private static Task WriteAsync(RequestVisit visit, EmbeddingsRequest request, ReadOnlyMemory<byte> answer)
    {
        visit.EndAnswered();
        var extension = TraceWriter.ToJson(visit.Report, visit.Time, request.Extension.Trace);
        ReportHeaders.Write(visit.Http.Response.Headers, visit.Report, ReportStage.Complete);
        return WholeAnswer.WriteAsync(
            visit.Http, StatusCodes.Status200OK, WholeAnswer.Json, extension.IsEmpty ? answer : CompletionEditor.WithExtension(answer, extension));
    }
}

/// <summary>Judges an embeddings request.</summary>
internal static class EmbeddingsReading
{
    /// <summary>Null with an error otherwise. Never throws on any input.</summary>
    public static EmbeddingsRequest? Read(ReadOnlyMemory<byte> body, GatewayRuntime runtime, out GatewayError? error)
    {
        using var document = DialectBody.Parse(body, out error);
        if (document is null)
        {
            return null;
        }

        var root = document.RootElement;
        int? inputs = null;
        error = (runtime.Config.Upstreams.IsEmpty ? DialectReading.NoUpstream : null)
            ?? DialectModel.Check(root, runtime)
            ?? CheckInput(root, out inputs)
            ?? CheckOptions(root);
        var extension = RequestExtension.None;
        if (error is null && root.Has("x_meta_model"u8, out var given))
        {
            var reading = RequestExtensionScan.ReadAlone(given.Raw());
            (extension, error) = (reading.Value ?? extension, reading.Error);
        }

        if (error is not null || !TryGetModel(root, out var model, out error))
        {
            return null;
        }

        return new EmbeddingsRequest
        {
            // A byte order mark, which Parse forgives, is no part of the document.
            Body = ChatBody.FromJson(root.Raw().ToArray()),
            Model = model,
            Inputs = inputs,
            PromptTokens = TokenEstimator.Text(InputOf(root).Raw().Length),
            Form = FormOf(root),
            Extension = extension,
        };
    }

    private static bool TryGetModel(JsonElement root, out string model, out GatewayError? error)
    {
        model = "";
        error = !root.Has("model"u8, out var value) || value.TryGetText(out model) ? null : GatewayError.BadRequest(null, "model must be a string.", "model");
        return error is null;
    }

    // A conversation is one input too, for servers that embed what a chat model would read.
    private static JsonElement InputOf(JsonElement root) =>
        root.Has("input"u8, out var input) || root.Has("messages"u8, JsonValueKind.Array, out input) ? input : default;

    // One text, several texts, one text as token numbers, or several texts as token numbers. A flat array of numbers is one input. Objects among them are parts,
    // which are for the upstream to know.
    private static GatewayError? CheckInput(JsonElement root, out int? inputs)
    {
        inputs = null;
        var input = InputOf(root);
        if (input.ValueKind is JsonValueKind.String)
        {
            inputs = 1;
            return null;
        }

        if (HasParts(input))
        {
            return null;
        }

        var kind = input.ValueKind is JsonValueKind.Array && input.GetArrayLength() > 0 ? input[0].ValueKind : JsonValueKind.Undefined;
        if (kind is not (JsonValueKind.String or JsonValueKind.Number or JsonValueKind.Array)
            || !input.EnumerateArray().All(e => e.ValueKind == kind && (kind is not JsonValueKind.Array || IsTokens(e))))
        {
            return GatewayError.BadRequest(null, "input is required: a text, a non-empty array of texts, tokens, or an array of token arrays.", "input");
        }

        inputs = kind is JsonValueKind.Number ? 1 : input.GetArrayLength();
        return null;
    }

    private static bool HasParts(JsonElement input) => input.ValueKind switch
    {
        JsonValueKind.Object => input.GetPropertyCount() > 0,
        JsonValueKind.Array => input.EnumerateArray().Any(static e => e.ValueKind is JsonValueKind.Object || (e.ValueKind is JsonValueKind.Array && e.EnumerateArray().Any(static p => p.ValueKind is JsonValueKind.Object))),
        _ => false,
    };

    private static bool IsTokens(JsonElement array) => array.GetArrayLength() > 0 && array.EnumerateArray().All(static t => t.ValueKind is JsonValueKind.Number);

    // Numbers are what the API gives where nothing is said.
    private static VectorForm? FormOf(JsonElement root) => !root.Has("encoding_format"u8, out var format) || format.IsText("float"u8) ? VectorForm.Numbers
        : format.IsText("base64"u8) ? VectorForm.Base64
        : null;

    private static GatewayError? CheckOptions(JsonElement root)
    {
        if (root.Has("encoding_format"u8, out var format) && format.ValueKind is not JsonValueKind.String)
        {
            return GatewayError.BadRequest(null, "encoding_format must be a string, such as float or base64.", "encoding_format");
        }

        return root.Has("dimensions"u8, out var dimensions) && !(dimensions.ValueKind is JsonValueKind.Number && dimensions.TryGetInt32(out var count) && count >= 1)
            ? GatewayError.BadRequest(null, "dimensions must be a whole number of at least 1.", "dimensions")
            : null;
    }
}
