namespace Synthwave.Proof.Hostile;

/// <summary>A gateway that is treated badly, in this process or in one of its own.</summary>
/// <param name="Address">Where it listens.</param>
/// <param name="Seed">Of every input.</param>
internal sealed record HostileTarget(Uri Address, ulong Seed)
{
    /// <summary>Whether upstreams may have failed so often that calls to them are refused: then a refusal is no fault of the gateway's.</summary>
    public bool HasFailingUpstreams { get; init; }

    /// <summary>What clients show.</summary>
    public const string Token = "gateway-token-canary-5f1d7c";

    /// <summary>What upstreams are shown.</summary>
    public const string Key = "sk-upstream-key-canary-9b3e2a4c6d";

    /// <summary>The configuration, with every upstream at one address.</summary>
    /// <param name="upstream">Where they are.</param>
    /// <param name="server">Further lines of <c>[server]</c>.</param>
    /// <param name="largestReply">MiB.</param>
    /// <param name="token">The line that names the token.</param>
    public static string Toml(string upstream, string server = "", int largestReply = 4, string token = $"bearer_token = \"{Token}\"") => $"""
        [server]
        {token}
        max_body_mb = 1
        max_reply_mb = {largestReply}
        request_timeout_secs = 3
        max_stream_secs = 3
        stream_head_grace_secs = 0.2
        heartbeat_secs = 1
        health_probe_interval_sec = 300
        {server}
        [features]
        voting = true
        {string.Concat("abcs".Select(n => Upstream(n.ToString(), upstream, "completions = true")))}
        {Upstream("claude", upstream, "protocol = \"anthropic\"")}
        [profiles.cascade]
        type = "cascade"
        upstreams = ["a", "b"]
        [profiles.moa]
        type = "moa"
        generators = ["a", "b", "claude"]
        synthesizer = "s"
        max_grace_secs = 1
        [profiles.best]
        type = "moa"
        synthesis_mode = "best-of"
        generators = ["a", "b"]
        synthesizer = "s"
        max_grace_secs = 1
        [profiles.jury]
        type = "voting"
        upstreams = ["a", "b", "c"]
        aggregation = "majority"

        """;

    private static string Upstream(string name, string baseUrl, string more) => $"""
        [upstreams.{name}]
        model_id = "{name}"
        base_url = "{baseUrl}"
        api_key = "{Key}"
        context = 65536
        max_output = 4096
        proxy = "none"
        retries = 0
        first_byte_timeout_secs = 1
        idle_timeout_secs = 1
        {more}

        """;
}
