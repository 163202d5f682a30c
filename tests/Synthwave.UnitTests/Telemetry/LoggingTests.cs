using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Serilog.Events;
using Serilog.Parsing;
using Synthwave.Configuration;
using Synthwave.Telemetry.Logging;
using Synthwave.Telemetry.Reports;

namespace Synthwave.UnitTests.Telemetry;

public sealed class LoggingTests : IDisposable
{
    private static readonly string[] Fields =
    [
        "time", "level", "event", "request_id", "client_request_id", "method", "path", "status", "profile", "strategy", "decision", "outcome", "calls",
        "first_content_ms", "elapsed_ms", "overhead_ms", "prompt_tokens", "completion_tokens", "cost_usd", "bytes_in", "bytes_out", "error_code", "trace_id",
    ];

    private static readonly Action<ILogger, string, Exception?> IsSlow = LoggerMessage.Define<string>(LogLevel.Debug, 1, "{Upstream} is slow");

    private readonly SteppedClock _clock = new();
    private readonly MemoryStream _stdout = new();

    public void Dispose() => _stdout.Dispose();

    [Fact]
    public async Task A_request_is_one_line_with_every_field_in_order()
    {
        var builder = new ReportBuilder(_clock);
        builder.Report.Decision = Decision.Merged;
        builder.Call("a", 10, 40, usage: ReportBuilder.Usage(10, 2));
        builder.Call("b", 10, 90, usage: ReportBuilder.Usage(5, 1));
        var record = new RequestRecord("POST", "/v1/chat/completions", _clock.GetUtcNow(), builder.Report.StartedAt) { Report = builder.End(100), BytesIn = 12, BytesOut = 34 };
        record.SetClientRequestId("mine");
        record.Close(200, false, TimeSpan.FromMilliseconds(100.25), null);

        var line = (await LogAsync(LogThreshold.Info, record)).Should().ContainSingle().Subject;

        line.EnumerateObject().Select(p => p.Name).Should().Equal(Fields);
        line.GetProperty("level").GetString().Should().Be("info");
        line.GetProperty("event").GetString().Should().Be("request");
        line.GetProperty("request_id").GetString().Should().Be(record.RequestId);
        line.GetProperty("client_request_id").GetString().Should().Be("mine");
        line.GetProperty("outcome").GetString().Should().Be("success");
        line.GetProperty("calls").EnumerateArray().Select(c => c.GetProperty("upstream").GetString()).Should().Equal("a", "b");
        line.GetProperty("elapsed_ms").GetRawText().Should().Be("100.25");
        line.GetProperty("overhead_ms").GetDecimal().Should().Be(20);
        line.GetProperty("prompt_tokens").GetInt64().Should().Be(15);
        line.GetProperty("completion_tokens").GetInt64().Should().Be(3);
        line.GetProperty("bytes_out").GetInt64().Should().Be(34);
        line.GetProperty("cost_usd").ValueKind.Should().Be(JsonValueKind.Null);
    }

    [Fact]
    public async Task A_call_says_who_was_asked_what_came_of_it_and_what_it_took()
    {
        var builder = new ReportBuilder(_clock);
        var answered = builder.Call("a", 10, 40, usage: ReportBuilder.Usage(10, 2), config: ReportBuilder.Upstream("a", new(1, 10, null)));
        (answered.FirstByteAt, answered.IsHedge) = (answered.StartedAt + 5, true);
        var refused = builder.Call("b", 10, 90, CallOutcome.Failed, reason: "rate_limited", attempts: 3);
        (refused.Status, refused.Detail, refused.FreeAttempts) = (429, "Slow down.", 3);
        var unreached = builder.Call("c", 10, 11, CallOutcome.Failed, reason: "transport");
        unreached.Transport = "refused";
        builder.Call("d", 10, null);
        var record = new RequestRecord("POST", "/v1/chat/completions", _clock.GetUtcNow(), builder.Report.StartedAt) { Report = builder.End(100) };
        record.Close(200, false, TimeSpan.FromMilliseconds(100), null);

        var calls = (await LogAsync(LogThreshold.Info, record)).Single().GetProperty("calls").EnumerateArray().Select(c => c.GetRawText());

        calls.Should().Equal(
            """{"role":"generator","upstream":"a","model":"a-model","outcome":"success","attempts":1,"hedge":true,"first_byte_ms":5,"elapsed_ms":30,"prompt_tokens":10,"completion_tokens":2,"cost_usd":0.00003}""",
            """{"role":"generator","upstream":"b","model":"b-model","outcome":"failed","reason":"rate_limited","status":429,"attempts":3,"detail":"Slow down.","elapsed_ms":80,"cost_usd":0}""",
            """{"role":"generator","upstream":"c","model":"c-model","outcome":"failed","reason":"transport","attempts":1,"transport":"refused","elapsed_ms":1}""",
            """{"role":"generator","upstream":"d","model":"d-model","outcome":"cancelled","attempts":1}""");
    }

