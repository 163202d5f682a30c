using System.Diagnostics;
using Synthwave.Telemetry.Conventions;
using Synthwave.Telemetry.Reports;
using Synthwave.Telemetry.Tracing;

namespace Synthwave.UnitTests.Telemetry.Tracing;

public class SpansTests
{
    [Fact]
    public void Upstreams_are_told_of_our_own_spans_alone()
    {
        using var spans = new SpanCapture();
        using var message = new HttpRequestMessage();
        using (Spans.Continue("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"))
        {
            Spans.Propagate(message.Headers);
            message.Headers.Should().BeEmpty("a client's trace is nobody's affair");
        }

        using var foreign = new Activity("foreign") { TraceStateString = "vendor=theirs" }.SetIdFormat(ActivityIdFormat.W3C).AddBaggage("tenant", "theirs").Start();
        Spans.Propagate(message.Headers);
        message.Headers.Should().BeEmpty();

        message.Headers.TryAddWithoutValidation("traceparent", "theirs");
        using var span = Spans.StartCall(new ReportBuilder(new SteppedClock(), "p").Call("up", 0, null), ReportBuilder.Upstream("up"));
        Spans.Propagate(message.Headers);
        message.Headers.Should().ContainSingle();
        message.Headers.GetValues("traceparent").Should().Equal(span!.Id);
    }

    [Fact]
    public void A_call_is_a_client_span_below_its_workflow()
    {
        using var spans = new SpanCapture();
        var builder = new ReportBuilder(new SteppedClock(), "span-profile");

        var workflow = Spans.StartWorkflow(builder.Report);
        var call = builder.Call("up", 0, null);
        var span = Spans.StartCall(call, ReportBuilder.Upstream("up"));
        call.Usage = ReportBuilder.Usage(7, 5);
        (call.ResponseModel, call.FinishReason) = ("real-model", "stop");
        call.Complete(CallOutcome.Succeeded, null, 5);
        Spans.EndCall(span, call);
        Spans.EndWorkflow(workflow, builder.Report);

        workflow!.DisplayName.Should().Be("invoke_workflow span-profile");
        workflow.Kind.Should().Be(ActivityKind.Internal);
        workflow.GetTagItem("synthwave.outcome").Should().Be("success");
        span!.DisplayName.Should().Be("chat up-model");
        span.Kind.Should().Be(ActivityKind.Client);
        span.ParentSpanId.Should().Be(workflow.SpanId);
        span.GetTagItem(GenAi.OperationName).Should().Be("chat");
        span.GetTagItem(GenAi.RequestModel).Should().Be("up-model");
        span.GetTagItem(GenAi.ResponseModel).Should().Be("real-model");
        span.GetTagItem(GenAi.ProviderName).Should().Be("openai");
        span.GetTagItem(GenAi.ServerAddress).Should().Be("models.internal");
        span.GetTagItem(GenAi.ServerPort).Should().Be(8443);
        span.GetTagItem(GenAi.InputTokens).Should().Be(7L);
        span.GetTagItem(GenAi.OutputTokens).Should().Be(5L);
        span.Status.Should().Be(ActivityStatusCode.Unset);
    }

    [Theory]
    [InlineData("timeout", null, "timeout")]
    [InlineData("non_2xx", 429, "429")]
    [InlineData("non_json", 200, "non_json")]
    public void A_failed_call_names_its_error(string reason, int? status, string expected)
    {
        using var spans = new SpanCapture();
        var call = new ReportBuilder(new SteppedClock()).Call("up", 0, null);

        var span = Spans.StartCall(call, ReportBuilder.Upstream("up"));
        call.Status = status;
        call.Complete(CallOutcome.Failed, reason, 5);
        Spans.EndCall(span, call);

        span!.GetTagItem(GenAi.ErrorType).Should().Be(expected);
        span.Status.Should().Be(ActivityStatusCode.Error);
    }

    [Fact]
    public void A_call_knows_its_upstream_whether_or_not_anybody_listens()
    {
        var call = new ReportBuilder(new SteppedClock()).Call("up#2", 0, null);

        Spans.EndCall(Spans.StartCall(call, ReportBuilder.Upstream("up")), call);

        call.UpstreamName.Should().Be("up");
    }

    private sealed class SpanCapture : IDisposable
    {
        private readonly ActivityListener _listener = new()
        {
            ShouldListenTo = source => source.Name == Spans.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
        };

        public SpanCapture() => ActivitySource.AddActivityListener(_listener);

        public void Dispose() => _listener.Dispose();
    }
}
