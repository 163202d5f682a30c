using System.Collections.Immutable;
using System.Text;
using Synthwave.Chat.Tools;
using Synthwave.Strategies.MixtureOfAgents.ToolPicks;
using Synthwave.Strategies.Prompts;
using Synthwave.Telemetry.Reports;
using Synthwave.Upstreams;
using Synthwave.Upstreams.Faults;

namespace Synthwave.Strategies.MixtureOfAgents;

/// <summary>A usable draft: an upstream's reply with its calls in order, and what a reader sees of it.</summary>
internal sealed record Draft
{
    /// <summary>The upstream's name, or a sample's (<c>a#2</c>).</summary>
    public required string Label { get; init; }

    public required IUpstream Upstream { get; init; }

    /// <summary>The reply as the upstream gave it but for its calls, which are settled.</summary>
    public required CompleteUpstreamReply Reply { get; init; }

    /// <summary>The answer's text; of a model that wrote none, its reasoning where that may become the answer.</summary>
    public required string Visible { get; init; }

    /// <summary>The JSON that was asked for, out of <see cref="Visible"/>; null = it has none, or none was asked for.</summary>
    public string? Json { get; init; }

    /// <summary>JSON was asked for, and this is none.</summary>
    public bool IsOutOfForm { get; init; }

    /// <summary>Declared calls, one where only one is allowed, none where none is wanted.</summary>
    public ImmutableArray<ToolCall> Calls { get; init; } = [];

    /// <summary>What was done to the calls; null = nothing of note.</summary>
    public FallbackReason? CallLabel { get; init; }

    public string? FinishReason { get; init; }

    public bool IsRescued { get; init; }

    /// <summary>Whether reasoning may become the answer when this draft is given to the client.</summary>
    public bool Rescue { get; init; }

    /// <summary>A refusal, or no text and the reason for it: the answer only where no other draft came.</summary>
    public bool IsLastResort { get; init; }

    /// <summary>It says that its author will not answer, and nothing else.</summary>
    public bool IsRefusal { get; init; }

    /// <summary>What a synthesizer reads: the text, then the calls as canonical JSON.</summary>
    public string Text => Calls.IsEmpty ? Visible : SynthesisWords.WithCalls(Visible, CallSignature.Render(Calls));

    public DraftSignature Signature => new(Content, CallSignature.Of(Calls));

    /// <summary><c>content NUL calls NUL null</c>: what length and hash are taken of. (The last part was a call in the older form; here there is one form only.)</summary>
    public string Rendered => $"{Content}\0{CallSignature.Render(Calls)}\0null";

    /// <summary>UTF-8 bytes of <see cref="Rendered"/>; 8 for an empty draft.</summary>
    public int Length => Encoding.UTF8.GetByteCount(Rendered);

    private string Content => field ??= DraftSignature.Collapse(Visible);
}

/// <summary>A draft, or why there is none.</summary>
internal sealed record DraftResult(string Label, Draft? Draft, string? Reason)
{
    public UpstreamFault? Fault { get; init; }

    /// <summary>Beside a reason: what is the answer if nobody has a better one; null = nothing.</summary>
    public Draft? LastResort { get; init; }

    /// <summary>The last refusal, else the last draft without a text that says why; null = none says anything.</summary>
    public static Draft? LastResortOf(DraftResult[] results) =>
        (results.LastOrDefault(static r => r.LastResort is { IsRefusal: true }) ?? results.LastOrDefault(static r => r.LastResort is not null))?.LastResort;
}
