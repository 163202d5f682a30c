using Synthwave.Chat;
using Synthwave.Chat.Bodies;
using Synthwave.Chat.Memory;
using Synthwave.Configuration;
using Synthwave.Json;
using Synthwave.Telemetry.Conventions;
using Synthwave.Telemetry.Reports;
using Synthwave.Telemetry.Tracing;
using Synthwave.Upstreams.Connections;
using Synthwave.Upstreams.Faults;
using Synthwave.Upstreams.Learned;
using Synthwave.Upstreams.Protocols;

namespace Synthwave.Upstreams.Calls;

/// <summary>
/// One configured upstream. A call is admitted (configuration, credentials, a free place, breaker), prepared once, and exchanged as often as its
/// allowance permits; what comes of it is a value. Thread-safe.
/// </summary>
internal sealed partial class UpstreamClient : IUpstream
{
    private readonly UpstreamContext _context;
    private readonly UpstreamConnection _connection;
    private readonly RetryPipeline _retry;
    private readonly IUpstreamProtocol _protocol;
    private readonly HttpExchange? _exchange;

    /// <param name="config">What the operator wrote.</param>
    /// <param name="state">Shared with the client this one replaces.</param>
    /// <param name="connection">Shared with every upstream of the same connection identity.</param>
    /// <param name="context">Clock, environment, randomness.</param>
    /// <param name="limits">Largest buffered replies.</param>
    public UpstreamClient(UpstreamConfig config, UpstreamState state, UpstreamConnection connection, UpstreamContext context, ReplyLimits limits)
    {
        Config = config;
        Secrets = new ConfiguredSecrets(new GatewayConfig { Upstreams = [config] }, context.Environment);
        State = state;
        _connection = connection;
        _context = context;
        _retry = new RetryPipeline(config.Retries, config.MaxRetryWait, context.Time, context.Randomizer);
        _protocol = UpstreamProtocols.Of(config, state, context.Time);
        Endpoint = UpstreamConnection.IsUsableProxy(config.Proxy) ? UpstreamEndpoint.Parse(config.BaseUrl) : null;
        _exchange = Endpoint is not null ? new HttpExchange(config, Endpoint, _protocol, context, limits) : null;
    }

    public UpstreamConfig Config { get; }

    /// <summary>What no words of the upstream may repeat; unless it is given, what its own configuration holds.</summary>
    public ConfiguredSecrets Secrets { get; init; }

    public UpstreamState State { get; }

    /// <summary>Null = the base URL or the proxy is none.</summary>
    public UpstreamEndpoint? Endpoint { get; }

    public IUpstreamProtocol Protocol => _protocol;

    public bool Speaks(UpstreamOperation operation) => _exchange?.Speaks(operation) ?? true;

    public bool ContinuesTexts => State.ContinuesTexts;

    public RestReason? Resting => State.Resting;

    public LatencyQuantiles Latency => State.Latency;

    public LatencyQuantiles FirstContent => State.FirstContent;

    public TokenCalibration Calibration => State.Calibration;

    public HedgeBudget HedgeBudget => State.HedgeBudget;

    public StragglerRecord Stragglers => State.Stragglers;

    /// <inheritdoc/>
    public void NoteDraft(bool wasCut)
    {
        var wasLate = Stragglers.IsLate;
        if (Stragglers.Note(wasCut) is { } cut)
        {
            LogStraggler(_context.Logger, Config.Name, cut, StragglerRecord.Window);
        }

        if (Stragglers.IsLate is var isLate && isLate != wasLate)
        {
            LogLate(_context.Logger, Config.Name, isLate ? "was cut three times in a row: where the others are enough for a quorum, nobody waits for it" : "is in time again");
        }
    }

