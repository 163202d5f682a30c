using System.Collections.Immutable;
using Synthwave.Chat.Bodies;
using Synthwave.Configuration;
using Synthwave.Telemetry.Reports;
using Synthwave.Upstreams;
using Synthwave.Upstreams.Learned;

namespace Synthwave.Strategies.MixtureOfAgents;

/// <summary>
/// Who works on the drafts: the synthesizer, and when it fails before anything was shown, <c>synthesizer_fallback</c>, for whom half of the time is kept. One that
/// asked to be left alone is asked when the others have failed.
/// </summary>
internal sealed class Synthesizers(MoaProfileConfig profile, Func<string, IUpstream> upstream)
{
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(1);

    private readonly ImmutableArray<IUpstream> _members =
        [.. new[] { profile.Synthesizer, profile.SynthesizerFallback }.OfType<string>().Distinct(StringComparer.Ordinal).Select(upstream)];

    /// <summary>Kept back from the drafts: <c>synth_timeout_secs</c>, else a quarter of what remains; at least a second, at most half.</summary>
    public TimeSpan ReservedTime(Dispatch dispatch)
    {
        var remaining = dispatch.Clock.Deadline.Remaining;
        var wanted = profile.SynthTimeout ?? remaining / 4;
        wanted = wanted < Least ? Least : wanted;
        return wanted > remaining / 2 ? remaining / 2 : wanted;
    }

    /// <summary>Asks one after the other until <paramref name="ask"/> gives something other than null.</summary>
    /// <param name="dispatch">The request.</param>
    /// <param name="ask">Makes the call and judges what comes.</param>
    public async Task<Synthesis<T>> AskAsync<T>(Dispatch dispatch, Func<IUpstream, SynthesisTurn, Task<T?>> ask)
        where T : class
    {
        var leftAlone = new List<IUpstream>();
        for (var i = 0; i < _members.Length; i++)
        {
            var isLast = i == _members.Length - 1;
            if (_members[i].Resting is RestReason.RateLimited && !isLast)
            {
                leftAlone.Add(_members[i]);
            }

            if (dispatch.Clock.Deadline.Remaining < Least)
            {
                // Only when nobody was asked at all is lack of time the reason.
                return new(null, NoTime: i == 0, IsFallback: false);
            }

            if (await AskAsync(_members[i], _members.Length - i, isLast) is { } result)
            {
                return new(result, NoTime: false, IsFallback: i > 0);
            }
        }

        foreach (var member in leftAlone)
        {
            if (dispatch.Clock.Deadline.Remaining >= Least && await AskAsync(member, leftAlone.Count, isLast: true) is { } result)
            {
                return new(result, NoTime: false, IsFallback: member != _members[0]);
            }
        }

        return new(null, NoTime: false, IsFallback: false);

        Task<T?> AskAsync(IUpstream member, int left, bool isLast) => ask(
            member,
            new(left > 1 ? dispatch.Clock.Deadline.Share(left, Least) : dispatch.Clock.Deadline, MayRetry: isLast, IsPlanned: member == _members[0], member, dispatch)
            {
                // Not through an open breaker: there are drafts to fall back on.
                IsForced = isLast && member.Resting is RestReason.RateLimited,
            });
    }
}

/// <summary>What one synthesizer may take.</summary>
/// <param name="Deadline">By when it must have answered.</param>
/// <param name="MayRetry">Nobody comes after it.</param>
/// <param name="IsPlanned">Its call was taken from the request's caps before the first one was made.</param>
/// <param name="Synthesizer">Who is asked.</param>
/// <param name="Dispatch">The request.</param>
internal readonly record struct SynthesisTurn(Deadline Deadline, bool MayRetry, bool IsPlanned, IUpstream Synthesizer, Dispatch Dispatch)
{
    /// <summary>It is asked although it wants to be left alone: nobody else remains.</summary>
    public bool IsForced { get; init; }

    /// <summary>The call to make, its retries bound to the request's caps; null = they have no call left for it.</summary>
    public UpstreamCall? Call(ChatBody body, SynthesisMessages prompt, bool stream)
    {
        if (!IsPlanned && !Dispatch.TryTakeCall(Synthesizer, body))
        {
            return null;
        }

        Dispatch.Report.Synthesis = prompt.LeftOut;
        var call = new UpstreamCall
        {
            Body = body,
            Conversation = Dispatch.Views.For(Synthesizer.Config).Body,
            PromptTokens = Dispatch.Views.TextTokens(prompt.PromptTokens),
            Role = CallRole.Synthesizer,
            Deadline = Deadline,
            Stream = stream,
            MayRetry = MayRetry,
            IsLastChance = IsForced,
        };
        return Dispatch.WithinCaps(call, Synthesizer);
    }
}

/// <summary>What the synthesizers came to; a null result = nothing.</summary>
internal readonly record struct Synthesis<T>(T? Result, bool NoTime, bool IsFallback)
    where T : class;
