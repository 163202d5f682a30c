using System.Text;
using Synthwave.Chat;
using Synthwave.Chat.Completions;
using Synthwave.Chat.Memory;

namespace Synthwave.Telemetry.Reports;

/// <summary>
/// How one answer came about. The only source of response headers, metrics, spans, the log line and the <c>x_meta_model</c> object.
/// <see cref="AddCall"/> is thread-safe; the rest is written by the request's own flow.
/// </summary>
internal sealed class DispatchReport(string requestId, long startedAt)
{
    // A call's record without its longest text.
    private const int BytesOfCall = 512;

    private readonly Lock _gate = new();
    private readonly List<CallReport> _calls = [];

    public string RequestId { get; } = requestId;

    public long StartedAt { get; } = startedAt;

    /// <summary>Who asks. It goes with the report to every call, and is the one thing in it that nothing is ever told of.</summary>
    public Caller Caller { get; set; } = Caller.Unknown;

    /// <summary>Whom the request counts for; nothing is ever told of it either.</summary>
    public ClientIdentity Client { get; set; }

    /// <summary>What the request holds of the process's memory. It goes with the report to every call, as <see cref="Caller"/> does, and is no part of what is told.</summary>
    public MemoryShare Memory { get; set; } = MemoryShare.Uncounted;

    /// <summary>Canonical profile or upstream name; null = not resolved.</summary>
    public string? Profile { get; set; }

    /// <summary>Null = not resolved.</summary>
    public StrategyKind? Strategy { get; set; }

    /// <summary>The ensemble's; null = none was made.</summary>
    public Decision? Decision { get; set; }

    /// <summary>Null = the strategy has no such label.</summary>
    public FallbackReason? FallbackReason { get; set; }

    public bool? Fastpath { get; set; }

    /// <summary>Generators actually called.</summary>
    public int? Generators { get; set; }

    /// <summary>Successful drafts.</summary>
    public int? Quorum { get; set; }

    /// <summary>Generators that gave no draft, as <c>name</c> and reason, in config order.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> FailedGenerators { get; set; } = [];

    /// <summary>Draft sizes in bytes as specified for <c>X-MetaModel-Draft-Lengths</c>, with the upstream each came from.</summary>
    public IReadOnlyList<KeyValuePair<string, int>> DraftLengths { get; set; } = [];

    public IReadOnlyList<string> DraftHashes { get; set; } = [];

    /// <summary>Most message groups dropped for one generator.</summary>
    public int? CompactedN { get; set; }

    public int? PromptTokensIn { get; set; }

    public int? PromptTokensOut { get; set; }

    public int? ToolsTokens { get; set; }

    /// <summary>Cascade members tried, winner included, in order.</summary>
    public IReadOnlyList<string> CascadeTried { get; set; } = [];

    /// <summary>Failed cascade attempts as name and reason.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> CascadeAttempts { get; set; } = [];

    public string? CascadeWinner { get; set; }

    /// <summary>Set when every member failed: what the last one said, in our words.</summary>
    public string? CascadeLastDetail { get; set; }

    public int? CascadeLastStatus { get; set; }

    /// <summary>What was done less than asked, in the order it was given up.</summary>
    public IReadOnlyList<DegradeStep> Degraded { get; set; } = [];

    /// <summary>Adds a step to <see cref="Degraded"/> unless it is there.</summary>
    public void Degrade(DegradeStep step)
    {
        if (!Degraded.Contains(step))
        {
            Degraded = [.. Degraded, step];
        }
    }

    /// <summary>What of the request had no effect, in the words the client used: tools, items, members. At most <see cref="MaxNames"/>.</summary>
    public IReadOnlyList<string> Ignored { get; private set; } = [];

    /// <summary><see cref="Ignored"/>, and what the upstreams that are asked now, or have answered, were not told.</summary>
    public IReadOnlyList<string> AllIgnored()
    {
        lock (_gate)
        {
            var names = Ignored;
            foreach (var call in _calls)
            {
                if (call is { LeftOut.Count: > 0, Outcome: CallOutcome.Running or CallOutcome.Succeeded })
                {
                    names = call.LeftOut.Aggregate(names, With);
                }
            }

            return names;
        }
    }