    [Fact]
    public async Task What_a_synthesis_had_to_leave_out_ends_the_line()
    {
        var builder = new ReportBuilder(_clock);
        builder.Report.Synthesis = new SynthesisReport(2, 7, 1);
        var record = new RequestRecord("POST", "/v1/chat/completions", _clock.GetUtcNow(), builder.Report.StartedAt) { Report = builder.End(100) };
        record.Close(200, false, TimeSpan.FromMilliseconds(100), null);

        var line = (await LogAsync(LogThreshold.Info, record)).Single();

        line.EnumerateObject().Select(p => p.Name).Should().Equal([.. Fields, "synthesis"]);
        line.GetProperty("synthesis").GetRawText().Should().Be("""{"drafts_cut":2,"groups_dropped":7,"messages_cut":1}""");
    }

    [Fact]
    public async Task A_request_that_was_never_dispatched_has_every_field_too()
    {
        var record = new RequestRecord("GET", "/nowhere", _clock.GetUtcNow(), 0) { ErrorCode = "model_not_found" };
        record.Close(404, false, TimeSpan.Zero, null);

        var line = (await LogAsync(LogThreshold.Info, record)).Single();

        line.EnumerateObject().Select(p => p.Name).Should().Equal(Fields);
        line.GetProperty("outcome").GetString().Should().Be("failed");
        line.GetProperty("error_code").GetString().Should().Be("model_not_found");
    }

    [Fact]
    public async Task A_server_fault_is_a_warning_and_passes_that_threshold()
    {
        var fine = new RequestRecord("GET", "/a", _clock.GetUtcNow(), 0);
        fine.Close(404, false, TimeSpan.Zero, null);
        var bad = new RequestRecord("GET", "/b", _clock.GetUtcNow(), 0);
        bad.Close(502, false, TimeSpan.Zero, null);

        var lines = await LogAsync(LogThreshold.Warning, fine, bad);

        lines.Should().ContainSingle().Which.GetProperty("level").GetString().Should().Be("warning");
    }

    [Fact]
    public async Task Framework_chatter_is_cut_and_our_own_words_are_not()
    {
        await using (var setup = LoggingSetup.Create(new JsonLogOutput(_stdout, _clock), LogThreshold.Debug, _clock))
        {
            await using var services = new ServiceCollection().AddLogging(setup.AddTo).BuildServiceProvider();
            var factory = services.GetRequiredService<ILoggerFactory>();
            factory.CreateLogger("Microsoft.AspNetCore.Hosting").LogInformation("chatter");
            factory.CreateLogger("Microsoft.AspNetCore.Server").LogWarning("trouble");
            IsSlow(factory.CreateLogger("Synthwave.Routing"), "a", null);
            setup.SetLevel(LogThreshold.Error);
            factory.CreateLogger("Synthwave.Routing").LogWarning("unheard");
        }

        var lines = Lines();
        lines.Select(l => l.GetProperty("message").GetString()).Should().Equal("trouble", "a is slow");
        lines[1].GetProperty("Upstream").GetString().Should().Be("a");
        lines[1].GetProperty("logger").GetString().Should().Be("Synthwave.Routing");
        lines[1].GetProperty("level").GetString().Should().Be("debug");
    }

