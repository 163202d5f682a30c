using System.Collections.Frozen;
using Synthwave.Configuration;

namespace Synthwave.UnitTests.Configuration;

public sealed class UpstreamConfigTests
{
    [Fact]
    public void Four_keys_are_enough()
    {
        var upstream = Loading.Clean(Upstream("")).Upstreams.Should().ContainSingle().Which;

        upstream.Should().BeEquivalentTo(new UpstreamConfig { Name = "u", ModelId = "m", BaseUrl = "http://u.test/v1", Context = 8192, MaxOutput = 512 });
    }

    [Fact]
    public void Every_upstream_key_is_read()
    {
        var upstream = Loading.Clean(
            """
            [upstreams."u.1"]
            model_id = "org/model"
            base_url = "https://u.test/v1///"
            context = "8192"
            max_output = 512
            protocol = "openai"
            api_key = "literal"
            api_key_env = "KEY"
            modalities = ["audio", "text", "image"]
            supports_function_calling = false
            supports_thinking = true
            requires_leading_system_only = true
            strip_reasoning = "prefilled"
            stream_usage = false
            clamp_max_tokens = false
            completions = true
            retries = 0
            connect_timeout_secs = 1
            first_byte_timeout_secs = 2
            idle_timeout_secs = 3
            max_concurrency = 4
            proxy = "socks5://proxy.test:1080"
            health = "/up"
            chat_template_kwargs = { enable_thinking = true, nested = { list = [1, 2.0, "é"] } }
            request_overrides = { top_p = 0.5, stop = ["a", "\"b\""], n = 1 }
            headers = { X-Team = "blue", x-empty = "" }
            price = { input = 0.15, output = "0.60", cached_input = 0 }
            hedge = { after = 1.5, budget = 1, with = "u.1" }

            [upstreams."u.1".openai]
            reasoning_effort = "xhigh"
            max_tokens_param = "max_completion_tokens"
            drop_params = ["temperature"]
            """,
            ("KEY", "k")).Upstreams.Single();

        upstream.Should().BeEquivalentTo(new UpstreamConfig
        {
            Name = "u.1",
            ModelId = "org/model",
            BaseUrl = "https://u.test/v1",
            Context = 8192,
            MaxOutput = 512,
            Credentials = new UpstreamCredentials { ApiKey = new Secret("literal"), ApiKeyEnv = "KEY" },
            Modalities = Modalities.Text | Modalities.Image | Modalities.Audio,
            SupportsFunctionCalling = false,
            SupportsThinking = true,
            RequiresLeadingSystemOnly = true,
            StripReasoning = ReasoningStrip.Prefilled,
            StreamUsage = false,
            ClampMaxTokens = false,
            HasCompletions = true,
            Retries = 0,
            ConnectTimeout = TimeSpan.FromSeconds(1),
            FirstByteTimeout = TimeSpan.FromSeconds(2),
            IdleTimeout = TimeSpan.FromSeconds(3),
            MaxConcurrency = 4,
            Proxy = "socks5://proxy.test:1080",
            Health = "/up",
            ChatTemplateKwargsJson = """{"enable_thinking":true,"nested":{"list":[1,2.0,"é"]}}""",
            RequestOverrides = [new("top_p", "0.5"), new("stop", """["a","\"b\""]"""), new("n", "1")],
            Headers = new Dictionary<string, Secret> { ["X-Team"] = new("blue"), ["x-empty"] = new("") }.ToFrozenDictionary(),
            Price = new PriceConfig(0.15m, 0.60m, 0m),
            Hedge = new HedgeConfig { After = TimeSpan.FromSeconds(1.5), Budget = 1, With = "u.1" },
            OpenAi = new OpenAiOptions
            {
                ReasoningEffort = "xhigh",
                MaxTokensParam = "max_completion_tokens",
                MaxTokensParamIsExplicit = true,
                DropParams = ["temperature"],
            },
        });
    }

    [Fact]
    public void Anthropic_options_are_read()
    {
        var upstream = Loading.Clean(Upstream("""
            protocol = "anthropic"
            [upstreams.u.anthropic]
            version = "2024-01-01"
            thinking = "enabled"
            budget_tokens = 2048
            prompt_cache = "auto"
            drop_params = ["top_k"]
            """)).Upstreams.Single();

        upstream.Protocol.Should().Be(UpstreamProtocol.Anthropic);
        upstream.Anthropic.Should().BeEquivalentTo(new AnthropicOptions { Version = "2024-01-01", Thinking = "enabled", BudgetTokens = 2048, PromptCache = "auto", DropParams = ["top_k"] });
    }

