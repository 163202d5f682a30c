namespace Synthwave.Upstreams.Faults;

/// <summary>Why an upstream call gave no answer. A value: every kind answers, in one table, whether to retry here, whether another member may help, and what a client is told.</summary>
internal sealed record UpstreamFault(UpstreamFaultKind Kind)
{
    /// <summary>The upstream's HTTP status; null = none was received.</summary>
    public int? Status { get; init; }

    /// <summary>What the upstream asked for, at most an hour; for an open breaker, the time it stays open. Null = unknown.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>What a reply was too large for; null = unknown, or another fault.</summary>
    public SizeLimit? Limit { get; init; }

    /// <summary>The failure happened before the request could be sent: the upstream saw nothing of it.</summary>
    public bool DuringConnect { get; init; }

    /// <summary>
    /// The call ended after the upstream had the whole request and may have worked on it: it is charged for, answered or not. A connection that was kept from an
    /// earlier call and dies at once had died before.
    /// </summary>
    public bool WasWorkedOn { get; init; }

    /// <summary>
    /// The request was refused for reasoning that goes back to the upstream, or does not: something the gateway adds, so that the same call, prepared again, may be another.
    /// </summary>
    public bool IsAboutReasoning { get; init; }

    /// <summary>A stream that was broken off because a clock ran out, not by the other side.</summary>
    public bool IsStall { get; init; }

    /// <summary>A stream we ended because it took longer than <c>max_stream_secs</c>.</summary>
    public bool IsOverlong { get; init; }

    /// <summary>What the upstream said, fit for clients and logs: one line of at most 1,000 characters, keys and URLs replaced. Empty = nothing.</summary>
    public string Sentence { get; init; } = "";

    /// <summary>Which part of the transport failed, where that is known.</summary>
    public TransportTrouble Trouble { get; init; }

    /// <summary>The upstream's body when it is an OpenAI-shaped error object, for relaying verbatim on single-upstream paths; null = anything else.</summary>
    public ReadOnlyMemory<byte>? ErrorBody { get; init; }

    /// <summary>Never where the trouble is the operator's, who is not the one that reads it.</summary>
    public bool MayRelayBody => ErrorBody is not null
        && Kind is not (UpstreamFaultKind.Unauthorized or UpstreamFaultKind.CallerKeyRefused or UpstreamFaultKind.Redirected or UpstreamFaultKind.Billing or UpstreamFaultKind.Region or UpstreamFaultKind.NotInPlan)
        && (Kind is not UpstreamFaultKind.ModelGone || Status is 404);
}

/// <summary>Closed set of failures.</summary>
internal enum UpstreamFaultKind
{
    /// <summary>Connect, DNS, TLS or protocol error, or the connection died before an answer.</summary>
    Unreachable,

    /// <summary>One of the clocks ran out before an answer.</summary>
    TimedOut,

    /// <summary>429; without a status it was not asked, since the rest it had asked for is not over.</summary>
    RateLimited,

    /// <summary>Our own <c>max_concurrency</c> is reached.</summary>
    Overloaded,

    /// <summary>The breaker is open.</summary>
    CircuitOpen,

    /// <summary>400 or 422 whose words are about nothing else.</summary>
    BadRequest,

    /// <summary>413, or words that say that the request does not fit the model's context.</summary>
    ContextTooLong,

    /// <summary>The provider will not talk about this.</summary>
    Moderation,

    /// <summary>401, 403, or words about the key.</summary>
    Unauthorized,

    /// <summary>402, or words about credit.</summary>
    Billing,

    /// <summary>What a day, a week or a plan allows is used up.</summary>
    QuotaWindow,

    /// <summary>The provider does not know the model, or no longer.</summary>
    ModelGone,

    /// <summary>The account may not use the model.</summary>
    NotInPlan,

    /// <summary>The provider does not serve the place the gateway asks from.</summary>
    Region,

    /// <summary>A key variable named in the file is empty.</summary>
    AuthUnconfigured,

    /// <summary>The caller's own key is wanted and was not given.</summary>
    CallerKeyMissing,

    /// <summary>The caller's own key was refused.</summary>
    CallerKeyRefused,

    /// <summary>The configured <c>base_url</c> is no usable URL.</summary>
    Misconfigured,

    /// <summary>3xx.</summary>
    Redirected,

    /// <summary>Any other 4xx (402, 404, 408, 409 …).</summary>
    Rejected,

    /// <summary>5xx.</summary>
    ServerError,

    /// <summary>Not JSON, not an object, no usable shape, broken UTF-8, wrong content type.</summary>
    Malformed,

    /// <summary>Over <c>max_reply_mb</c>, <c>max_embeddings_mb</c> or the event limit.</summary>
    TooLarge,

    /// <summary>The gateway has no memory left for the reply.</summary>
    NoMemory,

    /// <summary>A stream that ended or stalled after its first content, or in an error event.</summary>
    StreamBroken,

    /// <summary>An answer without any visible content.</summary>
    Blank,

    /// <summary>An answer with a refusal for its only content.</summary>
    Refused,

    /// <summary>It called a function the request does not declare.</summary>
    UndeclaredTool,

    /// <summary>A call was required and none was made.</summary>
    ToolRequiredUnmet,

    /// <summary>A call of a certain function was demanded, and something else was done.</summary>
    ToolChoiceUnmet,

    /// <summary>We cancelled it (straggler, loser, client gone).</summary>
    Cancelled,
}