    /// <summary>Members of the request whose value was lowered to what an upstream allows. At most <see cref="MaxNames"/>.</summary>
    public IReadOnlyList<string> Clamped { get; private set; } = [];

    /// <summary>Longest <see cref="Ignored"/> and <see cref="Clamped"/>; what comes after is not told.</summary>
    public const int MaxNames = 32;

    private const int MaxNameLength = 64;

    /// <summary>Adds a name to <see cref="Ignored"/> unless it is there.</summary>
    public void Ignore(string name) => Ignored = With(Ignored, name);

    /// <summary>Adds a name to <see cref="Clamped"/> unless it is there.</summary>
    public void Clamp(string name) => Clamped = With(Clamped, name);

    // The words may be a client's: cut short, half surrogate pairs replaced.
    private static IReadOnlyList<string> With(IReadOnlyList<string> names, string name)
    {
        var shown = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(name.Length > MaxNameLength ? name[..MaxNameLength] : name));
        return names.Count >= MaxNames || names.Contains(shown, StringComparer.Ordinal) ? names : [.. names, shown];
    }

    /// <summary>When the first visible content of the answer was at hand; null = not yet, or never.</summary>
    public long? FirstContentAt { get; set; }

    public long? EndedAt { get; set; }

    public DispatchOutcome Outcome { get; set; } = DispatchOutcome.Running;

    /// <summary>The error's code once it failed.</summary>
    public string? ErrorCode { get; set; }

    /// <summary>Tool calls in the final answer.</summary>
    public int FinalToolCalls { get; set; }

    /// <summary>Characters (UTF-16) of the final answer's text.</summary>
    public int FinalContentChars { get; set; }

    public bool Rescued { get; set; }

    /// <summary>What had to be left out for the synthesizer asked last; null = nothing, or none was asked.</summary>
    public SynthesisReport? Synthesis { get; set; }

    /// <summary>The count of a vote; null = no vote was held.</summary>
    public VoteReport? Votes { get; set; }

    /// <summary>How images, video or audio were served; null = text only.</summary>
    public MediaReport? Media { get; set; }

    /// <summary>A snapshot in order of start.</summary>
    public IReadOnlyList<CallReport> Calls
    {
        get
        {
            lock (_gate)
            {
                return [.. _calls];
            }
        }
    }

    public void AddCall(CallReport call)
    {
        lock (_gate)
        {
            _calls.Add(call);
        }
    }

    public int CallCount
    {
        get
        {
            lock (_gate)
            {
                return _calls.Count;
            }
        }
    }

    /// <summary>About what its calls hold of the memory, bytes.</summary>
    public int Weight
    {
        get
        {
            lock (_gate)
            {
                var bytes = 0;
                foreach (var call in _calls)
                {
                    bytes += BytesOfCall + (sizeof(char) * call.Detail.Length);
                }

                return bytes;
            }
        }
    }

    /// <summary>The sum over all calls that reported usage; null when none did.</summary>
    public TokenUsage? TotalUsage()
    {
        lock (_gate)
        {
            TokenUsage? sum = null;
            foreach (var call in _calls)
            {
                sum = call.Usage is not { } usage ? sum : sum is null ? usage : sum + usage;
            }

            return sum;
        }
    }

    /// <summary>Whether the usage of every exchange with an upstream is known.</summary>
    public bool UsageIsComplete
    {
        get
        {
            lock (_gate)
            {
                return _calls.TrueForAll(static c => c.UsageIsKnown);
            }
        }
    }

    /// <summary>What the answer cost, USD; null unless every call is priced.</summary>
    public decimal? CostUsd
    {
        get
        {
            lock (_gate)
            {
                decimal? sum = _calls.Count > 0 ? 0m : null;
                foreach (var call in _calls)
                {
                    sum += call.CostUsd;
                }

                return sum;
            }
        }
    }
}
