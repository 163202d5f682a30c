using System.Buffers;
using System.Globalization;
using System.Text;

namespace Synthwave.Configuration.Toml;

/// <summary>The four kinds of string: basic and literal, on one line or on several.</summary>
internal sealed class TomlText(TomlScanner scanner)
{
    // Where a run of ordinary text ends: the quotes, the escape, and every control character but the tab.
    private static readonly SearchValues<char> Stops = SearchValues.Create(
        ['"', '\'', '\\', '\u007F', .. Enumerable.Range(0, ' ').Where(c => c != '\t').Select(c => (char)c)]);

    private readonly StringBuilder _buffer = new();

    /// <summary>Reads the string at the cursor, which stands on a quote.</summary>
    /// <param name="allowMultiline">False in keys, where three quotes open nothing.</param>
    /// <param name="value">The string's content when the result is true.</param>
    public bool TryRead(bool allowMultiline, out string value)
    {
        var quote = scanner.Current;
        var start = scanner.Position;
        _buffer.Clear();
        value = "";

        var multiline = scanner.PeekAt(1) == quote && scanner.PeekAt(2) == quote;
        if (multiline && !allowMultiline)
        {
            return scanner.Fail("a key cannot be a multi-line string");
        }

        scanner.Advance(multiline ? 3 : 1);
        if (!(multiline ? ReadLines(quote, start) : ReadLine(quote, start)))
        {
            return false;
        }

        value = _buffer.ToString();
        return true;
    }

    private bool ReadLine(int quote, TomlPosition start)
    {
        while (true)
        {
            _buffer.Append(scanner.TakeUntilAnyOf(Stops));
            var current = scanner.Current;
            if (current == quote)
            {
                scanner.Advance();
                return true;
            }

            switch (current)
            {
                case TomlScanner.End or '\n' or '\r':
                    return scanner.Fail(start, "the string is not closed on its line");
                case '\\' when quote == '"':
                    if (!ReadEscape())
                    {
                        return false;
                    }

                    break;
                case '"' or '\'' or '\\':
                    _buffer.Append((char)current);
                    scanner.Advance();
                    break;
                default:
                    return scanner.FailControlCharacter();
            }
        }
    }

    private bool ReadLines(int quote, TomlPosition start)
    {
        if (scanner.Current is '\n' or '\r' && !scanner.TakeNewLine())
        {
            return false;
        }

        while (true)
        {
            _buffer.Append(scanner.TakeUntilAnyOf(Stops));
            var current = scanner.Current;
            if (current == quote)
            {
                if (ReadQuotes((char)quote))
                {
                    return true;
                }

                continue;
            }

            switch (current)
            {
                case TomlScanner.End:
                    return scanner.Fail(start, "the multi-line string is never closed");
                case '\n' or '\r':
                    if (!scanner.TakeNewLine())
                    {
                        return false;
                    }

                    _buffer.Append('\n');
                    break;
                case '\\' when quote == '"':
                    if (!(IsLineContinuation() ? SkipContinuation() : ReadEscape()))
                    {
                        return false;
                    }

                    break;
                case '"' or '\'' or '\\':
                    _buffer.Append((char)current);
                    scanner.Advance();
                    break;
                default:
                    return scanner.FailControlCharacter();
            }
        }
    }

    /// <summary>Quotes inside a multi-line string: up to two are text, three close it, and two more may stand right before the closing three.</summary>
    private bool ReadQuotes(char quote)
    {
        var count = 0;
        while (count < 5 && scanner.Current == quote)
        {
            scanner.Advance();
            count++;
        }

        _buffer.Append(quote, count < 3 ? count : count - 3);
        return count >= 3;
    }

    private bool IsLineContinuation()
    {
        var offset = 1;
        while (scanner.PeekAt(offset) is ' ' or '\t')
        {
            offset++;
        }

        return scanner.PeekAt(offset) is '\n' or '\r';
    }

    private bool SkipContinuation()
    {
        scanner.Advance();
        scanner.SkipBlanks();
        while (scanner.Current is '\n' or '\r')
        {
            if (!scanner.TakeNewLine())
            {
                return false;
            }

            scanner.SkipBlanks();
        }

        return true;
    }

    private bool ReadEscape()
    {
        var position = scanner.Position;
        var letter = scanner.PeekAt(1);
        switch (letter)
        {
            case 'b': _buffer.Append('\b'); break;
            case 't': _buffer.Append('\t'); break;
            case 'n': _buffer.Append('\n'); break;
            case 'f': _buffer.Append('\f'); break;
            case 'r': _buffer.Append('\r'); break;
            case '"': _buffer.Append('"'); break;
            case '\\': _buffer.Append('\\'); break;
            case 'u': return ReadCodePoint(position, digits: 4);
            case 'U': return ReadCodePoint(position, digits: 8);
            default:
                scanner.Advance();
                return scanner.Fail(position, $"a backslash followed by {scanner.DescribeCurrent()} is no escape; write \\\\ for a backslash");
        }

        scanner.Advance(2);
        return true;
    }

    private bool ReadCodePoint(TomlPosition position, int digits)
    {
        scanner.Advance(2);
        var start = scanner.Index;
        for (var i = 0; i < digits; i++)
        {
            if (scanner.Current is < 0 or > 0x7F || !char.IsAsciiHexDigit((char)scanner.Current))
            {
                return scanner.Fail(position, $"this escape needs exactly {digits} hexadecimal digits");
            }

            scanner.Advance();
        }

        var code = uint.Parse(scanner.Since(start), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        if (!Rune.IsValid(code))
        {
            return scanner.Fail(position, "this escape names no Unicode character (surrogates and values above 10FFFF are none)");
        }

        _buffer.Append(new Rune(code).ToString());
        return true;
    }
}