    [Fact]
    public void Empty_option_tables_are_present_with_defaults()
    {
        var upstream = Loading.Clean(Upstream("openai = {}\nhedge = {}")).Upstreams.Single();

        upstream.OpenAi.Should().BeEquivalentTo(new OpenAiOptions());
        upstream.Hedge.Should().Be(new HedgeConfig());
    }

    [Fact]
    public void A_learned_hedge_delay_is_no_fixed_one()
    {
        Loading.Clean(Upstream("hedge = { after = \"p95\" }")).Upstreams.Single().Hedge!.After.Should().BeNull();
    }

    [Fact]
    public void Free_form_text_stays_as_it_is()
    {
        var upstream = Loading.Clean(Upstream("request_overrides = { a = \"é 😀 <&> \\u2028\", \"k\\\"\" = 1.0, big = 1e100 }")).Upstreams.Single();

        upstream.RequestOverrides.AsEnumerable().Select(o => (o.Key, o.Value)).Should().Equal(
            ("a", "\"é 😀 <&> \u2028\""),
            ("k\"", "1.0"),
            ("big", "1E+100"));
    }

    [Fact]
    public void Dates_in_free_form_tables_become_strings_with_a_warning()
    {
        var text = Upstream("request_overrides = { since = 1979-05-27 07:32:00z }");

        Loading.Warning(text).Key.Should().Be("upstreams.u.request_overrides.since");
        Loading.Valid(text).Upstreams.Single().RequestOverrides.Select(o => (o.Key, o.Value)).Should().Equal(("since", "\"1979-05-27T07:32:00Z\""));
    }

    [Fact]
    public void Numbers_json_cannot_hold_are_left_out_with_a_warning()
    {
        var text = Upstream("supports_thinking = true\nchat_template_kwargs = { a = nan, b = { c = inf, d = 1 }, e = [1, -inf], f = 2 }");

        var result = Loading.Load(text);

        result.Warnings.Select(w => w.Key).Should().Equal(
            "upstreams.u.chat_template_kwargs.a", "upstreams.u.chat_template_kwargs.b.c", "upstreams.u.chat_template_kwargs.e");
        result.Warnings.Should().OnlyContain(w => w.Message.Contains("left out"));
        result.Config!.Upstreams.Single().ChatTemplateKwargsJson.Should().Be("""{"b":{"d":1},"f":2}""");
    }

