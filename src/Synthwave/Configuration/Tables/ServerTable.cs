using Synthwave.Configuration.Schema;

namespace Synthwave.Configuration.Tables;

/// <summary><c>[server]</c>.</summary>
internal static class ServerTable
{
    public static readonly Table<ServerConfig> Keys = new("[server]", new ServerConfig());

    public static readonly ConfigKey<string> Host = Keys.Add(
        new TextKey("host", "address to listen on"),
        s => s.Host,
        (s, v) => s with { Host = v });

    public static readonly ConfigKey<int> Port = Keys.Add(
        new IntegerKey("port", "TCP port to listen on", 1, 65535),
        s => s.Port,
        (s, v) => s with { Port = v });

    public static readonly ConfigKey<string> PathPrefix = Keys.AddOptional(
        new PathPrefixKey("path_prefix", "what every path starts with, for a gateway behind a path of a proxy")
        {
            Details = "Clients' base URLs then end in /llm/v1. Only /healthz is served without it too, for container probes.",
            Example = "\"/llm\"",
        },
        s => s.PathPrefix,
        (s, v) => s with { PathPrefix = v.Length > 0 ? v : null });

    public static readonly ConfigKey<LogThreshold> LogLevel = Keys.Add(
        new ChoiceKey<LogThreshold>(
            "log_level",
            "least severe lines that are logged",
            ("debug", LogThreshold.Debug),
            ("info", LogThreshold.Info),
            ("warning", LogThreshold.Warning),
            ("error", LogThreshold.Error)),
        s => s.LogLevel,
        (s, v) => s with { LogLevel = v });

    public static readonly ConfigKey<LogFormat> Format = Keys.Add(
        new ChoiceKey<LogFormat>(
            "log_format",
            "shape of log lines; auto is text on a terminal, else JSON",
            ("auto", LogFormat.Auto),
            ("json", LogFormat.Json),
            ("text", LogFormat.Text)),
        s => s.LogFormat,
        (s, v) => s with { LogFormat = v });

    public static readonly ConfigKey<TimeSpan> RequestTimeout = Keys.Add(
        new SecondsKey("request_timeout_secs", "time for a whole JSON answer, and for a stream until its first content", NumberRange.Above(0)) { Whole = true },
        s => s.RequestTimeout,
        (s, v) => s with { RequestTimeout = v });

    public static readonly ConfigKey<TimeSpan> StreamHeadGrace = Keys.Add(
        new SecondsKey("stream_head_grace_secs", "how long a stream's head waits for the first event; 0 = no waiting", new NumberRange(0, 60))
        {
            Details = "Failures before the head leaves keep their HTTP status.",
        },
        s => s.StreamHeadGrace,
        (s, v) => s with { StreamHeadGrace = v });

    public static readonly ConfigKey<TimeSpan> Heartbeat = Keys.Add(
        new SecondsKey("heartbeat_secs", "silence in a stream after which a heartbeat comment leaves", NumberRange.Above(0, 60)),
        s => s.Heartbeat,
        (s, v) => s with { Heartbeat = v });

    public static readonly ConfigKey<TimeSpan> MaxStream = Keys.Add(
        new SecondsKey("max_stream_secs", "end of a stream counted from its start; 0 = none", new NumberRange(0)),
        s => s.MaxStream,
        (s, v) => s with { MaxStream = v });

    public static readonly ConfigKey<long> MaxBody = Keys.Add(
        new MebibytesKey("max_body_mb", "largest request body, MiB", 1, 1024),
        s => s.MaxBodyBytes,
        (s, v) => s with { MaxBodyBytes = v });

    public static readonly ConfigKey<long> MaxReply = Keys.Add(
        new MebibytesKey("max_reply_mb", "largest buffered upstream reply, MiB", 1, 1024),
        s => s.MaxReplyBytes,
        (s, v) => s with { MaxReplyBytes = v });

    public static readonly ConfigKey<long> MaxEmbeddings = Keys.Add(
        new MebibytesKey("max_embeddings_mb", "largest upstream reply to an embeddings request, MiB", 1, 1024)
        {
            Details = "2,048 vectors of 3,072 numbers take 60 to 140 MiB as JSON numbers, 34 MiB as base64.",
        },
        s => s.MaxEmbeddingsBytes,
        (s, v) => s with { MaxEmbeddingsBytes = v });

    public static readonly ConfigKey<long> MaxMemory = Keys.AddOptional(
        new MebibytesKey("max_memory_mb", "memory for requests in work and for what outlives them, MiB", 64, 1_048_576)
        {
            WhenAbsent = "three fifths of the memory the process may use, at least 256",
            Details = "What outlives requests is taken off first: stored responses (response_store_mb, a quarter at most), reasoning that upstreams want back (32, a sixteenth at most), "
                + "descriptions of images (8), the journal (4, with prompts and answers up to 128 more). Requests get the rest, which the log tells at start: bodies, buffered replies, "
                + "drafts, what streams hold back, and 32 KB each. When that is full a request waits up to 2 seconds and is then answered 503 with Retry-After. One client holds "
                + "half of it, and never more than three quarters.",
            Example = "2048",
        },
        s => s.MaxMemoryBytes,
        (s, v) => s with { MaxMemoryBytes = v });

