using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Synthwave.TestKit;

namespace Synthwave.IntegrationTests.Process;

/// <summary>The verbs that ask a running gateway, as processes.</summary>
public sealed class AdminVerbTests : IDisposable
{
    private const string Upstream = """

        [upstreams.a]
        model_id = "m"
        base_url = "http://127.0.0.1:9/v1"
        context = 32768
        max_output = 4096
        retries = 0
        [history]
        content = true
        """;

    private readonly WorkDirectory _directory = new();

    [Fact]
    public async Task Requests_and_explain_find_the_gateway_of_the_configuration_and_show_its_own_token()
    {
        var port = Ports.Free();
        _directory.Write("meta-model.toml", string.Create(CultureInfo.InvariantCulture, $"[server]\nport = {port}\ndrain_secs = 0\nadmin_token = \"admin-0123456789\"\n{Upstream}"));
        await using var gateway = GatewayProcess.Start(_directory.FullName, ["serve"]);
        await gateway.WhenServingAsync(port);
        await gateway.WhenSaidAsync("prompts and answers are kept");
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}")) };
        using var response = await http.PostAsJsonAsync("/v1/chat/completions", new { model = "a", messages = new[] { new { role = "user", content = "What is kept?" } } });
        var id = response.Headers.GetValues("X-MetaModel-Request-Id").Single();

        var requests = await GatewayProcess.RunAsync(_directory.FullName, "requests");
        var explained = await GatewayProcess.RunAsync(_directory.FullName, "explain", id, "--content");
        var json = await GatewayProcess.RunAsync(_directory.FullName, "explain", id, "--json");
        var unknown = await GatewayProcess.RunAsync(_directory.FullName, "explain", "metamodel-0");
        var withoutToken = await GatewayProcess.RunAsync(_directory.FullName, "requests", "--url", http.BaseAddress!.ToString());

        requests.ExitCode.Should().Be(0, requests.Error);
        requests.Output.Should().Contain(id).And.Contain("failed");
        explained.ExitCode.Should().Be(0, explained.Error);
        explained.Output.Should().Contain("a (m) failed").And.Contain("Nothing listens").And.Contain("What is kept?");
        JsonDocument.Parse(json.Output).RootElement.GetProperty("request_id").GetString().Should().Be(id);
        unknown.ExitCode.Should().Be(1);
        unknown.Error.Should().Contain("No such request is known");
        withoutToken.ExitCode.Should().Be(1);
        withoutToken.Error.Should().Contain("asks for its admin token").And.NotContain("admin-0123456789");
    }

    [Theory]
    [InlineData("ftp://x", "is no http or https URL")]
    [InlineData("http://127.0.0.1:1", "cannot be reached")]
    public async Task A_gateway_that_cannot_be_asked_is_said_so(string url, string words)
    {
        var result = await GatewayProcess.RunAsync(_directory.FullName, "requests", "--url", url);

        result.ExitCode.Should().Be(1);
        result.Error.Should().Contain(words).And.NotContain("   at ");
    }

    [Fact]
    public async Task A_variable_without_a_token_is_named()
    {
        var result = await GatewayProcess.RunAsync(_directory.FullName, "explain", "x", "--token-env", "NOT_THERE_AT_ALL");

        result.ExitCode.Should().Be(1);
        result.Error.Should().Contain("NOT_THERE_AT_ALL");
    }

    public void Dispose() => _directory.Dispose();
}
