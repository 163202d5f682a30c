using System.Collections.Immutable;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Synthwave.Commands;
using Synthwave.Commands.Discovery;
using Synthwave.Simulation;
using Synthwave.TestKit;
using Synthwave.Upstreams.Health;
using WireMock.RequestBuilders;
using WireMock.ResponseBuilders;
using WireMock.Server;

namespace Synthwave.UnitTests.Commands;

public sealed class InitCommandTests : IDisposable
{
    private const string Key = "sk-very-secret";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("synthwave-init-");
    private readonly ServiceProvider _clients = Clients();
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();
    private EndpointQuestions? _questions;

    private string FilePath => Path.Combine(_folder.FullName, "meta-model.toml");

    public void Dispose()
    {
        _clients.Dispose();
        _folder.Delete(recursive: true);
        _output.Dispose();
        _error.Dispose();
    }

    [Fact]
    public async Task Local_and_hosted_models_become_upstreams_an_ensemble_and_a_cascade()
    {
        await using var local = await SimulatedServer.StartAsync(SimulatedModel.Saying("qwen3:8b", "x") with { ContextLength = 16384 }, SimulatedModel.Saying("nomic-embed-text", "x"));
        await using var hosted = await SimulatedServer.StartAsync([SimulatedModel.Saying("gpt-5", "x"), SimulatedModel.Saying("whisper-1", "x")], new() { BearerKey = Key });

        var exit = await RunAsync([new("ollama", "Ollama", local.BaseUrl), new("openai", "OpenAI", hosted.BaseUrl, "OPENAI_API_KEY")], ("OPENAI_API_KEY", Key));

        exit.Should().Be(0);
        var text = await File.ReadAllTextAsync(FilePath);
        text.Should().Contain("[upstreams.ollama-qwen3-8b]\nmodel_id = \"qwen3:8b\"\n").And.Contain("context = 16384  # from");
        text.Should().Contain($"[upstreams.openai-gpt-5]\nmodel_id = \"gpt-5\"\nbase_url = \"{hosted.BaseUrl}\"\napi_key_env = \"OPENAI_API_KEY\"\n");
        text.Should().Contain("[upstreams.openai-gpt-5.openai]\nmax_tokens_param = \"max_completion_tokens\"\n");
        text.Should().Contain("generators = [\"ollama-qwen3-8b\", \"openai-gpt-5\"]\nsynthesizer = \"openai-gpt-5\"\n");
        text.Should().Contain("type = \"cascade\"\nupstreams = [\"openai-gpt-5\", \"ollama-qwen3-8b\"]\n");
        text.Should().NotContain("embed").And.NotContain("whisper");
    }

    [Theory]
    [InlineData("y\n", "ollama openai")]
    [InlineData("\n", "ollama openai")]
    [InlineData("perhaps\ne\nn\ny\n", "openai")]
    [InlineData("e\ny\n", "ollama")]
    [InlineData("n\n", "")]
    [InlineData("", "")]
    public async Task Somebody_at_a_terminal_chooses(string typed, string written)
    {
        await using var local = await SimulatedServer.StartAsync(SimulatedModel.Saying("qwen3:8b", "x"));
        await using var hosted = await SimulatedServer.StartAsync([SimulatedModel.Saying("gpt-5", "x")], new() { BearerKey = Key });
        using var answers = new StringReader(typed);
        _questions = new EndpointQuestions(answers, _output);

        var exit = await RunAsync([new("ollama", "Ollama", local.BaseUrl), new("openai", "OpenAI", hosted.BaseUrl, "OPENAI_API_KEY")], ("OPENAI_API_KEY", Key));

        exit.Should().Be(0);
        var text = File.Exists(FilePath) ? await File.ReadAllTextAsync(FilePath) : "";
        string[] names = ["ollama", "openai"];
        string.Join(' ', names.Where(n => text.Contains($"[upstreams.{n}-", StringComparison.Ordinal))).Should().Be(written);
        _output.ToString().Should().Contain("Add Ollama, OpenAI?").And.NotContain(Key);
    }

    [Fact]
    public async Task No_key_is_written_or_printed()
    {
        await using var hosted = await SimulatedServer.StartAsync([SimulatedModel.Saying("gpt-4.1", "x")], new() { BearerKey = Key });

        await RunAsync([new("openai", "OpenAI", hosted.BaseUrl, "OPENAI_API_KEY")], ("OPENAI_API_KEY", Key));

        (await File.ReadAllTextAsync(FilePath) + _output + _error).Should().NotContain(Key).And.Contain("OPENAI_API_KEY");
    }

    [Fact]
    public async Task Existing_file_is_left_as_it_is_and_nobody_is_asked()
    {
        await File.WriteAllTextAsync(FilePath, "mine");
        await using var local = await SimulatedServer.StartAsync(SimulatedModel.Saying("m", "x"));

        var exit = await RunAsync([new("ollama", "Ollama", local.BaseUrl)]);

        exit.Should().Be(1);
        (await File.ReadAllTextAsync(FilePath)).Should().Be("mine");
        local.RequestCount.Should().Be(0);
        _error.ToString().Should().Contain(FilePath).And.Contain("--output");
    }

