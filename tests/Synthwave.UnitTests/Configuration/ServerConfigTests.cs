using Synthwave.Configuration;
using Synthwave.Configuration.Loading;

namespace Synthwave.UnitTests.Configuration;

public sealed class ServerConfigTests
{
    [Theory]
    [InlineData("/llm", "/llm")]
    [InlineData("/llm/", "/llm")]
    [InlineData("/a-b/c.d_e~1", "/a-b/c.d_e~1")]
    [InlineData("/", null)]
    [InlineData("", null)]
    public void A_path_prefix_has_no_slash_at_its_end(string written, string? read)
    {
        Loading.Clean($"[server]\npath_prefix = '{written}'").Server.PathPrefix.Should().Be(read);
    }

    [Theory]
    [InlineData("'llm'")]
    [InlineData("'/llm?x'")]
    [InlineData("'/a//b'")]
    [InlineData("'//a'")]
    [InlineData("'/../a'")]
    [InlineData("'/a/.'")]
    [InlineData("'/a b'")]
    [InlineData("'/a%20b'")]
    [InlineData("'/é'")]
    [InlineData("'/{x}'")]
    [InlineData("'http://h/llm'")]
    [InlineData("'/healthz'")]
    [InlineData("7")]
    public void An_odd_path_prefix_is_refused(string written)
    {
        var problem = Loading.Error($"[server]\npath_prefix = {written}");

        (problem.Line, problem.Column, problem.Key).Should().Be((2, 15, "server.path_prefix"));
    }

    [Fact]
    public void Empty_file_is_valid_and_all_defaults()
    {
        var config = Loading.Clean("");

        config.Should().BeEquivalentTo(new GatewayConfig { SourcePath = Loading.FileName });
    }

    [Fact]
    public void Every_server_key_is_read()
    {
        var server = Loading.Clean("""
            [server]
            host = "0.0.0.0"
            port = 9000
            log_level = "warning"
            log_format = "json"
            request_timeout_secs = 30
            stream_head_grace_secs = 0
            heartbeat_secs = 2.5
            max_stream_secs = 0
            max_body_mb = 1
            max_reply_mb = 1024
            max_memory_mb = 64
            max_concurrent_requests = 0
            max_concurrent_per_client = 9
            allow_open = true
            drain_secs = 120
            forward_headers = ["X-Team", "anthropic-beta"]
            shutdown_grace_secs = 600
            bearer_token = "  token  "
            bearer_token_env = "TOKEN"
            protect_metrics = true
            cors_allow_origins = ["https://a.test", "https://b.test"]
            health_probe_interval_sec = 300
            health_probe_timeout_sec = 60
            health_policy = "serviceable"
            system_prompt = "  Be brief. "
            """, ("TOKEN", "x")).Server;

        server.Should().BeEquivalentTo(new ServerConfig
        {
            Host = "0.0.0.0",
            Port = 9000,
            LogLevel = LogThreshold.Warning,
            LogFormat = LogFormat.Json,
            RequestTimeout = TimeSpan.FromSeconds(30),
            StreamHeadGrace = TimeSpan.Zero,
            Heartbeat = TimeSpan.FromSeconds(2.5),
            MaxStream = TimeSpan.Zero,
            MaxBodyBytes = 1024 * 1024,
            MaxReplyBytes = 1024L * 1024 * 1024,
            MaxMemoryBytes = 64 * 1024 * 1024,
            MaxConcurrentRequests = 0,
            MaxConcurrentPerClient = 9,
            AllowOpen = true,
            Drain = TimeSpan.FromSeconds(120),
            ForwardHeaders = ["X-Team", "anthropic-beta"],
            ShutdownGrace = TimeSpan.FromSeconds(600),
            BearerToken = new Secret("token"),
            BearerTokenEnv = "TOKEN",
            ProtectMetrics = true,
            CorsAllowOrigins = ["https://a.test", "https://b.test"],
            HealthProbeInterval = TimeSpan.FromSeconds(300),
            HealthProbeTimeout = TimeSpan.FromSeconds(60),
            HealthPolicy = HealthPolicy.Serviceable,
            SystemPrompt = "Be brief.",
        });
    }

