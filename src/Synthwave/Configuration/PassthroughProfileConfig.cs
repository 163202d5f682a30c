using System.Collections.Immutable;

namespace Synthwave.Configuration;

/// <summary>An upstream called by its own name: one member, nothing combined. No profile of the file is of this kind.</summary>
internal sealed record PassthroughProfileConfig : ProfileConfig
{
    public override string Type => "passthrough";

    public required string Upstream { get; init; }

    public override ImmutableArray<string> Members => [Upstream];

    public override ImmutableArray<string> EmbeddingMembers => [Upstream];

    public override string LeadingMember => Upstream;

    public override bool ReadsDescriptions => true;

    public override bool PassesOn => true;

    public override long Window(Func<string, UpstreamConfig> upstream) => upstream(Upstream).Context;

    public override ProfileConfig? Only(Func<string, bool> keep) => keep(Upstream) ? this : null;
}
