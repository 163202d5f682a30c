using System.Collections.Immutable;

namespace Synthwave.Configuration;

/// <summary><c>type = "cascade"</c>: members are tried in order.</summary>
internal sealed record CascadeProfileConfig : ProfileConfig
{
    public override string Type => "cascade";

    public required ImmutableArray<string> Upstreams { get; init; }

    /// <summary>True = <c>structured_502</c>; false = <c>bubble_last_error</c>.</summary>
    public bool Structured502 { get; init; }

    /// <summary>Time for one attempt to reach its first content; null = remaining time divided by the members left.</summary>
    public TimeSpan? AttemptTimeout { get; init; }

    /// <summary>400 and 422 go to the next member too.</summary>
    public bool RotateOnClientError { get; init; }

    public override ImmutableArray<string> Members => Upstreams;

    public override ImmutableArray<string> EmbeddingMembers => Upstreams;

    public override string? LeadingMember => Upstreams.FirstOrDefault();

    public override bool PassesOn => true;

    /// <summary>A member whose window is too small for a request is passed over.</summary>
    public override long Window(Func<string, UpstreamConfig> upstream) => Upstreams.Max(u => upstream(u).Context);

    public override ProfileConfig? Only(Func<string, bool> keep)
    {
        ImmutableArray<string> members = [.. Upstreams.Where(keep)];
        return members.IsEmpty ? null : this with { Upstreams = members };
    }
}