    [Theory]
    [InlineData("port = 8400.0")]
    [InlineData("port = \"8400\"")]
    [InlineData("port = \" +8_400 \"")]
    [InlineData("port = \"8400.0\"")]
    public void Integers_are_taken_from_whole_floats_and_numeric_strings(string line)
    {
        Loading.Clean($"[server]\n{line}").Server.Port.Should().Be(8400);
    }

    [Fact]
    public void True_counts_as_one_with_a_warning()
    {
        const string Text = "[server]\nport = true\nheartbeat_secs = true";

        Loading.Valid(Text).Server.Should().BeEquivalentTo(new { Port = 1, Heartbeat = TimeSpan.FromSeconds(1) });
        Loading.Load(Text).Warnings.Select(w => w.Message).Should().Equal("true is no number; it counts as 1", "true is no number; it counts as 1");
    }

    [Theory]
    [InlineData("15")]
    [InlineData("\"15\"")]
    [InlineData("\"1.5e1\"")]
    [InlineData("\" 15. \"")]
    public void Floats_are_taken_from_integers_and_numeric_strings(string value)
    {
        Loading.Clean($"[server]\nhealth_probe_interval_sec = {value}").Server.HealthProbeInterval.Should().Be(TimeSpan.FromSeconds(15));
    }

    [Theory]
    [InlineData("true", true)]
    [InlineData("1", true)]
    [InlineData("1.0", true)]
    [InlineData("\"YES\"", true)]
    [InlineData("\"on\"", true)]
    [InlineData("\"t\"", true)]
    [InlineData("\"Y\"", true)]
    [InlineData("\"1\"", true)]
    [InlineData("0", false)]
    [InlineData("-0.0", false)]
    [InlineData("\"False\"", false)]
    [InlineData("\"no\"", false)]
    [InlineData("\"OFF\"", false)]
    [InlineData("\"f\"", false)]
    [InlineData("\"n\"", false)]
    [InlineData("\"0\"", false)]
    public void Booleans_are_taken_from_words_and_digits(string value, bool expected)
    {
        Loading.Clean($"[features]\nvoting = {value}").VotingEnabled.Should().Be(expected);
    }

