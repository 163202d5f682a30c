using System.Diagnostics;
using Microsoft.AspNetCore.Http.Features;
using Synthwave.Api.Answers;
using Synthwave.Api.Routes;
using Synthwave.Telemetry.Conventions;
using Synthwave.Telemetry.Journal;
using Synthwave.Telemetry.Logging;
using Synthwave.Telemetry.Metrics;
using Synthwave.Telemetry.Reports;
using Synthwave.Telemetry.Tracing;

namespace Synthwave.Api.Middleware;

/// <summary>
/// The layer that gives a request its <see cref="RequestRecord"/> (a feature endpoints add to) and, when all is sent, counts its report,
/// completes the server's span and closes the record, which <see cref="RequestLog"/> around it then logs.
/// </summary>
internal sealed class RequestTelemetry(RequestDelegate next, GatewayMetrics metrics, RequestJournal journal, TimeProvider time)
{
    /// <summary>What the log shows for a client that left before its answer began; never sent.</summary>
    public const int ClientClosedRequest = 499;

    public async Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        var route = RouteTraits.Of(context);
        var record = new RequestRecord(request.Method, request.PathBase.Add(request.Path).Value ?? "", time.GetUtcNow(), time.GetTimestamp(), route.RequestIdPrefix) { BytesIn = request.ContentLength, Dialect = route.Dialect };
        record.SetClientRequestId(request.Headers["X-Request-Id"]);
        context.Features.Set(record);
        RequestContent? content = null;
        using var trace = Spans.Continue(request.Headers.TraceParent);
        var isPost = HttpMethods.IsPost(request.Method);
        if (isPost)
        {
            ReportHeaders.WriteRequestId(context.Response.Headers, record.RequestId);
            if (route.RequestIdHeader is { } header)
            {
                context.Response.Headers[header] = record.RequestId;
            }

            metrics.RequestStarted();
            journal.Begin(record);
            content = Follow(context);
        }

        try
        {
            await next(context).ConfigureAwait(false);
        }
        finally
        {
            try
            {
                Finish(context, record, trace);
            }
            finally
            {
                if (isPost)
                {
                    metrics.RequestEnded();
                    journal.End(record, content);
                }
            }
        }
    }

    private RequestContent? Follow(HttpContext context)
    {
        if (journal.OpenContent() is not { } content)
        {
            return null;
        }

        context.Features.Set(content);
        context.Features.Set<IHttpResponseBodyFeature>(new AnswerTee(context.Features.GetRequiredFeature<IHttpResponseBodyFeature>(), content));
        return content;
    }

    private void Finish(HttpContext context, RequestRecord record, Activity? trace)
    {
        var isGone = context.RequestAborted.IsCancellationRequested;
        var span = context.Features.Get<IHttpActivityFeature>()?.Activity;
        if (record.Report is { } report)
        {
            report.EndedAt ??= time.GetTimestamp();
            if (report.Outcome == DispatchOutcome.Running)
            {
                report.Outcome = isGone ? DispatchOutcome.Cancelled : DispatchOutcome.Failed;
            }

            metrics.Record(report, span ?? trace);
        }

        var response = context.Response;
        var status = isGone && !response.HasStarted ? ClientClosedRequest : response.StatusCode;
        record.Close(status, isGone, time.GetElapsedTime(record.StartedAt), (span ?? trace)?.TraceId);
        Enrich(span, context, record);
    }

    // The framework's own server span comes without any of these.
    private static void Enrich(Activity? span, HttpContext context, RequestRecord record)
    {
        if (span is not { IsAllDataRequested: true })
        {
            return;
        }

        var route = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText;
        span.DisplayName = route is null ? record.Method : $"{record.Method} {route}";
        span.SetTag(GenAi.HttpMethod, record.Method);
        span.SetTag(GenAi.HttpRoute, route);
        span.SetTag(GenAi.UrlPath, record.Path);
        span.SetTag(GenAi.UrlScheme, context.Request.Scheme);
        span.SetTag(GenAi.HttpStatus, record.Status);
        span.SetTag("synthwave.request_id", record.RequestId);
        if (record.Status >= StatusCodes.Status500InternalServerError)
        {
            span.SetTag(GenAi.ErrorType, record.Report?.ErrorCode ?? record.ErrorCode ?? record.Status.ToString(System.Globalization.CultureInfo.InvariantCulture));
            span.SetStatus(ActivityStatusCode.Error);
        }
    }
}
