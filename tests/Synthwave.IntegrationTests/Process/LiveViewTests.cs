using System.Globalization;
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
    public async Task Without_a_terminal_the_demo_writes_plain_lines()
    {
        await using var demo = GatewayProcess.Start(_directory.FullName, Demo);
        await demo.WhenServingAsync(_port);
        await AskAsync("relay");
        await demo.SignalAsync("INT");
        var result = await demo.WhenExitedAsync();

        result.Output.Should().Contain("sim-quick wrote").And.NotContain("\e");
    }

    public void Dispose() => _directory.Dispose();

    private async Task AskAsync(string profile)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var response = await client.PostChatAsync($"{Url}/v1", ChatCall.Body(profile, "Why is the sky blue?"));
        (await response.ShouldBeChatCompletionAsync()).GetProperty("content").GetString().Should().NotBeEmpty();
    }
}
