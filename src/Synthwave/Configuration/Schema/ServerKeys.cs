namespace Synthwave.Configuration.Schema;

/// <summary><c>[server]</c> and <c>[features]</c>.</summary>
internal static class ServerKeys
{
    public static readonly TextKey Host = new("host", "address to listen on");
    public static readonly IntegerKey Port = new("port", "TCP port to listen on", 1, 65535);
    public static readonly ChoiceKey<LogThreshold> LogLevel = new(
        "log_level",
        "least severe lines that are logged",
        ("debug", LogThreshold.Debug),
        ("info", LogThreshold.Info),
        ("warning", LogThreshold.Warning),
        ("error", LogThreshold.Error));

    public static readonly ChoiceKey<LogFormat> Format = new(
        "log_format",
        "shape of log lines; auto is text on a terminal, else JSON",
        ("auto", LogFormat.Auto),
        ("json", LogFormat.Json),
        ("text", LogFormat.Text));

    public static readonly SecondsKey RequestTimeout = new("request_timeout_secs", "time for a whole JSON answer, and for a stream until its first content", NumberRange.Above(0)) { Whole = true };
    public static readonly SecondsKey MaxStream = new("max_stream_secs", "end of a stream counted from its start; 0 = none", new NumberRange(0));
    public static readonly SecondsKey StreamHeadGrace = new("stream_head_grace_secs", "how long a stream's head waits for the first event; 0 = no waiting", new NumberRange(0, 60));
    public static readonly SecondsKey Heartbeat = new("heartbeat_secs", "silence in a stream after which a heartbeat comment leaves", NumberRange.Above(0, 60));
    public static readonly SecondsKey ShutdownGrace = new("shutdown_grace_secs", "time for requests in flight after SIGTERM", new NumberRange(0, 600));
    public static readonly IntegerKey MaxBody = new("max_body_mb", "largest request body, MiB", 1, 1024);
    public static readonly IntegerKey MaxReply = new("max_reply_mb", "largest buffered upstream reply, MiB", 1, 1024);
    public static readonly IntegerKey MaxMediaParts = new("max_media_parts", "image, video and audio parts of one request", 1, 10_000);
    public static readonly IntegerKey MaxMedia = new("max_media_mb", "largest image, video or audio inside a request, decoded, MiB", 1, 1024);
    public static readonly IntegerKey ResponseStore = new("response_store_mb", "memory for responses that previous_response_id may name, MiB; 0 = none is kept", 0, 65536);
    public static readonly SecondsKey ResponseTtl = new("response_ttl_secs", "how long a response is kept", NumberRange.Above(0, 31_536_000));
    public static readonly IntegerKey MaxConcurrentRequests = new("max_concurrent_requests", "requests in work at once; 0 = no limit", 0);
    public static readonly TextKey BearerToken = new("bearer_token", "token clients must send") { IsSecret = true };
    public static readonly TextKey BearerTokenEnv = new("bearer_token_env", "environment variable holding the token; beats bearer_token");
    public static readonly FlagKey ProtectMetrics = new("protect_metrics", "whether /metrics needs the token too");
    public static readonly SecondsKey ProbeInterval = new("health_probe_interval_sec", "seconds between health probes, and how long a result counts", NumberRange.Above(0, 300));
    public static readonly SecondsKey ProbeTimeout = new("health_probe_timeout_sec", "time limit of one health probe", NumberRange.Above(0, 60));
    public static readonly ChoiceKey<HealthPolicy> Policy = new(
        "health_policy",
        "healthy means all upstreams up, or every profile able to answer",
        ("all", HealthPolicy.All),
        ("serviceable", HealthPolicy.Serviceable));

    public static readonly TextKey ModelName = new("model_name", "the one public model name, the brand");
    public static readonly TextKey ModelNameProfile = new("model_name_profile", "profile the brand resolves to");
    public static readonly TextListKey CorsAllowOrigins = new("cors_allow_origins", "browser origins that may call; \"*\" = all, [] = none");
    public static readonly TextKey SystemPrompt = new("system_prompt", "system message put before every chat request");

    public static readonly TableSchema Schema = new(
        "[server]",
        Host,
        Port,
        LogLevel,
        Format,
        RequestTimeout,
        StreamHeadGrace,
        Heartbeat,
        MaxStream,
        MaxBody,
        MaxReply,
        MaxMediaParts,
        MaxMedia,
        ResponseStore,
        ResponseTtl,
        MaxConcurrentRequests,
        ShutdownGrace,
        BearerToken,
        BearerTokenEnv,
        ProtectMetrics,
        CorsAllowOrigins,
        ProbeInterval,
        ProbeTimeout,
        Policy,
        ModelName,
        ModelNameProfile,
        SystemPrompt);

    public static readonly FlagKey Voting = new("voting", "whether voting profiles are listed and callable");

    public static readonly TableSchema Features = new("[features]", Voting);
}
