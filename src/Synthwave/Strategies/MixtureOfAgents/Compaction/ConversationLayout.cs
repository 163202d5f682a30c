namespace Synthwave.Strategies.MixtureOfAgents.Compaction;

/// <summary>
/// How a conversation is built: leading system messages, then turns. A turn begins with a user's message and is made of groups that are kept or left
/// out whole.
/// <code>
/// system developer │ assistant │ user assistant │ user assistant(calls)+tool+tool assistant │ user assistant(calls)+tool
/// ── leading ──────  ── turn 0 ── ── turn 1 ────   ── turn 2 ──────────────────────────────   ── newest turn ──────────
/// </code>
/// </summary>
internal sealed class ConversationLayout
{
    private readonly int[] _groups;
    private readonly int _messageCount;
    private readonly int _newestUser = -1;

    /// <param name="messages">All of them.</param>
    /// <param name="groups">Index of the first message of each group, ascending.</param>
    public ConversationLayout(ConversationMessage[] messages, int[] groups)
    {
        _groups = groups;
        _messageCount = messages.Length;
        while (Leading < groups.Length && messages[groups[Leading]].Role is MessageRole.System)
        {
            Leading++;
        }

        var turns = new List<int>();
        for (var group = Leading; group < groups.Length; group++)
        {
            var isUser = messages[groups[group]].Role is MessageRole.User;
            if (isUser || turns.Count == 0)
            {
                FirstUserTurn = isUser && FirstUserTurn < 0 ? turns.Count : FirstUserTurn;
                turns.Add(group);
            }

            // A user who speaks between a call and its late result stands inside a group.
            for (var message = groups[group]; message < EndOf(group); message++)
            {
                _newestUser = messages[message].Role is MessageRole.User ? group : _newestUser;
            }
        }

        Turns = [.. turns];
    }

    public int GroupCount => _groups.Length;

    /// <summary>Groups of the leading system messages: one message each.</summary>
    public int Leading { get; }

    /// <summary>First group of each turn; what stands before the first user's message is a turn too.</summary>
    public int[] Turns { get; }

    /// <summary>The first turn that begins with a user's message; -1 = none.</summary>
    public int FirstUserTurn { get; } = -1;

    public int StartOf(int group) => _groups[group];

    public int EndOf(int group) => group + 1 < _groups.Length ? _groups[group + 1] : _messageCount;

    public int EndOfTurn(int turn) => turn + 1 < Turns.Length ? Turns[turn + 1] : _groups.Length;

    /// <summary>Whether a group must be kept: leading system messages, the newest user's message, the newest group.</summary>
    public bool IsMandatory(int group) => group < Leading || group == _newestUser || group == _groups.Length - 1;
}