    public static readonly ConfigKey<int> MaxMediaParts = Keys.Add(
        new IntegerKey("max_media_parts", "image, video and audio parts of one request", 1, 10_000),
        s => s.MaxMediaParts,
        (s, v) => s with { MaxMediaParts = v });

    public static readonly ConfigKey<long> MaxMedia = Keys.Add(
        new MebibytesKey("max_media_mb", "largest image, video or audio inside a request, decoded, MiB", 1, 1024),
        s => s.MaxMediaBytes,
        (s, v) => s with { MaxMediaBytes = v });

    public static readonly ConfigKey<long> ResponseStore = Keys.Add(
        new MebibytesKey("response_store_mb", "memory for responses that previous_response_id may name, MiB; 0 = none is kept", 0, 65536)
        {
            Details = "The oldest go first. At most a quarter of max_memory_mb is used. They live in this process: another replica does not know them.",
        },
        s => s.ResponseStoreBytes,
        (s, v) => s with { ResponseStoreBytes = v });

    public static readonly ConfigKey<TimeSpan> ResponseTtl = Keys.Add(
        new SecondsKey("response_ttl_secs", "how long a response is kept", NumberRange.Above(0, 31_536_000)),
        s => s.ResponseTtl,
        (s, v) => s with { ResponseTtl = v });

    public static readonly ConfigKey<int> MaxConcurrentRequests = Keys.Add(
        new IntegerKey("max_concurrent_requests", "requests in work at once; 0 = no limit", 0) { Details = "One more is answered 503." },
        s => s.MaxConcurrentRequests,
        (s, v) => s with { MaxConcurrentRequests = v });

    public static readonly ConfigKey<int> MaxConcurrentPerClient = Keys.AddOptional(
        new IntegerKey("max_concurrent_per_client", "requests of one client in work at once; 0 = no limit", 0)
        {
            WhenAbsent = "three quarters of max_concurrent_requests where that is 100 or more, else no limit",
            Details = "One more is answered 429. A client is the address it comes from (of IPv6 the network, 64 bits): behind a proxy all clients may come from one.",
            Example = "100",
        },
        s => s.MaxConcurrentPerClient,
        (s, v) => s with { MaxConcurrentPerClient = v });

    public static readonly ConfigKey<TimeSpan> Drain = Keys.Add(
        new SecondsKey("drain_secs", "after SIGTERM, how long connections are still accepted while /v1/health says 503", new NumberRange(0, 120))
        {
            Details = "Balancers need this time to send their traffic elsewhere. Ctrl+C (SIGINT) does not wait for it.",
        },
        s => s.Drain,
        (s, v) => s with { Drain = v });

    public static readonly ConfigKey<TimeSpan> ShutdownGrace = Keys.Add(
        new SecondsKey("shutdown_grace_secs", "time for requests in flight after the drain", new NumberRange(0, 600))
        {
            Details = "A stop takes at most drain_secs, this and a second: what kills the process must wait longer.",
        },
        s => s.ShutdownGrace,
        (s, v) => s with { ShutdownGrace = v });

    public static readonly ConfigKey<Secret> BearerToken = Keys.AddOptional(
        new SecretKey("bearer_token", "token clients must send")
        {
            IsSecret = true,
            WhenAbsent = "anyone who reaches the port may call",
            Details = "It is sent as \"Authorization: Bearer …\". An empty one says that none is wanted; a reload takes a token away only where that is written.",
            Example = "\"change-me\"",
        },
        s => s.BearerToken,
        (s, v) => s with { BearerToken = v.Reveal().Trim() is { Length: > 0 } token ? new Secret(token) : null });

    public static readonly ConfigKey<string> BearerTokenEnv = Keys.AddOptional(
        new TextKey("bearer_token_env", "environment variable holding the token; beats bearer_token") { Example = "\"SYNTHWAVE_TOKEN\"" },
        s => s.BearerTokenEnv,
        (s, v) => s with { BearerTokenEnv = Trimmed(v) });

    public static readonly ConfigKey<SecretFile> BearerTokenFile = Keys.AddOptional(
        new SecretFileKey("bearer_token_file", "file holding the token, such as a mounted secret; beats bearer_token")
        {
            Details = "Its last line break does not count, and a change of it does. A token that is named and not there keeps the gateway from starting.",
            Example = "\"/run/secrets/synthwave-token\"",
        },
        s => s.BearerTokenFile,
        (s, v) => s with { BearerTokenFile = v });

    public static readonly ConfigKey<Secret> AdminToken = Keys.AddOptional(
        new SecretKey("admin_token", "token that opens /admin")
        {
            IsSecret = true,
            WhenAbsent = "/admin answers this machine only, and nothing that came through a proxy",
            Details = "/admin shows running and finished requests, upstreams and the configuration in force. It is another token than the clients': neither opens the other's door.",
            Example = "\"change-me-too\"",
        },
        s => s.AdminToken,
        (s, v) => s with { AdminToken = v.Reveal().Trim() is { Length: > 0 } token ? new Secret(token) : null });

