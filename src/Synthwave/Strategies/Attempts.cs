using System.Collections.Immutable;
using Synthwave.Upstreams;
using Synthwave.Upstreams.Faults;

namespace Synthwave.Strategies;

/// <summary>What came of asking members in order: who was left out, who was asked, who failed and why. Written by the request's own flow.</summary>
internal sealed class Attempts
{
    private readonly List<string> _tried = [];
    private readonly List<FailedAttempt> _failed = [];

    /// <summary>Members that were not worth a call, or left alone as they asked, with the reason.</summary>
    public ImmutableArray<KeyValuePair<string, string>> Skipped { get; set; } = [];

    /// <summary>Names of the members asked, the winner included. Live.</summary>
    public IReadOnlyList<string> Tried => _tried;

    public IReadOnlyList<FailedAttempt> Failed => _failed;

    /// <summary>Null = nobody answered.</summary>
    public IUpstream? Winner { get; private set; }

    /// <summary>Whose turn it would have been when the time was over; null = it was not.</summary>
    public IUpstream? Unreached { get; private set; }

    /// <summary>The last member that said when its rate limit ends: that tells a client more than whatever came after it. Null = none did.</summary>
    public FailedAttempt? RateLimited { get; private set; }

    /// <summary>The failure the answer is about; null = the time ran out, or nobody was asked.</summary>
    public FailedAttempt? Telling => RateLimited ?? (Unreached is null && _failed.Count > 0 ? _failed[^1] : null);

    public void NoteTried(IUpstream member)
    {
        Skipped = Skipped.RemoveAll(s => s.Key == member.Config.Name);
        _tried.Add(member.Config.Name);
    }

    /// <summary>The member tried last was not asked after all.</summary>
    public void NoteLeftAlone(IUpstream member)
    {
        _tried.RemoveAt(_tried.Count - 1);
        Skipped = Skipped.Add(KeyValuePair.Create(member.Config.Name, "rate_limited"));
    }

    public void NoteAnswer(IUpstream member) => Winner = member;

    public void NoteUnreached(IUpstream member) => Unreached = member;

    public void NoteFault(IUpstream member, UpstreamFault fault)
    {
        var failed = new FailedAttempt(member, fault);
        _failed.Add(failed);
        RateLimited = fault is { Kind: UpstreamFaultKind.RateLimited, RetryAfter: not null } ? failed : RateLimited;
    }
}

/// <summary>A member that gave no answer, and why.</summary>
internal sealed record FailedAttempt(IUpstream Member, UpstreamFault Fault);
