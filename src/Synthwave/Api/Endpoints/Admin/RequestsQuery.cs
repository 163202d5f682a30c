using System.Collections.Immutable;
using System.Globalization;
using Synthwave.Chat;
using Synthwave.Telemetry.Journal;

namespace Synthwave.Api.Endpoints.Admin;

/// <summary>What a client of <c>GET /admin/requests</c> asks for.</summary>
/// <param name="Filter">Which requests.</param>
/// <param name="Limit">How many at most.</param>
internal sealed record RequestsQuery(JournalFilter Filter, int Limit)
{
    private const int UsualLimit = 50;
    private const int LongestName = 256;

    private static readonly ImmutableArray<string> Outcomes = ["success", "degraded", "failed", "cancelled"];

    /// <summary>The query, or what is wrong with it.</summary>
    public static (RequestsQuery? Query, GatewayError? Error) Read(IQueryCollection query)
    {
        foreach (var (name, values) in query)
        {
            if (name is not ("profile" or "outcome" or "upstream" or "since" or "before" or "limit"))
            {
                return (null, Wrong(null, "A filter is not known. The filters are profile, outcome, upstream, since, before and limit."));
            }

            if (values.Count != 1 || values[0] is not { Length: > 0 and <= LongestName })
            {
                return (null, Wrong(name, $"{name} must be given once, with 1 to {LongestName} characters."));
            }
        }

        string? outcome = query["outcome"], since = query["since"], before = query["before"], limit = query["limit"];
        if (outcome is not null && !Outcomes.Contains(outcome))
        {
            return (null, Wrong("outcome", "outcome must be one of success, degraded, failed, cancelled."));
        }

        DateTimeOffset? from = null;
        if (since is not null && (from = ReadTime(since)) is null)
        {
            return (null, Wrong("since", "since must be a time such as 2030-01-31T12:00:00Z, or seconds since 1970."));
        }

        long? place = null;
        if (before is not null)
        {
            if (!long.TryParse(before, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                return (null, Wrong("before", "before must be the next_before of an earlier answer."));
            }

            place = number;
        }

        var most = UsualLimit;
        if (limit is not null && (!int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out most) || most is < 1 or > RequestJournal.Size))
        {
            return (null, Wrong("limit", $"limit must be a whole number from 1 to {RequestJournal.Size}."));
        }

        var filter = new JournalFilter { Profile = query["profile"], Outcome = outcome, Upstream = query["upstream"], Since = from, Before = place };
        return (new RequestsQuery(filter, most), null);
    }

    // Null = what is said is no time.
    private static DateTimeOffset? ReadTime(string text)
    {
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
        {
            return seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds() ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;
        }

        // A plus sign that was not escaped is a blank in a query.
        return Parse(text) ?? Parse(text.Replace(' ', '+'));

        static DateTimeOffset? Parse(string text) => DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;
    }

    private static GatewayError Wrong(string? param, string message) => GatewayError.BadRequest("invalid_filter", message, param);
}
