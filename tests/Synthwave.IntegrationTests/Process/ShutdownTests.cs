using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Synthwave.IntegrationTests.BadDays;
using Synthwave.TestKit;

namespace Synthwave.IntegrationTests.Process;

/// <summary>A stop signal while a stream is in flight.</summary>
public sealed class ShutdownTests : IDisposable
{
    private readonly WorkDirectory _directory = new();

    [Fact]
    public async Task After_a_stop_signal_nobody_gets_in_and_a_running_stream_finishes()
    {
        await using var model = new GatedModel();
        await using var gateway = await StartAsync(model, graceSecs: 60);
        using var client = await StreamAsync(model, gateway.Port);

        await gateway.Process.SignalAsync("TERM");
        await WhenRefusedAsync(gateway.Port);
        model.Finish();
        var finished = await client.ReadUntilAsync("data: [DONE]\n\n");
        var result = await gateway.Process.WhenExitedAsync();

        finished.Should().BeTrue("the stream was\n{0}", client.Received);
        client.Received.Should().Contain("\"content\":\"last\"").And.NotContain("shutting_down");
        result.ExitCode.Should().Be(0, result.Error);
    }

    [Fact]
    public async Task When_the_grace_is_over_a_stream_is_told_and_the_process_ends()
    {
        await using var model = new GatedModel();
        await using var gateway = await StartAsync(model, graceSecs: 1);
        using var client = await StreamAsync(model, gateway.Port);

        await gateway.Process.SignalAsync("TERM");
        var answer = await client.ReadToEndAsync();
        var result = await gateway.Process.WhenExitedAsync();

        answer.Should().Contain("\"code\":\"shutting_down\"").And.NotContain("[DONE]").And.EndWith("0\r\n\r\n", "the body itself ends in order");
        result.ExitCode.Should().Be(0, result.Error);
    }

    [Fact]
    public async Task When_the_grace_is_over_a_json_request_gets_a_503()
    {
        await using var model = new GatedModel();
        await using var gateway = await StartAsync(model, graceSecs: 1);
        using var client = await RawClient.ConnectAsync(new Uri($"http://127.0.0.1:{gateway.Port}"));
        await client.SendAsync(RawClient.Post(ChatCall.Body("a")));
        await model.Asked;

        await gateway.Process.SignalAsync("TERM");
        var answer = await client.ReadToEndAsync();
        var result = await gateway.Process.WhenExitedAsync();

        answer.Should().StartWith("HTTP/1.1 503").And.Contain("\"shutting_down\"").And.Contain("Retry-After:");
        result.ExitCode.Should().Be(0, result.Error);
    }

    [Fact]
    public async Task When_the_grace_is_over_half_a_request_gets_a_503()
    {
        await using var model = new GatedModel();
        await using var gateway = await StartAsync(model, graceSecs: 1);
        using var client = await RawClient.ConnectAsync(new Uri($"http://127.0.0.1:{gateway.Port}"));
        await client.SendAsync(RawClient.Post("", "Expect: 100-continue\r\n", contentLength: 5000));
        var isRead = await client.ReadUntilAsync("100 Continue\r\n\r\n");
        await client.SendAsync("{\"model\":\"a\",");

        await gateway.Process.SignalAsync("TERM");
        var answer = await client.ReadToEndAsync();
        var result = await gateway.Process.WhenExitedAsync();

        isRead.Should().BeTrue("the gateway asks for a body that it waits for");
        answer.Should().Contain("HTTP/1.1 503").And.Contain("\"shutting_down\"");
        result.ExitCode.Should().Be(0, result.Error);
    }

    [Fact]
    public async Task A_second_signal_ends_the_process_at_once()
    {
        await using var model = new GatedModel();
        await using var gateway = await StartAsync(model, graceSecs: 600);
        using var client = await StreamAsync(model, gateway.Port);

        await gateway.Process.SignalAsync("TERM");
        await WhenRefusedAsync(gateway.Port);
        gateway.Process.HasExited.Should().BeFalse("a stream is in flight");
        await gateway.Process.SignalAsync("TERM");
        var result = await gateway.Process.WhenExitedAsync();

        result.ExitCode.Should().Be(0, result.Error);
        (await client.ReadToEndAsync()).Should().NotContain("[DONE]");
    }

