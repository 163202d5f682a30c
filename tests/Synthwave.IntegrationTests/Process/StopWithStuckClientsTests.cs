using System.Globalization;
using System.Text;
using Synthwave.IntegrationTests.BadDays;
using Synthwave.IntegrationTests.Upstreams;
using Synthwave.TestKit;

namespace Synthwave.IntegrationTests.Process;

/// <summary>A stop ends when its time is over, whatever clients and upstreams do.</summary>
public sealed class StopWithStuckClientsTests : IDisposable
{
    private const int GraceSecs = 1;

    // The contract is a second after the grace; a loaded machine may add to it.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(GraceSecs + 5);

    private readonly WorkDirectory _directory = new();

    [Theory]
    [InlineData("half a request")]
    [InlineData("half a head")]
    [InlineData("nothing said")]
    [InlineData("unread json")]
    [InlineData("unread gets")]
    [InlineData("unread stream")]
    [InlineData("silent upstream")]
    [InlineData("half-closed")]
    public async Task A_stop_ends_with_the_grace(string stuck)
    {
        await using var upstream = new RawUpstream(AnswerAsync);
        await using var gateway = await StartAsync(upstream.BaseUrl);
        using var client = await RawClient.ConnectAsync(new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{gateway.Port}")));
        await StickAsync(client, stuck);

        var since = TimeProvider.System.GetTimestamp();
        await gateway.Process.SignalAsync("TERM");
        var result = await gateway.Process.WhenExitedAsync();

        TimeProvider.System.GetElapsedTime(since).Should().BeLessThan(Limit);
        result.ExitCode.Should().Be(0, result.Error);
        result.Error.Should().BeEmpty();
        result.Output.Should().Contain("Stopped after").And.NotContain("Unhandled exception");
    }

    [Fact]
    public async Task A_collector_that_says_nothing_keeps_no_stop()
    {
        await using var upstream = new RawUpstream(AnswerAsync);
        await using var collector = new RawUpstream(static call => call.WhenClosedAsync());
        await using var gateway = await StartAsync(upstream.BaseUrl, environment: new Dictionary<string, string>
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.BaseUrl,
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        });
        using var http = new HttpClient();
        using var page = await http.GetAsync(new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{gateway.Port}/healthz")));

        var since = TimeProvider.System.GetTimestamp();
        await gateway.Process.SignalAsync("TERM");
        var result = await gateway.Process.WhenExitedAsync();

        TimeProvider.System.GetElapsedTime(since).Should().BeLessThan(TimeSpan.FromSeconds(GraceSecs + 2.5));
        result.ExitCode.Should().Be(0, result.Error);
    }

    [Fact]
    public async Task A_hangup_during_the_grace_ends_nothing()
    {
        await using var model = new GatedModel();
        await using var gateway = await StartAsync(model.BaseUrl, graceSecs: 60);
        model.Begin();
        using var client = await RawClient.ConnectAsync(new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{gateway.Port}")));
        await client.SendAsync(RawClient.Post(ChatCall.Body("a", stream: true)));
        (await client.ReadUntilAsync("\"content\":\"first \"")).Should().BeTrue();

        await gateway.Process.SignalAsync("TERM");
        await WhenRefusedAsync(gateway.Port);
        await gateway.Process.SignalAsync("HUP");
        model.Finish();
        var finished = await client.ReadUntilAsync("data: [DONE]\n\n");
        var result = await gateway.Process.WhenExitedAsync();

        finished.Should().BeTrue();
        result.ExitCode.Should().Be(0, result.Error);
    }

    [Fact]
    public async Task A_hangup_while_it_starts_ends_nothing()
    {
        var port = Ports.Free();

        // The warning is what is heard of the start before anything listens.
        _directory.Write("meta-model.toml", Toml("http://127.0.0.1:9/v1", port, GraceSecs) + "[vision]\ntwo_stage = true\n");
        await using var process = GatewayProcess.Start(_directory.FullName, ["serve"]);

        await process.WhenSaidAsync("two_stage");
        await process.SignalAsync("HUP");
        await process.WhenServingAsync(port);
        await process.SignalAsync("TERM");

        (await process.WhenExitedAsync()).ExitCode.Should().Be(0);
    }

    public void Dispose() => _directory.Dispose();

    private static async Task StickAsync(RawClient client, string stuck)
    {
        switch (stuck)
        {
            case "half a request":
                await client.SendAsync(RawClient.Post("{\"model\":\"a\",", contentLength: 5000));
                break;
            case "half a head":
                await client.SendAsync("POST /v1/chat/completions HTTP/1.1\r\nHost: ga");
                break;
            case "unread json":
                await client.SendAsync(RawClient.Post(ChatCall.Body("a", "huge")));
                (await client.ReadUntilAsync("\r\n\r\n{")).Should().BeTrue();
                break;
            case "unread gets":
                await client.SendAsync(string.Concat(Enumerable.Repeat("GET /openapi.json HTTP/1.1\r\nHost: gateway\r\n\r\n", 200)));
                (await client.ReadUntilAsync("\r\n\r\n{")).Should().BeTrue();
                break;
            case "unread stream":
                await client.SendAsync(RawClient.Post(ChatCall.Body("a", "huge", stream: true)));
                (await client.ReadUntilAsync("data: {")).Should().BeTrue();
                break;
            case "silent upstream":
                await client.SendAsync(RawClient.Post(ChatCall.Body("a", "silent")));
                break;
            case "half-closed":
                await client.SendAsync(RawClient.Post(ChatCall.Body("a", "silent")));
                client.FinishSending();
                (await client.ReadUntilAsync("100 Continue")).Should().BeTrue();
                break;
        }
    }

    private static async Task AnswerAsync(RawCall call)
    {
        if (call.Body.Length == 0)
        {
            await call.SendAsync("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
        }
        else if (call.Body.Contains("silent", StringComparison.Ordinal))
        {
            await call.WhenClosedAsync();
        }
        else if (call.Body.Contains("\"stream\":true", StringComparison.Ordinal))
        {
            await call.SendAsync("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n");
            var chunk = new StringBuilder().Insert(0, RawAnswers.Chunk($"{{\"content\":\"{new string('x', 1000)}\"}}"), 1000).ToString();
            while (!call.Stop.IsCancellationRequested)
            {
                await call.SendAsync(chunk);
            }
        }
        else
        {
            await call.SendAsync(RawAnswers.Http(RawAnswers.Document($"{{\"role\":\"assistant\",\"content\":\"{new string('x', 20_000_000)}\"}}", "\"stop\"")));
        }
    }

    private static string Toml(string baseUrl, int port, int graceSecs) => $"""
        [server]
        host = "127.0.0.1"
        port = {port}
        shutdown_grace_secs = {graceSecs}
        drain_secs = 0
        [upstreams.a]
        model_id = "gated"
        base_url = "{baseUrl}"
        context = 32768
        max_output = 4096
        [profiles.p]
        type = "cascade"
        upstreams = ["a"]

        """;

    private async Task<Running> StartAsync(string baseUrl, int graceSecs = GraceSecs, IReadOnlyDictionary<string, string>? environment = null)
    {
        var port = Ports.Free();
        _directory.Write("meta-model.toml", Toml(baseUrl, port, graceSecs));
        var process = GatewayProcess.Start(_directory.FullName, ["serve"], environment);
        await process.WhenServingAsync(port);
        return new(process, port);
    }

    private static async Task WhenRefusedAsync(int port)
    {
        using var patience = new CancellationTokenSource(BadDay.Patience);
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        while (true)
        {
            try
            {
                using var answer = await http.GetAsync(new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/healthz")), patience.Token);
                await Task.Delay(10, patience.Token);
            }
            catch (HttpRequestException e) when (e.HttpRequestError is HttpRequestError.ConnectionError)
            {
                return;
            }
        }
    }

    private sealed record Running(GatewayProcess Process, int Port) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => Process.DisposeAsync();
    }
}