    public static readonly ConfigKey<string> AdminTokenEnv = Keys.AddOptional(
        new TextKey("admin_token_env", "environment variable holding the admin token; beats admin_token") { Example = "\"SYNTHWAVE_ADMIN_TOKEN\"" },
        s => s.AdminTokenEnv,
        (s, v) => s with { AdminTokenEnv = Trimmed(v) });

    public static readonly ConfigKey<SecretFile> AdminTokenFile = Keys.AddOptional(
        new SecretFileKey("admin_token_file", "file holding the admin token; beats admin_token") { Example = "\"/run/secrets/synthwave-admin-token\"" },
        s => s.AdminTokenFile,
        (s, v) => s with { AdminTokenFile = v });

    public static readonly ConfigKey<bool> AllowOpen = Keys.Add(
        new FlagKey("allow_open", "whether a gateway without a token may listen beyond this machine, and answers under every name")
        {
            Details = "Without a token and without this key the gateway starts on loopback addresses only, and a request must call the gateway by localhost, an IP address, a name without a dot, one that ends in .localhost, .local, "
                + ".internal or .home.arpa, or by server.host; any other name is answered 403, since anybody could let it point here and have browsers call it (DNS rebinding). "
                + "What needs no token anyway, such as /healthz and /metrics, is answered under every name. With or without this key, as long as there is no token, web pages of other origins than "
                + "this machine's are answered only where cors_allow_origins names theirs.",
        },
        s => s.AllowOpen,
        (s, v) => s with { AllowOpen = v });

    public static readonly ConfigKey<bool> ProtectMetrics = Keys.Add(
        new FlagKey("protect_metrics", "whether /metrics needs the token too"),
        s => s.ProtectMetrics,
        (s, v) => s with { ProtectMetrics = v });

    public static readonly TextListKey CorsAllowOrigins = Keys.Add(
        new TextListKey("cors_allow_origins", "browser origins that may call; \"*\" = all, [] = none")
        {
            Details = "Without a token \"*\" means pages of this machine (http://localhost:3000), and others must be named; \"null\" never counts then.",
        },
        s => s.CorsAllowOrigins,
        (s, v) => s with { CorsAllowOrigins = v });

    public static readonly TextListKey ForwardHeaders = Keys.Add(
        new TextListKey("forward_headers", "client headers that are passed on to every upstream")
        {
            IsUnique = true,
            Details = "Headers that carry keys or cookies, or belong to one connection or body, cannot be among them; an upstream's own headers win. "
                + "No other header of a client goes anywhere: traceparent, tracestate and baggage neither, unless they are named. Where traces are exported, traceparent names the gateway's own span.",
            Example = "[\"x-team\"]",
        },
        s => s.ForwardHeaders,
        (s, v) => s with { ForwardHeaders = v });

    public static readonly ConfigKey<TimeSpan> ProbeInterval = Keys.Add(
        new SecondsKey("health_probe_interval_sec", "seconds between health probes, and how long a result counts", NumberRange.Above(0, 300)),
        s => s.HealthProbeInterval,
        (s, v) => s with { HealthProbeInterval = v });

    public static readonly ConfigKey<TimeSpan> ProbeTimeout = Keys.Add(
        new SecondsKey("health_probe_timeout_sec", "time limit of one health probe", NumberRange.Above(0, 60)),
        s => s.HealthProbeTimeout,
        (s, v) => s with { HealthProbeTimeout = v });

    public static readonly ConfigKey<HealthPolicy> Policy = Keys.Add(
        new ChoiceKey<HealthPolicy>(
            "health_policy",
            "healthy means all upstreams up, or every profile able to answer",
            ("all", HealthPolicy.All),
            ("serviceable", HealthPolicy.Serviceable)),
        s => s.HealthPolicy,
        (s, v) => s with { HealthPolicy = v });

    public static readonly ConfigKey<string> ModelName = Keys.AddOptional(
        new TextKey("model_name", "the one public model name, the brand")
        {
            Details = "It is listed first in /v1/models and written into every answer. It may equal an alias and then means that alias's profile; "
                + "otherwise it means model_name_profile, or the first profile of the file that does not vote.",
            Example = "\"synthwave-1\"",
        },
        s => s.ModelName,
        (s, v) => s with { ModelName = Trimmed(v) });

    public static readonly ConfigKey<string> ModelNameProfile = Keys.AddOptional(
        new TextKey("model_name_profile", "profile the brand resolves to") { Example = "\"ensemble\"" },
        s => s.ModelNameProfile,
        (s, v) => s with { ModelNameProfile = v });

    public static readonly ConfigKey<string> SystemPrompt = Keys.AddOptional(
        new TextKey("system_prompt", "system message put before every chat request") { Example = "\"Answer in the language of the question.\"" },
        s => s.SystemPrompt,
        (s, v) => s with { SystemPrompt = Trimmed(v) });

    private static string? Trimmed(string text) => text.Trim() is { Length: > 0 } trimmed ? trimmed : null;
}
