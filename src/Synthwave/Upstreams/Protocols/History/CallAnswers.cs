namespace Synthwave.Upstreams.Protocols.History;

/// <summary>
/// Which tool message answers which call: the newest call of its id before it that is not answered yet; without an id, the first unanswered call of the
/// newest message with calls. Linear in the messages, whatever they are.
/// </summary>
internal sealed class CallAnswers
{
    private const int None = -1;

    // Each with each; more calls are seldom made at once.
    private const int MostCompared = 8;

    private readonly int[] _callOf;
    private readonly int[] _answerOf;
    private readonly int[] _ordinals;
    private readonly bool[] _isRepetition;

    public CallAnswers(HistoryIndex history)
    {
        _callOf = new int[history.Messages.Count];
        _answerOf = new int[history.Calls.Count];
        _ordinals = new int[history.Calls.Count];
        _isRepetition = new bool[history.Messages.Count];
        Array.Fill(_callOf, None);
        Array.Fill(_answerOf, None);
        Pair(history);
    }

    /// <summary>Whether every call has its answer right behind it, in any order, and every answer its call: nothing has to move. Then no pairs are needed.</summary>
    public static bool AreInOrder(HistoryIndex history)
    {
        // Nearly all conversations are, and have their answers in the order of the calls: that can be seen without making texts of ids.
        var (next, end) = (0, 0);
        foreach (var message in history.Messages)
        {
            if (message.Role is HistoryRole.Tool)
            {
                if (next == end || message.ResultOf.IsAbsent || !history.TextOf(message.ResultOf).SequenceEqual(history.TextOf(history.Calls[next].Id)))
                {
                    return AreInSomeOrder(history);
                }

                next++;
            }
            else if (next < end)
            {
                return false;
            }
            else if (message.Role is HistoryRole.Assistant && message.CallCount > 0)
            {
                (next, end) = (message.FirstCall, message.FirstCall + message.CallCount);
                if (message.CallCount > MostCompared || HasTwins(history, next, end))
                {
                    return AreInSomeOrder(history);
                }
            }
        }

        return next == end;
    }

    private static bool HasTwins(HistoryIndex history, int from, int end)
    {
        for (var second = from + 1; second < end; second++)
        {
            for (var first = from; first < second; first++)
            {
                if (history.TextOf(history.Calls[first].Id).SequenceEqual(history.TextOf(history.Calls[second].Id)))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static bool AreInSomeOrder(HistoryIndex history)
    {
        var open = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < history.Messages.Count; i++)
        {
            var message = history.Messages[i];
            if (message.Role is HistoryRole.Tool)
            {
                if (history.ResultOf(i) is not { } id || !open.Remove(id))
                {
                    return false;
                }

                continue;
            }

            if (open.Count > 0)
            {
                return false;
            }

            var calls = message.Role is HistoryRole.Assistant ? message.CallCount : 0;
            for (var call = message.FirstCall; call < message.FirstCall + calls; call++)
            {
                if (history.IdOf(call) is not { } id || !open.Add(id))
                {
                    return false;
                }
            }
        }

        return open.Count == 0;
    }

    /// <summary>The call that a tool message answers; null = none.</summary>
    public int? CallOf(int message) => _callOf[message] is >= 0 and var call ? call : null;

    /// <summary>The message that answers a call; null = none.</summary>
    public int? AnswerOf(int call) => _answerOf[call] is >= 0 and var message ? message : null;

    /// <summary>The message says again, byte for byte, what answered its call before.</summary>
    public bool IsRepetition(int message) => _isRepetition[message];

    /// <summary>How many calls of the same message have the same id before this one.</summary>
    public int OrdinalOf(int call) => _ordinals[call];

    private void Pair(HistoryIndex history)
    {
        // Of every id the newest unanswered call, and below each call the next one.
        var open = new Dictionary<string, int>(StringComparer.Ordinal);
        var below = new int[history.Calls.Count];
        var answered = new Dictionary<string, int>(StringComparer.Ordinal);
        var (next, end) = (0, 0);
        for (var i = 0; i < history.Messages.Count; i++)
        {
            var message = history.Messages[i];
            if (message.CallCount > 0 && message.Role is HistoryRole.Assistant)
            {
                (next, end) = (message.FirstCall, message.FirstCall + message.CallCount);
                Open(history, next, end, open, below);
            }

            if (message.Role is not HistoryRole.Tool)
            {
                continue;
            }

            var call = None;
            var result = history.ResultOf(i);
            if (result is not { } id)
            {
                while (next < end && _answerOf[next] >= 0)
                {
                    next++;
                }

                call = next < end ? next : None;
            }
            else if (open.TryGetValue(id, out call))
            {
                while (call >= 0 && _answerOf[call] >= 0)
                {
                    call = below[call];
                }

                open[id] = call >= 0 ? below[call] : None;
            }
            else
            {
                call = None;
            }

            if (call >= 0)
            {
                _callOf[i] = call;
                _answerOf[call] = i;
                answered[result ?? ""] = i;
            }
            else if (result is { } again && answered.TryGetValue(again, out var first))
            {
                _isRepetition[i] = history.TextOf(history.Messages[first].Content).SequenceEqual(history.TextOf(message.Content));
            }
        }
    }

    // The last first: of one message's calls of one id the first is to be answered first.
    private void Open(HistoryIndex history, int from, int end, Dictionary<string, int> open, int[] below)
    {
        var seen = end - from > 1 ? new Dictionary<string, int>(StringComparer.Ordinal) : null;
        for (var call = from; seen is not null && call < end; call++)
        {
            if (history.IdOf(call) is { } id)
            {
                _ordinals[call] = seen.GetValueOrDefault(id);
                seen[id] = _ordinals[call] + 1;
            }
        }

        for (var call = end - 1; call >= from; call--)
        {
            if (history.IdOf(call) is { } id)
            {
                below[call] = open.GetValueOrDefault(id, None);
                open[id] = call;
            }
        }
    }
}
