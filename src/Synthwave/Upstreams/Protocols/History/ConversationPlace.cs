using System.Security.Cryptography;
using System.Text.Json;
using Synthwave.Json;

namespace Synthwave.Upstreams.Protocols.History;

/// <summary>
/// Tells a place in one conversation from the same place in another by what was said last: the newest user message's text and the newest output after it; and by what was
/// said before that, of which something must be the same, for clients shorten the beginning and clear outputs. Places are asked for from front to back. System texts come
/// and go between turns and say nothing here.
/// </summary>
internal sealed class ConversationPlace(HistoryIndex history)
{
    private readonly List<long> _earlier = [];
    private readonly HashSet<long> _earlierSet = [];
    private int _at;
    private int _user = -1;
    private int _output = -1;
    private byte[]? _userPrint;
    private int _earlierEnd;

    /// <summary>Prints of what was said before the newest user message, at the place that was asked for last. Oldest first.</summary>
    public IReadOnlyList<long> Earlier => _earlier;

    /// <summary>The same, to look into.</summary>
    public IReadOnlySet<long> EarlierSet => _earlierSet;

    /// <summary>The print of what stands before a message, 32 bytes.</summary>
    public byte[] Before(int position)
    {
        for (; _at < position; _at++)
        {
            switch (history.Messages[_at].Role)
            {
                case HistoryRole.User:
                    TakeEarlier(_at);
                    (_user, _output, _userPrint) = (_at, -1, null);
                    break;
                case HistoryRole.Tool:
                    _output = _at;
                    break;
            }
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(_userPrint ??= PrintOf(_user));
        Append(hash, _output);
        return hash.GetHashAndReset();
    }

    private void TakeEarlier(int end)
    {
        for (; _earlierEnd < end; _earlierEnd++)
        {
            if (history.Messages[_earlierEnd] is { Role: HistoryRole.User or HistoryRole.Assistant or HistoryRole.Tool, Content.IsPresent: true })
            {
                var print = BitConverter.ToInt64(PrintOf(_earlierEnd));
                _earlier.Add(print);
                _earlierSet.Add(print);
            }
        }
    }

    private byte[] PrintOf(int message)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, message);
        return hash.GetHashAndReset();
    }

    // The texts alone, as one: marks for caches wander through a conversation, and a list of texts may be sent as a text.
    private void Append(IncrementalHash hash, int message)
    {
        if (message < 0)
        {
            return;
        }

        var content = history.TextOf(history.Messages[message].Content);
        if (content is not [(byte)'[', ..])
        {
            hash.AppendData(content is [(byte)'"', .. var text, (byte)'"'] ? text : content);
            return;
        }

        var isFirst = true;
        var parts = JsonReading.ReaderAt(content);
        while (parts.Read() && parts.TokenType is not JsonTokenType.EndArray)
        {
            if (parts.TokenType is not JsonTokenType.StartObject)
            {
                parts.Skip();
                continue;
            }

            while (parts.Read() && parts.TokenType is JsonTokenType.PropertyName)
            {
                var isText = parts.TextIs("text"u8);
                parts.Read();
                if (isText && parts.TokenType is JsonTokenType.String)
                {
                    hash.AppendData(isFirst ? default : "\\n\\n"u8);
                    hash.AppendData(parts.ValueSpan);
                    isFirst = false;
                }

                parts.Skip();
            }
        }
    }
}
