using Synthwave.Configuration.Schema;

namespace Synthwave.Configuration.Profiles;

/// <summary><c>type = "cascade"</c>.</summary>
internal sealed class CascadeKind() : ProfileKind<CascadeProfileConfig>("cascade", "members are tried in order until one answers", Keys)
{
    private static readonly Table<CascadeProfileConfig> Keys = ProfileTable.Of("cascade", new CascadeProfileConfig { Name = "", Upstreams = [] });

    public static readonly TextListKey Upstreams = Keys.Add(
        new TextListKey("upstreams", "the profile's members") { IsRequired = true, NamesUpstream = true, AtLeast = 1, IsUnique = true },
        c => c.Upstreams,
        (c, v) => c with { Upstreams = v });

    public static readonly ConfigKey<bool> OnAllFail = Keys.Add(
        new ChoiceKey<bool>("on_all_fail", "what the client sees when every member failed", ("bubble_last_error", false), ("structured_502", true)),
        c => c.Structured502,
        (c, v) => c with { Structured502 = v });

    public static readonly ConfigKey<TimeSpan> AttemptTimeout = Keys.AddOptional(
        new SecondsKey("attempt_timeout_secs", "time for one attempt to reach its first content", NumberRange.Above(0))
        {
            WhenAbsent = "the remaining time divided by the members left",
            Example = "20.0",
        },
        c => c.AttemptTimeout,
        (c, v) => c with { AttemptTimeout = v });

    public static readonly ConfigKey<bool> RotateOnClientError = Keys.Add(
        new FlagKey("rotate_on_client_error", "400 and 422 go to the next member too"),
        c => c.RotateOnClientError,
        (c, v) => c with { RotateOnClientError = v });

    protected override void CheckAround(CascadeProfileConfig profile, SectionReader section, ProfileSurroundings around)
    {
        if (profile.AttemptTimeout > around.RequestTimeout)
        {
            section.Warn(AttemptTimeout, "is longer than server.request_timeout_secs, which ends the request first");
        }
    }
}
