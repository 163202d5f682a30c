using System.Buffers.Text;

namespace Synthwave.Chat.Tools;

/// <summary>Follows the arguments of one call piece by piece, only far enough to tell whether their object or list is closed. Not thread-safe.</summary>
internal sealed class ArgumentsProgress
{
    private int _depth;
    private bool _isInText;
    private bool _isEscaped;

    /// <summary>Some character that is no white space has come.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>They have begun as an object or list, or as a text in one, that is not closed.</summary>
    public bool IsOpen => !IsComplete && (_depth > 0 || _isInText);

    /// <summary>The object or list they are is closed. What comes behind it does not change that.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>Takes the next piece.</summary>
    /// <param name="piece">JSON text or, with <paramref name="isQuoted"/>, the inside of a valid JSON string that spells it.</param>
    /// <param name="isQuoted">The piece has the escapes of a JSON string.</param>
    public void Add(ReadOnlySpan<byte> piece, bool isQuoted)
    {
        for (var i = 0; i < piece.Length && !IsComplete; i++)
        {
            var current = piece[i];
            if (isQuoted && current is (byte)'\\' && i + 1 < piece.Length)
            {
                current = Unescaped(piece[(i + 1)..], out var length);
                i += length;
            }

            Add(current);
        }
    }

    private static byte Unescaped(ReadOnlySpan<byte> rest, out int length)
    {
        length = 1;
        if (rest[0] is not (byte)'u')
        {
            return rest[0] is (byte)'"' or (byte)'\\' or (byte)'/' ? rest[0] : (byte)' ';
        }

        length = Math.Min(5, rest.Length);
        return Utf8Parser.TryParse(rest[1..length], out ushort code, out _, 'x') && code < 0x80 ? (byte)code : (byte)'x';
    }

    private void Add(byte current)
    {
        HasBegun |= current is not ((byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n');
        if (_isInText)
        {
            _isInText = _isEscaped || current is not (byte)'"';
            _isEscaped = !_isEscaped && current is (byte)'\\';
            return;
        }

        switch (current)
        {
            case (byte)'"':
                _isInText = true;
                break;
            case (byte)'{' or (byte)'[':
                _depth++;
                break;
            case (byte)'}' or (byte)']':
                IsComplete = --_depth <= 0;
                break;
        }
    }
}
