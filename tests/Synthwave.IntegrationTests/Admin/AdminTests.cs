using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Synthwave.Commands;
using Synthwave.Commands.Admin;
using Synthwave.Configuration.Loading;
using Synthwave.Hosting;
using Synthwave.IntegrationTests.Doors;
using Synthwave.IntegrationTests.Gateway;
using Synthwave.Simulation;
using Synthwave.Telemetry.Journal;
using Synthwave.TestKit;

namespace Synthwave.IntegrationTests.Admin;

/// <summary>What /admin and the verbs that read it tell.</summary>
public sealed class AdminTests
{
    [Fact]
    public async Task A_request_is_told_of_with_every_call_and_explained_in_sentences()
    {
        await using var scenario = await GatewayScenario.StartAsync(Fine("a"), Fine("b"), Failing("c"), Fine("s"));
        var (response, _) = await scenario.AskAsync("moa");
        var id = response.Headers.GetValues("X-MetaModel-Request-Id").Single();

        await SettleAsync(scenario);
        var entry = await scenario.Client.GetFromJsonAsync<JsonElement>($"/admin/requests/{id}");

        entry.At("request_id").GetString().Should().Be(id);
        entry.At("dialect").GetString().Should().Be("chat");
        entry.At("profile").GetString().Should().Be("moa");
        entry.At("strategy").GetString().Should().Be("moa");
        entry.At("status").GetInt32().Should().Be(200);
        entry.At("phase").GetString().Should().Be("finished");
        var calls = entry.At("calls").EnumerateArray().ToList();
        calls.Select(c => c.At("upstream").GetString()).Should().Contain(["a", "b", "c", "s"]);
        var failed = calls.First(c => c.At("upstream").GetString() == "c");
        failed.At("outcome").GetString().Should().Be("failed");
        failed.At("status").GetInt32().Should().Be(503);
        calls.Single(c => c.At("role").GetString() == "synthesizer").At("outcome").GetString().Should().Be("success");

        var (output, error, code) = await ExplainAsync(scenario.Gateway, id);
        code.Should().Be(0, error);
        output.Should().Contain(id).And.Contain("c (c) failed after").And.Contain("HTTP 503").And.Contain("s (s) wrote the answer").And.Contain("What to do").And.Contain("c is in trouble itself");
    }

    [Fact]
    public async Task A_running_request_is_seen_while_it_streams()
    {
        await using var scenario = await GatewayScenario.StartAsync(Fine("a") with { TokensPerSecond = 2, Texts = [string.Join(' ', Enumerable.Repeat("word", 200))] });
        using var gone = new CancellationTokenSource();
        using var response = await scenario.SendStreamAsync("a", "", "Hello?", gone.Token);
        await using var body = await response.Content.ReadAsStreamAsync();
        await body.ReadExactlyAsync(new byte[1]);

        var live = await scenario.Client.GetFromJsonAsync<JsonElement>("/admin/live");

        var request = live.At("requests").EnumerateArray().Single();
        request.At("outcome").GetString().Should().Be("running");
        request.At("phase").GetString().Should().Be("streaming");
        request.TryGetProperty("status", out _).Should().BeFalse();
        request.At("calls").EnumerateArray().Single().At("outcome").GetString().Should().Be("running");
        (await scenario.Client.GetFromJsonAsync<JsonElement>("/admin/upstreams")).At("upstreams").EnumerateArray().First().At("in_flight").GetInt32().Should().Be(1);
        await gone.CancelAsync();
    }

    [Fact]
    public async Task Requests_are_filtered_and_paged()
    {
        await using var scenario = await GatewayScenario.StartAsync(Fine("a"), Fine("b"), Fine("c"), Fine("s"));
        for (var i = 0; i < 5; i++)
        {
            await scenario.AskAsync("a");
        }

        await scenario.AskAsync("cascade");
        await scenario.AskAsync("nobody");
        await SettleAsync(scenario);

        var first = await scenario.Client.GetFromJsonAsync<JsonElement>("/admin/requests?limit=3");
        first.At("requests").GetArrayLength().Should().Be(3);
        var rest = await scenario.Client.GetFromJsonAsync<JsonElement>($"/admin/requests?limit=500&before={first.At("next_before").GetInt64()}");
        rest.TryGetProperty("next_before", out _).Should().BeFalse();
        first.At("requests").EnumerateArray().Concat(rest.At("requests").EnumerateArray()).Select(r => r.At("request_id").GetString()).Should().OnlyHaveUniqueItems().And.HaveCount(7);

        (await CountAsync("profile=cascade")).Should().Be(1);
        (await CountAsync("outcome=failed")).Should().Be(1);
        (await CountAsync("upstream=a")).Should().Be(6);
        (await CountAsync("upstream=b")).Should().Be(0);
        (await CountAsync("since=2100-01-01T00:00:00%2B01:00")).Should().Be(0);
        (await CountAsync("since=2100-01-01T00:00:00+01:00")).Should().Be(0);
        (await CountAsync("since=2100-01-01 00:00:00Z")).Should().Be(0);
        (await CountAsync("since=0&outcome=success")).Should().Be(6);

        async Task<int> CountAsync(string query) => (await scenario.Client.GetFromJsonAsync<JsonElement>($"/admin/requests?{query}")).At("requests").GetArrayLength();
    }

