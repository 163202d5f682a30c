using Synthwave.Api.Admission;
using Synthwave.Telemetry.Reports;

namespace Synthwave.Api.Answers;

/// <summary>Sends an answer that is complete in memory, with its length; HEAD gets the head only.</summary>
internal static class WholeAnswer
{
    public const string Json = "application/json";

    public static Task WriteAsync(HttpContext context, int status, string contentType, ReadOnlyMemory<byte> body)
    {
        ClientPresence.Of(context)?.BeginAnswer();
        var response = context.Response;
        response.StatusCode = status;
        response.ContentType = contentType;
        response.ContentLength = body.Length;
        if (HttpMethods.IsHead(context.Request.Method))
        {
            return Task.CompletedTask;
        }

        if (context.Features.Get<RequestRecord>() is { } record)
        {
            record.BytesOut += body.Length;
        }

        return ReaderWait.SendAsync(context, body);
    }
}
