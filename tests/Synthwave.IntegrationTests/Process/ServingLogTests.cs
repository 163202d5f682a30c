using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Synthwave.Simulation;
using Synthwave.TestKit;

namespace Synthwave.IntegrationTests.Process;

/// <summary>What an operator sees of a gateway that serves: on a terminal, as text, and as JSON.</summary>
public sealed class ServingLogTests : IDisposable
{
    private readonly WorkDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_terminal_shows_the_start_each_request_in_colour_and_the_end()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        await using var models = await SimulatedServer.StartAsync(SimulatedModel.Saying("m", "the secret answer"));
        var file = _directory.Write("meta-model.toml", Configuration(models.BaseUrl));
        var port = Ports.Free();
        await using var gateway = GatewayProcess.StartOnTerminal(
            _directory.FullName, ["serve", "--config", file, "--port", Text(port)], new Dictionary<string, string> { ["TERM"] = "xterm", ["NO_COLOR"] = "" });

        await CallAsync(gateway, port);
        await gateway.InterruptAsync();
        var result = await gateway.WhenExitedAsync();

        result.ExitCode.Should().Be(0, result.Output);
        result.Output.Should().MatchRegex($"INF Synthwave [\\d.]+ serves http://127\\.0\\.0\\.1:{port}\\. Configuration: {Regex.Escape(file)}\\. Profiles: p\\. Upstreams: a\\. Token: set\\.");
        result.Output.Should().MatchRegex(
            "\\d\\d:\\d\\d:\\d\\d INF POST /v1/chat/completions \e\\[32m200\e\\[0m \e\\[1mp +\e\\[0m cascade +first +[\\d.]+ total +[\\d.]+ ms \\d+\\+\\d+ tokens \e\\[2mmetamodel-[0-9a-f]{24}\e\\[0m\r?\n");
        result.Output.Should().MatchRegex("INF POST /v1/chat/completions \e\\[33m404\e\\[0m .* \e\\[31mmodel_not_found\e\\[0m ");
        result.Output.Should().MatchRegex("INF Stopped after \\d\\d:\\d\\d:\\d\\d\\. Requests: 2 \\(success 1, degraded 0, failed 1, cancelled 0\\)\\.");
        result.Output.Should().NotContain("hush").And.NotContain("secret").And.NotContain(models.BaseUrl);
    }

    [Fact]
    public async Task Text_in_a_file_has_no_colour()
    {
        await using var models = await SimulatedServer.StartAsync(SimulatedModel.Saying("m", "x"));
        var file = _directory.Write("meta-model.toml", Configuration(models.BaseUrl) + "log_format = \"text\"\n");
        var port = Ports.Free();
        await using var gateway = GatewayProcess.Start(_directory.FullName, ["serve", "--config", file, "--port", Text(port)]);

        await CallAsync(gateway, port);
        await gateway.SignalAsync("TERM");
        var result = await gateway.WhenExitedAsync();

        result.Output.Should().Contain(" INF Synthwave ").And.Contain(" INF POST /v1/chat/completions 200 p ").And.Contain(" INF Stopped after ").And.NotContain("\e");
        result.Error.Should().BeEmpty();
    }

    [Fact]
    public async Task Json_lines_tell_the_start_and_the_end_too()
    {
        await using var models = await SimulatedServer.StartAsync(SimulatedModel.Saying("m", "x"));
        var file = _directory.Write("meta-model.toml", Configuration(models.BaseUrl));
        var port = Ports.Free();
        await using var gateway = GatewayProcess.Start(_directory.FullName, ["serve", "--config", file, "--port", Text(port)]);

        await CallAsync(gateway, port);
        await gateway.SignalAsync("TERM");
        var result = await gateway.WhenExitedAsync();

        var lines = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static l => JsonDocument.Parse(l).RootElement).ToArray();
        var start = lines[0];
        start.GetProperty("event").GetString().Should().Be("log");
        start.GetProperty("Addresses").GetString().Should().Be($"http://127.0.0.1:{port}");
        start.GetProperty("Configuration").GetString().Should().Be(file);
        start.GetProperty("Profiles").GetString().Should().Be("p");
        start.GetProperty("Upstreams").GetString().Should().Be("a");
        start.GetProperty("Token").GetString().Should().Be("set");
        var stop = lines[^1];
        stop.GetProperty("Requests").GetInt64().Should().Be(2);
        stop.GetProperty("Success").GetInt64().Should().Be(1);
        stop.GetProperty("Failed").GetInt64().Should().Be(1);
        stop.GetProperty("Uptime").GetString().Should().MatchRegex("^\\d\\d:\\d\\d:\\d\\d$");
    }

    private static string Configuration(string baseUrl) => $"""
        [upstreams.a]
        model_id = "m"
        base_url = "{baseUrl}"
        context = 32768
        max_output = 4096
        [profiles.p]
        type = "cascade"
        upstreams = ["a"]
        [server]
        bearer_token = "hush-hush"
        drain_secs = 0

        """;

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static async Task CallAsync(GatewayProcess gateway, int port)
    {
        await gateway.WhenServingAsync(port);
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        client.DefaultRequestHeaders.Add("Authorization", "Bearer hush-hush");
        using var served = await client.PostChatAsync($"http://127.0.0.1:{port}/v1", ChatCall.Body("p", "tell me the secret"));
        served.EnsureSuccessStatusCode();
        using var unknown = await client.PostChatAsync($"http://127.0.0.1:{port}/v1", ChatCall.Body("nobody"));
    }
}