    [Theory]
    [InlineData("[features]\nvoting = 2", "features.voting", "true or false; found 2")]
    [InlineData("[features]\nvoting = \"maybe\"", "features.voting", "true or false; found \"maybe\"")]
    [InlineData("[server]\nport = 0", "server.port", "from 1 to 65535; found 0")]
    [InlineData("[server]\nport = 65536", "server.port", "from 1 to 65535")]
    [InlineData("[server]\nport = 8400.5", "server.port", "from 1 to 65535; found 8400.5")]
    [InlineData("[server]\nport = \"http\"", "server.port", "from 1 to 65535; found \"http\"")]
    [InlineData("[server]\nport = \"8400.5\"", "server.port", "from 1 to 65535")]
    [InlineData("[server]\nport = \"\"", "server.port", "from 1 to 65535")]
    [InlineData("[server]\nport = \"_1\"", "server.port", "from 1 to 65535")]
    [InlineData("[server]\nport = \"99999999999999999999\"", "server.port", "from 1 to 65535")]
    [InlineData("[server]\nport = [1]", "server.port", "from 1 to 65535; found an array")]
    [InlineData("[server]\nhost = 1", "server.host", "a string; found 1")]
    [InlineData("[server]\nlog_level = \"INFO\"", "server.log_level", "\"debug\", \"info\", \"warning\", \"error\"")]
    [InlineData("[server]\nlog_format = \"xml\"", "server.log_format", "\"auto\", \"json\", \"text\"")]
    [InlineData("[server]\nhealth_policy = \"any\"", "server.health_policy", "\"all\", \"serviceable\"")]
    [InlineData("[server]\nrequest_timeout_secs = 0", "server.request_timeout_secs", "above 0")]
    [InlineData("[server]\nrequest_timeout_secs = 0.5", "server.request_timeout_secs", "a whole number of seconds above 0")]
    [InlineData("[server]\nhealth_probe_interval_sec = 0", "server.health_probe_interval_sec", "above 0, at most 300")]
    [InlineData("[server]\nhealth_probe_interval_sec = 300.1", "server.health_probe_interval_sec", "above 0, at most 300")]
    [InlineData("[server]\nhealth_probe_timeout_sec = 61", "server.health_probe_timeout_sec", "above 0, at most 60")]
    [InlineData("[server]\nhealth_probe_timeout_sec = nan", "server.health_probe_timeout_sec", "found nan")]
    [InlineData("[server]\nhealth_probe_interval_sec = inf", "server.health_probe_interval_sec", "found inf")]
    [InlineData("[server]\nhealth_probe_interval_sec = \"inf\"", "server.health_probe_interval_sec", "at most 300")]
    [InlineData("[server]\nstream_head_grace_secs = 60.5", "server.stream_head_grace_secs", "from 0 to 60")]
    [InlineData("[server]\nstream_head_grace_secs = -1", "server.stream_head_grace_secs", "from 0 to 60")]
    [InlineData("[server]\nheartbeat_secs = 0", "server.heartbeat_secs", "above 0, at most 60")]
    [InlineData("[server]\nmax_stream_secs = -1", "server.max_stream_secs", "of at least 0")]
    [InlineData("[server]\nmax_body_mb = 0", "server.max_body_mb", "from 1 to 1024")]
    [InlineData("[server]\nmax_reply_mb = 1025", "server.max_reply_mb", "from 1 to 1024")]
    [InlineData("[server]\nmax_memory_mb = 0", "server.max_memory_mb", "from 64 to 1048576")]
    [InlineData("[server]\nmax_memory_mb = 1048577", "server.max_memory_mb", "from 64 to 1048576")]
    [InlineData("[server]\nmax_concurrent_requests = -1", "server.max_concurrent_requests", "at least 0")]
    [InlineData("[server]\nmax_concurrent_per_client = -1", "server.max_concurrent_per_client", "at least 0")]
    [InlineData("[server]\nforward_headers = ['Authorization']", "server.forward_headers", "cannot hold Authorization")]
    [InlineData("[server]\nforward_headers = ['x-api-key']", "server.forward_headers", "cannot hold")]
    [InlineData("[server]\nforward_headers = ['api-key']", "server.forward_headers", "cannot hold")]
    [InlineData("[server]\nforward_headers = ['Cookie']", "server.forward_headers", "cannot hold")]
    [InlineData("[server]\nforward_headers = ['host']", "server.forward_headers", "cannot hold")]
    [InlineData("[server]\nforward_headers = ['Content-Type']", "server.forward_headers", "cannot hold")]
    [InlineData("[server]\nforward_headers = ['content-length']", "server.forward_headers", "cannot hold")]
    [InlineData("[server]\nforward_headers = ['Transfer-Encoding']", "server.forward_headers", "cannot hold")]
    [InlineData("[server]\nforward_headers = ['connection']", "server.forward_headers", "cannot hold")]
    [InlineData("[server]\nforward_headers = ['te']", "server.forward_headers", "cannot hold")]
    [InlineData("[server]\nforward_headers = ['upgrade']", "server.forward_headers", "cannot hold")]
    [InlineData("[server]\nforward_headers = ['proxy-authorization']", "server.forward_headers", "cannot hold")]
    [InlineData("[server]\nforward_headers = ['accept-encoding']", "server.forward_headers", "cannot hold")]
    [InlineData("[server]\nforward_headers = ['']", "server.forward_headers", "no header name")]
    [InlineData("[server]\nforward_headers = ['x team']", "server.forward_headers", "no header name")]
    [InlineData("[server]\nforward_headers = ['x-team:']", "server.forward_headers", "no header name")]
    [InlineData("[server]\ndrain_secs = 121", "server.drain_secs", "from 0 to 120")]
    [InlineData("[server]\ndrain_secs = -1", "server.drain_secs", "from 0 to 120")]
    [InlineData("[server]\nshutdown_grace_secs = 601", "server.shutdown_grace_secs", "from 0 to 600")]
    [InlineData("[server]\ncors_allow_origins = \"*\"", "server.cors_allow_origins", "a list of strings")]
    [InlineData("[server]\ncors_allow_origins = [1]", "server.cors_allow_origins[0]", "must be a string; found an integer")]
    [InlineData("server = 1", "server", "a table; found 1")]
    [InlineData("[[server]]", "server", "a table; found an array")]
    public void A_refused_value_names_its_range(string text, string key, string message)
    {
        var problem = Loading.Error(text);

        problem.Key.Should().Be(key);
        problem.Message.Should().Contain(message);
    }

