using System.Globalization;
using System.Text.Json;
using Synthwave.Commands;
using Synthwave.IntegrationTests.Upstreams;
using Synthwave.Simulation;
using Synthwave.TestKit;

namespace Synthwave.IntegrationTests.Process;

/// <summary><c>check --live</c> against endpoints on real sockets, good and broken.</summary>
public sealed class LiveCheckTests : IDisposable
{
    private const string Key = "sk-live-0123456789abcdefghij";

    private readonly WorkDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task An_upstream_in_order_is_shown_stage_by_stage()
    {
        await using var models = await SimulatedServer.StartAsync(SimulatedModel.Saying("m", "ok"));

        var (exit, output, error) = await CheckAsync(Upstream(models.BaseUrl), ["--live"]);

        exit.Should().Be(0, error);
        output.Should().MatchRegex("(?m)^a +m +127\\.0\\.0\\.1:\\d+ +\\d+ ms +\\d+ ms +– +ok +ok +–$");
        models.Requests.Should().OnlyContain(static r => r.Method == "GET", "without --paid nothing is asked that costs");
    }

    [Fact]
    public async Task Paid_has_the_model_answer_with_one_token()
    {
        await using var models = await SimulatedServer.StartAsync(SimulatedModel.Saying("m", "ok"));

        var (exit, output, _) = await CheckAsync(Upstream(models.BaseUrl), ["--live", "--paid"]);

        exit.Should().Be(0);
        output.Should().MatchRegex("(?m)^a +m .* \\d+ ms$");
    }

    [Theory]
    [InlineData("401 Unauthorized", "", "it refused the key in LIVE_KEY (401)", "set the variable")]
    [InlineData("403 Forbidden", "", "it refused the key in LIVE_KEY (403)", "set the variable")]
    [InlineData("404 Not Found", "", "neither a list of models nor /chat/completions is there (404)", "base_url")]
    [InlineData("301 Moved Permanently", "", "another address (301)", "base_url")]
    [InlineData("429 Too Many Requests", "", "less haste", "wait")]
    [InlineData("500 Internal Server Error", "", "a fault of its own (500)", "log")]
    [InlineData("200 OK", "<html><body>Welcome</body></html>", "not with a list of models", "base_url")]
    [InlineData("200 OK", "{\"hello\":1}", "not with a list of models", "base_url")]
    [InlineData("200 OK", "{\"object\":\"list\",\"data\":[]}", "its list of models is empty", "load a model")]
    [InlineData("200 OK", "{\"data\":[{\"id\":\"other\"},{\"id\":\"model-x\"}]}", "it does not list 'model-y'", "did you mean \"model-x\"?")]
    [InlineData("200 OK", "{\"data\":[{\"id\":\"other\"},{\"id\":\"an\\u001b[31mother\"}]}", "it does not list 'model-y'", "listed are other and 1 more")]
    public async Task What_an_endpoint_answers_is_said_in_words(string status, string body, string problem, string fix)
    {
        await using var upstream = new RawUpstream(call => call.SendAsync(
            call.Head.StartsWith("GET /v1/models HTTP", StringComparison.Ordinal) || !status.StartsWith("200", StringComparison.Ordinal)
                ? $"HTTP/1.1 {status}\r\nContent-Length: {body.Length}\r\n\r\n{body}"
                : "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"));

        var (exit, output, error) = await CheckAsync(Upstream(upstream.BaseUrl, "model-y"), ["--live"]);

        exit.Should().Be(1, error);
        output.Should().Contain($"a: ").And.Contain(problem).And.Contain($"  → ").And.Contain(fix).And.NotContain(Key).And.NotContain("\e").And.NotContain("/v1/models");
    }

    [Fact]
    public async Task An_endpoint_without_a_list_is_in_order_when_it_takes_calls()
    {
        await using var upstream = new RawUpstream(call => call.SendAsync(call.Head.StartsWith("GET", StringComparison.Ordinal)
            ? "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
            : "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"));

        var (exit, output, _) = await CheckAsync(Upstream(upstream.BaseUrl), ["--live"]);

        exit.Should().Be(0);
        output.Should().Contain("only an answer can tell (--paid)");
    }

    [Theory]
    [InlineData("expired", "has expired or is not valid yet", "clock")]
    [InlineData("name", "is for another name", "call it by a name")]
    [InlineData("authority", "an authority that is not trusted here", "ca_file")]
    [InlineData("plain", "does not speak TLS", "http://")]
    public async Task A_certificate_that_is_not_trusted_is_told_apart(string kind, string problem, string fix)
    {
        using var authority = new TestAuthority();
        await using var upstream = await TlsUpstream.StartAsync(authority.Issue("server", kind == "name" ? "other.example" : "127.0.0.1", isExpired: kind == "expired"));
        await using var plain = new RawUpstream(static call => call.SendAsync("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"), reads: false);
        _directory.Write("ca.pem", authority.Pem);
        var trust = kind == "authority" ? "" : "tls = { ca_file = \"ca.pem\" }\n";

        var (exit, output, error) = await CheckAsync(
            Upstream(kind == "plain" ? plain.BaseUrl.Replace("http:", "https:", StringComparison.Ordinal) : upstream.BaseUrl, extra: trust), ["--live"]);

        exit.Should().Be(1, error);
        output.Should().Contain(problem).And.Contain(fix).And.MatchRegex("(?m)^a .* FAILED +– +– +–$");
    }

