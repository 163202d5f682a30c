using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Synthwave.TestKit;

namespace Synthwave.IntegrationTests.Process;

public sealed class VerbTests : IDisposable
{
    private const string Valid = """
        [upstreams.a]
        model_id = "m"
        base_url = "http://127.0.0.1:9/v1"
        context = 32768
        max_output = 4096
        [profiles.p]
        type = "cascade"
        upstreams = ["a"]

        """;

    private readonly WorkDirectory _directory = new();

    [Theory]
    [InlineData("serve")]
    [InlineData("check")]
    [InlineData(null)]
    public async Task Without_a_configuration_it_says_how_to_get_one(string? verb)
    {
        var result = await GatewayProcess.RunAsync(_directory.FullName, verb is null ? [] : [verb]);

        result.ExitCode.Should().Be(78);
        result.Error.Should().Contain("synthwave init").And.Contain("synthwave demo");
        result.Output.Should().BeEmpty();
    }

    [Theory]
    [InlineData("serve")]
    [InlineData("check")]
    public async Task Every_problem_of_a_configuration_is_named_with_its_place(string verb)
    {
        var file = _directory.Write("bad.toml", Valid.Replace("context = 32768", "context = \"big\"", StringComparison.Ordinal) + "synthesiser = \"a\"\nbubble_last_error = 7\n");

        var result = await GatewayProcess.RunAsync(_directory.FullName, verb, "--config", file);

        result.ExitCode.Should().Be(78);
        result.Error.Should().Contain("bad.toml:4:11 upstreams.a.context").And.MatchRegex("bad\\.toml:10:\\d+ ");
    }

    [Fact]
    public async Task A_configuration_that_is_no_toml_is_named_with_its_place()
    {
        var file = _directory.Write("bad.toml", "[server]\nport = = 1\n");

        var result = await GatewayProcess.RunAsync(_directory.FullName, "serve", "--config", file);

        result.ExitCode.Should().Be(78);
        result.Error.Should().Contain("bad.toml:2:8");
    }

    [Theory]
    [InlineData("serve")]
    [InlineData("check")]
    public async Task Strict_refuses_what_is_only_doubtful(string verb)
    {
        var file = _directory.Write("meta-model.toml", Valid.Replace("127.0.0.1:9/v1", "", StringComparison.Ordinal));

        var result = await GatewayProcess.RunAsync(_directory.FullName, verb, "--strict", "--config", file);

        result.ExitCode.Should().Be(78);
        result.Error.Should().Contain("meta-model.toml:3:").And.Contain("base_url");
    }

    [Fact]
    public async Task Strict_names_a_key_variable_that_is_not_set()
    {
        var file = _directory.Write("meta-model.toml", Valid.Replace("[profiles.p]", "api_key_env = \"NO_SUCH_KEY\"\n[profiles.p]", StringComparison.Ordinal));

        var result = await GatewayProcess.RunAsync(_directory.FullName, "serve", "--strict", "--config", file);

        result.ExitCode.Should().Be(78);
        result.Error.Should().Contain("NO_SUCH_KEY").And.Contain("upstreams.a");
    }

    [Theory]
    [InlineData("bearer_token_env = \"NO_SUCH_TOKEN\"")]
    [InlineData("bearer_token_env = \"BLANK_TOKEN\"")]
    [InlineData("bearer_token_env = \"\"")]
    [InlineData("bearer_token_file = \"no-such-file\"")]
    [InlineData("bearer_token_file = \"blank\"")]
    [InlineData("bearer_token = \"${NO_SUCH_TOKEN:-}\"")]
    [InlineData("bearer_token = \"g\u00e9heim\"")]
    public async Task A_token_that_nobody_can_show_starts_no_gateway(string line)
    {
        _directory.Write("blank", " \n");
        var file = _directory.Write("meta-model.toml", $"[server]\n{line}\n{Valid}");

        await using var gateway = GatewayProcess.Start(_directory.FullName, ["serve", "--config", file], new Dictionary<string, string> { ["BLANK_TOKEN"] = " " });
        var result = await gateway.WhenExitedAsync();

        result.ExitCode.Should().Be(78);
        result.Error.Should().Contain("meta-model.toml:2:").And.Contain("server.bearer_token");
    }

    [Theory]
    [InlineData("", "--host", "0.0.0.0", "--host: ")]
    [InlineData("", "--urls", "http://127.0.0.1:8400;http://[::]:8401", "--urls: ")]
    [InlineData("[server]\nhost = \"0.0.0.0\"\n", "--port", "8400", "meta-model.toml:2:8 server.host: ")]
    [InlineData("[server]\nbearer_token = \"\"\n", "--host", "0.0.0.0", "--host: ")]
    public async Task No_gateway_without_a_token_opens_to_other_machines(string server, string flag, string value, string subject)
    {
        var file = _directory.Write("meta-model.toml", server + Valid);

        var result = await GatewayProcess.RunAsync(_directory.FullName, "serve", "--config", file, flag, value);

        result.ExitCode.Should().Be(78);
        result.Error.Should().Contain(subject).And.Contain("synthwave token").And.Contain("--host 127.0.0.1").And.Contain("allow_open = true");
        result.Output.Should().BeEmpty();
    }

