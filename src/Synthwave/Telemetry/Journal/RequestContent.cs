using System.Text;

namespace Synthwave.Telemetry.Journal;

/// <summary>
/// What one request said and was answered, where the operator wants it kept: the first <see cref="Most"/> bytes of each. Written by the request's own flow; gives its room back
/// when it is disposed.
/// </summary>
internal sealed class RequestContent(ContentRoom room) : IDisposable
{
    /// <summary>Most bytes of a prompt, and of an answer.</summary>
    public const int Most = 64 * 1024;

    private const int Step = 4 * 1024;

    private byte[] _prompt = [];
    private byte[] _answer = [];
    private int _answered;
    private int _taken;
    private bool _isPromptCut;
    private bool _isAnswerCut;

    /// <summary>Null = nothing was said.</summary>
    public string? Prompt => Text(_prompt, _isPromptCut);

    /// <summary>As sent, events included; null = nothing was.</summary>
    public string? Answer => Text(_answer.AsSpan(0, _answered), _isAnswerCut);

    public void SetPrompt(ReadOnlySpan<byte> body)
    {
        var kept = body[..Math.Min(body.Length, Most)];
        if (!TryTake(kept.Length))
        {
            _isPromptCut = true;
            return;
        }

        _isPromptCut = kept.Length < body.Length;
        _prompt = kept.ToArray();
    }

    public void AddAnswer(ReadOnlySpan<byte> bytes)
    {
        if (_isAnswerCut || bytes.IsEmpty)
        {
            return;
        }

        var kept = bytes[..Math.Min(bytes.Length, Most - _answered)];
        if (_answered + kept.Length > _answer.Length)
        {
            var length = Math.Min(Most, Math.Max(Math.Max(Step, _answer.Length * 2), _answered + kept.Length));
            if (!TryTake(length - _answer.Length))
            {
                _isAnswerCut = true;
                return;
            }

            Array.Resize(ref _answer, length);
        }

        kept.CopyTo(_answer.AsSpan(_answered));
        _answered += kept.Length;
        _isAnswerCut = kept.Length < bytes.Length;
    }

    public void Dispose()
    {
        room.Give(_taken);
        _taken = 0;
    }

    private static string? Text(ReadOnlySpan<byte> bytes, bool isCut) =>
        bytes.IsEmpty && !isCut ? null : Encoding.UTF8.GetString(bytes) + (isCut ? " … (cut)" : "");

    private bool TryTake(int bytes)
    {
        if (!room.TryTake(bytes))
        {
            return false;
        }

        _taken += bytes;
        return true;
    }
}
