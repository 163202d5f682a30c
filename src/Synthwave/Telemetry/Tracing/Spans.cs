using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using Synthwave.Configuration;
using Synthwave.Telemetry.Conventions;
using Synthwave.Telemetry.Reports;

namespace Synthwave.Telemetry.Tracing;

/// <summary>
/// Spans: the server's, below it <c>invoke_workflow {profile}</c>, below that one <c>chat {model_id}</c> per upstream call. Without a listener
/// every start returns null and costs one branch. Prompts, answers and keys are never attributes.
/// </summary>
internal static class Spans
{
    public const string SourceName = "Synthwave";

    private static readonly ActivitySource Source = new(SourceName, GatewayVersion.Text);

    /// <summary>
    /// Continues a client's trace for one request although nobody listens here, so that its id is logged. Null when a span is current already or the client names no
    /// valid trace. Stop it when the request ends.
    /// </summary>
    public static Activity? Continue(string? traceParent)
    {
        if (traceParent is null || Activity.Current is not null || !ActivityContext.TryParse(traceParent, null, out var context))
        {
            return null;
        }

        return new Activity("request").SetParentId(context.TraceId, context.SpanId, context.TraceFlags).Start();
    }

    /// <summary>
    /// Tells an upstream which span of ours its call is (<c>traceparent</c> of W3C Trace Context), where spans are exported. What clients say beside it, <c>tracestate</c> and
    /// <c>baggage</c>, is theirs, and so is a trace that nobody follows here: none of it is passed on.
    /// </summary>
    public static void Propagate(HttpRequestHeaders headers)
    {
        if (Activity.Current is { IdFormat: ActivityIdFormat.W3C, Id: { } id } span && ReferenceEquals(span.Source, Source))
        {
            headers.Remove("traceparent");
            headers.TryAddWithoutValidation("traceparent", id);
        }
    }

    /// <summary>Starts the span of one dispatched request and makes it current. End it with <see cref="EndWorkflow"/>.</summary>
    public static Activity? StartWorkflow(DispatchReport report)
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        var profile = report.Profile ?? ReportLabels.Unknown;
        var span = Source.StartActivity($"{GenAi.Operations.InvokeWorkflow} {profile}", ActivityKind.Internal);
        if (span is { IsAllDataRequested: true })
        {
            span.SetTag(GenAi.OperationName, GenAi.Operations.InvokeWorkflow);
            span.SetTag(GenAi.WorkflowName, profile);
            span.SetTag("synthwave.request_id", report.RequestId);
        }

        return span;
    }

    /// <summary>Writes the outcome and stops the span. Null is allowed.</summary>
    public static void EndWorkflow(Activity? span, DispatchReport report)
    {
        if (span is null)
        {
            return;
        }

        if (span.IsAllDataRequested)
        {
            span.SetTag("synthwave.strategy", report.Strategy?.Word);
            span.SetTag("synthwave.decision", ReportLabels.Of(report.Decision));
            span.SetTag("synthwave.fallback_reason", ReportLabels.Of(report.FallbackReason));
            span.SetTag("synthwave.outcome", ReportLabels.Of(report.Outcome));
            if (report.Outcome == DispatchOutcome.Failed)
            {
                Fail(span, report.ErrorCode ?? "error");
            }
        }

        span.Dispose();
    }

    /// <summary>
    /// Binds <paramref name="call"/> to the upstream it goes to and to what is asked of it (needed for prices and labels, listener or not) and starts its client span, which
    /// becomes current so that the HTTP request is its child. End it with <see cref="EndCall"/> once the call is complete.
    /// </summary>
    public static Activity? StartCall(CallReport call, UpstreamConfig upstream, string operation = GenAi.Operations.Chat)
    {
        (call.Config, call.Operation) = (upstream, operation);
        if (!Source.HasListeners())
        {
            return null;
        }

        var span = Source.StartActivity($"{operation} {call.Model}", ActivityKind.Client);
        if (span is { IsAllDataRequested: true })
        {
            var peer = UpstreamPeer.Of(upstream);
            span.SetTag(GenAi.OperationName, operation);
            span.SetTag(GenAi.ProviderName, peer.Provider);
            span.SetTag(GenAi.RequestModel, call.Model);
            span.SetTag(GenAi.ServerAddress, peer.Address);
            if (peer.Address is not null)
            {
                span.SetTag(GenAi.ServerPort, peer.Port);
            }

            span.SetTag("synthwave.upstream", call.Upstream);
            span.SetTag("synthwave.role", ReportLabels.Of(call.Role));
        }

        return span;
    }

    /// <summary>Writes what the call reported and stops the span. Null is allowed.</summary>
    public static void EndCall(Activity? span, CallReport call)
    {
        if (span is null)
        {
            return;
        }

        if (span.IsAllDataRequested)
        {
            span.SetTag(GenAi.ResponseModel, call.ResponseModel);
            if (call.FinishReason is { } finish)
            {
                span.SetTag(GenAi.FinishReasons, new[] { finish });
            }

            span.SetTag(GenAi.InputTokens, call.Usage?.PromptTokens);
            span.SetTag(GenAi.OutputTokens, call.Usage?.CompletionTokens);
            span.SetTag(GenAi.CachedInputTokens, call.Usage?.CachedTokens);
            span.SetTag("synthwave.attempts", call.Attempts);
            if (ErrorTypeOf(call) is { } error)
            {
                Fail(span, error);
            }
        }

        span.Dispose();
    }

    /// <summary>A low-cardinality reason: the upstream's status where it answered with one, else the report's label; null = no error.</summary>
    public static string? ErrorTypeOf(CallReport call) => call switch
    {
        { Outcome: CallOutcome.Succeeded } => null,
        { Outcome: CallOutcome.Cancelled or CallOutcome.Running } => "cancelled",
        { Status: { } status and (< 200 or >= 300) } => status.ToString(CultureInfo.InvariantCulture),
        _ => call.Reason ?? "error",
    };

    private static void Fail(Activity span, string errorType)
    {
        span.SetTag(GenAi.ErrorType, errorType);
        span.SetStatus(ActivityStatusCode.Error);
    }
}
