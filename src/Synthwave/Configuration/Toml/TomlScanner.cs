using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace Synthwave.Configuration.Toml;

/// <summary>
/// A cursor over a document that knows its line and column, and the lexical rules every production shares: white space, comments,
/// line ends, forbidden characters. The first failure is kept in <see cref="Error"/>; every method that can fail returns false then.
/// </summary>
internal sealed class TomlScanner
{
    /// <summary><see cref="Current"/> past the last character.</summary>
    public const int End = -1;

    private readonly string _text;
    private int _lineStart;

    // The last place asked for on this line: columns are counted on from there, so that a document of one long line stays linear.
    private int _knownIndex;
    private int _knownColumn = 1;

    private TomlScanner(string text) => _text = text;

    public int Index { get; private set; }

    public int Line { get; private set; } = 1;

    public TomlError? Error { get; private set; }

    public int Current => PeekAt(0);

    public TomlPosition Position => PositionOf(Index);

    /// <summary>Decodes a document; a byte order mark at its start is no part of the text.</summary>
    public static bool TryOpen(ReadOnlySpan<byte> utf8, [NotNullWhen(true)] out TomlScanner? scanner, [NotNullWhen(false)] out TomlError? error)
    {
        if (utf8.StartsWith("\uFEFF"u8))
        {
            utf8 = utf8[3..];
        }

        if (Utf8.IsValid(utf8))
        {
            scanner = new TomlScanner(Encoding.UTF8.GetString(utf8));
            error = null;
            return true;
        }

        scanner = null;
        error = new TomlError(FirstInvalidByte(utf8), "the file is not valid UTF-8 here");
        return false;
    }

    public int PeekAt(int offset)
    {
        var index = Index + offset;
        return index < _text.Length ? _text[index] : End;
    }

    public void Advance(int count = 1) => Index += count;

    public ReadOnlySpan<char> Since(int start) => _text.AsSpan(start, Index - start);

    /// <summary>Consumes the run of characters out of <paramref name="set"/> and returns it.</summary>
    public ReadOnlySpan<char> TakeAnyOf(SearchValues<char> set)
    {
        var rest = _text.AsSpan(Index);
        var length = rest.IndexOfAnyExcept(set);
        var taken = length < 0 ? rest : rest[..length];
        Index += taken.Length;
        return taken;
    }

    /// <summary>Consumes everything before the first character out of <paramref name="set"/> and returns it.</summary>
    public ReadOnlySpan<char> TakeUntilAnyOf(SearchValues<char> set)
    {
        var rest = _text.AsSpan(Index);
        var length = rest.IndexOfAny(set);
        var taken = length < 0 ? rest : rest[..length];
        Index += taken.Length;
        return taken;
    }

    public bool Fail(string message) => Fail(Position, message);

    public bool Fail(TomlPosition position, string message)
    {
        Error ??= new TomlError(position, message);
        return false;
    }

    public void SkipBlanks()
    {
        while (Current is ' ' or '\t')
        {
            Index++;
        }
    }

    /// <summary>White space, comments and line ends, as allowed between the items of an array.</summary>
    public bool SkipBlanksAndLines()
    {
        while (true)
        {
            SkipBlanks();
            switch (Current)
            {
                case '#':
                    if (!SkipComment())
                    {
                        return false;
                    }

                    break;
                case '\r' or '\n':
                    if (!TakeNewLine())
                    {
                        return false;
                    }

                    break;
                default:
                    return true;
            }
        }
    }

    /// <summary>What may follow a complete statement: blanks and a comment, then a line end or the end of the file.</summary>
    public bool TakeEndOfStatement()
    {
        SkipBlanks();
        if (Current == '#' && !SkipComment())
        {
            return false;
        }

        return Current switch
        {
            End => true,
            '\r' or '\n' => TakeNewLine(),
            _ => Fail($"expected the end of the line, found {DescribeCurrent()}"),
        };
    }

    /// <summary>Consumes LF or CRLF at the cursor.</summary>
    public bool TakeNewLine()
    {
        if (Current == '\r')
        {
            if (PeekAt(1) != '\n')
            {
                return Fail("a carriage return must be followed by a line feed");
            }

            Index++;
        }

        Index++;
        Line++;
        _lineStart = _knownIndex = Index;
        _knownColumn = 1;
        return true;
    }

    /// <summary>Fails for a character that may stand neither in a comment nor in a string.</summary>
    public bool FailControlCharacter() =>
        Fail($"the control character U+{Current.ToString("X4", CultureInfo.InvariantCulture)} is not allowed here");

    public string DescribeCurrent() => Current switch
    {
        End => "the end of the file",
        '\r' or '\n' => "the end of the line",
        '\'' => "a single quote",
        < ' ' or 0x7F => $"the control character U+{Current.ToString("X4", CultureInfo.InvariantCulture)}",
        _ => $"'{CurrentRune()}'",
    };

    public static bool IsControl(int c) => c is (>= 0 and < ' ' and not '\t') or 0x7F;

    private bool SkipComment()
    {
        while (Current != End && !IsControl(Current))
        {
            Index++;
        }

        // A carriage return without line feed is refused when the line end is taken.
        return Current is End or '\r' or '\n' || FailControlCharacter();
    }

    private Rune CurrentRune()
    {
        _ = Rune.DecodeFromUtf16(_text.AsSpan(Index), out var rune, out _);
        return rune;
    }

    private TomlPosition PositionOf(int index)
    {
        if (index < _knownIndex)
        {
            (_knownIndex, _knownColumn) = (_lineStart, 1);
        }

        for (var i = _knownIndex; i < index && i < _text.Length; i++)
        {
            _knownColumn += char.IsLowSurrogate(_text[i]) ? 0 : 1;
        }

        _knownIndex = index;
        return new TomlPosition(Line, _knownColumn);
    }

    private static TomlPosition FirstInvalidByte(ReadOnlySpan<byte> utf8)
    {
        var (line, column) = (1, 1);
        while (Rune.DecodeFromUtf8(utf8, out var rune, out var length) == OperationStatus.Done)
        {
            (line, column) = rune.Value == '\n' ? (line + 1, 1) : (line, column + 1);
            utf8 = utf8[length..];
        }

        return new TomlPosition(line, column);
    }
}
