using System.Buffers;

namespace Synthwave.Chat.Reasoning;

/// <summary>
/// Reads text written in harmony's message format: messages with a header that names a channel and perhaps a recipient. Final messages are the
/// answer, analysis and commentary are reasoning, messages to a recipient are tool calls in raw form and are dropped. Text outside messages is
/// answer. Every character is looked at once.
/// </summary>
internal sealed class HarmonyMessages
{
    /// <summary>More of a header is not kept: no channel name is as long.</summary>
    private const int MaxHeaderChars = 128;

    private readonly ArrayBufferWriter<char> _header = new(MaxHeaderChars);
    private Part _part;
    private bool _isTrimming = true;
    private bool _hasRecipient;

    private enum Part { Outside, RoleHeader, ChannelHeader, Answer, Reasoning, Dropped }

    public LeadingReasoningFilter.Step Process(ReadOnlySpan<char> text, bool isWhole, IBufferWriter<char> visible, IBufferWriter<char> reasoning)
    {
        var at = 0;
        while (true)
        {
            var candidate = text[at..].IndexOf('<');
            if (candidate < 0)
            {
                Write(text, visible, reasoning);
                return new(text.Length, NeedsMore: true);
            }

            at += candidate;
            var token = ReasoningTags.MatchHarmonyToken(text[at..], isWhole);
            if (token is null || (token.Length > 0 && !IsControl(token)))
            {
                at++;
                continue;
            }

            Write(text[..at], visible, reasoning);
            if (token.Length == 0)
            {
                return new(at, NeedsMore: true);
            }

            Apply(token);
            return new(at + token.Length);
        }
    }

    /// <summary>Whether the token means something here; elsewhere it is text.</summary>
    private bool IsControl(string token) => token switch
    {
        "<|message|>" or "<|constrain|>" => _part is Part.RoleHeader or Part.ChannelHeader,
        _ => true,
    };

    private void Apply(string token)
    {
        switch (token)
        {
            case "<|start|>":
                Open(Part.RoleHeader);
                break;
            case "<|channel|>":
                Open(Part.ChannelHeader);
                break;
            case "<|constrain|>":
                break;
            case "<|message|>":
                _part = Classify();
                _isTrimming = true;
                break;
            default:
                _part = Part.Outside;
                _isTrimming = true;
                break;
        }
    }

    private void Open(Part header)
    {
        // The recipient may stand before the channel: it belongs to the same header.
        if (_part is not Part.RoleHeader)
        {
            _header.ResetWrittenCount();
        }
        else if (header is Part.ChannelHeader)
        {
            var hasRecipient = _header.WrittenSpan.Contains(" to=", StringComparison.Ordinal);
            _header.ResetWrittenCount();
            if (hasRecipient)
            {
                _part = Part.ChannelHeader;
                _hasRecipient = true;
                return;
            }
        }

        _hasRecipient = false;
        _part = header;
    }

    private Part Classify()
    {
        var header = _header.WrittenSpan;
        if (_hasRecipient || header.Contains(" to=", StringComparison.Ordinal))
        {
            return Part.Dropped;
        }

        if (_part is Part.RoleHeader)
        {
            return Part.Answer;
        }

        header = header.TrimStart();
        var end = header.IndexOfAny(" \t\r\n");
        var channel = end < 0 ? header : header[..end];
        return channel.IsEmpty || channel.Equals("final", StringComparison.OrdinalIgnoreCase) ? Part.Answer : Part.Reasoning;
    }

    private void Write(ReadOnlySpan<char> text, IBufferWriter<char> visible, IBufferWriter<char> reasoning)
    {
        switch (_part)
        {
            case Part.RoleHeader or Part.ChannelHeader:
                _header.Write(text[..Math.Min(text.Length, Math.Max(0, MaxHeaderChars - _header.WrittenCount))]);
                break;
            case Part.Answer or Part.Outside:
                text = _isTrimming ? text.TrimStart() : text;
                _isTrimming &= text.IsEmpty;
                visible.Write(text);
                break;
            case Part.Reasoning:
                reasoning.Write(text);
                break;
        }
    }
}