    [Fact]
    public void A_refused_secret_is_not_shown()
    {
        Loading.Error("[server]\nbearer_token = 123456789").ToString().Should().NotContain("123456789").And.Contain("found an integer");
    }

    [Theory]
    [InlineData("model_name = \" \"")]
    [InlineData("system_prompt = \"\\n\"")]
    public void Blank_texts_count_as_absent(string line)
    {
        Loading.Clean($"[server]\n{line}").Server.Should().BeEquivalentTo(new ServerConfig());
    }

    [Theory]
    [InlineData("''")]
    [InlineData("'  '")]
    public void An_empty_token_is_off_and_says_so(string written)
    {
        var text = $"[server]\nbearer_token = {written}";

        var warning = Loading.Warning(text);

        (warning.Line, warning.Key).Should().Be((2, "server.bearer_token"));
        warning.Message.Should().Contain("anyone who reaches the port may call");
        var server = Loading.Valid(text).Server;
        (server.TokenIsOff, AccessToken.Read(server, _ => null)).Should().Be((true, null));
    }

    [Theory]
    [InlineData("")]
    [InlineData("bearer_token = 't'")]
    [InlineData("bearer_token = ''\nbearer_token_env = 'T'")]
    public void Elsewhere_it_is_not_off(string lines) => Loading.Valid($"[server]\n{lines}", ("T", "t")).Server.TokenIsOff.Should().BeFalse();

    [Theory]
    [InlineData("bearer_token_env = ''", "server.bearer_token_env", "names no variable")]
    [InlineData("bearer_token_env = '  '", "server.bearer_token_env", "names no variable")]
    [InlineData("bearer_token_env = '${NOTHING:-}'", "server.bearer_token_env", "takes the name of a variable")]
    [InlineData("bearer_token_file = ''", "server.bearer_token_file", "the path of a file")]
    [InlineData("bearer_token = 'gehe\u00efm'", "server.bearer_token", "outside ASCII")]
    [InlineData("bearer_token = '${ACCENT}'", "server.bearer_token", "outside ASCII")]
    [InlineData("bearer_token_env = 'ACCENT'", "server.bearer_token_env", "outside ASCII")]
    [InlineData("bearer_token_env = 'ACCENT'\nbearer_token = 't'", "server.bearer_token_env", "outside ASCII")]
    [InlineData("bearer_token_env = 'LINES'", "server.bearer_token_env", "a line break")]
    public void A_token_that_nobody_can_send_or_find_is_an_error(string lines, string key, string message)
    {
        var problem = Loading.Error($"[server]\n{lines}", ("ACCENT", "S\u00c9SAME"), ("LINES", "a\nb"));

        problem.Key.Should().Be(key);
        problem.Message.Should().Contain(message);
        problem.ToString().Should().NotContain("SAME").And.NotContain("gehe");
    }

