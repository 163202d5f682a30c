using System.Diagnostics;
using Synthwave.Chat;
using Synthwave.Chat.Bodies;
using Synthwave.Chat.Memory;
using Synthwave.Configuration;
using Synthwave.Telemetry.Reports;
using Synthwave.Telemetry.Tracing;
using Synthwave.Upstreams.Connections;
using Synthwave.Upstreams.Faults;
using Synthwave.Upstreams.Learned;
using Synthwave.Upstreams.Protocols;

namespace Synthwave.Upstreams.Calls;

/// <summary>
/// One call from admission to its end, and everything it holds meanwhile: a place among the upstream's calls, a lease on its connections, its clocks.
/// It ends once: as a success, a failure or a cancellation. Disposing gives back what it holds and counts as cancellation if it had not ended.
/// </summary>
internal sealed partial class CallInFlight : IDisposable
{
    /// <summary>Share of an upstream's calls that must end in a time for it to count as enough.</summary>
    private const double NeededQuantile = 0.95;

    /// <summary>Enough time where that is not known.</summary>
    private static readonly TimeSpan UnknownNeed = TimeSpan.FromSeconds(30);

    private readonly UpstreamState _state;
    private readonly UpstreamConnection.Lease _lease;
    private readonly UpstreamContext _context;
    private readonly Activity? _span;
    private int? _suspect;
    private SecretMasker? _masker;
    private bool _ended;
    private bool _left;
    private bool _disposed;

    /// <summary>Takes over the place in <paramref name="state"/> that the caller has entered, and <paramref name="span"/>, which ends with the call.</summary>
    public CallInFlight(
        UpstreamState state, UpstreamConnection connection, UpstreamContext context, CallReport report, Activity? span, TimeSpan remaining, CancellationToken outer)
    {
        _state = state;
        _context = context;
        Report = report;
        Outer = outer;
        _lease = connection.Rent();
        Clock = new CallClock(context.Time, remaining, outer);
        _span = span;
    }

    public CallReport Report { get; }

    public CallClock Clock { get; }

    /// <summary>The caller's token.</summary>
    public CancellationToken Outer { get; }

    /// <summary>The conversation that the reply answers, and whose it is.</summary>
    public Asking Asked { get; init; }

    /// <summary>The body of a chat call before it was prepared; null = it is none.</summary>
    public ChatBody? Given { get; init; }

    /// <summary>What is asked, whatever the operation, in the words of the client where they are known.</summary>
    public required ChatBody Question { get; init; }

    /// <summary>Whom the request counts for.</summary>
    public ClientIdentity Client { get; init; }

    /// <summary>Who asks.</summary>
    public Caller Caller { get; init; } = Caller.Unknown;

    /// <summary>Out of which replies are taken: the request's.</summary>
    public MemoryShare Memory { get; init; } = MemoryShare.Uncounted;

    /// <summary>What no words of the upstream may repeat.</summary>
    public required ConfiguredSecrets Secrets { get; init; }

    /// <summary>The key the call is made with, where it is the gateway's; empty = none, or not to be looked for in answers.</summary>
    public ReadOnlyMemory<byte> OwnKey { get; set; }

    /// <summary>Whether the call is made with <see cref="Caller"/>'s own key.</summary>
    public bool HasCallersKey { get; init; }

    /// <summary>Estimate of the prompt; null = nothing to be learned from its usage.</summary>
    public int? PromptTokens { get; init; }

    /// <summary>A request's own cap, not the gateway's patience, says when the call must end.</summary>
    public bool IsHurried { get; init; }

    public HttpMessageInvoker Invoker => _lease.Invoker;

    /// <summary>A timestamp.</summary>
    public long Now => _context.Time.GetTimestamp();

    /// <summary>What is left of a span that began at a timestamp; never negative.</summary>
    public TimeSpan LeftOf(TimeSpan span, long since) => _context.Time.GetElapsedTime(since) is var gone && gone < span ? span - gone : TimeSpan.Zero;

    /// <summary>What one exchange says about the upstream's health. A refusal of this one request is a sign of life; a dead or senseless reply is none.</summary>
    public void Note(UpstreamFault? fault)
    {
        if (!IsOfCallersAccount(fault) && HealthBy(fault) is { } told)
        {
            _state.ByCalls.Note(told);
        }

        // What a caller's own account may ask for is about its account.
        if (!IsOfCallersAccount(fault) && fault?.AskedRest() is { } rest && _state.Rest.Begin(rest))
        {
            LogRest(_context.Logger, Report.UpstreamName, Math.Ceiling(rest.TotalSeconds));
        }

        if (fault is null)
        {
            _state.Rest.Answered(Report.StartedAt);
            _state.Breaker.Succeeded();
        }
        else if (fault.CountsForBreaker() && !WasHurried(fault))
        {
            _state.Breaker.Failed(fault.MayBeTheRequests() ? Suspect : null);
        }
        else if (fault.IsSignOfLife())
        {
            _state.Breaker.Succeeded();
        }
    }

    /// <summary>
    /// An error in the words of the upstream: what it means is taken from them as they came, since a secret may be any word; what is told of it holds none that is known.
    /// Costs something: for errors only.
    /// </summary>
    public UpstreamFault Understand(ReadOnlyMemory<byte> words, Func<ReadOnlyMemory<byte>, UpstreamFault> read)
    {
        var understood = read(words);
        var masked = Masker.Known(words);
        if (masked.Equals(words))
        {
            return understood;
        }

        // A document whose labels were masked says something else than it did: then our own words stand for it.
        var told = read(masked);
        var (before, after) = (ErrorDocument.Read(words), ErrorDocument.Read(masked));
        return understood with { Sentence = told.Sentence, ErrorBody = before.Code == after.Code && before.Type == after.Type ? told.ErrorBody : null };
    }