    /// <inheritdoc/>
    public async Task<UpstreamReply> CallAsync(UpstreamCall call, DispatchReport report, CancellationToken cancellationToken)
    {
        var record = call.Failed?.Report ?? Begin(call, report);
        record.Reopen();
        var span = Spans.StartCall(record, Config, call.Operation is UpstreamOperation.Embeddings ? GenAi.Operations.Embeddings : GenAi.Operations.Chat);
        if (cancellationToken.IsCancellationRequested)
        {
            record.Complete(CallOutcome.Cancelled, new UpstreamFault(UpstreamFaultKind.Cancelled).ReportReason(), _context.Time.GetTimestamp());
            Spans.EndCall(span, record);
            cancellationToken.ThrowIfCancellationRequested();
        }

        var refusal = Judge(call, report.Caller, out var exchange, out var secrets);
        try
        {
            refusal ??= State.Places.TryEnter(Config.MaxConcurrency) ? Admit(call) : await QueueAsync(call, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            record.Complete(CallOutcome.Cancelled, new UpstreamFault(UpstreamFaultKind.Cancelled).ReportReason(), _context.Time.GetTimestamp());
            Spans.EndCall(span, record);
            throw;
        }

        if (refusal is not null)
        {
            // Where no further attempt can be made, the reason is what went before.
            refusal = call.Failed?.Fault ?? refusal;
            record.Complete(CallOutcome.Failed, refusal.ReportReason(), _context.Time.GetTimestamp());
            Spans.EndCall(span, record);
            return new FaultedUpstreamReply(refusal) { Call = record };
        }

        var flight = new CallInFlight(State, _connection, _context, record, span, call.Deadline.Remaining, cancellationToken)
        {
            Asked = new(call.Operation is UpstreamOperation.Chat ? call.Conversation ?? call.Body : null, report.Caller.Owner) { Memory = report.Memory },
            Given = call.Operation is UpstreamOperation.Chat ? call.Body : null,
            PromptTokens = call.PromptTokens,
            Question = call.Conversation ?? call.Body,
            Client = report.Client,
            Caller = report.Caller,
            Memory = report.Memory,
            Secrets = Secrets,
            HasCallersKey = Config.Credentials.FromCaller,
            IsHurried = call.Deadline.IsHurried,
        };
        var isKept = false;
        var written = 0L;
        try
        {
            // Overrides and options are about chat; elsewhere only the model has another name.
            var body = call.Operation is UpstreamOperation.Chat
                ? _protocol.Prepare(call.Body, call.Stream, Config, report.Caller.Owner)
                : call.Body.Without("x_meta_model").With("model", JsonText.Quote(Config.ModelId));
            if (body is not null && call.Operation is UpstreamOperation.Chat && _protocol.LeavesOut(call.Body, body, Config) is { Count: > 0 } leftOut)
            {
                // What the gateway itself asks for is nobody's loss.
                record.LeftOut = call.Conversation is { } client ? [.. leftOut.Where(n => client.TryGet(n, out _))] : leftOut;
            }

            // A large conversation in another protocol's words is as large again.
            var anew = body is { Length: > MemoryBudget.Flat } ? body.BytesBeside(call.Conversation ?? call.Body) : 0;
            var fits = anew == 0 || await flight.Memory.TakeAsync(anew, cancellationToken).ConfigureAwait(false);
            written = fits ? anew : 0;
            var reply = body is null ? new FaultedUpstreamReply(new UpstreamFault(UpstreamFaultKind.BadRequest))
                : !fits ? new FaultedUpstreamReply(new UpstreamFault(UpstreamFaultKind.NoMemory))
                : call.Failed is { } failed ? new FaultedUpstreamReply(failed.Fault)
                : await exchange!.SendAsync(flight, body, call.Operation, call.Stream, secrets).ConfigureAwait(false);
            body = fits ? body : null;
            if (body is not null && reply is FaultedUpstreamReply { Fault.IsAboutReasoning: true } && PrepareAgain(body, call, report.Caller.Owner) is { } other)
            {
                body = other;
                reply = await exchange!.SendAsync(flight, body, call.Operation, call.Stream, secrets).ConfigureAwait(false);
            }

            if (body is not null && reply is FaultedUpstreamReply && call.MayRetry && Config.Retries > 0)
            {
                reply = await RetryAsync(reply, exchange!, body, flight, call, secrets).ConfigureAwait(false);
            }

            isKept = reply is StreamingUpstreamReply;
            if (reply is FaultedUpstreamReply { Fault: var fault })
            {
                flight.Fail(fault);
            }
            else if (!isKept)
            {
                flight.Succeed();
            }

            reply.Call = record;
            return reply;
        }
        finally
        {
            flight.Memory.Give(written);
            if (!isKept)
            {
                flight.Dispose();
            }
        }
    }

    // With what the refusal taught, and once: null = it would be the same again, or comes too late.
    private ChatBody? PrepareAgain(ChatBody refused, UpstreamCall call, string? owner) =>
        call.Operation is UpstreamOperation.Chat && call.Failed is null && !call.Deadline.IsOver
            && _protocol.Prepare(call.Body, call.Stream, Config, owner) is { } other && !other.ToArray().AsSpan().SequenceEqual(refused.ToArray())
                ? other
                : null;

    /// <summary>The gateway's own credentials as they are set now, which are none where the callers bring theirs; null = a variable they depend on is not set, or the key cannot be sent.</summary>
    public UpstreamSecrets? ReadSecrets() => UpstreamSecrets.Read(Config.Credentials, _context.Environment);

    private CallReport Begin(UpstreamCall call, DispatchReport report)
    {
        var record = new CallReport(call.Role, call.Label ?? Config.Name, Config.ModelId, _context.Time.GetTimestamp()) { Streamed = call.Stream, IsHedge = call.IsHedge };
        report.AddCall(record);
        record.Gaps = call.Stream ? _context.FollowStream(record) : null;
        return record;
    }

    private UpstreamSecrets? SecretsFor(Caller caller) =>
        !Config.Credentials.FromCaller ? ReadSecrets()
        : caller.Key is { } key ? new UpstreamSecrets(key, null)
        : null;

    // The order is from what will not change by itself to what may change any moment.
    private UpstreamFault? Judge(UpstreamCall call, Caller caller, out HttpExchange? exchange, out UpstreamSecrets secrets)
    {
        secrets = default;
        exchange = _exchange;
        if (exchange is null || !exchange.Speaks(call.Operation))
        {
            return new UpstreamFault(UpstreamFaultKind.Misconfigured);
        }

        if (SecretsFor(caller) is not { } found)
        {
            return new UpstreamFault(Config.Credentials.FromCaller ? UpstreamFaultKind.CallerKeyMissing : UpstreamFaultKind.AuthUnconfigured);
        }

        secrets = found;
        return call.Deadline.IsOver ? new UpstreamFault(UpstreamFaultKind.TimedOut) : null;
    }

    // Nobody waits for a place at an upstream that would not be asked. The wait is part of the call's time.
    private async ValueTask<UpstreamFault?> QueueAsync(UpstreamCall call, CancellationToken cancellationToken)
    {
        var longest = call.Deadline.Remaining is var remaining && remaining < Config.Queue ? remaining : Config.Queue;
        if (longest <= TimeSpan.Zero || (!call.IsLastChance && State.Resting is not null)
            || !await State.Places.EnterAsync(Config.MaxConcurrency ?? int.MaxValue, longest, cancellationToken).ConfigureAwait(false))
        {
            return new UpstreamFault(UpstreamFaultKind.Overloaded);
        }

        return Admit(call);
    }

    // In a place, which is given back where the call is not made.
    private UpstreamFault? Admit(UpstreamCall call)
    {
        // A call that goes on asks the breaker after its wait.
        if (call.Failed is not null || State.TryCall(call.IsLastChance) is not { } reason)
        {
            return null;
        }

        State.Places.Leave();
        return reason is RestReason.RateLimited
            ? new UpstreamFault(UpstreamFaultKind.RateLimited) { RetryAfter = State.Rest.Remaining }
            : new UpstreamFault(UpstreamFaultKind.CircuitOpen) { RetryAfter = State.Breaker.RemainingRest };
    }

    private async ValueTask<UpstreamReply> RetryAsync(
        UpstreamReply first, HttpExchange exchange, ChatBody body, CallInFlight flight, UpstreamCall call, UpstreamSecrets secrets)
    {
        var attempts = new Attempts(this, exchange, flight, call, body, secrets) { Last = first };
        try
        {
            return await _retry.RunAsync(first, flight.Report.Attempts, call.Deadline, static (a, wait) => a.TakeRetry(wait), static a => a.NextAsync(), attempts, flight.Clock.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (flight.Clock.TimedOut)
        {
            // The deadline ended a wait between two attempts: what went before it is the reason.
            return attempts.Last;
        }
    }

    [LoggerMessage(221, LogLevel.Warning,
        "Generator {Upstream} was cut in {Cut} of its last {Window} calls: its drafts come too late to count. Raise max_grace_secs or patience, or drop it.")]
    private static partial void LogStraggler(ILogger logger, string upstream, int cut, int window);

    [LoggerMessage(223, LogLevel.Information, "Generator {Upstream} {What}.")]
    private static partial void LogLate(ILogger logger, string upstream, string what);

    /// <summary>The further exchanges of one call, one after the other.</summary>
    private sealed class Attempts(UpstreamClient owner, HttpExchange exchange, CallInFlight flight, UpstreamCall call, ChatBody body, UpstreamSecrets secrets)
    {
        public required UpstreamReply Last { get; set; }

        /// <summary>Asked before the wait: one that ends at a breaker which is still open would be in vain, and so would the allowance for it.</summary>
        public bool TakeRetry(TimeSpan wait) =>
            (call.IsLastChance || owner.State.Breaker.RemainingRest <= wait) && (call.TakeRetry?.Invoke() ?? true);

        public async ValueTask<UpstreamReply> NextAsync()
        {
            // Other calls may have opened the breaker during the wait.
            return owner.State.Breaker.TryEnter(call.IsLastChance)
                ? Last = await exchange.SendAsync(flight, body, call.Operation, call.Stream, secrets).ConfigureAwait(false)
                : Last;
        }
    }
}