    [Theory]
    [InlineData("", 5000, 2500)]
    [InlineData("max_concurrent_requests = 100", 50, 25)]
    [InlineData("max_concurrent_requests = 99", 0, 0)]
    [InlineData("max_concurrent_requests = 0", 0, 0)]
    [InlineData("max_concurrent_per_client = 0", 0, 0)]
    [InlineData("max_concurrent_per_client = 7", 7, 0)]
    [InlineData("max_concurrent_per_client = 7\nmax_concurrent_requests = 0", 7, 0)]
    [InlineData("max_concurrent_per_client = 7\nmax_concurrent_requests = 7", 0, 0)]
    public void One_client_may_hold_a_share_of_the_places(string lines, int most, int uncounted) =>
        Loading.Clean($"[server]\n{lines}").Server.ClientPlaces.Should().Be((most, uncounted));

    [Fact]
    public void No_cors_origin_at_all_can_be_said()
    {
        Loading.Clean("[server]\ncors_allow_origins = []").Server.CorsAllowOrigins.Should().BeEmpty();
    }

    [Fact]
    public void Durations_beyond_any_timer_are_cut_with_a_warning()
    {
        const string Text = "[server]\nrequest_timeout_secs = 99999999999";

        Loading.Warning(Text).Message.Should().Contain("30 days");
        Loading.Valid(Text).Server.RequestTimeout.Should().Be(TimeSpan.FromDays(30));
    }

    [Theory]
    [InlineData("health_probe_interval_sec = 1", "server.health_probe_interval_sec", "longer than the time between")]
    [InlineData("health_probe_interval_sec = 1\nhealth_probe_timeout_sec = 2", "server.health_probe_timeout_sec", "longer than the time between")]
    [InlineData("protect_metrics = true", "server.protect_metrics", "no token")]
    [InlineData("model_name_profile = \"p\"", "server.model_name_profile", "no effect")]
    [InlineData("model_name = \"brand\"", "server.model_name", "no profile answers")]
    public void Doubtful_settings_are_warnings(string line, string key, string message)
    {
        var text = $"[server]\n{line}\n[upstreams.a]\nmodel_id='m'\nbase_url='http://a.test/v1'\ncontext=8192\nmax_output=1\n";
        text += line.Contains("model_name_profile", StringComparison.Ordinal) ? "[profiles.p]\ntype='cascade'\nupstreams=['a']" : "";

        var warning = Loading.Warning(text);

        warning.Key.Should().Be(key);
        warning.Message.Should().Contain(message);
        warning.ToString().Should().StartWith($"m.toml:{warning.Line}:{warning.Column} {key}: warning: ");
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("1.5", 1.5)]
    [InlineData(" 30 ", 30d)]
    [InlineData("0", 0d)]
    [InlineData("-3", 0d)]
    [InlineData("inf", 2_592_000d)]
    public void The_grace_variable_is_the_grace_of_ensembles_without_their_own(string value, double? seconds)
    {
        var config = Loading.Valid(
            Loading.TwoUpstreams + """
                [server]
                request_timeout_secs = 2592000
                [profiles.env]
                type = "moa"
                generators = ["a"]
                synthesizer = "b"
                [profiles.own]
                type = "moa"
                generators = ["a"]
                synthesizer = "b"
                grace_secs = 7
                """,
            (ConfigLoader.GraceVariable, value));

        config.Profiles.Cast<MoaProfileConfig>().Select(p => p.Grace?.TotalSeconds).Should().Equal(seconds, 7d);
    }

    [Theory]
    [InlineData("soon")]
    [InlineData("nan")]
    [InlineData("1,5")]
    public void An_unreadable_grace_variable_is_a_problem(string value)
    {
        var problem = Loading.Error("", (ConfigLoader.GraceVariable, value));

        problem.ToString().Should().StartWith("TK_MOA_QUORUM_GRACE_SECS: the environment variable must be a number of seconds");
    }
}
