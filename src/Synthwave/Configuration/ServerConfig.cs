using System.Collections.Immutable;

namespace Synthwave.Configuration;

/// <summary><c>[server]</c>: how the gateway listens, protects itself and presents itself.</summary>
internal sealed record ServerConfig
{
    /// <summary>From so many <see cref="MaxConcurrentRequests"/> on no client may hold them all, where the operator does not say otherwise.</summary>
    private const int FewestShared = 100;

    public string Host { get; init; } = "127.0.0.1";

    /// <summary>1–65535.</summary>
    public int Port { get; init; } = 8400;

    /// <summary>What every path starts with, as in <c>/llm</c>; null = nothing.</summary>
    public string? PathPrefix { get; init; }

    public LogThreshold LogLevel { get; init; } = LogThreshold.Info;

    public LogFormat LogFormat { get; init; } = LogFormat.Auto;

    /// <summary>Time for a whole JSON answer, and for a stream until its first content. Above zero.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(600);

    /// <summary>End of a stream counted from the request's start, once its first content is out; <see cref="TimeSpan.Zero"/> = none.</summary>
    public TimeSpan MaxStream { get; init; } = TimeSpan.FromSeconds(3600);

    /// <summary>How long a stream's head waits for the first event; zero = no waiting.</summary>
    public TimeSpan StreamHeadGrace { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>A heartbeat comment leaves when nothing else did for so long. Above zero, at most 60 s.</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>After SIGTERM connections are still accepted for so long, while readiness says no. Zero = refused at once.</summary>
    public TimeSpan Drain { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Requests in flight get so long to finish, counted from the moment no more are accepted.</summary>
    public TimeSpan ShutdownGrace { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Largest request body, bytes.</summary>
    public long MaxBodyBytes { get; init; } = 64L * 1024 * 1024;

    /// <summary>Largest buffered upstream reply, bytes.</summary>
    public long MaxReplyBytes { get; init; } = 64L * 1024 * 1024;

    /// <summary>Largest upstream reply to an embeddings request, bytes.</summary>
    public long MaxEmbeddingsBytes { get; init; } = 256L * 1024 * 1024;

    /// <summary>What all requests together may hold in memory, bytes; null = three fifths of what the process may use.</summary>
    public long? MaxMemoryBytes { get; init; }

    /// <summary>Image, video and audio parts of one request. At least 1.</summary>
    public int MaxMediaParts { get; init; } = 100;

    /// <summary>Largest image, video or audio sent inside a request, decoded, bytes.</summary>
    public long MaxMediaBytes { get; init; } = 32L * 1024 * 1024;

    /// <summary>Memory for responses that can be asked for again, bytes; 0 = none is kept.</summary>
    public long ResponseStoreBytes { get; init; } = 64L * 1024 * 1024;

    /// <summary>How long a response is kept. Above zero.</summary>
    public TimeSpan ResponseTtl { get; init; } = TimeSpan.FromHours(24);

    /// <summary>POSTs in work at once; 0 = no limit.</summary>
    public int MaxConcurrentRequests { get; init; } = 10_000;

    /// <summary>POSTs of one client in work at once; 0 = no limit, null = as <see cref="ClientPlaces"/> says.</summary>
    public int? MaxConcurrentPerClient { get; init; }

    /// <summary>
    /// What one client may hold of the places for requests in work: at most <c>Most</c> of those that are counted, 0 = all. The first <c>Uncounted</c> are not, unless the operator
    /// set the limit: with half of all places and a quarter that is not counted nobody holds more than three quarters, and it costs nothing until a quarter is taken. So few
    /// places that a single client is likely to be all there is are not shared out.
    /// </summary>
    public (int Most, int Uncounted) ClientPlaces =>
        MaxConcurrentPerClient is { } own ? (MaxConcurrentRequests == 0 || own < MaxConcurrentRequests ? own : 0, 0)
        : MaxConcurrentRequests >= FewestShared ? (MaxConcurrentRequests / 2, MaxConcurrentRequests / 4)
        : (0, 0);

    /// <summary>Whether the gateway is meant to be open: without a token it then answers under every name.</summary>
    public bool AllowOpen { get; init; }

    /// <summary>The operator wrote an empty <c>bearer_token</c>, and named no other: there is none on purpose.</summary>
    public bool TokenIsOff { get; init; }

    /// <summary>Literal token, trimmed; null = none.</summary>
    public Secret? BearerToken { get; init; }

    /// <summary>Variable that beats the others when set and not empty.</summary>
    public string? BearerTokenEnv { get; init; }

    /// <summary>File that beats <see cref="BearerToken"/> when it holds a token.</summary>
    public SecretFile? BearerTokenFile { get; init; }

    /// <summary>Literal token of <c>/admin</c>, trimmed; null = none.</summary>
    public Secret? AdminToken { get; init; }

    /// <summary>Variable that beats the other admin tokens when set and not empty.</summary>
    public string? AdminTokenEnv { get; init; }

    /// <summary>File that beats <see cref="AdminToken"/> when it holds a token.</summary>
    public SecretFile? AdminTokenFile { get; init; }

    /// <summary>Whether <c>/metrics</c> needs the token too.</summary>
    public bool ProtectMetrics { get; init; }

    /// <summary>Period and cache lifetime of health probes. Above zero, at most 300 s.</summary>
    public TimeSpan HealthProbeInterval { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Above zero, at most 60 s.</summary>
    public TimeSpan HealthProbeTimeout { get; init; } = TimeSpan.FromSeconds(5);

    public HealthPolicy HealthPolicy { get; init; } = HealthPolicy.All;

    /// <summary>The brand: one public model name. Trimmed; null = none.</summary>
    public string? ModelName { get; init; }

    /// <summary>The profile the brand resolves to; null = an alias equal to the brand, else the first non-voting profile.</summary>
    public string? ModelNameProfile { get; init; }

    /// <summary>Exact origins, or <c>*</c> anywhere for all; empty = none.</summary>
    public ImmutableArray<string> CorsAllowOrigins { get; init; } = ["*"];

    /// <summary>Names of client headers that are passed on to every upstream, as written.</summary>
    public ImmutableArray<string> ForwardHeaders { get; init; } = [];

    /// <summary>Prepended to every chat request as a system message. Trimmed; null = off.</summary>
    public string? SystemPrompt { get; init; }
}

internal enum LogThreshold { Debug, Info, Warning, Error }

/// <summary><see cref="Auto"/> writes text on a terminal, else JSON.</summary>
internal enum LogFormat { Auto, Json, Text }

/// <summary><see cref="Serviceable"/> answers 200 while every profile still has a way to answer.</summary>
internal enum HealthPolicy { All, Serviceable }