    [Fact]
    public async Task A_trusted_certificate_is_timed()
    {
        using var authority = new TestAuthority();
        await using var upstream = await TlsUpstream.StartAsync(authority.Issue("server", "127.0.0.1"));
        _directory.Write("ca.pem", authority.Pem);

        var (exit, output, error) = await CheckAsync(Upstream(upstream.BaseUrl, extra: "tls = { ca_file = \"ca.pem\" }\n"), ["--live", "--json"]);

        exit.Should().Be(0, error + output);
        var steps = JsonDocument.Parse(output).RootElement.GetProperty("upstreams")[0].GetProperty("steps").EnumerateArray().ToList();
        steps.Select(static s => s.GetProperty("step").GetString()).Should().Equal("dns", "tcp", "tls", "key", "model");
        steps.Should().OnlyContain(static s => s.GetProperty("ok").GetBoolean());
        steps[2].GetProperty("ms").GetDouble().Should().BePositive();
    }

    [Fact]
    public async Task A_name_a_port_and_a_proxy_that_lead_nowhere_are_told_apart()
    {
        using var dead = new RefusedPort();
        await using var proxy = RawUpstream.Sending("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
        var file = Upstream($"http://127.0.0.1:{dead.Port}/v1")
            + Upstream("http://no-such-host.invalid/v1", name: "b")
            + Upstream("https://example.invalid/v1", name: "c", extra: $"proxy = \"{proxy.Origin.Replace("//", "//user:hush@", StringComparison.Ordinal)}\"\n")
            + Upstream("http://127.0.0.1:1/v1", name: "d", extra: $"proxy = \"http://127.0.0.1:{dead.Port}\"\n");

        var (exit, output, error) = await CheckAsync(file, ["--live"]);

        exit.Should().Be(1, error);
        output.Should().Contain($"a: nobody listens at 127.0.0.1:{dead.Port}")
            .And.Contain("b: the name no-such-host.invalid cannot be resolved")
            .And.Contain("c: the proxy 127.0.0.1:").And.Contain("refused to connect to example.invalid:443")
            .And.Contain($"d: nobody listens at 127.0.0.1:{dead.Port} (asked through the proxy 127.0.0.1:{dead.Port})")
            .And.NotContain("hush").And.NotContain(Key);
    }

    [Fact]
    public async Task A_key_that_is_not_there_is_named_without_a_question_asked()
    {
        await using var models = await SimulatedServer.StartAsync(SimulatedModel.Saying("m", "ok"));

        var (exit, output, _) = await CheckAsync(Upstream(models.BaseUrl).Replace("LIVE_KEY", "OTHER_KEY", StringComparison.Ordinal), ["--live"]);

        exit.Should().Be(1);
        output.Should().Contain("set the environment variable OTHER_KEY");
        models.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task A_server_that_hangs_ends_the_check_in_time()
    {
        var time = new ManualTimeProvider();
        var asked = new TaskCompletionSource();
        await using var upstream = new RawUpstream(async call =>
        {
            asked.TrySetResult();
            await call.WhenClosedAsync();
        });

        var checking = CheckAsync(Upstream(upstream.BaseUrl), ["--live"], time);
        await asked.Task;
        time.Advance(TimeSpan.FromSeconds(10));
        var (exit, output, _) = await checking;

        exit.Should().Be(1);
        output.Should().Contain("took the connection and said nothing for 10 seconds");
    }

    [Fact]
    public async Task The_process_says_it_in_json_of_a_fixed_shape()
    {
        using var dead = new RefusedPort();
        var file = _directory.Write("meta-model.toml", Upstream($"http://127.0.0.1:{dead.Port}/v1") + "[profiles.p]\ntype = \"cascade\"\nupstreams = [\"a\"]\n");
        await using var process = GatewayProcess.Start(_directory.FullName, ["check", "--config", file, "--live", "--json"], new Dictionary<string, string> { ["LIVE_KEY"] = Key });

        var result = await process.WhenExitedAsync();

        result.ExitCode.Should().Be(1, result.Error);
        result.Error.Should().BeEmpty();
        var root = JsonDocument.Parse(result.Output).RootElement;
        root.EnumerateObject().Select(static m => m.Name).Should().Equal("config", "valid", "errors", "warnings", "upstreams");
        root.GetProperty("valid").GetBoolean().Should().BeTrue();
        var upstream = root.GetProperty("upstreams")[0];
        upstream.EnumerateObject().Select(static m => m.Name).Should().Equal("name", "model", "address", "ok", "steps", "problem", "fix");
        upstream.GetProperty("address").GetString().Should().Be($"127.0.0.1:{dead.Port}");
        upstream.GetProperty("steps")[1].GetProperty("step").GetString().Should().Be("tcp");
        upstream.GetProperty("steps")[1].GetProperty("ok").GetBoolean().Should().BeFalse();
    }

    private static string Upstream(string baseUrl, string model = "m", string name = "a", string extra = "") => string.Create(CultureInfo.InvariantCulture, $"""
        [upstreams.{name}]
        model_id = "{model}"
        base_url = "{baseUrl}"
        context = 32768
        max_output = 4096
        api_key_env = "LIVE_KEY"
        {extra}

        """);

    private async Task<(int Exit, string Output, string Error)> CheckAsync(string text, string[] flags, TimeProvider? time = null)
    {
        var file = _directory.Write("meta-model.toml", text);
        var (output, error) = (new StringWriter(), new StringWriter());
        var arguments = new CheckArguments(file) { Live = true, Paid = flags.Contains("--paid"), Json = flags.Contains("--json") };
        var exit = await CheckCommand.RunAsync(arguments, output, error, static n => n == "LIVE_KEY" ? Key : null, time ?? TimeProvider.System, CancellationToken.None);
        return (exit, output.ToString(), error.ToString());
    }
}