    [Fact]
    public async Task While_it_drains_readiness_says_no_and_whoever_has_not_heard_is_served()
    {
        await using var model = new GatedModel();
        await using var gateway = await StartAsync(model, graceSecs: 60, drainSecs: 120);
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri($"http://127.0.0.1:{gateway.Port}") };
        await gateway.Process.SignalAsync("TERM");
        await WhenUnreadyAsync(client);

        foreach (var path in new[] { "/v1/health", "/health" })
        {
            using var ready = await client.GetAsync(new Uri(path, UriKind.Relative));
            ready.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
            (await ready.Content.ReadAsStringAsync()).Should().Contain("\"reason\":\"shutting_down\"");
            ready.Headers.ConnectionClose.Should().BeTrue("the next connection should be opened elsewhere");
        }

        using var alive = await client.GetAsync(new Uri("/healthz", UriKind.Relative));
        using var stream = await StreamAsync(model, gateway.Port);
        model.Finish();
        var finished = await stream.ReadUntilAsync("data: [DONE]\n\n");
        await gateway.Process.SignalAsync("TERM");
        var result = await gateway.Process.WhenExitedAsync();

        alive.StatusCode.Should().Be(HttpStatusCode.OK, "the process lives");
        finished.Should().BeTrue();
        result.ExitCode.Should().Be(0, result.Error);
        result.Output.Should().Contain("120 more seconds");
    }

    [Fact]
    public async Task When_the_drain_is_over_connections_are_refused()
    {
        await using var model = new GatedModel();
        await using var gateway = await StartAsync(model, graceSecs: 60, drainSecs: 1);
        await gateway.Process.SignalAsync("TERM");

        await WhenRefusedAsync(gateway.Port);
        var result = await gateway.Process.WhenExitedAsync();

        result.ExitCode.Should().Be(0, result.Error);
        result.Output.Should().Contain("1 more seconds").And.Contain("Stopped after");
    }

    [Fact]
    public async Task An_interrupt_from_a_terminal_does_not_drain()
    {
        await using var model = new GatedModel();
        await using var gateway = await StartAsync(model, graceSecs: 60, drainSecs: 120);

        await gateway.Process.SignalAsync("INT");
        var result = await gateway.Process.WhenExitedAsync();

        result.ExitCode.Should().Be(0, result.Error);
        result.Output.Should().NotContain("more seconds").And.Contain("Stopped after");
    }

    public void Dispose() => _directory.Dispose();

    private async Task<Running> StartAsync(GatedModel model, int graceSecs, int drainSecs = 0)
    {
        var port = Ports.Free();
        _directory.Write("meta-model.toml", $"""
            [server]
            host = "127.0.0.1"
            port = {port}
            shutdown_grace_secs = {graceSecs}
            drain_secs = {drainSecs}
            [upstreams.a]
            model_id = "gated"
            base_url = "{model.BaseUrl}"
            context = 32768
            max_output = 4096

            """);
        var process = GatewayProcess.Start(_directory.FullName, ["serve"]);
        await process.WhenServingAsync(port);
        return new(process, port);
    }

    private static async Task<RawClient> StreamAsync(GatedModel model, int port)
    {
        model.Begin();
        var client = await RawClient.ConnectAsync(new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}")));
        await client.SendAsync(RawClient.Post(ChatCall.Body("a", stream: true)));
        (await client.ReadUntilAsync("\"content\":\"first \"")).Should().BeTrue();
        return client;
    }

    private static async Task WhenUnreadyAsync(HttpClient client)
    {
        using var patience = new CancellationTokenSource(BadDay.Patience);
        while (true)
        {
            using var answer = await client.GetAsync(new Uri("/v1/health", UriKind.Relative), patience.Token);
            if ((await answer.Content.ReadAsStringAsync(patience.Token)).Contains("shutting_down", StringComparison.Ordinal))
            {
                return;
            }

            await Task.Delay(10, patience.Token);
        }
    }

    private static async Task WhenRefusedAsync(int port)
    {
        using var patience = new CancellationTokenSource(BadDay.Patience);
        while (true)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync("127.0.0.1", port, patience.Token);
                await Task.Delay(10, patience.Token);
            }
            catch (SocketException e)
            {
                // One that was accepted as the listener closed is reset: not refused yet.
                if (e.SocketErrorCode is SocketError.ConnectionRefused)
                {
                    return;
                }
            }
        }
    }

    private sealed record Running(GatewayProcess Process, int Port) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => Process.DisposeAsync();
    }
}
