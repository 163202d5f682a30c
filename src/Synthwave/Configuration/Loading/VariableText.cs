using System.Text;

namespace Synthwave.Configuration.Loading;

/// <summary>
/// One string of the file with the environment's values in it: <c>${NAME}</c>, <c>${NAME:-default}</c> for a variable that is unset or empty, <c>$$</c> for
/// a dollar sign. A default may hold variables of its own. Any other dollar sign stands for itself, and so does everything in a variable's value.
/// </summary>
internal ref struct VariableText(ReadOnlySpan<char> text, Func<string, string?> environment)
{
    private const int MaxDepth = 8;

    private static readonly System.Buffers.SearchValues<char> Special = System.Buffers.SearchValues.Create("$}");

    private readonly ReadOnlySpan<char> _text = text;
    private readonly StringBuilder _result = new();
    private int _at;

    /// <summary>Why the text cannot be read, and what to do about it; the problem names variables and never shows a value.</summary>
    public (string Message, string Hint)? Problem { get; private set; }

    /// <summary>The text with values in it; null = there is a <see cref="Problem"/>.</summary>
    public string? Expand() => TryRead(depth: 0, isWanted: true) ? _result.ToString() : null;

    /// <summary>Reads to the end of the text, or of the default it is in.</summary>
    /// <param name="depth">How many defaults this one is in.</param>
    /// <param name="isWanted">Whether what is read belongs to the result.</param>
    private bool TryRead(int depth, bool isWanted)
    {
        while (_at < _text.Length)
        {
            var rest = _text[_at..];
            var plain = depth == 0 ? rest.IndexOf('$') : rest.IndexOfAny(Special);
            Take(plain < 0 ? rest.Length : plain, isWanted);
            if (plain < 0)
            {
                break;
            }

            if (_text[_at] == '}')
            {
                return true;
            }

            if (rest[plain..].StartsWith("${"))
            {
                if (!TryVariable(depth, isWanted))
                {
                    return false;
                }

                continue;
            }

            _at += rest[plain..].StartsWith("$$") ? 1 : 0;
            Take(1, isWanted);
        }

        return depth == 0 || Fail("has a '${' without its '}'");
    }

    private bool TryVariable(int depth, bool isWanted)
    {
        if (depth == MaxDepth)
        {
            return Fail("has too many variables inside one another");
        }

        _at += "${".Length;
        var rest = _text[_at..];
        var length = 0;
        while (length < rest.Length && (char.IsAsciiLetterOrDigit(rest[length]) || rest[length] == '_'))
        {
            length++;
        }

        if (length == 0 || char.IsAsciiDigit(rest[0]))
        {
            return Fail("has a '${' that no variable's name follows");
        }

        var name = rest[..length].ToString();
        var value = environment(name);
        _at += length;
        if (rest[length..].StartsWith("}"))
        {
            _at++;
            _result.Append(isWanted ? value : "");
            return value is not null || !isWanted || Fail($"the environment variable {name} is not set", $"set it, or write ${{{name}:-…}} with what goes without it");
        }

        if (!rest[length..].StartsWith(":-"))
        {
            return Fail(rest.Length == length ? "has a '${' without its '}'" : $"has something else than '}}' or ':-' behind '${{{name}'");
        }

        _at += ":-".Length;
        var isDefault = string.IsNullOrEmpty(value);
        _result.Append(isWanted ? value : "");
        if (!TryRead(depth + 1, isWanted && isDefault))
        {
            return false;
        }

        _at++;
        return true;
    }

    private void Take(int count, bool isWanted)
    {
        _result.Append(isWanted ? _text.Slice(_at, count) : "");
        _at += count;
    }

    private bool Fail(string message, string hint = "write ${NAME} or ${NAME:-default}; for a dollar sign before a brace write $$")
    {
        Problem = (message, hint);
        return false;
    }
}
