using System.Net;
using Synthwave.Commands;
using Synthwave.Commands.Admin;
using Synthwave.Json;
using Synthwave.Telemetry.Journal;
using Synthwave.Telemetry.Reports;
using Synthwave.UnitTests.Telemetry.Journal;

namespace Synthwave.UnitTests.Commands.Admin;

public sealed class RequestsCommandTests
{
    private readonly RequestJournal _journal = new(TimeProvider.System);

    [Fact]
    public async Task A_request_that_ends_between_two_questions_is_shown_once()
    {
        RequestRecord? running = _journal.Begin(TimeProvider.System);
        var id = running.RequestId;
        using var http = new HttpMessageInvoker(new Gateway(path =>
        {
            var answer = Answer(path);
            if (running is { } ending)
            {
                _journal.Finish(ending);
                running = null;
            }

            return answer;
        }));
        using var output = new StringWriter();

        var code = await RequestsCommand.RunAsync(
            new AdminClient(http, new AdminTarget(new Uri("http://gateway"), null), TimeProvider.System), new(null, null, null, null, null, false), output, TextWriter.Null, default);

        code.Should().Be(0);
        output.ToString().Split(id).Should().HaveCount(2, "{0} says it once", output);
    }

    private byte[] Answer(string path) => path == "/admin/live"
        ? JsonTyped.Write(new LiveRequests(DateTimeOffset.UnixEpoch, _journal.Live()), JournalJson.Default.LiveRequests)
        : JsonTyped.Write(new JournalPage(_journal.Finished(JournalFilter.None, 50), null), JournalJson.Default.JournalPage);

    private sealed class Gateway(Func<string, byte[]> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent(answer(request.RequestUri!.AbsolutePath)) });
    }
}