    /// <summary>Words of the upstream without the secrets that are known, and without what looks like one. For words that are relayed as they are; null = they cannot be.</summary>
    public ReadOnlyMemory<byte>? All(ReadOnlyMemory<byte> words) => Masker.All(words);

    /// <summary>
    /// A fault as it may be told. A key that was refused is its owner's affair: the caller's, where it is the caller's. What is relayed of the upstream's words holds no
    /// secret.
    /// </summary>
    public UpstreamFault Attribute(UpstreamFault fault)
    {
        fault = HasCallersKey && fault.Kind is UpstreamFaultKind.Unauthorized ? fault with { Kind = UpstreamFaultKind.CallerKeyRefused } : fault;
        return fault.ErrorBody is { } body ? fault with { ErrorBody = fault.MayRelayBody ? All(body) : null } : fault;
    }

    /// <summary>Notes what one exchange came to, and returns it. What a stream says about the upstream's health shows only as it goes on.</summary>
    public UpstreamReply Judge(UpstreamReply reply)
    {
        switch (reply)
        {
            case FaultedUpstreamReply { Fault: var told }:
                var fault = Attribute(told);
                reply = ReferenceEquals(fault, told) ? reply : new FaultedUpstreamReply(fault);
                Note(fault);
                Report.FreeAttempts += fault.IsFree() ? 1 : 0;
                break;
            case CompleteUpstreamReply:
                Note(null);
                break;
        }

        return reply;
    }

    /// <summary>The first visible content of a stream is here.</summary>
    public void NoteFirstContent()
    {
        Report.FirstContentAt = _context.Time.GetTimestamp();
        _state.FirstContent.Observe(_context.Time.GetElapsedTime(Report.StartedAt, Report.FirstContentAt.Value));
        Note(null);
    }

    public void Succeed()
    {
        if (End(CallOutcome.Succeeded, null))
        {
            _state.Latency.Observe(_context.Time.GetElapsedTime(Report.StartedAt));
            if (PromptTokens is { } estimated && Report.Usage is { } usage)
            {
                _state.Calibration.Observe(estimated, usage.PromptTokens);
            }
        }
    }

    public void Fail(UpstreamFault fault)
    {
        Report.Status ??= fault.Status;
        Report.Detail = fault.Sentence;
        Report.Transport = fault.Trouble.Label();
        End(CallOutcome.Failed, fault.ReportReason());
    }

    public void Cancel() => End(CallOutcome.Cancelled, new UpstreamFault(UpstreamFaultKind.Cancelled).ReportReason());

    /// <summary>Gives the place among the upstream's calls to the next one, ahead of the rest.</summary>
    public void Leave()
    {
        if (!Interlocked.Exchange(ref _left, true))
        {
            _state.Places.Leave();
        }
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, true))
        {
            return;
        }

        Cancel();
        Leave();
        Clock.Dispose();
        _lease.Dispose();
    }

    // By client and by what it wrote, which is the same for all attempts, samples and drafts of a request.
    private int Suspect => _suspect ??= HashCode.Combine(Client, Question.Fingerprint());

    private SecretMasker Masker => _masker ??= Secrets.Masker(Caller.Secrets());

    // How much one caller's account may ask for, and of what, says nothing to the others.
    private bool IsOfCallersAccount(UpstreamFault? fault) =>
        HasCallersKey && fault?.Kind is UpstreamFaultKind.RateLimited or UpstreamFaultKind.QuotaWindow or UpstreamFaultKind.ModelGone or UpstreamFaultKind.Rejected;

    // What no breaker counts, since it is no failure of the endpoint: null = the exchange says nothing about how the upstream is configured.
    private static HealthState? HealthBy(UpstreamFault? fault) => fault switch
    {
        null => HealthState.Up,
        { Kind: UpstreamFaultKind.Unauthorized } => HealthState.AuthFailed,
        { Kind: UpstreamFaultKind.ModelGone or UpstreamFaultKind.Redirected } or { Kind: UpstreamFaultKind.Rejected, Status: 404 or 405 } => HealthState.Misconfigured,
        _ => null,
    };

    // Clients who give a few milliseconds must not close an upstream to all others. Who had as much time as the upstream is known to need was not hurried.
    private bool WasHurried(UpstreamFault fault) =>
        IsHurried
        && fault.Kind is UpstreamFaultKind.TimedOut
        && Clock.IsPastDeadline
        && _context.Time.GetElapsedTime(Report.StartedAt) < (_state.Latency.Quantile(NeededQuantile) ?? UnknownNeed);

    private bool End(CallOutcome outcome, string? reason)
    {
        if (Interlocked.Exchange(ref _ended, true))
        {
            return false;
        }

        Report.Complete(outcome, reason, _context.Time.GetTimestamp());
        Spans.EndCall(_span, Report);
        return true;
    }

    [LoggerMessage(222, LogLevel.Information, "Upstream {Upstream} asked to be left alone for {Seconds} s. Where others can answer, it is not asked until then.")]
    private static partial void LogRest(ILogger logger, string upstream, double seconds);
}
