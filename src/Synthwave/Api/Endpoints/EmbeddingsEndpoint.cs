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

/// <summary><c>POST /v1/embeddings</c>: vectors from one upstream, or from the first of a cascade that has them. Only the model's name in the body is replaced.</summary>
internal sealed class EmbeddingsEndpoint(PostEndpoint post, TimeProvider time)
{
    public void Map(IEndpointRouteBuilder routes) => routes.MapPost("/v1/embeddings", HandleAsync).WithTraits(RouteTraits.Default);

    private Task HandleAsync(HttpContext http) => post.ServeAsync(http, needsJson: false, this, static (visit, body, endpoint) => endpoint.AnswerAsync(visit, body));

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
        var inputs = 0;
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
            PromptTokens = TokenEstimator.Text(root.Get("input"u8).Raw().Length),
            Extension = extension,
        };
    }

    private static bool TryGetModel(JsonElement root, out string model, out GatewayError? error)
    {
        model = "";
        error = !root.Has("model"u8, out var value) || value.TryGetText(out model) ? null : GatewayError.BadRequest(null, "model must be a string.", "model");
        return error is null;
    }

    // One text, several texts, one text as token numbers, or several texts as token numbers. A flat array of numbers is one input.
    private static GatewayError? CheckInput(JsonElement root, out int inputs)
    {
        inputs = 1;
        if (!root.Has("input"u8, out var input))
        {
            return GatewayError.BadRequest(null, "input is required: a text, an array of texts, or tokens.", "input");
        }

        if (input.ValueKind is JsonValueKind.String)
        {
            return null;
        }

        if (input.ValueKind is not JsonValueKind.Array || input.GetArrayLength() == 0)
        {
            return Bad();
        }

        var kind = input[0].ValueKind;
        foreach (var element in input.EnumerateArray())
        {
            if (element.ValueKind != kind || !(kind is JsonValueKind.String or JsonValueKind.Number || (kind is JsonValueKind.Array && IsTokens(element))))
            {
                return Bad();
            }
        }

        inputs = kind is JsonValueKind.Number ? 1 : input.GetArrayLength();
        return null;

        static GatewayError Bad() => GatewayError.BadRequest(null, "input must be a text, a non-empty array of texts, tokens, or an array of token arrays.", "input");
    }

    private static bool IsTokens(JsonElement array) => array.GetArrayLength() > 0 && array.EnumerateArray().All(static t => t.ValueKind is JsonValueKind.Number);

    private static GatewayError? CheckOptions(JsonElement root)
    {
        if (root.Has("encoding_format"u8, out var format) && !(format.ValueKind is JsonValueKind.String && (format.IsText("float"u8) || format.IsText("base64"u8))))
        {
            return GatewayError.BadRequest(null, "encoding_format must be float or base64.", "encoding_format");
        }

        return root.Has("dimensions"u8, out var dimensions) && !(dimensions.ValueKind is JsonValueKind.Number && dimensions.TryGetInt32(out var count) && count >= 1)
            ? GatewayError.BadRequest(null, "dimensions must be a whole number of at least 1.", "dimensions")
            : null;
    }
}
