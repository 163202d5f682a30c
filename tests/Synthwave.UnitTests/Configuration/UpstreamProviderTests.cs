using Synthwave.Configuration;
using Synthwave.Configuration.Loading;
using Synthwave.Providers;

namespace Synthwave.UnitTests.Configuration;

/// <summary>What an upstream need not say because its provider is known.</summary>
public sealed class UpstreamProviderTests
{
    private const string Sizes = "context = 9000\nmax_output = 900";

    public static TheoryData<string> Ids => [.. PresetCatalog.BuiltIn.All.Select(p => p.Id)];

    [Fact]
    public void Provider_and_model_are_enough()
    {
        var config = Loading.Clean("[upstreams.a]\nprovider = 'synthetic'\nmodel_id = 'hf:moonshotai/Kimi-K2.6'", ("SYNTHETIC_API_KEY", "k"));

        config.Upstreams.Single().Should().BeEquivalentTo(new UpstreamConfig
        {
            Name = "a",
            Provider = "synthetic",
            ModelId = "hf:moonshotai/Kimi-K2.6",
            BaseUrl = "https://api.synthetic.new/openai/v1",
            Context = 262_144,
            MaxOutput = 65_536,
            Modalities = Modalities.Text | Modalities.Image,
            Credentials = new UpstreamCredentials { ApiKeyEnv = "SYNTHETIC_API_KEY" },
            OpenAi = new OpenAiOptions { MaxTokensParam = "max_tokens", MaxTokensParamIsExplicit = true },
        });
    }

    [Fact]
    public void What_is_metered_has_its_price_and_what_is_free_of_one_has_none()
    {
        var config = Loading.Clean(
            "[upstreams.a]\nprovider = 'openai'\nmodel_id = 'gpt-5.5'\n[upstreams.b]\nprovider = 'nvidia'\nmodel_id = 'openai/gpt-oss-120b'", ("OPENAI_API_KEY", "k"), ("NVIDIA_API_KEY", "k"));

        config.Upstreams[0].Price.Should().Be(new PriceConfig(5m, 30m, 0.5m));
        config.Upstreams[1].Price.Should().BeNull();
    }

