using System.Text.Json;
using Synthwave.Api.Admission;
using Synthwave.Api.Answers;
using Synthwave.Api.Dialects;
using Synthwave.Api.Dialects.Completions;
using Synthwave.Api.Routes;
using Synthwave.Chat;
using Synthwave.Chat.Bodies;
using Synthwave.Chat.Requests;
using Synthwave.Json;
using Synthwave.Routing;

namespace Synthwave.Api.Endpoints;

/// <summary>
/// <c>POST /v1/completions</c>: goes unchanged to an upstream that continues texts, where the name that was asked for has one; elsewhere the prompt becomes a chat.
/// </summary>
internal sealed class CompletionsEndpoint(PostEndpoint post, ChatEndpoint chat, TimeProvider time)
{
    private readonly CompletionsDialect _dialect = new();

    public void Map(IEndpointRouteBuilder routes) => routes.MapPost("/v1/completions", HandleAsync).WithTraits(CompletionsDialect.Traits);

    private Task HandleAsync(HttpContext http) => post.ServeAsync(http, this, static (visit, body, endpoint) => endpoint.AnswerAsync(visit, body));

    private Task AnswerAsync(RequestVisit visit, ReadOnlyMemory<byte> body) =>
        CompletionsRoutes.Exist(visit.Runtime) ? RelayAsync(visit, body) : chat.AnswerAsync(visit, _dialect, body);

    private async Task RelayAsync(RequestVisit visit, ReadOnlyMemory<byte> body)
    {
        var request = CompletionsReading.Read(body, visit.Runtime, out var target, out var error);
        if (error is not null)
        {
            await visit.RefuseAsync(error);
            return;
        }

        if (request is null || CompletionsRoutes.Find(visit.Runtime, target, request.IsBeyondChat, visit.Report) is not { } route)
        {
            await chat.AnswerAsync(visit, _dialect, body);
            return;
        }

        visit.StartWorkflow();
        var dispatch = route.RunAsync(request, visit.Runtime.Config.Server, time, visit.Report, visit.Token);
        var told = new ChatRequest { Body = request.Body, Model = request.Model, Stream = request.Stream, Extension = request.Extension };
        if (request.Stream)
        {
            await new StreamedAnswer(visit.Http, visit, told, new RelayedShape(), time).WriteAsync(dispatch);
            return;
        }

        await JsonAnswer.WriteAsync(visit, told, new RelayedShape(), await dispatch);
    }
}

/// <summary>Reads of a completions request what the gateway needs to pass it on.</summary>
internal static class CompletionsReading
{
    /// <summary>Null without an error = it is for the dialect to judge.</summary>
    public static CompletionsRequest? Read(ReadOnlyMemory<byte> body, GatewayRuntime runtime, out string target, out GatewayError? error)
    {
        target = "";
        using var document = DialectBody.Parse(body, out error);
        if (document is null || (error = DialectModel.Check(document.RootElement, runtime)) is not null)
        {
            return null;
        }

        var root = document.RootElement;
        var extension = RequestExtension.None;
        if (root.Has("x_meta_model"u8, out var given))
        {
            var reading = RequestExtensionScan.ReadAlone(given.Raw());
            (extension, error) = (reading.Value ?? extension, reading.Error);
        }

        if (error is not null || !root.Has("prompt"u8, out var prompt))
        {
            return null;
        }

        var model = root.Has("model"u8, out var name) && name.TryGetText(out var text) ? text : "";
        target = string.IsNullOrEmpty(extension.Profile) ? model : extension.Profile;
        return new CompletionsRequest
        {
            // A byte order mark, which Parse forgives, is no part of the document.
            Body = ChatBody.FromJson(root.Raw().ToArray()),
            Model = model,
            IsBeyondChat = CompletionsDialect.IsBeyondChat(root),
            Stream = root.Has("stream"u8, JsonValueKind.True, out _),
            PromptTokens = TokenEstimator.Text(prompt.Raw().Length),
            Choices = Math.Max(Count(root, "n"u8), Count(root, "best_of"u8)) * Prompts(prompt),
            Extension = extension,
        };
    }

    private static int Count(JsonElement root, ReadOnlySpan<byte> name) =>
        root.Has(name, JsonValueKind.Number, out var value) && value.TryGetInt32(out var count) ? Math.Clamp(count, 1, 1024) : 1;

    private static int Prompts(JsonElement prompt) =>
        prompt.ValueKind is JsonValueKind.Array && prompt.GetArrayLength() > 0 && prompt[0].ValueKind is JsonValueKind.String or JsonValueKind.Array ? Math.Min(prompt.GetArrayLength(), 4096) : 1;
}