    [Fact]
    public async Task Allow_open_lets_a_gateway_listen_for_everybody_and_says_so()
    {
        var (file, port) = (_directory.Write("meta-model.toml", "[server]\nallow_open = true\n" + Valid), Ports.Free());
        await using var gateway = GatewayProcess.Start(
            _directory.FullName, ["serve", "--strict", "--config", file, "--host", "0.0.0.0", "--port", port.ToString(CultureInfo.InvariantCulture)]);
        await gateway.WhenServingAsync(port);
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });

        using var ours = await client.GetAsync(new Uri($"http://localhost:{port}/v1/models"));
        await gateway.SignalAsync("INT");

        ours.StatusCode.Should().Be(HttpStatusCode.OK);
        (await gateway.WhenExitedAsync()).Error.Should().Contain($"open to everybody: other machines can reach http://0.0.0.0:{port}");
    }

    [Fact]
    public async Task A_loopback_address_on_the_command_line_beats_an_open_one_in_the_file()
    {
        var (file, port) = (_directory.Write("meta-model.toml", "[server]\nhost = \"0.0.0.0\"\n" + Valid), Ports.Free());
        await using var gateway = GatewayProcess.Start(
            _directory.FullName, ["serve", "--config", file, "--host", "127.0.0.1", "--port", port.ToString(CultureInfo.InvariantCulture)]);
        await gateway.WhenServingAsync(port);
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });

        using var rebound = new HttpRequestMessage(HttpMethod.Get, $"http://localhost:{port}/v1/models") { Headers = { Host = $"rebound.example:{port}" } };
        using var theirs = await client.SendAsync(rebound);
        await gateway.SignalAsync("INT");

        theirs.StatusCode.Should().Be(HttpStatusCode.Forbidden);
        (await gateway.WhenExitedAsync()).Error.Should().BeEmpty();
    }

    // With the command line and without: what others reach is judged anew, and so is whether a restart is needed.
    [Fact]
    public async Task A_reload_leaves_no_open_gateway_and_asks_for_a_restart_only_where_one_helps()
    {
        var port = Ports.Free();
        string Text(string server) => $"[server]\ndrain_secs = 0\nlog_format = \"text\"\n{server}\n{Valid}";
        var file = _directory.Write("meta-model.toml", Text($"port = {port}\nhost = \"0.0.0.0\"\nallow_open = true"));
        await using var gateway = GatewayProcess.Start(_directory.FullName, ["serve", "--config", file]);
        await gateway.WhenServingAsync(port);

        await ReloadAsync(Text($"port = {port}\nhost = \"0.0.0.0\""), "while other machines can reach http://0.0.0.0");
        await ReloadAsync(Text($"port = {port + 1}\nhost = \"0.0.0.0\"\nallow_open = true"), "restart to listen there");
        await ReloadAsync(Text($"port = {port}\nhost = \"0.0.0.0\"\nallow_open = true") + "[profiles.q]\ntype = \"cascade\"\nupstreams = [\"a\"]\n", "reloaded: 1 upstream, 2 profiles");
        await gateway.SignalAsync("TERM");

        var result = await gateway.WhenExitedAsync();
        Regex.Count(result.Output, "restart to listen there").Should().Be(1, "the last port is the one that is listened on");

        async Task ReloadAsync(string text, string said)
        {
            await File.WriteAllTextAsync(file, text);
            await gateway.SignalAsync("HUP");
            await gateway.WhenPrintedAsync(said);
        }
    }

    [Fact]
    public async Task A_taken_port_ends_the_process_with_a_reason()
    {
        var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        try
        {
            var port = ((IPEndPoint)taken.LocalEndpoint).Port;
            _directory.Write("meta-model.toml", Valid);

            var result = await GatewayProcess.RunAsync(
                _directory.FullName, "serve", "--host", "127.0.0.1", "--port", port.ToString(CultureInfo.InvariantCulture));

            result.ExitCode.Should().Be(1);
            result.Error.Should().Be($"synthwave: cannot listen on http://127.0.0.1:{port}: the port is in use; stop what listens there or choose another port.{Environment.NewLine}");
            result.Output.Should().BeEmpty("a taken port is no bug, and nothing else is news");
        }
        finally
        {
            taken.Stop();
        }
    }

    [Theory]
    [InlineData("serve", "--urls", "http://127.0.0.1:0", "--port", "1")]
    [InlineData("serve", "--prot", "1")]
    [InlineData("serve", "--urls", "nonsense")]
    [InlineData("serve", "--urls", "http://127.0.0.1:99999")]
    [InlineData("serve", "--port", "99999")]
    [InlineData("serve", "--port", "x")]
    [InlineData("demo", "--port", "99999")]
    [InlineData("demo", "--port", "0")]
    [InlineData("simulate", "--config", "meta-model.toml", "--port", "99999")]
    [InlineData("serve", "--host", "192.0.2.1", "--port", "8400")]
    [InlineData("serve", "--host", "no-such-host.invalid", "--port", "8400")]
    [InlineData("ping", "--url", "nonsense")]
    [InlineData("ping", "--url", "/healthz")]
    public async Task A_command_that_cannot_be_carried_out_exits_with_1(params string[] arguments)
    {
        _directory.Write("meta-model.toml", "[server]\nallow_open = true\n" + Valid);

        var result = await GatewayProcess.RunAsync(_directory.FullName, arguments);

        result.ExitCode.Should().Be(1);
        result.Error.Should().NotBeEmpty().And.NotContain("   at ");
    }

    [Theory]
    [InlineData("https://127.0.0.1:0", "TLS")]
    [InlineData("http://127.0.0.1:0;https://127.0.0.1:0", "TLS")]
    [InlineData("http://127.0.0.1:0/gateway", "path")]
    [InlineData("ftp://127.0.0.1:0", "only http")]
    public async Task An_address_that_cannot_be_listened_on_as_said_is_refused(string urls, string reason)
    {
        _directory.Write("meta-model.toml", Valid);

        var result = await GatewayProcess.RunAsync(_directory.FullName, "serve", "--urls", urls);

        result.ExitCode.Should().Be(1);
        result.Error.Should().Contain(reason).And.NotContain("   at ");
    }

    [Fact]
    public async Task Every_address_named_is_listened_on()
    {
        _directory.Write("meta-model.toml", Valid);
        var (first, second) = (Ports.Free(), Ports.Free());
        await using var gateway = GatewayProcess.Start(_directory.FullName, ["serve", "--urls", $"http://127.0.0.1:{first};http://127.0.0.1:{second}"]);

        await gateway.WhenServingAsync(first);
        await gateway.WhenServingAsync(second);
        await gateway.SignalAsync("INT");

        (await gateway.WhenExitedAsync()).ExitCode.Should().Be(0);
    }

    [Fact]
    public async Task Effective_configuration_is_what_stdout_holds_and_loads_again()
    {
        var file = _directory.Write("meta-model.toml", Valid + "[server]\nbearer_token = \"hush-hush\"\n");

        var first = await GatewayProcess.RunAsync(_directory.FullName, "check", "--effective", "--config", file);
        var again = await GatewayProcess.RunAsync(_directory.FullName, "check", "--effective", "--config", _directory.Write("effective.toml", first.Output));

        first.ExitCode.Should().Be(0, first.Error);
        first.Output.Should().Contain("request_timeout_secs").And.NotContain("hush-hush");
        again.ExitCode.Should().Be(0, again.Error);
        first.Output.Should().Contain($"bearer_token = \"***\"  # {file}:");
        Values(again.Output).Should().Be(Values(first.Output));

        static string Values(string text) => Regex.Replace(text, "  # .*", "");
    }

    [Fact]
    public async Task Ping_fails_where_nobody_listens()
    {
        using var dead = new RefusedPort();

        var result = await GatewayProcess.RunAsync(_directory.FullName, "ping", "--url", $"http://127.0.0.1:{dead.Port}/healthz");

        result.ExitCode.Should().Be(1);
        result.Error.Should().NotBeEmpty().And.NotContain("   at ");
    }

    [Fact]
    public async Task Demo_answers_pings_and_stops_on_a_signal()
    {
        var port = Ports.Free();
        await using var demo = GatewayProcess.Start(_directory.FullName, ["demo", "--port", port.ToString(CultureInfo.InvariantCulture)]);
        await demo.WhenServingAsync(port);
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });

        using var response = await client.PostChatAsync($"http://127.0.0.1:{port}/v1", ChatCall.Body("ensemble", "How do I learn to juggle?", stream: true));
        var stream = await response.ShouldBeChatStreamAsync();
        var ping = await GatewayProcess.RunAsync(_directory.FullName, "ping", "--url", $"http://127.0.0.1:{port}/healthz");
        await demo.SignalAsync("INT");
        var result = await demo.WhenExitedAsync();

        stream.Content.Should().NotBeEmpty();
        ping.ExitCode.Should().Be(0);
        result.ExitCode.Should().Be(0, result.Error);
        result.Output.Should().Contain($"http://127.0.0.1:{port}/v1");
    }

    [Fact]
    public async Task A_directory_that_cannot_be_written_is_no_obstacle()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        _directory.Write("meta-model.toml", Valid);
        File.SetUnixFileMode(_directory.FullName, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var port = Ports.Free();
        await using var gateway = GatewayProcess.Start(_directory.FullName, ["--host", "127.0.0.1", "--port", port.ToString(CultureInfo.InvariantCulture)]);

        await gateway.WhenServingAsync(port);
        await gateway.SignalAsync("INT");
        var result = await gateway.WhenExitedAsync();

        result.ExitCode.Should().Be(0, result.Error);
        _directory.Files.Should().Equal("meta-model.toml");
    }

    public void Dispose() => _directory.Dispose();
}
