namespace Synthwave.Chat.Tools;

/// <summary>
/// Tells which call of a stream a delta belongs to, whatever its server makes of indexes and ids: numbers all calls 0, none, or begins at 1; gives no ids, one
/// for all, or repeats them with the name in every delta. Not thread-safe.
/// </summary>
internal sealed class CallSequence
{
    private readonly List<CallProgress> _calls = [];

    /// <summary>In the order they began.</summary>
    public IReadOnlyList<CallProgress> Calls => _calls;

    /// <summary>The call a delta of the newer form goes on with, or begins.</summary>
    /// <param name="index">As the delta says; null = it says none.</param>
    /// <param name="id">Null = none.</param>
    /// <param name="name">Null = none.</param>
    /// <param name="hasArguments">The delta has at least one character of arguments.</param>
    public CallProgress Of(int? index, string? id, string? name, bool hasArguments)
    {
        var found = Known(index, id, name);
        if (found is null || (name is not null && IsAnother(found, index, id, name, hasArguments)))
        {
            found = Add(new CallProgress(_calls.Count, index ?? _calls.Count, isOlderForm: false));
        }

        found.SourceId ??= id;
        found.SourceName ??= name;
        return found;
    }

    /// <summary>The one call that is made as <c>function_call</c>.</summary>
    public CallProgress OfOlderForm() => _calls.Find(static c => c.IsOlderForm) ?? Add(new CallProgress(_calls.Count, _calls.Count, isOlderForm: true));

    private CallProgress? Known(int? index, string? id, string? name)
    {
        var last = _calls.FindLast(static c => !c.IsOlderForm);
        if (index is null)
        {
            return (id is null ? null : _calls.FindLast(c => !c.IsOlderForm && c.SourceId == id)) ?? (id is null || name is null ? last : null);
        }

        // Of several calls under one index a piece goes to the one that was left open.
        var found = name is null ? _calls.Find(c => Has(c, index) && c.Arguments is { HasBegun: true, IsComplete: false }) : null;
        found ??= _calls.FindLast(c => Has(c, index));
        if (found is not null || name is not null || last is null or { Arguments.IsComplete: true } || (id is not null && last.SourceId is { } known && known != id))
        {
            return found;
        }

        // The head had another index than its arguments have.
        last.SourceIndex = index.Value;
        return last;
    }

    private static bool Has(CallProgress call, int? index) => !call.IsOlderForm && call.SourceIndex == index;

    // A name begins another call under a new id, when the arguments so far are whole and more come, or when it is no longer the same name.
    private static bool IsAnother(CallProgress found, int? index, string? id, string name, bool hasArguments)
    {
        if (id is not null && found.SourceId is { } known && id != known)
        {
            return true;
        }

        var isOtherName = found.SourceName is not null && name != found.SourceName && name != found.WrittenName;
        return found.IsWhole ? hasArguments || isOtherName : isOtherName && found.State is not CallState.Pending && (index is null || id is null);
    }

    private CallProgress Add(CallProgress call)
    {
        _calls.Add(call);
        return call;
    }
}