    [Fact]
    public async Task FilePaththat_appears_during_the_probes_is_left_as_it_is()
    {
        using var handler = new Scripted(_ =>
        {
            File.WriteAllText(FilePath, "mine");
            return Json("""{"data":[{"id":"m"}]}""");
        });

        using var http = new HttpMessageInvoker(handler);

        var exit = await Init(http, [new("ollama", "Ollama", "http://x.test/v1")]).RunAsync(FilePath, CancellationToken.None);

        exit.Should().Be(1);
        (await File.ReadAllTextAsync(FilePath)).Should().Be("mine");
    }

    [Fact]
    public async Task Folder_that_is_not_there_is_an_error_not_a_crash()
    {
        using var server = Serving("""{"data":[{"id":"m"}]}""");
        using var http = _clients.GetRequiredService<ListingClients>().Through("env");
        var init = Init(http, [new("ollama", "Ollama", At(server))]);

        var exit = await init.RunAsync(Path.Combine(_folder.FullName, "nowhere", "f.toml"), CancellationToken.None);

        exit.Should().Be(1);
        _error.ToString().Should().Contain("cannot be written");
    }

    [Fact]
    public async Task Nothing_found_says_where_it_looked_and_names_the_demo()
    {
        using var port = new RefusedPort();

        var exit = await RunAsync([new("ollama", "Ollama", port.BaseUrl), new("groq", "Groq", "http://groq.test", "GROQ_API_KEY")]);

        exit.Should().Be(1);
        File.Exists(FilePath).Should().BeFalse();
        _error.ToString().Should().Contain(port.BaseUrl).And.Contain("nobody listens").And.Contain("GROQ_API_KEY").And.Contain("not set").And.Contain("synthwave demo");
    }

    [Fact]
    public async Task Refused_key_is_reported_and_the_rest_is_written()
    {
        await using var local = await SimulatedServer.StartAsync(SimulatedModel.Saying("llama3", "x"));
        await using var hosted = await SimulatedServer.StartAsync([SimulatedModel.Saying("gpt-5", "x")], new() { BearerKey = Key });

        var exit = await RunAsync([new("openai", "OpenAI", hosted.BaseUrl, "OPENAI_API_KEY"), new("ollama", "Ollama", local.BaseUrl)], ("OPENAI_API_KEY", "sk-wrong"));

        exit.Should().Be(0);
        _error.ToString().Should().Contain("refuses the key in OPENAI_API_KEY").And.NotContain("sk-wrong");
        (await File.ReadAllTextAsync(FilePath)).Should().Contain("ollama-llama3").And.NotContain("openai").And.NotContain("\"moa\"");
    }

    [Fact]
    public async Task A_hiccup_is_asked_again()
    {
        using var server = WireMockServer.Start();
        server.Given(Request.Create().WithPath("/v1/models")).InScenario("hiccup").WillSetStateTo("over").RespondWith(Response.Create().WithStatusCode(503).WithHeader("Retry-After", "60"));
        server.Given(Request.Create().WithPath("/v1/models")).InScenario("hiccup").WhenStateIs("over").RespondWith(Response.Create().WithBody("""{"data":[{"id":"llama3"}]}"""));

        var exit = await RunAsync([new("ollama", "Ollama", At(server))]);

        exit.Should().Be(0);
        server.LogEntries.Should().HaveCount(2);
    }

    [Fact]
    public async Task Silent_server_does_not_hold_up_the_others()
    {
        var clock = new FakeTimeProvider();
        using var handler = new Scripted(async (request, stop) =>
        {
            await Task.Delay(request.RequestUri!.Host == "silent.test" ? Timeout.InfiniteTimeSpan : TimeSpan.Zero, stop);
            return Json("""{"data":[{"id":"llama3"}]}""");
        });
        using var http = new HttpMessageInvoker(handler);
        var init = new InitCommand(http, _ => null, _output, _error, clock) { Endpoints = [new("vllm", "vLLM", "http://silent.test"), new("ollama", "Ollama", "http://x.test")] };

        var run = init.RunAsync(FilePath, CancellationToken.None);
        clock.Advance(TimeSpan.FromSeconds(1.9));
        run.IsCompleted.Should().BeFalse();
        clock.Advance(TimeSpan.FromSeconds(0.1));

        (await run).Should().Be(0);
        (await File.ReadAllTextAsync(FilePath)).Should().Contain("[upstreams.ollama-llama3]").And.NotContain("vllm");
    }

    [Fact]
    public async Task Anthropic_is_asked_in_its_own_way()
    {
        using var server = Serving("""{"data":[{"id":"claude-sonnet-4-5","type":"model","created_at":"2025-09-29T00:00:00Z"}],"has_more":false}""");

        await RunAsync([new("anthropic", "Anthropic", At(server), "ANTHROPIC_API_KEY") { Anthropic = true }], ("ANTHROPIC_API_KEY", Key));

        var headers = server.LogEntries.Single().RequestMessage!.Headers!;
        headers["x-api-key"].Should().Equal(Key);
        headers.Should().ContainKey("anthropic-version").And.NotContainKey("Authorization");
        (await File.ReadAllTextAsync(FilePath)).Should().Contain("protocol = \"anthropic\"\napi_key_env = \"ANTHROPIC_API_KEY\"\n");
    }

