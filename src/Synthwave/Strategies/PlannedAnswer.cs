using Synthwave.Chat.Cleaning;
using Synthwave.Upstreams;

namespace Synthwave.Strategies;

/// <summary>A call whose text is to become the answer.</summary>
/// <param name="Upstream">Who is asked.</param>
/// <param name="Call">What is asked.</param>
/// <param name="Policy">How the output becomes the answer.</param>
/// <param name="Dispatch">The request.</param>
internal sealed record PlannedAnswer(IUpstream Upstream, UpstreamCall Call, AnswerPolicy Policy, Dispatch Dispatch)
{
    /// <summary>An answer without visible content is passed on as it is; false = it is a fault.</summary>
    public bool AcceptsBlank { get; init; }

    /// <summary>Takes what is better than nothing: a refusal, or no text with the reason for it; null = that is given up.</summary>
    public LastResort? LastResort { get; init; }

    /// <summary>The member of the body that was lowered to what the upstream can write; null = none was.</summary>
    public string? Clamped { get; private init; }

    /// <summary>The same with the client's limit lowered to what the upstream can write.</summary>
    public PlannedAnswer Fit()
    {
        var body = OutputCap.Lower(Call.Body, Upstream.Config, out var lowered);
        return lowered is null ? this : this with { Call = Call with { Body = body }, Clamped = lowered };
    }

    /// <summary>The same answer from the second call of a hedge.</summary>
    public PlannedAnswer By(Hedge hedge) => this with { Upstream = hedge.With, Call = hedge.Call, Policy = Policy with { Strip = hedge.With.Config.StripReasoning } };
}
