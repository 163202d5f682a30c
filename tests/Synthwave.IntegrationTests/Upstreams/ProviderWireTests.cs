using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Synthwave.Providers;
using Synthwave.TestKit;

namespace Synthwave.IntegrationTests.Upstreams;

/// <summary>What arrives at each provider that is known: where, with which key, and shown how. The presets' own https addresses are asked, over TLS.</summary>
public sealed class ProviderWireTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("synthwave-providers-");

    [Fact]
    public async Task Every_provider_is_called_at_its_address_with_its_key()
    {
        await using var wire = await StartAsync();
        var cases = PresetCatalog.BuiltIn.All.Where(p => !p.IsLocal)
            .SelectMany(p => new[] { false, true }.Where(a => p.BaseOf(a) is not null).Select(a => (Preset: p, IsAnthropic: a, Name: $"{p.Id}{(a ? "-messages" : "")}"))).ToList();
        await using var gateway = await GatewayAsync(wire, string.Join('\n', cases.Select(c => Upstream(wire, c.Name, c.Preset.Id, $"protocol = '{(c.IsAnthropic ? "anthropic" : "openai")}'"))));

        foreach (var (preset, isAnthropic, name) in cases)
        {
            using var response = await gateway.Client.PostChatAsync(gateway.Address + "v1", ChatCall.Body(name));
            response.StatusCode.Should().Be(HttpStatusCode.OK, "{0}: {1}", name, await response.Content.ReadAsStringAsync());

            var expected = new Uri(BaseTemplate.Fill(preset.BaseOf(isAnthropic)!, "m", Environment).Url!);
            var call = wire.Requests.Last(r => r.Method == "POST");
            call.Host.Should().Be(expected.Host, name);
            call.Path.Should().Be(expected.AbsolutePath.TrimEnd('/') + (isAnthropic ? "/messages" : "/chat/completions"), name);
            call.Query.Should().Be(expected.Query, name);
            ShouldShow(call, preset.AuthOf(isAnthropic) ?? (isAnthropic ? KeyScheme.XApiKey : KeyScheme.Bearer), "key-of-" + preset.Keys[0]);
        }
    }

    [Fact]
    public async Task A_key_reaches_nobody_but_the_provider_it_is_for()
    {
        await using var wire = await StartAsync();
        var presets = PresetCatalog.BuiltIn.All.Where(p => !p.IsLocal).ToList();
        await using var gateway = await GatewayAsync(wire, string.Join('\n', presets.Select(p => Upstream(wire, p.Id, p.Id))));
        foreach (var preset in presets)
        {
            using var response = await gateway.Client.PostChatAsync(gateway.Address + "v1", ChatCall.Body(preset.Id));
        }

        // Probes asked the lists of models too.
        wire.Requests.Should().Contain(r => r.Method == "GET" && r.Path == "/openai/v1/models" && r.Host == "api.groq.com");
        foreach (var request in wire.Requests)
        {
            var owners = presets.Where(p => p.Owns($"https://{request.Host}/"));
            var allowed = owners.SelectMany(p => p.Keys).Select(k => "key-of-" + k);
            request.All.Split('\n', ' ', '=', '&').Where(w => w.StartsWith("key-of-", StringComparison.Ordinal)).Should().BeSubsetOf(allowed, request.Host);
        }
    }

    // Several regions of one vendor share a variable; each has its own host.
    [Fact]
    public async Task A_variable_that_providers_share_gives_each_of_them_its_key()
    {
        await using var wire = await StartAsync();
        await using var gateway = await GatewayAsync(wire, Upstream(wire, "a", "moonshot") + Upstream(wire, "b", "moonshot-cn") + Upstream(wire, "c", "zhipu-intl"), n => n == "ZAI_API_KEY" ? null : Environment(n));

        (await CallAsync(gateway, wire, "a")).Should().BeEquivalentTo(new { Host = "api.moonshot.ai", Path = "/v1/chat/completions" });
        var china = await CallAsync(gateway, wire, "b");
        china.Host.Should().Be("api.moonshot.cn");
        ShouldShow(china, KeyScheme.Bearer, "key-of-MOONSHOT_API_KEY");
        ShouldShow(await CallAsync(gateway, wire, "c"), KeyScheme.Bearer, "key-of-ZHIPU_API_KEY");
    }

    [Fact]
    public async Task Azure_is_called_by_its_deployment_with_a_version_and_its_own_header()
    {
        await using var wire = await StartAsync();
        await using var gateway = await GatewayAsync(
            wire, Upstream(wire, "a", "azure").Replace("\"m\"", "\"my gpt\"", StringComparison.Ordinal), n => n == "AZURE_API_VERSION" ? null : n == "AZURE_RESOURCE_NAME" ? "my-res" : Environment(n));

        var call = await CallAsync(gateway, wire, "a");

        call.Should().BeEquivalentTo(new { Host = "my-res.openai.azure.com", Path = "/openai/deployments/my%20gpt/chat/completions", Query = "?api-version=2024-10-21" });
        ShouldShow(call, KeyScheme.ApiKey, "key-of-AZURE_OPENAI_API_KEY");
    }

    [Fact]
    public async Task Cloudflare_is_called_by_the_account()
    {
        await using var wire = await StartAsync();
        await using var gateway = await GatewayAsync(wire, Upstream(wire, "a", "cloudflare"), n => n == "CLOUDFLARE_ACCOUNT_ID" ? "0a1b" : Environment(n));

        (await CallAsync(gateway, wire, "a")).Should().BeEquivalentTo(new { Host = "api.cloudflare.com", Path = "/client/v4/accounts/0a1b/ai/v1/chat/completions", Query = "" });
    }

    [Theory]
    [InlineData("https://query.test/v1", "?key=key-of-Q%26%20KEY")]
    [InlineData("https://query.test/v1?api-version=1", "?api-version=1&key=key-of-Q%26%20KEY")]
    public async Task A_key_in_the_query_is_in_no_header_and_in_no_log(string baseUrl, string query)
    {
        await using var wire = await StartAsync();
        await using var gateway = await GatewayAsync(
            wire, $"[providers.q]\nbase_url = '{baseUrl}'\nauth = 'query'\napi_key_env = 'Q_KEY'\n{Upstream(wire, "a", "q")}", n => n == "Q_KEY" ? "key-of-Q& KEY" : null);

        var call = await CallAsync(gateway, wire, "a");

        call.Should().BeEquivalentTo(new { Host = "query.test", Path = "/v1/chat/completions", Query = query });
        string.Join('\n', call.Headers.Values).Should().NotContain("key-of");
        gateway.Log.Events.Should().NotBeEmpty();
        string.Join('\n', gateway.Log.Events.Select(e => e.RenderMessage(CultureInfo.InvariantCulture) + string.Join(' ', e.Properties.Values))).Should().NotContain("key-of");
    }

    [Fact]
    public async Task An_upstream_without_a_key_fails_in_words_and_the_others_answer()
    {
        await using var wire = await StartAsync();
        await using var gateway = await GatewayAsync(wire, Upstream(wire, "a", "openai") + Upstream(wire, "b", "groq"), n => n == "GROQ_API_KEY" ? "key-of-GROQ_API_KEY" : null);

        using var refused = await gateway.Client.PostChatAsync(gateway.Address + "v1", ChatCall.Body("a"));

        refused.StatusCode.Should().Be(HttpStatusCode.BadGateway);
        (await refused.Content.ReadAsStringAsync()).Should().Contain("upstream_auth_unconfigured");
        (await CallAsync(gateway, wire, "b")).Host.Should().Be("api.groq.com");
        wire.Requests.Should().NotContain(r => r.Host == "api.openai.com");
    }

    [Fact]
    public async Task Quirks_act_on_the_body()
    {
        await using var wire = await StartAsync();
        await using var gateway = await GatewayAsync(wire, Upstream(wire, "strict", "mistral") + Upstream(wire, "plain", "deepseek") + Upstream(wire, "new", "openai"));
        const string Body = """
            {"model":"NAME","max_tokens":7,"user":"u","seed":1,"service_tier":"auto","messages":[{"role":"developer","content":[{"type":"text","text":"Be brief."},{"type":"text","text":"Be kind."}]},{"role":"user","content":"Hi"}]}
            """;

        var strict = await BodyAsync("strict");
        strict.Select(m => m.Key).Should().BeEquivalentTo("model", "max_tokens", "messages");
        strict["messages"]![0]!["role"]!.GetValue<string>().Should().Be("system");
        var plain = await BodyAsync("plain");
        plain["messages"]![0]!["content"]!.GetValue<string>().Should().Contain("Be brief.").And.Contain("Be kind.");
        plain["user"]!.GetValue<string>().Should().Be("u");
        var recent = await BodyAsync("new");
        recent["max_completion_tokens"]!.GetValue<int>().Should().Be(7);
        recent.Should().NotContainKey("max_tokens");
        recent["messages"]![0]!["role"]!.GetValue<string>().Should().Be("developer");

        async Task<JsonObject> BodyAsync(string name)
        {
            using var response = await gateway.Client.PostChatAsync(gateway.Address + "v1", Body.Replace("NAME", name, StringComparison.Ordinal));
            response.StatusCode.Should().Be(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
            return JsonNode.Parse(wire.Requests.Last(r => r.Method == "POST").Body)!.AsObject();
        }
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private static string? Environment(string name) =>
        name is "AZURE_RESOURCE_NAME" or "CLOUDFLARE_ACCOUNT_ID" or "AZURE_API_VERSION" ? "x1" : PresetCatalog.BuiltIn.All.Any(p => p.Keys.Contains(name)) ? "key-of-" + name : null;

    private static void ShouldShow(WireRequest call, KeyScheme scheme, string key)
    {
        var shown = new Dictionary<string, string?>
        {
            ["authorization"] = scheme is KeyScheme.Bearer ? "Bearer " + key : null,
            ["x-api-key"] = scheme is KeyScheme.XApiKey ? key : null,
            ["api-key"] = scheme is KeyScheme.ApiKey ? key : null,
        };
        foreach (var (header, value) in shown)
        {
            call.Headers.GetValueOrDefault(header).Should().Be(value, "{0} of {1}", header, call.Host);
        }
    }

    private static async Task<WireRequest> CallAsync(TestGateway gateway, ProviderWire wire, string model)
    {
        using var response = await gateway.Client.PostChatAsync(gateway.Address + "v1", ChatCall.Body(model));
        response.StatusCode.Should().Be(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
        return wire.Requests.Last(r => r.Method == "POST");
    }

    private async Task<ProviderWire> StartAsync()
    {
        var wire = await ProviderWire.StartAsync();
        await File.WriteAllTextAsync(Path.Combine(_directory.FullName, "ca.pem"), wire.AuthorityPem);
        return wire;
    }

    private string Upstream(ProviderWire wire, string name, string provider, string more = "") => $$"""
        [upstreams."{{name}}"]
        provider = "{{provider}}"
        model_id = "m"
        context = 8192
        max_output = 512
        proxy = "{{wire.ProxyUrl}}"
        tls = { ca_file = '{{Path.Combine(_directory.FullName, "ca.pem")}}' }
        {{more}}

        """;

    private static Task<TestGateway> GatewayAsync(ProviderWire wire, string toml, Func<string, string?>? environment = null) => TestGateway.StartAsync(toml, environment ?? Environment);
}
