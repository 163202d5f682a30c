using Microsoft.Extensions.DependencyInjection;
using Synthwave.Api.Answers;
using Synthwave.IntegrationTests.Upstreams;
using Synthwave.Telemetry.Journal;
using Synthwave.Telemetry.Reports;
using Synthwave.TestKit;

namespace Synthwave.IntegrationTests.BadDays;

/// <summary>Clients that are there but take nothing of an answer that is no stream of a model (those: <see cref="ClientLeavesTests"/>).</summary>
public sealed class SlowReaderTests
{
    private const int Size = 20_000_000;

    [Fact]
    public async Task A_json_answer_that_nobody_takes_is_given_up()
    {
        var time = new ManualTimeProvider();
        await using var upstream = new RawUpstream(call => call.SendAsync(call.Body.Length == 0 ? "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n" : Huge()));
        await using var gateway = await TestGateway.StartAsync(Toml(upstream.BaseUrl), time: time);
        using var client = await RawClient.ConnectAsync(gateway.Address);
        await client.SendAsync(RawClient.Post(ChatCall.Body("a")));
        (await client.ReadUntilAsync("\r\n\r\n{")).Should().BeTrue();

        await ShouldBeGivenUpAsync(gateway, time, "/v1/chat/completions");
    }

    [Fact]
    public async Task One_that_is_taken_piece_by_piece_arrives_whole()
    {
        await using var upstream = new RawUpstream(call => call.SendAsync(call.Body.Length == 0 ? "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n" : Huge()));
        await using var gateway = await TestGateway.StartAsync(Toml(upstream.BaseUrl));

        using var response = await gateway.Client.PostChatAsync(gateway.Address + "v1", ChatCall.Body("a"));
        var body = await response.Content.ReadAsStringAsync();

        response.Content.Headers.ContentLength.Should().Be(body.Length);
        body.Should().HaveLength(RawAnswers.Document(Message(), "\"stop\"").Length).And.EndWith("}");
    }

    [Fact]
    public async Task Answers_to_gets_that_nobody_takes_are_given_up()
    {
        var time = new ManualTimeProvider();
        await using var gateway = await TestGateway.StartAsync("", time: time);
        using var client = await RawClient.ConnectAsync(gateway.Address);
        await client.SendAsync(string.Concat(Enumerable.Repeat("GET /openapi.json HTTP/1.1\r\nHost: gateway\r\n\r\n", 400)));
        (await client.ReadUntilAsync("\r\n\r\n{")).Should().BeTrue();

        await ShouldBeGivenUpAsync(gateway, time, "/openapi.json");
    }

    [Fact]
    public async Task A_list_of_requests_that_nobody_takes_is_given_up_and_is_of_bounded_length()
    {
        var time = new ManualTimeProvider();
        await using var gateway = await TestGateway.StartAsync("", time: time);
        var journal = gateway.Services.GetRequiredService<RequestJournal>();
        for (var i = 0; i < 100; i++)
        {
            RememberALongOne(journal, time);
        }

        using var client = await RawClient.ConnectAsync(gateway.Address);
        await client.SendAsync(string.Concat(Enumerable.Repeat("GET /admin/requests?limit=500 HTTP/1.1\r\nHost: localhost\r\n\r\n", 10)));
        (await client.ReadUntilAsync("\r\n\r\n{")).Should().BeTrue();

        client.Received.Should().MatchRegex("Content-Length: [0-9]{7,8}\r\n", "characters that JSON escapes take three times what they take in the journal");
        await ShouldBeGivenUpAsync(gateway, time, "/admin/requests");
    }

    // By the gateway's own clock, which moves only here, an answer that is taken takes no time at all.
    private static Task ShouldBeGivenUpAsync(TestGateway gateway, ManualTimeProvider time, string path) => BadDay.Until(() =>
    {
        time.Advance(TimeSpan.FromSeconds(1));
        return gateway.Log.Events.Any(e => Telemetry.Logging.RequestRecordValue.Of(e) is { } record && record.Path == path && record.Elapsed >= SseResponse.LongestStall);
    }, "it is given up");

    private static void RememberALongOne(RequestJournal journal, TimeProvider time)
    {
        var record = new RequestRecord("POST", "/v1/chat/completions", time.GetUtcNow(), time.GetTimestamp());
        record.Report = new DispatchReport(record.RequestId, record.StartedAt);
        for (var c = 0; c < 100; c++)
        {
            record.Report.AddCall(new CallReport(CallRole.Generator, "a", "m", 0) { Detail = new string('\u0001', 10_000) });
        }

        journal.End(record);
    }

    private static string Message() => $"{{\"role\":\"assistant\",\"content\":\"{new string('x', Size)}\"}}";

    private static string Huge() => RawAnswers.Http(RawAnswers.Document(Message(), "\"stop\""));

    private static string Toml(string baseUrl) => $"[upstreams.a]\nmodel_id = \"m\"\nbase_url = \"{baseUrl}\"\ncontext = 8192\nmax_output = 512\n";
}