    [Fact]
    public void What_is_written_wins()
    {
        var upstream = Upstream(
            """
            provider = "mistral"
            model_id = "mistral-large-2512"
            base_url = "https://eu.api.mistral.ai/v1"
            api_key_env = "OTHER"
            context = 1000
            max_output = 100
            modalities = ["text"]
            price = { input = 1, output = 2 }
            supports_function_calling = false
            health = "none"
            openai = { drop_params = ["seed"], reasoning_effort = "low" }
            """,
            ("MISTRAL_API_KEY", "k"), ("OTHER", "k"));

        upstream.Should().BeEquivalentTo(new
        {
            BaseUrl = "https://eu.api.mistral.ai/v1",
            Context = 1000,
            MaxOutput = 100,
            Modalities = Modalities.Text,
            Price = new PriceConfig(1, 2, null),
            SupportsFunctionCalling = false,
            Health = "none",
            Credentials = new UpstreamCredentials { ApiKeyEnv = "OTHER" },
        });

        // Options of which nothing is written are the provider's.
        upstream.OpenAi!.DropParams.Should().Equal("seed");
        upstream.OpenAi.Should().BeEquivalentTo(new { ReasoningEffort = "low", MaxTokensParam = "max_tokens", DeveloperRole = "system" });
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void Every_preset_gives_an_upstream_without_a_doubt(string id)
    {
        var preset = PresetCatalog.BuiltIn.Find(id)!;
        bool[] protocols = [.. new[] { false, true }.Where(p => preset.BaseOf(p) is not null)];
        foreach (var isAnthropic in protocols)
        {
            var config = Loading.Load($"[upstreams.a]\nprovider = '{id}'\nmodel_id = 'm'\n{Sizes}\nprotocol = '{(isAnthropic ? "anthropic" : "openai")}'", [.. Everything(preset)]);

            config.Errors.Should().BeEmpty();
            config.Warnings.Should().BeEmpty();
            var upstream = config.Config!.Upstreams.Single();
            upstream.BaseUrl.Should().Be(BaseTemplate.Fill(preset.BaseOf(isAnthropic)!, "m", _ => "x1").Url);
            upstream.Credentials.ApiKeyEnv.Should().Be(preset.Keys[0]);
            upstream.Protocol.Should().Be(isAnthropic ? UpstreamProtocol.Anthropic : UpstreamProtocol.OpenAi);
        }

        Upstream($"provider = '{id}'\nmodel_id = 'm'\n{Sizes}", [.. Everything(preset)]).Protocol.Should().Be(preset.IsAnthropic ? UpstreamProtocol.Anthropic : UpstreamProtocol.OpenAi);
    }

    [Fact]
    public void A_missing_key_is_told_once_with_everybody_it_hits_and_the_rest_starts()
    {
        var text = $"""
            [upstreams.a]
            provider = "silicon"
            model_id = "zai-org/GLM-5.2"
            [upstreams.b]
            provider = "groq"
            model_id = "openai/gpt-oss-20b"
            [upstreams.c]
            provider = "silicon"
            model_id = "m"
            {Sizes}
            """;

        var warning = Loading.Warning(text, ("GROQ_API_KEY", "k"), ("SILICON_API_KEY", " "));

        warning.ToString().Should().Be(
            "m.toml:2:12 upstreams.a.provider: warning: provider 'silicon' has no key: none of the environment variables SILICON_API_KEY, SILICONFLOW_CN_API_KEY, SILICONFLOW_API_KEY is set, "
            + "so that upstreams 'a', 'c' cannot be called (set SILICON_API_KEY; keys are made at https://cloud.siliconflow.cn/account/ak)");
        Loading.Valid(text).Upstreams.Should().HaveCount(3);
    }

    [Fact]
    public void The_first_variable_that_is_set_holds_the_key()
    {
        Upstream("provider = 'gemini'\nmodel_id = 'gemini-2.5-pro'", ("GEMINI_API_KEY", ""), ("GOOGLE_API_KEY", "k"), ("GOOGLE_GENERATIVE_AI_API_KEY", "k")).Credentials.ApiKeyEnv.Should().Be("GOOGLE_API_KEY");
    }

    [Theory]
    [InlineData("api_key = 'k'")]
    [InlineData("api_key_from = 'client'")]
    [InlineData("basic_auth_user = 'u'\nbasic_auth_pass = 'p'")]
    [InlineData("auth = 'none'")]
    public void Whoever_says_anything_of_a_key_gets_no_other(string said) =>
        Upstream($"provider = 'openai'\nmodel_id = 'gpt-5.5'\n{said}", ("OPENAI_API_KEY", "k")).Credentials.ApiKeyEnv.Should().BeNull();

    [Theory]
    [InlineData("openai", "https://evil.test/v1", false)]
    [InlineData("openai", "https://api.openai.com.evil.test/v1", false)]
    [InlineData("openai", "https://evilapi.openai.com/v1", false)]
    [InlineData("openai", "http://api.openai.com/v1", false)]
    [InlineData("openai", "http://127.0.0.1:9/v1", false)]
    [InlineData("openai", "https://eu.api.openai.com/v1", true)]
    [InlineData("together", "https://api.together.ai/v1", true)]
    [InlineData("azure", "https://mine.openai.azure.com/openai/v1", true)]
    [InlineData("azure", "https://evil.cloudapp.azure.com/openai/v1", false)]
    [InlineData("azure", "https://openai.azure.com/openai/v1", false)]
    [InlineData("ollama", "http://localhost:11434/v1", true)]
    [InlineData("ollama", "http://10.0.0.5:11434/v1", false)]
    public void A_known_key_goes_to_the_providers_own_host_alone(string provider, string url, bool isOwn)
    {
        var key = PresetCatalog.BuiltIn.Find(provider)!.Keys[0];
        var result = Loading.Load($"[upstreams.a]\nprovider = '{provider}'\nmodel_id = 'm'\nbase_url = '{url}'\n{Sizes}", (key, "k"));

        result.Errors.Should().BeEmpty();
        result.Config!.Upstreams.Single().Credentials.ApiKeyEnv.Should().Be(isOwn ? key : null);
        result.Warnings.Select(w => w.Key).Should().Equal(isOwn ? [] : ["upstreams.a.base_url"]);
        if (!isOwn)
        {
            result.Warnings.Single().Hint.Should().Contain($"api_key_env = \"{key}\"");
            Upstream($"provider = '{provider}'\nmodel_id = 'm'\nbase_url = '{url}'\napi_key_env = '{key}'\n{Sizes}", (key, "k")).Credentials.ApiKeyEnv.Should().Be(key);
        }
    }

    [Theory]
    [InlineData("sinthetic", "did you mean \"synthetic\"?")]
    [InlineData("zai", "did you mean \"zhipu-intl\"?")]
    [InlineData("OpenAI", "did you mean \"openai\"?")]
    [InlineData("acmee", "did you mean \"acme\"?")]
    [InlineData("something-else", "synthwave providers lists those that are known")]
    public void An_unknown_provider_is_one_mistake_with_the_likely_name(string name, string hint)
    {
        var problem = Loading.Error($"[upstreams.a]\nmodel_id = 'm'\nprovider = '{name}'\n[providers.acme]\nbase_url = 'http://a.test/v1'");

        (problem.Line, problem.Column, problem.Key).Should().Be((3, 12, "upstreams.a.provider"));
        problem.Message.Should().Be($"'{name}' is no known provider");
        problem.Hint.Should().StartWith(hint);
    }

    [Fact]
    public void A_model_that_is_not_known_asks_for_the_lines_to_add()
    {
        var problem = Loading.Error("[upstreams.a]\nprovider = 'openai'\nmodel_id = 'gpt-5.6'", ("OPENAI_API_KEY", "k"));

        problem.ToString().Should().Be(
            "m.toml:3:12 upstreams.a.context: context and max_output of the model 'gpt-5.6' at 'openai' are not known (did you mean \"gpt-5.5\"? Otherwise add context = TOKENS and max_output = TOKENS to [upstreams.a])");
        Loading.Error("[upstreams.a]\nprovider = 'vllm'\nmodel_id = 'x'\ncontext = 5000").Hint.Should().Be("add max_output = TOKENS to [upstreams.a]");
        Loading.Error("[upstreams.a]\nprovider = 'openai'", ("OPENAI_API_KEY", "k")).Key.Should().Be("upstreams.a.model_id");
    }

    [Fact]
    public void The_prefix_of_open_models_is_added_and_said()
    {
        const string Text = "[upstreams.a]\nprovider = 'synthetic'\nmodel_id = 'zai-org/GLM-5.2'";

        Loading.Warning(Text, ("SYNTHETIC_API_KEY", "k")).Hint.Should().Be("write model_id = \"hf:zai-org/GLM-5.2\"");
        Loading.Valid(Text, ("SYNTHETIC_API_KEY", "k")).Upstreams.Single().ModelId.Should().Be("hf:zai-org/GLM-5.2");
        Upstream($"provider = 'synthetic'\nmodel_id = 'own/model'\n{Sizes}", ("SYNTHETIC_API_KEY", "k")).ModelId.Should().Be("own/model");
    }

    [Fact]
    public void A_limit_that_is_the_window_leaves_room_for_a_question()
    {
        Upstream("provider = 'mistral'\nmodel_id = 'mistral-medium-2604'", ("MISTRAL_API_KEY", "k")).Should().BeEquivalentTo(new { Context = 262_144, MaxOutput = 131_072 });
        Upstream("provider = 'openai'\nmodel_id = 'gpt-5.5'\ncontext = 20000", ("OPENAI_API_KEY", "k")).Should().BeEquivalentTo(new { Context = 20_000, MaxOutput = 10_000 });
    }

    [Fact]
    public void The_protocol_decides_where_the_call_goes_and_how_the_key_is_shown()
    {
        var messages = Upstream("provider = 'deepseek'\nprotocol = 'anthropic'\nmodel_id = 'deepseek-v4-pro'", ("DEEPSEEK_API_KEY", "k"));

        messages.Should().BeEquivalentTo(new { BaseUrl = "https://api.deepseek.com/anthropic/v1", Protocol = UpstreamProtocol.Anthropic });
        messages.OpenAi.Should().BeNull();
        messages.Auth.Should().BeNull();
        Upstream("provider = 'anthropic'\nmodel_id = 'claude-sonnet-5'", ("ANTHROPIC_API_KEY", "k")).Should().BeEquivalentTo(new { BaseUrl = "https://api.anthropic.com/v1", Protocol = UpstreamProtocol.Anthropic });
        Loading.Error("[upstreams.a]\nprovider = 'groq'\nmodel_id = 'openai/gpt-oss-20b'\nprotocol = 'anthropic'", ("GROQ_API_KEY", "k")).ToString()
            .Should().Be("m.toml:4:12 upstreams.a.protocol: provider 'groq' does not speak it (write base_url too, or another protocol)");
    }

    [Fact]
    public void Addresses_that_take_variables_are_put_together()
    {
        var azure = Upstream($"provider = 'azure'\nmodel_id = 'my gpt'\n{Sizes}", ("AZURE_RESOURCE_NAME", "res"), ("AZURE_API_KEY", "k"));

        azure.Should().BeEquivalentTo(new { BaseUrl = "https://res.openai.azure.com/openai/deployments/my%20gpt?api-version=2024-10-21", Auth = KeyScheme.ApiKey, Health = "none" });
        azure.Credentials.ApiKeyEnv.Should().Be("AZURE_API_KEY");
        Upstream($"provider = 'cloudflare'\nmodel_id = '@cf/m'\n{Sizes}", ("CLOUDFLARE_ACCOUNT_ID", "acc1"), ("CLOUDFLARE_API_TOKEN", "k")).BaseUrl.Should().Be("https://api.cloudflare.com/client/v4/accounts/acc1/ai/v1");
    }

    [Theory]
    [InlineData(null, "is not set", "set CLOUDFLARE_ACCOUNT_ID, or write base_url")]
    [InlineData("x/../../evil", "holds what cannot stand in one", "it takes a name or an id alone, no URL")]
    public void An_address_that_lacks_a_variable_is_told_and_the_rest_starts(string? account, string reason, string hint)
    {
        var warning = Loading.Warning($"[upstreams.a]\nprovider = 'cloudflare'\nmodel_id = 'm'\n{Sizes}", ("CLOUDFLARE_API_KEY", "k"), ("CLOUDFLARE_ACCOUNT_ID", account!));

        warning.ToString().Should().Be(
            $"m.toml:2:12 upstreams.a.provider: warning: provider 'cloudflare' has no address: the environment variable CLOUDFLARE_ACCOUNT_ID {reason}, so that upstream 'a' cannot be called ({hint})");
    }

    [Fact]
    public void Each_value_says_who_told_it_and_the_effective_configuration_means_the_same()
    {
        const string Text = """
            [upstreams.a]
            provider = "openai"
            model_id = "gpt-5.5"
            retries = 1
            [upstreams.b]
            provider = "acme"
            model_id = "m"
            context = 9000
            max_output = 900
            [providers.acme]
            extends = "mistral"
            base_url = "https://mistral.acme.test/v1"
            api_key_env = "ACME_KEY"
            openai = { text_content = "string" }
            """;
        var config = Loading.Clean(Text, ("OPENAI_API_KEY", "k"), ("ACME_KEY", "k"));

        var effective = EffectiveConfigWriter.WriteWithOrigins(config);

        effective.Should().ContainAll(
            "provider = \"openai\"  # m.toml:2\n",
            "base_url = \"https://api.openai.com/v1\"  # preset openai\n",
            "api_key_env = \"OPENAI_API_KEY\"  # preset openai\n",
            "context = 1050000  # curated list 2026-11\n",
            "retries = 1  # m.toml:4\n",
            "input = 5.0  # curated list 2026-11\n",
            "max_tokens_param = \"max_completion_tokens\"  # preset openai\n",
            "base_url = \"https://mistral.acme.test/v1\"  # m.toml:12\n",
            "text_content = \"string\"  # m.toml:14\n",
            "developer_role = \"system\"  # preset mistral\n");
        EffectiveConfigWriter.Write(Loading.Clean(effective, ("OPENAI_API_KEY", "k"), ("ACME_KEY", "k"))).Should().Be(EffectiveConfigWriter.Write(config));
    }

    [Fact]
    public void A_table_of_the_file_says_what_its_upstreams_have_in_common()
    {
        var config = Loading.Clean($$"""
            [providers.acme]
            extends = "vllm"
            base_url = "http://10.0.0.5:8000/v1"
            max_concurrency = 4
            headers = { x-team = "blue" }
            [providers.inside]
            extends = "acme"
            retries = 0
            [upstreams.a]
            provider = "inside"
            model_id = "m"
            headers = { x-app = "one" }
            {{Sizes}}
            [upstreams.b]
            provider = "acme"
            model_id = "m"
            max_concurrency = 8
            {{Sizes}}
            """);

        config.Upstreams[0].Should().BeEquivalentTo(new { BaseUrl = "http://10.0.0.5:8000/v1", MaxConcurrency = 4, Retries = 0, Provider = "inside" });
        config.Upstreams[0].Headers.Keys.Should().BeEquivalentTo("x-app", "x-team");
        config.Upstreams[1].Should().BeEquivalentTo(new { MaxConcurrency = 8, Retries = 2 });
        config.Providers.Select(p => p.Name).Should().Equal("acme", "inside");
    }

    [Fact]
    public void A_table_of_a_presets_name_stands_before_it()
    {
        var upstream = Upstream("provider = 'groq'\nmodel_id = 'openai/gpt-oss-20b'\n[providers.groq]\nretries = 5", ("GROQ_API_KEY", "k"));

        upstream.Should().BeEquivalentTo(new { BaseUrl = "https://api.groq.com/openai/v1", Retries = 5 });
        upstream.Credentials.ApiKeyEnv.Should().Be("GROQ_API_KEY");
        upstream.Price.Should().BeNull("who stands between may have a price of their own");
    }

    [Theory]
    [InlineData("[providers.a]\nextends = 'vlm'", 2, "providers.a.extends", "'vlm' is no known provider")]
    [InlineData("[providers.a]\nextends = 'a'", 2, "providers.a.extends", "'a' is no known provider")]
    [InlineData("[providers.a]\ncontext = 5", 2, "providers.a.context", "is no key of [providers.…]")]
    [InlineData("[providers.a]\nretries = 9", 2, "providers.a.retries", "must be an integer from 0 to 5; found 9")]
    [InlineData("providers = 5", 1, "providers", "must be a table")]
    public void A_mistake_in_a_table_of_the_file_is_told_at_its_place(string text, int line, string key, string message)
    {
        var problem = Loading.Error(text);

        (problem.Line, problem.Key).Should().Be((line, key));
        problem.Message.Should().StartWith(message);
    }

    [Fact]
    public void A_mistake_that_two_upstreams_share_is_one()
    {
        Loading.Error($"[providers.a]\nbase_url = 'http://a.test/v1'\nretries = 9\n[upstreams.x]\nprovider = 'a'\nmodel_id = 'm'\n{Sizes}\n[upstreams.y]\nprovider = 'a'\nmodel_id = 'm'\n{Sizes}")
            .Key.Should().Be("providers.a.retries");
    }

    [Fact]
    public void Tables_that_extend_each_other_end_somewhere()
    {
        var result = Loading.Load($"[providers.a]\nextends = 'b'\n[providers.b]\nextends = 'a'\n[upstreams.x]\nprovider = 'a'\nmodel_id = 'm'\nbase_url = 'http://a.test/v1'\n{Sizes}");

        result.Errors.Select(e => e.Message).Should().Equal("provider 'a' extends itself by way of 'b'", "provider 'b' extends itself by way of 'a'");
    }

    [Fact]
    public void A_provider_of_the_file_needs_an_address() =>
        Loading.Error($"[providers.acme]\nretries = 0\n[upstreams.x]\nprovider = 'acme'\nmodel_id = 'm'\n{Sizes}").ToString()
            .Should().Be("m.toml:4:12 upstreams.x.provider: provider 'acme' has no base_url (add base_url to [providers.acme])");

    [Fact]
    public void A_key_in_a_table_of_the_file_is_shown_nowhere()
    {
        var config = Loading.Valid("[providers.acme]\nbase_url = 'http://a.test/v1'\napi_key = 'sesame-open-now'");

        EffectiveConfigWriter.Write(config).Should().Contain("api_key = \"***\"").And.NotContain("sesame");
        new ConfiguredSecrets(config, _ => null).Read().Should().Contain("sesame-open-now");
    }

    private static UpstreamConfig Upstream(string keys, params (string Name, string Value)[] environment) => Loading.Clean($"[upstreams.a]\n{keys}", environment).Upstreams.Single();

    private static IEnumerable<(string Name, string Value)> Everything(Preset preset) =>
        preset.Keys.Concat(new[] { preset.Bases.Chat, preset.Bases.Messages }.OfType<string>().SelectMany(BaseTemplate.VariablesIn)).Distinct().Select(name => (name, "x1"));
}
