using Synthwave.Chat.Completions;
using Synthwave.Configuration;
using Synthwave.Telemetry.Conventions;

namespace Synthwave.Telemetry.Reports;

/// <summary>
/// What happened to one upstream call. Filled by the call itself; written by one task at a time, read by others only after <see cref="Complete"/>.
/// Times are <see cref="TimeProvider"/> timestamps.
/// </summary>
internal sealed class CallReport(CallRole role, string upstream, string model, long startedAt)
{
    public CallRole Role { get; } = role;

    /// <summary>The upstream's name in the file; a second sample of one upstream is <c>a#2</c>.</summary>
    public string Upstream { get; } = upstream;

    /// <summary>The upstream this call goes to, set when it starts; null = unknown, then nothing is priced.</summary>
    public UpstreamConfig? Config { get; set; }

    /// <summary>What is asked of the upstream, one of <see cref="GenAi.Operations"/>; set when the call starts.</summary>
    public string Operation { get; set; } = GenAi.Operations.Chat;

    /// <summary>The upstream's name in the file without a sample's suffix: the metrics label.</summary>
    public string UpstreamName => Config?.Name ?? Upstream;

    /// <summary>The configured <c>model_id</c>.</summary>
    public string Model { get; } = model;

    public long StartedAt { get; } = startedAt;

    public long? FirstByteAt { get; set; }

    /// <summary>When the first visible content arrived; null = never, or a buffered call.</summary>
    public long? FirstContentAt { get; set; }

    /// <summary>Told of every piece of a streamed call's output; null = nobody wants to know.</summary>
    public IPieceObserver? Gaps { get; set; }

    public long? EndedAt { get; private set; }

    public CallOutcome Outcome { get; private set; } = CallOutcome.Running;

    /// <summary>Closed set: <c>timeout transport non_2xx non_json cancelled undeclared_tool dual_shape_response tool_required_unmet tool_choice_unmet auth_unconfigured context blank refused too_large stream_broken circuit_open rate_limited late overloaded</c>; null = success.</summary>
    public string? Reason { get; private set; }

    /// <summary>What the upstream said of its failure, redacted; empty = nothing. For logs: it may speak of the operator's affairs.</summary>
    public string Detail { get; set; } = "";

    /// <summary>Closed set: <c>refused dns tls reset proxy</c>; null = the transport did not fail, or nobody knows where.</summary>
    public string? Transport { get; set; }

    /// <summary>HTTP status the upstream answered with; null = none.</summary>
    public int? Status { get; set; }

    /// <summary>HTTP exchanges made, retries included; 0 = refused before any (breaker, limit, missing key).</summary>
    public int Attempts { get; set; }

    /// <summary>Of <see cref="Attempts"/>, those that never arrived or were refused with an error status: nothing was generated, nothing is charged.</summary>
    public int FreeAttempts { get; set; }

    /// <summary>As reported by the upstream; null = unknown.</summary>
    public TokenUsage? Usage { get; set; }

    /// <summary>What a stream said about its prompt at its start, where its provider does; null = nothing, or not yet.</summary>
    public TokenUsage? EarlyUsage { get; set; }

    /// <summary>Members of the request that the upstream was not told, in the client's words.</summary>
    public IReadOnlyList<string> LeftOut { get; set; } = [];

    /// <summary>The name the model gave itself; null = unknown.</summary>
    public string? ResponseModel { get; set; }

    public string? FinishReason { get; set; }

    public bool Streamed { get; set; }

    /// <summary>The answer's text came from a reasoning field.</summary>
    public bool Rescued { get; set; }

    /// <summary>The second call of a hedge.</summary>
    public bool IsHedge { get; set; }

    /// <summary>Of a hedge: the answer is this call's.</summary>
    public bool HasWon { get; set; }

    /// <summary>
    /// Whether the tokens of every exchange of this call are known: the last one reported them and those before it were free. What an upstream charges
    /// for a call that was cancelled, timed out or broke off is unknown, whatever it had reported by then.
    /// </summary>
    public bool UsageIsKnown => Attempts == FreeAttempts || (Usage is not null && WasHeardOut && Attempts == FreeAttempts + 1);

    private bool WasHeardOut => Outcome != CallOutcome.Cancelled && Reason is not ("timeout" or "transport" or "stream_broken" or "too_large");

    /// <summary>What the call cost, USD; null = no price, or usage unknown. A call that never reached the upstream, or was refused by it, costs nothing.</summary>
    public decimal? CostUsd => (UsageIsKnown, Usage, Config?.Price) switch
    {
        (false, _, _) => null,
        (_, null, _) => 0m,
        (_, { } usage, { } price) => CallCost.Of(usage, price),
        _ => null,
    };

    /// <summary>Ends the call once; later calls change nothing, so that a stream's disposal after its end is harmless.</summary>
    public void Complete(CallOutcome outcome, string? reason, long endedAt)
    {
        EndedAt ??= endedAt;
        if (Outcome != CallOutcome.Running)
        {
            return;
        }

        Outcome = outcome;
        Reason = reason;
    }

    /// <summary>The call begins, or goes on with another attempt: what an earlier one said is no part of the answer.</summary>
    public void Reopen()
    {
        (Outcome, Reason, EndedAt, Status) = (CallOutcome.Running, null, null, null);
        (FirstByteAt, FirstContentAt, Usage, EarlyUsage, ResponseModel, FinishReason) = (null, null, null, null, null, null);
        (Detail, Transport) = ("", null);
    }

    /// <summary>A finished call that turns out to be no answer (blank, refused, broken contract).</summary>
    public void Demote(string reason)
    {
        Outcome = CallOutcome.Failed;
        Reason = reason;
    }
}
