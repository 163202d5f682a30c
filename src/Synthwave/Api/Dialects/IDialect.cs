using Synthwave.Api.Admission;
using Synthwave.Api.Answers;
using Synthwave.Api.Routes;
using Synthwave.Chat;
using Synthwave.Chat.Requests;
using Synthwave.Routing;

namespace Synthwave.Api.Dialects;

/// <summary>
/// A language clients speak. Every dialect leads to the same chat request, the same dispatch and the same report; it only translates, on the way in
/// and on the way out. Stateless and thread-safe; total on any input.
/// </summary>
internal interface IDialect
{
    /// <summary>What its route is.</summary>
    RouteTraits Route { get; }

    /// <summary>Judges a request body: the chat request it means and how its answer is told, or the error to give.</summary>
    /// <param name="body">The client's bytes, which the result may keep referring to.</param>
    /// <param name="runtime">The configuration the request is answered with.</param>
    /// <param name="requestId">Ours.</param>
    DialectReading Read(ReadOnlyMemory<byte> body, GatewayRuntime runtime, string requestId);

    /// <summary>The same of an admitted request, for a dialect that needs its head or its memory.</summary>
    DialectReading Read(ReadOnlyMemory<byte> body, RequestVisit visit) => Read(body, visit.Runtime, visit.Report.RequestId);
}

/// <summary>Either a request with the shape of its answer, or an error.</summary>
internal readonly record struct DialectReading(ChatRequest? Request, AnswerShape? Shape, GatewayError? Error)
{
    public static implicit operator DialectReading(GatewayError error) => new(null, null, error);

    /// <summary>What the reader of translated or plain chat bodies found, in the order every dialect keeps: schema, any upstream, checks.</summary>
    public static DialectReading Of(ChatRequestReading reading, GatewayRuntime runtime, Func<ChatRequest, AnswerShape> shape)
    {
        var error = reading.SchemaError ?? (runtime.Config.Upstreams.IsEmpty ? NoUpstream : null) ?? reading.CheckError;
        return error ?? (reading.Request is { } request
            ? new DialectReading(request, shape(request), null)
            : throw new InvalidOperationException("A reading without request or error."));
    }

    /// <summary>503: nothing is configured that could answer.</summary>
    public static GatewayError NoUpstream { get; } = new(503, "no_upstream", "No upstream is configured.");
}
