using System.Text;
using System.Threading.Tasks.Sources;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using Synthwave.Api.Admission;
using Synthwave.Api.Answers;
using Synthwave.Api.Dialects;
using Synthwave.Chat.Completions;
using Synthwave.Chat.Events;
using Synthwave.Chat.Memory;
using Synthwave.Chat.Requests;
using Synthwave.Configuration;
using Synthwave.Routing;
using Synthwave.Strategies.Media;
using Synthwave.Telemetry.Reports;
using Synthwave.Upstreams.Calls;

namespace Synthwave.UnitTests.Api.Answers;

public sealed class StreamedAnswerTests
{
    [Fact]
    public async Task An_event_that_arrives_between_two_looks_is_not_lost()
    {
        var time = new FakeTimeProvider();
        var http = new DefaultHttpContext();
        using var body = new MemoryStream();
        http.Response.Body = body;
        http.Features.Set(new RequestRecord("POST", "/v1/chat/completions", time.GetUtcNow(), time.GetTimestamp()));
        using var shutdown = new ShutdownSignal();
        var runtime = new GatewayRuntime(new GatewayConfig(), new UpstreamSet([]), new DescriptionCache(time));
        using var visit = new RequestVisit(http, runtime, shutdown, new MemoryBudget(time), time, static _ => { });
        var request = ChatRequestReader.Read("{\"model\":\"m\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}"u8.ToArray()).Request!;

        await new StreamedAnswer(http, visit, request, ChatAnswerShape.Plain, time).WriteAsync(Task.FromResult<ChatReply>(new StreamReply(new RacingStream(3))));

        Encoding.UTF8.GetString(body.ToArray()).Should().Be("data: 1\n\ndata: 2\n\ndata: 3\n\ndata: [DONE]\n\n");
    }

    /// <summary>Each read is under way at the first look and done at the next.</summary>
    private sealed class RacingStream(int events) : AnswerStream, IValueTaskSource
    {
        private int _number;
        private int _looks;
        private bool _isHere;

        public override ReadOnlyMemory<byte>? UsageChunk => null;

        public override StreamLabels Labels => new("\"i\"", "1", "\"m\"");

        public override StreamStep Step()
        {
            if (!_isHere)
            {
                return _number > events ? StreamStep.End : StreamStep.Pending;
            }

            _isHere = false;
            Current = new ChatStreamEvent(StreamEventKind.Chunk, Encoding.UTF8.GetBytes($"data: {_number}\n\n"), default);
            return StreamStep.Event;
        }

        public override ValueTask WaitAsync(CancellationToken cancellationToken)
        {
            _number++;
            _looks = 0;
            return new(this, 0);
        }

        public override ValueTask DisposeAsync() => default;

        public void GetResult(short token) => _isHere = _number <= events;

        public ValueTaskSourceStatus GetStatus(short token) => _looks++ == 0 ? ValueTaskSourceStatus.Pending : ValueTaskSourceStatus.Succeeded;

        public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) => continuation(state);
    }
}