    [Theory]
    [InlineData("api_key = ''\nbasic_auth_user = 'u'\nbasic_auth_pass = 'p'", "upstreams.u.basic_auth_user", "not both")]
    [InlineData("api_key_env = 'K'\nbasic_auth_user = 'u'\nbasic_auth_pass = 'p'", "upstreams.u.basic_auth_user", "not both")]
    [InlineData("basic_auth_user = 'u'", "upstreams.u.basic_auth_user", "no password")]
    [InlineData("basic_auth_user = ''", "upstreams.u.basic_auth_user", "no password")]
    [InlineData("basic_auth_pass = 'p'", "upstreams.u.basic_auth_pass", "no user")]
    [InlineData("basic_auth_pass_env = 'P'", "upstreams.u.basic_auth_pass_env", "no user")]
    [InlineData("basic_auth_user = 'u'\nbasic_auth_pass = 'p'\nbasic_auth_pass_env = 'P'", "upstreams.u.basic_auth_pass_env", "twice")]
    [InlineData("anthropic = {}", "upstreams.u.anthropic", "protocol \"openai\"")]
    [InlineData("protocol = 'anthropic'\nopenai = {}", "upstreams.u.openai", "protocol \"anthropic\"")]
    [InlineData("protocol = 'google'", "upstreams.u.protocol", "\"openai\", \"anthropic\"")]
    [InlineData("modalities = []", "upstreams.u.modalities", "must contain \"text\"")]
    [InlineData("modalities = ['image']", "upstreams.u.modalities", "must contain \"text\"")]
    [InlineData("modalities = ['text', 'image', 'text']", "upstreams.u.modalities[2]", "duplicate")]
    [InlineData("modalities = ['text', 'Image']", "upstreams.u.modalities[1]", "\"text\", \"image\", \"video\", \"audio\"")]
    [InlineData("modalities = 'text'", "upstreams.u.modalities", "a list of strings")]
    [InlineData("retries = 6", "upstreams.u.retries", "from 0 to 5")]
    [InlineData("retries = -1", "upstreams.u.retries", "from 0 to 5")]
    [InlineData("connect_timeout_secs = 0", "upstreams.u.connect_timeout_secs", "above 0")]
    [InlineData("first_byte_timeout_secs = 0", "upstreams.u.first_byte_timeout_secs", "above 0")]
    [InlineData("idle_timeout_secs = -1", "upstreams.u.idle_timeout_secs", "above 0")]
    [InlineData("max_concurrency = 0", "upstreams.u.max_concurrency", "at least 1")]
    [InlineData("strip_reasoning = 'all'", "upstreams.u.strip_reasoning", "\"leading\", \"prefilled\", \"anywhere\", \"off\"")]
    [InlineData("proxy = 'proxy.test:8080'", "upstreams.u.proxy", "absolute URL")]
    [InlineData("proxy = 'ftp://proxy.test'", "upstreams.u.proxy", "absolute URL")]
    [InlineData("api_key_from = 'caller'", "upstreams.u.api_key_from", "\"client\"")]
    [InlineData("api_key_from = 'client'\napi_key = 'k'", "upstreams.u.api_key_from", "not both")]
    [InlineData("api_key_from = 'client'\napi_key_env = 'KEY'", "upstreams.u.api_key_from", "not both")]
    [InlineData("api_key_from = 'client'\nbasic_auth_user = 'u'\nbasic_auth_pass_env = 'P'", "upstreams.u.api_key_from", "not both")]
    [InlineData("api_key_from = 'client'\nheaders = { X-Api-Key = 'k' }", "upstreams.u.api_key_from", "X-Api-Key would go instead")]
    [InlineData("health = 'model'", "upstreams.u.health", "\"models\", \"none\" or a path")]
    [InlineData("health = 'http://u.test/health'", "upstreams.u.health", "a path")]
    [InlineData("health = '/he alth'", "upstreams.u.health", "a path")]
    [InlineData("health = true", "upstreams.u.health", "a path")]
    [InlineData("headers = { Host = 'x' }", "upstreams.u.headers.Host", "gateway itself")]
    [InlineData("headers = { Content-Type = 'x' }", "upstreams.u.headers.Content-Type", "gateway itself")]
    [InlineData("headers = { transfer-encoding = 'x' }", "upstreams.u.headers.transfer-encoding", "gateway itself")]
    [InlineData("headers = { CONNECTION = 'x' }", "upstreams.u.headers.CONNECTION", "gateway itself")]
    [InlineData("headers = { 'a b' = 'x' }", "upstreams.u.headers.\"a b\"", "no header name")]
    [InlineData("headers = { a = \"x\\ny\" }", "upstreams.u.headers.a", "printable ASCII")]
    [InlineData("headers = { a = 1 }", "upstreams.u.headers.a", "printable ASCII")]
    [InlineData("headers = { a = 'x', A = 'y' }", "upstreams.u.headers.A", "duplicate")]
    [InlineData("price = { input = -1, output = 1 }", "upstreams.u.price.input", "from 0 to 1000000")]
    [InlineData("price = { input = 1 }", "upstreams.u.price.output", "is required")]
    [InlineData("price = 1", "upstreams.u.price", "a table")]
    [InlineData("hedge = { after = 'p99' }", "upstreams.u.hedge.after", "\"p95\" or a number of seconds above 0")]
    [InlineData("hedge = { after = 0 }", "upstreams.u.hedge.after", "above 0")]
    [InlineData("hedge = { budget = 1.1 }", "upstreams.u.hedge.budget", "from 0 to 1")]
    [InlineData("hedge = { with = 'x' }", "upstreams.u.hedge.with", "'x' is not a defined upstream")]
    [InlineData("hedge = { afte = 1 }", "upstreams.u.hedge.afte", "no key")]
    [InlineData("openai = { reasoning_effort = 'max' }", "upstreams.u.openai.reasoning_effort", "\"none\", \"minimal\", \"low\"")]
    [InlineData("openai = { max_tokens_param = 'limit' }", "upstreams.u.openai.max_tokens_param", "\"max_completion_tokens\"")]
    [InlineData("openai = { drop_params = [true] }", "upstreams.u.openai.drop_params[0]", "a string")]
    [InlineData("protocol = 'anthropic'\nanthropic = { thinking = 'on' }", "upstreams.u.anthropic.thinking", "\"adaptive\", \"enabled\", \"off\"")]
    [InlineData("protocol = 'anthropic'\nanthropic = { thinking = 'enabled', budget_tokens = 0 }", "upstreams.u.anthropic.budget_tokens", "at least 1")]
    [InlineData("chat_template_kwargs = []", "upstreams.u.chat_template_kwargs", "a table")]
    public void Refused_settings_name_key_and_reason(string lines, string key, string message)
    {
        var problem = Loading.Error(Upstream(lines), ("K", "k"), ("P", "p"));

        problem.Key.Should().Be(key);
        problem.Message.Should().Contain(message);
        problem.Line.Should().BeGreaterThan(5);
    }

