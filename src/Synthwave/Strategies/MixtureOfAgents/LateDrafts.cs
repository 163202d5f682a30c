using System.Collections.Immutable;
using Synthwave.Chat.Tools;
using Synthwave.Telemetry.Reports;
using Synthwave.Upstreams;

namespace Synthwave.Strategies.MixtureOfAgents;

/// <summary>
/// Generators that were cut so often in a row that nobody waits for them. One request in ten asks them beside its work, until the answer is ready: a draft that is
/// there by then brings its generator back. Disposing ends what still runs.
/// </summary>
internal sealed class LateDrafts : IAsyncDisposable
{
    public const string Reason = "late";

    private readonly CancellationTokenSource _source;
    private readonly CancellationToken _request;
    private readonly List<(Generator Generator, Task<DraftResult> Draft)> _runs = [];

    private LateDrafts(CancellationToken request)
    {
        _request = request;
        _source = CancellationTokenSource.CreateLinkedTokenSource(request);
    }

    /// <summary>The generators of a plan that it need not wait for: none, where the others are too few for the quorum.</summary>
    public static ImmutableArray<Generator> Among(GeneratorPlan plan, Func<int, int> quorum)
    {
        if (!plan.Generators.Any(static g => g.Upstream.Stragglers.IsLate))
        {
            return [];
        }

        var late = plan.Generators.Where(static g => g.Upstream.Stragglers.IsLate).ToImmutableArray();
        var punctual = plan.Generators.Count(static g => !g.Upstream.Stragglers.IsLate && g.Upstream.Resting is null);
        return !late.IsEmpty && punctual >= quorum(plan.Generators.Length) ? late : [];
    }

    /// <summary>Asks those whose turn it is, and reports the others as not asked.</summary>
    /// <param name="late">Who is late.</param>
    /// <param name="callTo">What each would be asked.</param>
    /// <param name="contract">The request's.</param>
    /// <param name="dispatch">The request.</param>
    /// <param name="cancellationToken">The request's.</param>
    public static LateDrafts Start(
        ImmutableArray<Generator> late, Func<Generator, UpstreamCall> callTo, ToolContract contract, Dispatch dispatch, CancellationToken cancellationToken)
    {
        var drafts = new LateDrafts(cancellationToken);
        foreach (var generator in late)
        {
            // What is capped is not spent on trials.
            if (generator.Upstream.Stragglers.TakeTrial() && !dispatch.Spending.IsLimited)
            {
                drafts._runs.Add((generator, generator.DraftAsync(callTo(generator), contract, dispatch, drafts._source.Token)));
                continue;
            }

            var now = dispatch.Clock.Time.GetTimestamp();
            var call = new CallReport(CallRole.Generator, generator.Label, generator.Upstream.Config.ModelId, now) { Config = generator.Upstream.Config };
            dispatch.Report.AddCall(call);
            call.Complete(CallOutcome.Failed, Reason, now);
        }

        return drafts;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (generator, draft) in _runs)
        {
            // A fault says nothing about its pace, nor does a client that left.
            if ((draft.IsCompletedSuccessfully && draft.Result.Draft is not null) || (!draft.IsCompleted && !_request.IsCancellationRequested))
            {
                generator.Upstream.NoteDraft(wasCut: !draft.IsCompleted);
            }
        }

        await _source.CancelAsync();
        foreach (var (_, draft) in _runs)
        {
            // However it ends: nobody needs it any more.
            await ((Task)draft).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }

        _source.Dispose();
    }
}
