using System.Collections.Immutable;
using Synthwave.Chat.Bodies;
using Synthwave.Chat.Requests;
using Synthwave.Chat.Tools;
using Synthwave.Configuration;
using Synthwave.Upstreams;
using Synthwave.Upstreams.Faults;

namespace Synthwave.Strategies.MixtureOfAgents;

/// <summary>One draft's author: an upstream, or one sample of it.</summary>
/// <param name="Upstream">Who is asked.</param>
/// <param name="Label">Its name in reports.</param>
/// <param name="Temperature">Sent instead of the client's.</param>
/// <param name="Rescue">When reasoning may become the draft.</param>
/// <param name="Sample">Counted from 0; null = the only one of its entry.</param>
internal sealed record Generator(IUpstream Upstream, string Label, double Temperature, RescuePolicy Rescue, int? Sample = null)
{
    /// <summary>One generator per sample, in config order; further samples of <c>a</c> are <c>a#2</c>, <c>a#3</c> ….</summary>
    public static ImmutableArray<Generator> All(MoaProfileConfig profile, Func<string, IUpstream> upstream) =>
    [
        .. profile.Generators.SelectMany(g => Enumerable.Range(0, g.Samples).Select(sample => new Generator(
            upstream(g.Upstream),
            sample == 0 ? g.Upstream : $"{g.Upstream}#{sample + 1}",
            g.Temperature ?? profile.GeneratorTemperature,
            profile.Rescue,
            g.Samples > 1 ? sample : null))),
    ];

    /// <summary>
    /// Who is asked when the request has tools that may be called: those who can call; with <c>without_functions = "strip"</c>, or when nobody can,
    /// everybody.
    /// </summary>
    public static ImmutableArray<Generator> For(ImmutableArray<Generator> generators, ToolContract contract, WithoutFunctions withoutFunctions)
    {
        if (contract.Choice is ToolChoice.None || withoutFunctions is WithoutFunctions.Strip)
        {
            return generators;
        }

        var able = generators.RemoveAll(static g => !g.Upstream.Config.SupportsFunctionCalling);
        return able.IsEmpty ? generators : able;
    }

    /// <summary>Whether tools are sent to it.</summary>
    public bool TakesTools => Upstream.Config.SupportsFunctionCalling;

    /// <summary>
    /// The body without tools where the upstream cannot call, and with a seed of its own where several samples of one upstream are asked for: the same seed
    /// would give the same draft twice. A protocol without seeds leaves it out.
    /// </summary>
    public ChatBody Fit(ChatBody body, string nonce)
    {
        var fitting = TakesTools ? body : body.WithoutTools();
        return Sample is { } sample ? SampleSeed.Apply(fitting, sample, nonce) : fitting;
    }

    /// <summary>Asks for a draft. Throws only when <paramref name="cancellationToken"/> is cancelled.</summary>
    public async Task<DraftResult> DraftAsync(UpstreamCall call, ToolContract contract, Dispatch dispatch, CancellationToken cancellationToken)
    {
        var reply = await Upstream.CallAsync(dispatch.WithinCaps(call, Upstream), dispatch.Report, cancellationToken);
        return reply switch
        {
            FaultedUpstreamReply faulted => new(Label, null, faulted.Fault.ReportReason()) { Fault = faulted.Fault },
            CompleteUpstreamReply complete => DraftReader.Read(complete, Upstream, Label, Rescue is RescuePolicy.Always, contract, dispatch),
            _ => throw new InvalidOperationException("A buffered call gave a stream."),
        };
    }

    /// <summary>The result of a call that was cut; that it would have taken longer is remembered, so that patience does not shrink with every cut.</summary>
    public DraftResult Cut(TimeSpan after)
    {
        Upstream.Latency.ObserveCut(after);
        return new(Label, null, "cancelled");
    }
}
