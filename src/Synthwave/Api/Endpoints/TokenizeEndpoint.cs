using System.Buffers;
using System.Text.Json;
using Synthwave.Api.Admission;
using Synthwave.Api.Answers;
using Synthwave.Api.Dialects;
using Synthwave.Api.Routes;
using Synthwave.Chat;
using Synthwave.Chat.Bodies;
using Synthwave.Json;
using Synthwave.Routing;
using Synthwave.Strategies.Passthrough;
using Synthwave.Telemetry.Reports;
using Synthwave.Upstreams;
using Synthwave.Upstreams.Faults;

namespace Synthwave.Api.Endpoints;

/// <summary>
/// <c>POST /tokenize</c> and <c>/detokenize</c>: asks the tokenizer of the model that was named and relays its answer with its status. No name is needed where there is
/// only one that can be meant.
/// </summary>
internal sealed class TokenizeEndpoint(PostEndpoint post, TimeProvider time)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/tokenize", http => HandleAsync(http, UpstreamOperation.Tokenize)).WithTraits(new RouteTraits { Dialect = "tokenize" });
        routes.MapPost("/detokenize", http => HandleAsync(http, UpstreamOperation.Detokenize)).WithTraits(new RouteTraits { Dialect = "tokenize" });
    }

    private Task HandleAsync(HttpContext http, UpstreamOperation operation) =>
        post.ServeAsync(http, (Endpoint: this, Operation: operation), static (visit, body, state) => state.Endpoint.AnswerAsync(visit, state.Operation, body));

    private async Task AnswerAsync(RequestVisit visit, UpstreamOperation operation, ReadOnlyMemory<byte> body)
    {
        if (visit.Runtime.Config.Upstreams.IsEmpty)
        {
            await visit.RefuseAsync(DialectReading.NoUpstream);
            return;
        }

        using var document = DialectBody.Parse(body, out var error);
        if (document is null)
        {
            await visit.RefuseAsync(error!);
            return;
        }

        var root = document.RootElement;
        var only = TargetOf(root).Length == 0 ? TokenizerRoutes.Only(visit.Runtime) : null;
        if (only is null && DialectModel.Check(root, visit.Runtime) is { } refusal)
        {
            await visit.RefuseAsync(refusal);
            return;
        }

        var tokenizer = only is null ? TokenizerRoutes.Find(visit.Runtime, TargetOf(root)) : new(only);
        if (!tokenizer.IsOk)
        {
            await visit.RefuseAsync(tokenizer.Error);
            return;
        }

        var upstream = tokenizer.Value;
        visit.Report.Profile = only?.Config.Name ?? visit.Runtime.Names.Resolve(TargetOf(root)).Callable?.Name;
        visit.Report.Strategy = PassthroughKind.Instance;
        visit.StartWorkflow();
        var call = new UpstreamCall
        {
            Operation = operation,
            Body = ChatBody.FromJson(root.Raw().ToArray()),
            Role = CallRole.Passthrough,
            Deadline = Deadline.After(time, visit.Runtime.Config.Server.RequestTimeout),
            IsLastChance = true,
        };
        switch (await upstream.CallAsync(call, visit.Report, visit.Token))
        {
            case CompleteUpstreamReply complete:
                visit.EndAnswered();
                ReportHeaders.Write(visit.Http.Response.Headers, visit.Report, ReportStage.Complete);
                new ReportHeaderWriter(visit.Http.Response.Headers).Name(ReportHeaders.TokenizerUpstream, upstream.Config.Name);
                await WholeAnswer.WriteAsync(visit.Http, complete.Status, WholeAnswer.Json, AsJson(complete.Body));
                break;
            case FaultedUpstreamReply faulted:
                new ReportHeaderWriter(visit.Http.Response.Headers).Name(ReportHeaders.TokenizerUpstream, upstream.Config.Name);
                await visit.RefuseAsync(ErrorOf(faulted.Fault, upstream.Config.Name));
                break;
        }
    }

    private static string TargetOf(JsonElement root) =>
        root.Has("x_meta_model"u8, JsonValueKind.Object, out var extension) && extension.Has("profile"u8, out var profile)
        && profile.TryGetText(out var name) && name.Length > 0 ? name
        : root.Has("model"u8, out var model) && model.TryGetText(out name) ? name
        : "";

    // This endpoint has two codes of its own: for an upstream without a usable address, and for one that cannot be reached.
    private static GatewayError ErrorOf(UpstreamFault fault, string upstream) => fault.Kind switch
    {
        UpstreamFaultKind.Misconfigured => new(502, "upstream_misconfigured", $"The address of upstream '{upstream}' cannot be called."),
        UpstreamFaultKind.Unreachable or UpstreamFaultKind.TimedOut => new(502, "upstream_unreachable", $"The tokenizer of upstream '{upstream}' could not be reached{(fault.Trouble.Words() is { } words ? ": " + words : "")}."),
        _ => fault.ToGatewayError(upstream),
    };

    private static ReadOnlyMemory<byte> AsJson(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonReading.Document(body);
            return body;
        }
        catch (JsonException)
        {
            var output = new ArrayBufferWriter<byte>(body.Length + 16);
            using var json = JsonWriting.To(output);
            json.WriteStartObject();
            json.WriteString("raw"u8, System.Text.Encoding.UTF8.GetString(body.Span));
            json.WriteEndObject();
            json.Flush();
            return output.WrittenMemory;
        }
    }
}