    [Theory]
    [InlineData("limit=0")]
    [InlineData("limit=501")]
    [InlineData("limit=-1")]
    [InlineData("limit=99999999999999999999")]
    [InlineData("limit=")]
    [InlineData("limit=1&limit=2")]
    [InlineData("before=x")]
    [InlineData("since=yesterday")]
    [InlineData("since=99999999999999999")]
    [InlineData("outcome=fine")]
    [InlineData("profil=a")]
    [InlineData("profile=%00&x=1")]
    public async Task A_filter_that_cannot_be_meant_is_refused(string query)
    {
        await using var scenario = await GatewayScenario.StartAsync(Fine("a"));

        var response = await scenario.Client.GetAsync($"/admin/requests?{query}");

        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await response.Content.ReadFromJsonAsync<JsonElement>()).At("error.code").GetString().Should().Be("invalid_filter");
        (await scenario.Client.GetAsync($"/admin/requests?profile={new string('x', 5000)}")).StatusCode.Should().Be(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task An_unknown_id_is_not_found_and_not_repeated()
    {
        await using var scenario = await GatewayScenario.StartAsync(Fine("a"));
        foreach (var id in (string[])["metamodel-0", new string('x', 4000), "<script>"])
        {
            var response = await scenario.Client.GetAsync($"/admin/requests/{id}");

            response.StatusCode.Should().Be(HttpStatusCode.NotFound);
            (await response.Content.ReadAsStringAsync()).Should().NotContain("script").And.NotContain("xxxx");
        }

        var (_, error, code) = await ExplainAsync(scenario.Gateway, "metamodel-0");
        code.Should().Be(1);
        error.Should().Contain("No such request is known");
    }

    [Fact]
    public async Task The_configuration_tells_each_key_with_its_origin_and_hides_secrets()
    {
        var directory = Directory.CreateTempSubdirectory("admin");
        try
        {
            var path = Path.Combine(directory.FullName, "meta-model.toml");
            await File.WriteAllTextAsync(path, """
                [server]
                bearer_token = "secret-of-clients-123"
                model_name = "${BRAND}"

                [upstreams.a]
                model_id = "a"
                base_url = "http://user:secret-in-url@127.0.0.1:9/v1"
                api_key = "secret-key-456789"
                context = 32768
                max_output = 4096

                [profiles.p]
                type = "moa"
                generators = ["a"]
                synthesizer = "a"
                """);
            Func<string, string?> environment = static name => name switch
            {
                "BRAND" => "brand-1",
                ConfigLoader.GraceVariable => "3",
                _ => null,
            };
            await using var gateway = await TestGateway.StartFileAsync(path, environment);

            var text = await gateway.Client.GetStringAsync("/admin/config");

            text.Should().NotContain("secret-");
            var keys = JsonDocument.Parse(text).RootElement.At("effective").EnumerateArray().ToDictionary(k => k.At("key").GetString()!);
            keys["server.model_name"].At("value").GetString().Should().Be("brand-1");
            keys["server.model_name"].At("origin.line").GetInt32().Should().Be(3);
            keys["server.model_name"].At("origin.variables").GetRawText().Should().Be("""["BRAND"]""");
            keys["server.bearer_token"].At("value").GetString().Should().Be("***");
            keys["server.bearer_token"].At("origin.name").GetString().Should().Be(path);
            keys["server.max_body_mb"].GetRawText().Should().Be("""{"key":"server.max_body_mb","value":64,"origin":{"kind":"default"}}""");
            keys["upstreams.a.api_key"].At("origin.line").GetInt32().Should().Be(8);
            keys["profiles.p.grace_secs"].At("origin.kind").GetString().Should().Be("environment");
            keys["profiles.p.grace_secs"].At("origin.name").GetString().Should().Be(ConfigLoader.GraceVariable);
            JsonDocument.Parse(text).RootElement.At("listen").EnumerateArray().Single().GetString().Should().StartWith("http://127.0.0.1:");

            using var check = new StringWriter();
            await CheckCommand.RunAsync(new CheckArguments(path) { Json = true, Effective = true }, check, TextWriter.Null, environment, TimeProvider.System, default);
            JsonDocument.Parse(check.ToString()).RootElement.At("effective").GetRawText().Should().Be(JsonDocument.Parse(text).RootElement.At("effective").GetRawText(), "there is one form for it");
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task The_journal_outlives_a_reload()
    {
        await using var scenario = await GatewayScenario.StartAsync(Fine("a"));
        var (response, _) = await scenario.AskAsync("a");
        var id = response.Headers.GetValues("X-MetaModel-Request-Id").Single();

        await SettleAsync(scenario);
        var host = scenario.Gateway.Services.GetRequiredService<RuntimeHost>();
        host.Swap(host.Current.Config with { Server = host.Current.Config.Server with { ModelName = "other" } });

        (await scenario.Client.GetAsync($"/admin/requests/{id}")).StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Requests_are_a_table_and_an_unreachable_gateway_is_said_so()
    {
        await using var scenario = await GatewayScenario.StartAsync(Fine("a"));
        await scenario.AskAsync("a");
        await SettleAsync(scenario);
        var (client, output, error) = Client(scenario.Gateway.Address);

        (await RequestsCommand.RunAsync(client, new RequestsArguments(null, null, null, null, null, false), output, error, default)).Should().Be(0);

        output.ToString().Should().MatchRegex(@"^RECEIVED +REQUEST.*\n\d\d:\d\d:\d\d +metamodel-\S+ +chat +a +success +200 ");
        var (dead, _, said) = Client(new Uri($"http://127.0.0.1:{Ports.Free()}"));
        (await RequestsCommand.RunAsync(dead, new RequestsArguments(null, null, null, null, null, false), TextWriter.Null, said, default)).Should().Be(1);
        said.ToString().Should().Contain("cannot be reached");
    }

    [Fact]
    public async Task Nothing_of_a_prompt_or_an_answer_is_in_admin()
    {
        const string Canary = "c4nary5entence";
        await using var scenario = await GatewayScenario.StartAsync(
            [Saying("a", $"answer {Canary}"), Saying("b", $"draft {Canary}"), Failing("c"), Saying("s", $"synthesis {Canary}")], server: "model_name = \"brand\"");
        foreach (var model in (string[])["a", "c", "moa", "cascade", "brand", $"unknown-{Canary}"])
        {
            await scenario.AskAsync(model, content: Canary);
            await scenario.StreamAsync(model, content: Canary);
            foreach (var (path, body) in Bodies(model, Canary))
            {
                using var response = await scenario.Client.PostAsync(path, new StringContent(body, Encoding.UTF8, "application/json"));
                await response.Content.ReadAsByteArrayAsync();
            }
        }

        await SettleAsync(scenario);
        foreach (var path in (string[])["/admin", "/admin/live", "/admin/requests?limit=500", "/admin/upstreams", "/admin/config"])
        {
            (await scenario.Client.GetStringAsync(path)).Should().NotContain(Canary, path);
        }

        var list = await scenario.Client.GetFromJsonAsync<JsonElement>("/admin/requests?limit=500");
        list.At("requests").GetArrayLength().Should().BeGreaterThan(30);
        foreach (var request in list.At("requests").EnumerateArray())
        {
            (await scenario.Client.GetStringAsync($"/admin/requests/{request.At("request_id").GetString()}")).Should().NotContain(Canary);
        }
    }

    [Theory]
    [InlineData("a", false)]
    [InlineData("a", true)]
    [InlineData("moa", true)]
    [InlineData("nobody", false)]
    public async Task Prompts_and_answers_are_shown_where_the_operator_wants_them_kept_and_forgotten_once_he_does_not(string model, bool stream)
    {
        await using var scenario = await GatewayScenario.StartAsync([Saying("a", "the kept answer"), Fine("b"), Fine("c"), Saying("s", "the kept answer")], more: "[history]\ncontent = true");
        using var response = stream ? await scenario.SendStreamAsync(model, "", "the kept question", default) : (await scenario.AskAsync(model, content: "the kept question")).Response;
        var sent = await response.Content.ReadAsStringAsync();
        var id = response.Headers.GetValues("X-MetaModel-Request-Id").Single();

        await SettleAsync(scenario);
        var entry = await scenario.Client.GetFromJsonAsync<JsonElement>($"/admin/requests/{id}");

        entry.At("prompt").GetString().Should().Contain("the kept question");
        entry.At("answer").GetString().Should().Be(sent);
        (await scenario.Client.GetStringAsync("/admin/requests")).Should().NotContain("kept question").And.NotContain("kept answer");
        (await ExplainAsync(scenario.Gateway, id)).Output.Should().Contain("the kept question");

        var host = scenario.Gateway.Services.GetRequiredService<RuntimeHost>();
        host.Swap(host.Current.Config with { History = new() });

        (await scenario.Client.GetStringAsync($"/admin/requests/{id}")).Should().NotContain("kept question").And.NotContain("kept answer");
    }

    [Fact]
    public async Task What_is_kept_of_prompts_and_answers_is_bounded_in_each_and_in_all()
    {
        await using var scenario = await GatewayScenario.StartAsync(
            [Saying("a", new string('w', 100_000))], server: "max_memory_mb = 64", more: "[history]\ncontent = true");
        for (var i = 0; i < 60; i++)
        {
            await scenario.AskAsync("a", content: new string('q', 200_000));
        }

        await SettleAsync(scenario);
        var journal = scenario.Gateway.Services.GetRequiredService<RequestJournal>();
        journal.Bytes.Should().BeLessThanOrEqualTo(RequestJournal.MostBytes + journal.ContentLimit);
        var kept = journal.Finished(JournalFilter.None, 1000);
        kept.Should().NotBeEmpty().And.OnlyContain(e => e.Prompt!.Length <= RequestContent.Most + 10 && e.Answer!.Length <= RequestContent.Most + 10);
        kept[0].Prompt.Should().EndWith("(cut)");
    }

    // An answer arrives a moment before its request is over, which is when its line is in the log.
    private static Task SettleAsync(GatewayScenario scenario) => scenario.Gateway.Log.UntilAsync(() => scenario.Gateway.Services.GetRequiredService<RequestJournal>().Live().IsEmpty);

    private static IEnumerable<(string Path, string Body)> Bodies(string model, string text) =>
    [
        ("/v1/responses", $$"""{"model":"{{model}}","input":"{{text}}"}"""),
        ("/v1/messages", $$"""{"model":"{{model}}","max_tokens":50,"messages":[{"role":"user","content":"{{text}}"}]}"""),
        ("/v1/completions", $$"""{"model":"{{model}}","prompt":"{{text}}"}"""),
        ("/v1/embeddings", $$"""{"model":"{{model}}","input":"{{text}}"}"""),
        ("/v1/chat/completions", $$"""{"model":"{{model}}","{{text}}":1,"{{text}}":2}"""),
        ("/v1/chat/completions", $$"""{"model":"{{model}}","messages":[{"role":"{{text}}","content":"x"}]}"""),
        ("/v1/chat/completions", $$"""{"model":"{{model}}","messages":[{"role":"user","content":"x"}],"tools":[{"type":"function","function":{"name":"{{text}}"} } ] }"""),
        ("/v1/chat/completions", $"no json {text}"),
    ];

    private static SimulatedModel Fine(string id) => Saying(id, $"Words of {id}.");

    private static SimulatedModel Saying(string id, string text) => new() { Id = id, Texts = [text] };

    private static SimulatedModel Failing(string id) => new() { Id = id, Fault = new SimulatedFault(SimulatedFaultKind.Status) { Status = 503 } };

    private static (AdminClient Client, StringWriter Output, StringWriter Error) Client(Uri address) =>
        (new AdminClient(AdminClient.CreateHttp(), new AdminTarget(address, null), TimeProvider.System), new StringWriter(), new StringWriter());

    private static async Task<(string Output, string Error, int Code)> ExplainAsync(TestGateway gateway, string id)
    {
        var (client, output, error) = Client(gateway.Address);
        var code = await ExplainCommand.RunAsync(client, id, json: false, content: true, output, error, default);
        return (output.ToString(), error.ToString(), code);
    }
}
