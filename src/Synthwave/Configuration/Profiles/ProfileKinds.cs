using System.Collections.Immutable;
using Synthwave.Configuration.Schema;

namespace Synthwave.Configuration.Profiles;

/// <summary>The kinds of profiles there are. A new one is registered here and nowhere else in this room.</summary>
internal static class ProfileKinds
{
    public static readonly ImmutableArray<ProfileKind> All = [new MoaKind(), new CascadeKind(), new VotingKind()];

    private static readonly ChoiceKey<ProfileKind> Type = new("type", "how the profile answers", [.. All.Select(k => (k.Word, k))]) { IsRequired = true };

    /// <summary>The kind a table names; null when it names none, which is reported.</summary>
    public static ProfileKind? Of(SectionReader section)
    {
        if (section.TryReadOwn(Type, out var kind))
        {
            return kind;
        }

        if (!section.Has(Type))
        {
            section.ReportMissing(Type);
        }

        return null;
    }

    public static ProfileKind Of(ProfileConfig profile) => All.First(k => k.Word == profile.Type);
}