    [Fact]
    public async Task Second_key_variable_of_a_provider_counts_when_the_first_is_not_set()
    {
        using var server = Serving("""{"data":[{"id":"models/gemini-2.5-flash"}]}""");
        var gemini = KnownEndpoint.All.Where(e => e.Name == "gemini").Select(e => e with { BaseUrl = At(server) }).ToImmutableArray();

        var exit = await RunAsync(gemini, ("GOOGLE_API_KEY", Key));

        exit.Should().Be(0);
        server.LogEntries.Should().ContainSingle();
        (await File.ReadAllTextAsync(FilePath)).Should().Contain("api_key_env = \"GOOGLE_API_KEY\"").And.NotContain("GEMINI_API_KEY");
    }

    [Fact]
    public async Task Catalog_cannot_write_settings_through_a_model_id()
    {
        using var server = Serving("""{"data":[{"id":"good\"]\\x"},{"id":"a\n[server]\nbearer_token=1"},{"id":"b"},{"id":"c"},{"id":7},{}]}""");

        await RunAsync([new("ollama", "Ollama", At(server))]);

        var text = await File.ReadAllTextAsync(FilePath);
        text.Should().Contain("""model_id = "good\"]\\x" """.TrimEnd()).And.NotContain("bearer_token=1");
        text.Split('\n').Count(l => l == "[server]").Should().Be(1);
    }

    [Theory]
    [InlineData("<html>")]
    [InlineData("{\"data\":{}}")]
    [InlineData("[]")]
    [InlineData("{\"data\":[{\"id\":\"text-embedding-3-small\"}]}")]
    public async Task Answers_without_a_chat_model_count_as_nothing_found(string body)
    {
        using var server = Serving(body);

        var exit = await RunAsync([new("ollama", "Ollama", At(server))]);

        exit.Should().Be(1);
        File.Exists(FilePath).Should().BeFalse();
    }

    [Fact]
    public async Task Key_that_no_header_can_carry_is_named_not_shown()
    {
        using var server = Serving("[]");

        var exit = await RunAsync([new("openai", "OpenAI", At(server), "OPENAI_API_KEY")], ("OPENAI_API_KEY", "sk-a\nb"));

        exit.Should().Be(1);
        server.LogEntries.Should().BeEmpty();
        _error.ToString().Should().Contain("OPENAI_API_KEY").And.NotContain("sk-a");
    }

    [Fact]
    public void Usual_local_ports_and_key_variables_are_known()
    {
        KnownEndpoint.All.Where(e => e.IsLocal).Select(e => new Uri(e.BaseUrl).Port).Should().Equal(11434, 1234, 8000, 8080);
        KnownEndpoint.All.Select(e => e.KeyVariable).Should().Contain(
            ["OPENAI_API_KEY", "ANTHROPIC_API_KEY", "OPENROUTER_API_KEY", "GROQ_API_KEY", "MISTRAL_API_KEY", "DEEPSEEK_API_KEY", "XAI_API_KEY", "GEMINI_API_KEY"]);
    }

    private static HttpResponseMessage Json(string body) => new(HttpStatusCode.OK) { Content = ChatCall.Content(body) };

    // Its clock stands still: a busy machine may be late.
    private InitCommand Init(HttpMessageInvoker http, ImmutableArray<KnownEndpoint> endpoints, params (string Name, string Value)[] environment) =>
        new(http, name => environment.Where(e => e.Name == name).Select(e => e.Value).FirstOrDefault(), _output, _error, new FakeTimeProvider()) { Endpoints = endpoints, Questions = _questions };

    private async Task<int> RunAsync(ImmutableArray<KnownEndpoint> endpoints, params (string Name, string Value)[] environment)
    {
        using var http = _clients.GetRequiredService<ListingClients>().Through("env");
        return await Init(http, endpoints, environment).RunAsync(FilePath, CancellationToken.None);
    }

    private static WireMockServer Serving(string catalog)
    {
        var server = WireMockServer.Start();
        server.Given(Request.Create().WithPath("/v1/models").UsingGet()).RespondWith(Response.Create().WithBody(catalog));
        return server;
    }

    private static string At(WireMockServer server) => server.Url + "/v1";

    private static ServiceProvider Clients()
    {
        var services = new ServiceCollection();
        ListingClients.AddTo(services, static _ => null);
        return services.BuildServiceProvider();
    }

    private sealed class Scripted(Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> answer) : HttpMessageHandler
    {
        public Scripted(Func<HttpRequestMessage, HttpResponseMessage> answer)
            : this((request, _) => Task.FromResult(answer(request)))
        {
        }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            answer(request, cancellationToken);
    }
}