    [Theory]
    [InlineData("model_id", "''")]
    [InlineData("base_url", "''")]
    [InlineData("context", "0")]
    [InlineData("context", "-5")]
    [InlineData("max_output", "0")]
    public void Required_values_have_a_range(string key, string value)
    {
        var lines = new Dictionary<string, string> { ["model_id"] = "'m'", ["base_url"] = "'http://u.test'", ["context"] = "100", ["max_output"] = "10" };
        lines[key] = value;

        Loading.Error("[upstreams.u]\n" + string.Join('\n', lines.Select(l => $"{l.Key} = {l.Value}"))).Key.Should().Be($"upstreams.u.{key}");
    }

    [Fact]
    public void Everything_missing_is_named_at_once()
    {
        var result = Loading.Load("\n[upstreams.u]");

        result.Errors.Select(e => e.Key).Should().BeEquivalentTo("upstreams.u.model_id", "upstreams.u.base_url", "upstreams.u.context", "upstreams.u.max_output");
        result.Errors.Should().OnlyContain(e => e.Line == 2 && e.Column == 12);
    }

    [Fact]
    public void Empty_keys_count_as_no_keys()
    {
        Loading.Clean(Upstream("api_key = ''\napi_key_env = ''")).Upstreams.Single().Credentials.Should().Be(new UpstreamCredentials());
    }

    [Fact]
    public void A_literal_key_stands_in_for_a_missing_variable()
    {
        Loading.Clean(Upstream("api_key = 'k'\napi_key_env = 'NOT_THERE'")).Upstreams.Should().ContainSingle();
    }

    [Theory]
    [InlineData("api_key_env = 'KEY'", "upstreams.u.api_key_env", "upstream 'u' has no key: the environment variable KEY is not set")]
    [InlineData("basic_auth_user = 'u'\nbasic_auth_pass_env = 'PASS'", "upstreams.u.basic_auth_pass_env", "PASS")]
    [InlineData("protocol = 'anthropic'\nbasic_auth_user = 'u'\nbasic_auth_pass = 'p'", "upstreams.u.basic_auth_user", "no effect")]
    [InlineData("protocol = 'anthropic'\nanthropic = { effort = 'low' }", "upstreams.u.anthropic.effort", "no effect")]
    [InlineData("protocol = 'anthropic'\nanthropic = { thinking = 'adaptive', budget_tokens = 1 }", "upstreams.u.anthropic.budget_tokens", "no effect")]
    [InlineData("chat_template_kwargs = { a = 1 }", "upstreams.u.chat_template_kwargs", "never sent")]
    [InlineData("request_overrides = { stream = false }", "upstreams.u.request_overrides.stream", "the gateway's own")]
    [InlineData("request_overrides = { messages = [] }", "upstreams.u.request_overrides.messages", "the gateway's own")]
    [InlineData("request_overrides = { model = 'x' }", "upstreams.u.request_overrides.model", "the gateway's own")]
    public void Doubtful_settings_are_warnings(string lines, string key, string message)
    {
        var warning = Loading.Warning(Upstream(lines));

        warning.Key.Should().Be(key);
        warning.Message.Should().Contain(message);
        warning.Severity.Should().Be(ProblemSeverity.Warning);
    }

    [Fact]
    public void Output_as_large_as_the_window_is_doubted()
    {
        Loading.Warning("[upstreams.u]\nmodel_id='m'\nbase_url='http://u.test/v1'\ncontext=100\nmax_output=100").Key.Should().Be("upstreams.u.max_output");
    }

    [Fact]
    public void Windows_beyond_counting_are_cut_with_a_warning()
    {
        var text = "[upstreams.u]\nmodel_id='m'\nbase_url='http://u.test/v1'\ncontext=9999999999\nmax_output=100";

        Loading.Warning(text).Key.Should().Be("upstreams.u.context");
        Loading.Valid(text).Upstreams.Single().Context.Should().Be(int.MaxValue);
    }

    private static string Upstream(string lines) =>
        $"[upstreams.u]\nmodel_id = 'm'\nbase_url = 'http://u.test/v1'\ncontext = 8192\nmax_output = 512\n{lines}\n";
}
