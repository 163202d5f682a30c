using Synthwave.Api.Admission;
using Synthwave.Api.Answers;
using Synthwave.Api.Dialects;
using Synthwave.Api.Routes;
using Synthwave.Chat.Completions;
using Synthwave.Chat.Requests;
using Synthwave.Routing;

namespace Synthwave.Api.Endpoints;

/// <summary>
/// Where every request for a chat answer comes in, whatever its dialect.
/// <code>
/// body ──► dialect: schema ──► any upstream? ──► checks ──► route ──► dispatch ──► JSON or event stream in the dialect's shape ──► report
/// </code>
/// Everything up to the route is answered with its real status, streamed or not.
/// </summary>
internal sealed class ChatEndpoint(PostEndpoint post, ProfileDispatcher dispatcher, TimeProvider time)
{
    public void Map(IEndpointRouteBuilder routes, string path, IDialect dialect) =>
        routes.MapPost(path, http => HandleAsync(http, dialect)).WithTraits(dialect.Route);

    private Task HandleAsync(HttpContext http, IDialect dialect) =>
        post.ServeAsync(
            http, (Endpoint: this, Dialect: dialect), static (visit, body, state) => state.Endpoint.AnswerAsync(visit, state.Dialect, body));

    /// <summary>Answers a request that was admitted and read whole.</summary>
    public Task AnswerAsync(RequestVisit visit, IDialect dialect, ReadOnlyMemory<byte> body)
    {
        var reading = dialect.Read(body, visit);
        if (reading is not { Request: { } request, Shape: { } shape })
        {
            return visit.RefuseAsync(reading.Error ?? throw new InvalidOperationException("A reading without request or error."));
        }

        foreach (var name in request.Ignored)
        {
            visit.Report.Ignore(name);
        }

        var plan = ProfileDispatcher.Plan(visit.Runtime, request, visit.Report);
        if (!plan.IsOk)
        {
            return visit.RefuseAsync(plan.Error);
        }

        visit.StartWorkflow();
        var dispatch = dispatcher.RunAsync(visit.Runtime, plan.Value, request, visit.Report, visit.Token);
        return request.Stream
            ? new StreamedAnswer(visit.Http, visit, request, shape, time).WriteAsync(dispatch)
            : WriteWholeAsync(visit, request, shape, dispatch);
    }

    private static async Task WriteWholeAsync(RequestVisit visit, ChatRequest request, AnswerShape shape, Task<ChatReply> dispatch) =>
        await JsonAnswer.WriteAsync(visit, request, shape, await dispatch);
}
