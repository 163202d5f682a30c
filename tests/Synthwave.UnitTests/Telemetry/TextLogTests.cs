using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Synthwave.Configuration;
using Synthwave.Telemetry.Logging;
using Synthwave.Telemetry.Reports;

namespace Synthwave.UnitTests.Telemetry;

public sealed class TextLogTests : IDisposable
{
    private static readonly Action<ILogger, string, Exception?> Said = LoggerMessage.Define<string>(LogLevel.Warning, 1, "Somebody said {Words}");

    private readonly SteppedClock _clock = new();
    private readonly StringWriter _output = new();

    public void Dispose() => _output.Dispose();

    [Fact]
    public async Task A_request_is_one_line_of_columns()
    {
        var builder = new ReportBuilder(_clock);
        builder.Call("a", 10, 40, usage: ReportBuilder.Usage(1200, 310));
        builder.Report.FirstContentAt = builder.Report.StartedAt + (TimeSpan.FromMilliseconds(20).Ticks * _clock.TimestampFrequency / TimeSpan.TicksPerSecond);
        var record = Record("POST", "/v1/chat/completions", builder.End(100));
        record.Close(200, false, TimeSpan.FromMilliseconds(100), null);

        var line = (await LinesAsync(false, record)).Should().ContainSingle().Subject;

        line.Should().MatchRegex(
            $"^\\d\\d:\\d\\d:\\d\\d INF POST /v1/chat/completions 200 {builder.Report.Profile!.PadRight(12)} {builder.Report.Strategy!.Word.PadRight(11)} first     20 total    100 ms 1200\\+310 tokens {record.RequestId}$");
    }

    [Fact]
    public async Task A_failed_request_names_its_error_and_one_without_a_dispatch_keeps_the_columns()
    {
        var builder = new ReportBuilder(_clock);
        builder.Report.ErrorCode = "all_generators_failed";
        var failed = Record("POST", "/v1/chat/completions", builder.End(100));
        failed.Close(502, false, TimeSpan.FromMilliseconds(1840), null);
        var plain = Record("GET", "/healthz", null);
        plain.Close(200, false, TimeSpan.FromMilliseconds(0.4), null);

        var lines = await LinesAsync(false, failed, plain);

        lines[0].Should().Contain(" WRN POST ").And.Contain(" 502 ").And.Contain("  1840 ms all_generators_failed metamodel-");
        lines[1].Should().Contain(" INF GET /healthz ").And.Contain("    0.4 ms metamodel-");
        lines[1].IndexOf(" total ", StringComparison.Ordinal).Should().Be(lines[0].IndexOf(" total ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Calls_that_failed_end_the_line_with_their_upstream_s_own_words()
    {
        var builder = new ReportBuilder(_clock);
        var refused = builder.Call("a", 0, 10, CallOutcome.Failed, reason: "rate_limited", attempts: 3);
        (refused.Status, refused.Detail) = (429, "Slow\n\e[2Jdown.");
        builder.Call("b", 0, 10, CallOutcome.Failed, reason: "transport").Transport = "dns";
        builder.Call("c", 0, 10);
        var few = Record("POST", "/v1/chat/completions", builder.End(100));
        few.Close(200, false, TimeSpan.FromMilliseconds(100), null);
        var all = new ReportBuilder(_clock);
        for (var i = 0; i < 7; i++)
        {
            all.Call("a", 0, 10, CallOutcome.Failed, reason: "timeout");
        }

        var many = Record("POST", "/v1/chat/completions", all.End(100));
        many.Close(502, false, TimeSpan.FromMilliseconds(100), null);

        var lines = await LinesAsync(false, few, many);

        lines[0].Should().EndWith($"{few.RequestId} | a: rate_limited, 429, 3 attempts: Slow??[2Jdown. | b: transport (dns)");
        lines[1].Should().EndWith(" | a: timeout | a: timeout | a: timeout | a: timeout | and 3 more");
    }

    [Fact]
    public async Task Colours_are_added_and_always_end()
    {
        var record = Record("GET", "/nowhere", null);
        record.ErrorCode = "model_not_found";
        record.Close(404, false, TimeSpan.Zero, null);

        var line = (await LinesAsync(true, record)).Single();

        line.Should().Contain("\e[33m404\e[0m").And.Contain("\e[31mmodel_not_found\e[0m").And.EndWith("\e[0m");
    }

    [Fact]
    public async Task Nothing_a_client_or_an_upstream_says_can_command_the_terminal()
    {
        var record = Record("GET", "/a\e[2J\u202e", null);
        record.Close(404, false, TimeSpan.Zero, null);

        var text = await WriteAsync(false, [record], factory => Said(factory.CreateLogger("Synthwave.Upstreams"), "\e]0;owned\a\r\n12:00:00 INF forged", new InvalidOperationException("one\ntwo\e[31m")));

        text.Should().NotContain("\e").And.NotContain("\a").And.NotContain("\r").And.NotContain("\u202e").And.NotContain("\n12:00:00 INF forged");
        text.Should().Contain("WRN Somebody said ?]0;owned???12:00:00 INF forged\n").And.Contain("InvalidOperationException: one\ntwo?[31m");
    }

    [Fact]
    public async Task A_message_is_written_without_quotes()
    {
        var text = await WriteAsync(false, [], factory => Said(factory.CreateLogger("Synthwave.Upstreams"), "hello", null));

        text.Should().EndWith(" WRN Somebody said hello\n");
    }

    [Fact]
    public async Task The_host_s_own_word_for_a_failed_start_is_left_to_whoever_started_it()
    {
        var failed = LoggerMessage.Define(LogLevel.Error, 11, "Hosting failed to start");

        var text = await WriteAsync(false, [], factory => failed(factory.CreateLogger("Microsoft.Extensions.Hosting.Internal.Host"), new IOException("taken")));

        text.Should().BeEmpty();
    }

    [Fact]
    public void Trouble_with_the_log_is_told_once()
    {
        using var error = new StringWriter();
        var once = new SelfLogOnce(error);

        once.Write("the first");
        once.Write("the second");

        error.ToString().Should().Contain("the first").And.NotContain("the second");
    }

    private RequestRecord Record(string method, string path, DispatchReport? report) => new(method, path, _clock.GetUtcNow(), 0) { Report = report };

    private async Task<string[]> LinesAsync(bool colour, params RequestRecord[] records) =>
        (await WriteAsync(colour, records, null)).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private async Task<string> WriteAsync(bool colour, RequestRecord[] records, Action<ILoggerFactory>? log)
    {
        await using (var setup = LoggingSetup.Create(new TextLogOutput(_output, colour, _clock), LogThreshold.Info, _clock))
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

            log?.Invoke(services.GetRequiredService<ILoggerFactory>());
        }

        return _output.ToString();
    }
}
