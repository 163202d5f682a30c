using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Synthwave.Commands;
using Synthwave.Commands.Admin;
using Synthwave.Commands.Live;
using Synthwave.Configuration.Loading;
using Synthwave.Hosting;
using Synthwave.IntegrationTests.Upstreams;
using Synthwave.TestKit;

namespace Synthwave.IntegrationTests.Process;

public sealed class LiveViewTests : IDisposable
{
    private static readonly Dictionary<string, string> Colourful = new() { ["TERM"] = "xterm", ["NO_COLOR"] = "" };

    private readonly WorkDirectory _directory = new();
    private readonly int _port = Ports.Free();

    private string Url => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_port}");

    private string[] Demo => ["demo", "--port", _port.ToString(CultureInfo.InvariantCulture)];

    [Fact]
    public async Task Demo_on_a_terminal_draws_each_request_and_ends_with_zero()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        await using var demo = GatewayProcess.StartOnTerminal(_directory.FullName, Demo, Colourful, columns: 100);
        await demo.WhenServingAsync(_port);
        await AskAsync("relay");
        await demo.InterruptAsync();
        var result = await demo.WhenExitedAsync();

        result.ExitCode.Should().Be(0, result.Output);
        result.Output.Should().Contain("Waiting for the first request.").And.Contain("relay").And.Contain("sim-quick wrote");
    }

    [Fact]
    public async Task Without_a_terminal_the_demo_and_top_write_plain_lines()
    {
        await using var demo = GatewayProcess.Start(_directory.FullName, Demo);
        await demo.WhenServingAsync(_port);
        await AskAsync("relay");
        var top = await GatewayProcess.RunAsync(_directory.FullName, "top", "--url", Url);
        var json = await GatewayProcess.RunAsync(_directory.FullName, "top", "--url", Url, "--json");
        await demo.SignalAsync("INT");
        var result = await demo.WhenExitedAsync();

        top.ExitCode.Should().Be(0, top.Error);
        top.Output.Should().Contain($"Synthwave {Url}  0 running, 1 finished").And.Contain("sim-quick wrote").And.NotContain("\e");
        var document = JsonElement.Parse(json.Output);
        document.GetProperty("live").GetProperty("requests").GetArrayLength().Should().Be(0);
        document.GetProperty("requests").GetProperty("requests").GetArrayLength().Should().Be(1);
        document.GetProperty("upstreams").GetProperty("upstreams").GetArrayLength().Should().Be(3);
        result.Output.Should().Contain("sim-quick wrote").And.NotContain("\e");
    }

    [Fact]
    public async Task Without_a_terminal_top_ends_where_nobody_is_there()
    {
        using var dead = new RefusedPort();

        var result = await GatewayProcess.RunAsync(_directory.FullName, "top", "--url", $"http://127.0.0.1:{dead.Port}");

        result.ExitCode.Should().Be(1);
        result.Error.Should().Contain("cannot be reached").And.NotContain("   at ");
    }

    [Fact]
    public async Task On_a_terminal_top_says_that_nobody_is_there_and_keeps_asking()
    {
        using var dead = new RefusedPort();
        using var http = AdminClient.CreateHttp();
        using var output = new StringWriter();
        using var stop = new CancellationTokenSource();
        var time = new ManualTimeProvider();
        var console = Terminal.Over(output, isDrawn: true);
        console.Profile.Width = 200;
        var target = new AdminTarget(new Uri($"http://127.0.0.1:{dead.Port}"), null);

        var watching = new TopCommand(new AdminClient(http, target, TimeProvider.System), time).WatchAsync(console, stop.Token);
        await time.WhenTimersAsync(1);
        time.Advance(TimeSpan.FromSeconds(1));
        await time.WhenTimersAsync(1);
        await stop.CancelAsync();

        (await watching).Should().Be(0);
        output.ToString().Should().Contain("cannot be reached").And.Contain("Asking again.");
    }

    [Fact]
    public async Task Without_a_terminal_top_ends_by_a_signal_like_any_program()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var asked = new TaskCompletionSource();
        await using var silent = new RawUpstream(async call =>
        {
            asked.TrySetResult();
            await call.WhenClosedAsync();
        });
        await using var top = GatewayProcess.Start(_directory.FullName, ["top", "--url", silent.Origin]);
        await asked.Task;

        await top.SignalAsync("TERM");
        var result = await top.WhenExitedAsync();

        result.ExitCode.Should().Be(128 + 15);
        result.Error.Should().BeEmpty();
    }

    [Fact]
    public async Task A_terminal_that_takes_nothing_holds_up_no_stop()
    {
        using var stuck = new StuckWriter();
        var options = new GatewayOptions
        {
            Config = ConfigLoader.Parse("", null, static _ => null).Config!,
            Urls = ["http://127.0.0.1:0"],
            Environment = static _ => null,
            Log = new SilentLog(),
        };
        var console = Terminal.Over(stuck, isDrawn: true);
        var lifetime = new TaskCompletionSource<IHostApplicationLifetime>();

        var serving = Task.Run(() => ServeCommand.RunAsync(
            options,
            TextWriter.Null,
            whenStarted: app =>
            {
                lifetime.SetResult(app.Lifetime);
                return Task.CompletedTask;
            },
            watch: app => GatewayWatch.RunAsync(app, console, TextWriter.Null)));
        await stuck.WhenStuckAsync();
        (await lifetime.Task).StopApplication();

        (await serving.WaitAsync(TimeSpan.FromSeconds(30))).Should().Be(0);
    }

    public void Dispose() => _directory.Dispose();

    private async Task AskAsync(string profile)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var response = await client.PostChatAsync($"{Url}/v1", ChatCall.Body(profile, "Why is the sky blue?"));
        (await response.ShouldBeChatCompletionAsync()).GetProperty("content").GetString().Should().NotBeEmpty();

        // Its end is noted just after its last byte.
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!(await client.GetStringAsync(new Uri($"{Url}/admin/requests"), patience.Token)).Contains($"\"{profile}\"", StringComparison.Ordinal))
        {
            await Task.Yield();
        }
    }

    /// <summary>A terminal after Ctrl+S: whoever writes to it waits until it is disposed.</summary>
    private sealed class StuckWriter : StringWriter
    {
        private readonly TaskCompletionSource _stuck = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly ManualResetEventSlim _released = new();

        public Task WhenStuckAsync() => _stuck.Task;

        public override void Write(string? value) => Wait();

        public override void Write(char value) => Wait();

        public override void Write(char[] buffer, int index, int count) => Wait();

        protected override void Dispose(bool disposing)
        {
            _released.Set();
            base.Dispose(disposing);
        }

        private void Wait()
        {
            _stuck.TrySetResult();
            _released.Wait();
        }
    }
}