    [Fact]
    public async Task A_slow_output_loses_the_oldest_lines_and_says_how_many()
    {
        using var output = new GatedOutput();
        var sink = new AsyncLogSink(output, _clock, capacity: 4);
        sink.Emit(Event(0));
        await output.Writing.Task;

        for (var i = 1; i <= 10; i++)
        {
            sink.Emit(Event(i));
        }

        output.Open.SetResult();
        await sink.DisposeAsync();

        sink.Dropped.Should().Be(6);
        output.Written.Should().Equal("0", "7", "8", "9", "10", "6 log lines were dropped because the output is too slow");
    }

    [Fact]
    public async Task A_slow_output_keeps_no_more_of_long_reports_than_there_is_room_for()
    {
        using var output = new GatedOutput();
        var sink = new AsyncLogSink(output, _clock);
        sink.Emit(Event(0));
        await output.Writing.Task;

        const int Length = 4 * 1024 * 1024;
        var words = new string('x', Length / sizeof(char));
        for (var i = 1; i <= 10; i++)
        {
            sink.Emit(RequestEvent(words));
        }

        output.Open.SetResult();
        await sink.DisposeAsync();

        sink.Dropped.Should().Be(10 - ((AsyncLogSink.MostWaiting / Length) - 1));
        output.Written.Should().HaveCount(9).And.HaveElementAt(8, "3 log lines were dropped because the output is too slow");
        sink.Emit(RequestEvent(words));
        sink.Dropped.Should().Be(3, "what was written gave its room back");
    }

    [Fact]
    public async Task A_broken_output_is_counted_and_survived()
    {
        var sink = new AsyncLogSink(new BrokenOutput(), _clock);

        sink.Emit(Event(1));
        await sink.DisposeAsync();
        await sink.DisposeAsync();

        sink.Failed.Should().BeGreaterThan(0);
    }

    private static LogEvent Event(int number) => new(
        DateTimeOffset.UnixEpoch, LogEventLevel.Information, null, new MessageTemplateParser().Parse(number.ToString(System.Globalization.CultureInfo.InvariantCulture)), []);

    private LogEvent RequestEvent(string detail)
    {
        var builder = new ReportBuilder(_clock);
        builder.Call("a", 10, 40, CallOutcome.Failed, reason: "non_2xx").Detail = detail;
        var record = new RequestRecord("POST", "/v1/chat/completions", _clock.GetUtcNow(), builder.Report.StartedAt) { Report = builder.Report };
        return new(DateTimeOffset.UnixEpoch, LogEventLevel.Information, null, new MessageTemplateParser().Parse("request"), [new(RequestRecordValue.PropertyName, new RequestRecordValue(record))]);
    }

    private async Task<JsonElement[]> LogAsync(LogThreshold threshold, params RequestRecord[] records)
    {
        await using (var setup = LoggingSetup.Create(new JsonLogOutput(_stdout, _clock), threshold, _clock))
        {
            await using var services = new ServiceCollection().AddLogging(setup.AddTo).BuildServiceProvider();
            foreach (var record in records)
            {
                var pipeline = new ApplicationBuilder(services).UseRequestLog();
                pipeline.Run(_ => Task.CompletedTask);
                var http = new DefaultHttpContext();
                http.Features.Set(record);
                await pipeline.Build()(http);
            }
        }

        return Lines();
    }

    private JsonElement[] Lines() =>
        [.. Encoding.UTF8.GetString(_stdout.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement)];

    private sealed class GatedOutput : ILogOutput
    {
        public TaskCompletionSource Writing { get; } = new();

        public TaskCompletionSource Open { get; } = new();

        public List<string> Written { get; } = [];

        public void Write(LogEvent logEvent)
        {
            Writing.TrySetResult();
            Open.Task.Wait();
            Written.Add(logEvent.RenderMessage(System.Globalization.CultureInfo.InvariantCulture));
        }

        public void Flush()
        {
        }

        public void Dispose()
        {
        }
    }

    private sealed class BrokenOutput : ILogOutput
    {
        public void Write(LogEvent logEvent) => throw new IOException("pipe closed");

        public void Flush() => throw new IOException("pipe closed");

        public void Dispose()
        {
        }
    }
}
