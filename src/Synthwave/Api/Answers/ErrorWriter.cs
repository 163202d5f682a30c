using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;
using Synthwave.Api.Routes;
using Synthwave.Chat;
using Synthwave.Telemetry.Reports;

namespace Synthwave.Api.Answers;

/// <summary>The one place where a <see cref="GatewayError"/> becomes a JSON answer with its headers, in the error shape of the request's route.</summary>
internal static class ErrorWriter
{
    /// <summary>What a client learns of a bug.</summary>
    public static GatewayError Internal { get; } = new(500, null, "internal server error");

    /// <summary>An error that says no more than its status.</summary>
    public static GatewayError OfStatus(int status) => new(status, null, ReasonPhrases.GetReasonPhrase(status) is { Length: > 0 } phrase ? phrase : "Error");

    /// <summary>
    /// Answers with the error. The response must not have started; headers already set stay.
    /// </summary>
    /// <param name="context">The request.</param>
    /// <param name="error">What to tell.</param>
    /// <param name="relayed">An upstream's own error document; null = there is none.</param>
    public static Task WriteAsync(HttpContext context, GatewayError error, ReadOnlyMemory<byte>? relayed = null)
    {
        WriteHeaders(context.Response.Headers, error);
        var record = context.Features.Get<RequestRecord>();
        record?.ErrorCode = error.Code;
        var shape = RouteTraits.Of(context).Errors ?? OpenAiErrors.Shape;
        var body = relayed is { } document ? shape.Document(error, document, record?.RequestId) : shape.Document(error, record?.RequestId);
        return WholeAnswer.WriteAsync(context, error.Status, WholeAnswer.Json, body);
    }

    /// <summary>The headers that belong to an error whatever carries it.</summary>
    public static void WriteHeaders(IHeaderDictionary headers, GatewayError error)
    {
        if (error.RetryAfter is { } wait)
        {
            headers.RetryAfter = ((long)Math.Ceiling(Math.Max(0, wait.TotalSeconds))).ToString(CultureInfo.InvariantCulture);
        }

        switch (error.Status)
        {
            case StatusCodes.Status401Unauthorized:
                headers.WWWAuthenticate = "Bearer";
                break;
            case StatusCodes.Status501NotImplemented:
            case not StatusCodes.Status401Unauthorized when error.IsFinal:
                headers["x-should-retry"] = "false";
                break;
        }
    }
}
