using Synthwave.Strategies.Prompts;

namespace Synthwave.Strategies.MixtureOfAgents.Compaction;

/// <summary>Chooses what of a conversation is kept, and how many tokens each kept message gets.</summary>
internal ref struct HistoryWindow
{
    private readonly Conversation _conversation;
    private readonly ConversationLayout _layout;

    // Tokens by message; 0 = left out.
    private readonly int[] _targets;
    private long _room;

    private HistoryWindow(Conversation conversation)
    {
        _conversation = conversation;
        _layout = conversation.Layout;
        _targets = new int[conversation.Messages.Length];
    }

    /// <summary>Tokens for each message, 0 = left out. <paramref name="budget"/> is less than all of it costs and enough for the least.</summary>
    public static int[] Choose(Conversation conversation, int budget)
    {
        var window = new HistoryWindow(conversation);
        window.Choose(budget);
        return window._targets;
    }

    private void Choose(int budget)
    {
        long history = 0;
        _room = budget;
        for (var group = 0; group < _layout.GroupCount; group++)
        {
            if (_layout.IsMandatory(group))
            {
                Keep(group);
            }
            else
            {
                history += _conversation.LeastOfGroup(group);
            }
        }

        // The newest group is what the answer is about, yet a large result must not push out all that led to it.
        var newest = NewestShare(_room);
        if (history <= _room - newest)
        {
            KeepAll();
        }
        else if (_room >= CompactionWords.PartsLeftOutTokens)
        {
            _room -= CompactionWords.PartsLeftOutTokens;
            newest = NewestShare(_room);
            _room -= newest;
            KeepTurns();
            _room += newest;
        }
        else
        {
            // No room to say that something is missing: then nothing is.
            KeepAll();
        }

        Grant();
    }

    private readonly long NewestShare(long room)
    {
        long wanted = 0;
        for (var message = _layout.StartOf(_layout.GroupCount - 1); message < _targets.Length; message++)
        {
            wanted += _conversation.Messages[message].Tokens - _targets[message];
        }

        return Math.Min(wanted, room / 4 * 3);
    }

    private void KeepAll()
    {
        for (var group = 0; group < _layout.GroupCount; group++)
        {
            KeepOnce(group);
        }
    }

    private void KeepTurns()
    {
        var opening = Opening.Of(_conversation, _room / 4);
        _room -= opening.Tokens;
        for (var turn = _layout.Turns.Length - 1; turn >= 0; turn--)
        {
            var isOpening = opening.Tokens > 0 && turn == _layout.FirstUserTurn;
            _room += isOpening ? opening.Tokens : 0;
            opening = isOpening ? default : opening;
            if (!TryKeepTurn(turn))
            {
                KeepPartOf(turn);
                if (isOpening && _targets[_layout.StartOf(_layout.Turns[turn])] == 0)
                {
                    KeepOpening(Opening.Of(_conversation, _room));
                }

                break;
            }
        }

        _room += opening.Tokens;
        KeepOpening(opening);
    }

    private void KeepOpening(Opening opening)
    {
        if (opening.Tokens == 0)
        {
            return;
        }

        _room -= opening.Tokens;
        _targets[opening.Question] = opening.QuestionTokens;
        if (opening.AnswerTokens > 0)
        {
            _targets[opening.Answer] = opening.AnswerTokens;
        }
    }

    private bool TryKeepTurn(int turn)
    {
        long cost = 0;
        for (var group = _layout.Turns[turn]; group < _layout.EndOfTurn(turn); group++)
        {
            cost += CostOf(group);
        }

        if (cost > _room)
        {
            return false;
        }

        for (var group = _layout.Turns[turn]; group < _layout.EndOfTurn(turn); group++)
        {
            KeepOnce(group);
        }

        return true;
    }

    // The question and as many of the newest groups as there is room for, if any.
    private void KeepPartOf(int turn)
    {
        var question = _layout.Turns[turn];
        var room = _room - CostOf(question);
        for (var group = _layout.EndOfTurn(turn) - 1; group > question; group--)
        {
            room -= CostOf(group);
            if (room < 0)
            {
                break;
            }

            KeepOnce(question);
            KeepOnce(group);
        }
    }

    private readonly long CostOf(int group) => _targets[_layout.StartOf(group)] > 0 ? 0 : _conversation.LeastOfGroup(group);

    private void KeepOnce(int group)
    {
        if (_targets[_layout.StartOf(group)] == 0)
        {
            Keep(group);
        }
    }

    private void Keep(int group)
    {
        for (var message = _layout.StartOf(group); message < _layout.EndOf(group); message++)
        {
            _targets[message] = _conversation.LeastOf(message, _layout.IsMandatory(group));
            _room -= _targets[message];
        }
    }

    // What is left goes back to what was shortened, the newest first.
    private void Grant()
    {
        for (var message = _targets.Length - 1; message >= 0 && _room > 0; message--)
        {
            ref readonly var m = ref _conversation.Messages[message];
            var missing = m.Tokens - _targets[message];
            if (_targets[message] == 0 || missing == 0)
            {
                continue;
            }

            var grant = m.HasCalls && missing > _room ? 0 : (int)Math.Min(missing, _room);
            _targets[message] += grant;
            _room -= grant;
        }
    }

    /// <summary>
    /// The first exchange, which usually says what the whole conversation is about: the first user's message and its final answer, so that roles still
    /// alternate for templates that insist on it. Both are cut to their share.
    /// </summary>
    private readonly record struct Opening(int Question, int QuestionTokens, int Answer, int AnswerTokens)
    {
        public int Tokens => QuestionTokens + AnswerTokens;

        /// <summary>At most <paramref name="room"/> tokens; nothing when that is too little or the turn does not end in an answer.</summary>
        public static Opening Of(Conversation conversation, long room)
        {
            var layout = conversation.Layout;
            if (layout.FirstUserTurn < 0 || layout.FirstUserTurn == layout.Turns.Length - 1)
            {
                return default;
            }

            var first = layout.Turns[layout.FirstUserTurn];
            var last = layout.EndOfTurn(layout.FirstUserTurn) - 1;
            var (question, answer) = (layout.StartOf(first), layout.StartOf(last));
            if (layout.IsMandatory(first) || layout.EndOf(first) > question + 1)
            {
                return default;
            }

            if (first == last)
            {
                return Cut(conversation, question, room) is > 0 and var whole ? new(question, whole, -1, 0) : default;
            }

            if (conversation.Messages[answer] is not { Role: MessageRole.Assistant, HasCalls: false } || layout.EndOf(last) > answer + 1)
            {
                return default;
            }

            var (asked, answered) = (Cut(conversation, question, room / 2), Cut(conversation, answer, room / 2));
            return asked > 0 && answered > 0 ? new(question, asked, answer, answered) : default;
        }

        private static int Cut(Conversation conversation, int message, long room)
        {
            var tokens = conversation.Messages[message].Tokens;
            return tokens <= room ? tokens : conversation.LeastOfCut(message) <= room ? (int)room : 0;
        }
    }
}
