using System.Text;
using Tomlyn.Syntax;

namespace Synthwave.Configuration.Toml;

/// <summary>
/// Why a document is no TOML, in our words and at the place a reader looks for. Tomlyn says where it stumbled and over what sort of
/// thing; its sentences are only recognised, never shown, because they quote the document.
/// </summary>
/// <param name="document">A document with at least one error.</param>
/// <param name="text">The text it was parsed from.</param>
internal sealed class TomlSyntaxFault(DocumentSyntax document, string text)
{
    public TomlError Explain()
    {
        // The lexer's errors come after the parser's. Past the end of the file a second error has the place 0, which is none.
        var first = document.Diagnostics.First();
        foreach (var other in document.Diagnostics)
        {
            first = other.Span.Start.Offset > 0 && other.Span.Start.Offset < first.Span.Start.Offset ? other : first;
        }

        var (at, message) = Explain(first.Message, Math.Min(first.Span.Start.Offset, text.Length));
        return new TomlError(TomlPosition.Of(text, at), message);
    }

    /// <summary>Why the backslash at <paramref name="at"/> begins no escape.</summary>
    public static string NoEscape(string text, int at) => $"a backslash followed by {Describe(text, at + 1)} is no escape; write \\\\ for a backslash";

    private (int At, string Message) Explain(string stumble, int at)
    {
        switch (stumble)
        {
            case var s when s.StartsWith("Invalid newline in a string", StringComparison.Ordinal)
                || s.StartsWith("Invalid End-Of-File found on string", StringComparison.Ordinal):
                return (StartOfString(at), "the string is not closed on its line");
            case var s when s.StartsWith("Invalid End-Of-File found for multi-line", StringComparison.Ordinal):
                return (StartOfString(at), "the multi-line string is never closed");
            case var s when s.StartsWith("Unexpected escape", StringComparison.Ordinal)
                || s.StartsWith("Invalid escape", StringComparison.Ordinal)
                || s.StartsWith("Invalid Unicode", StringComparison.Ordinal):
                return ExplainEscape(at);
            case var s when s.StartsWith("Expecting `=`", StringComparison.Ordinal):
                return MultiLineKey(at) ?? Expected("'=' after the key", AfterComment(at));
            case var s when s.EndsWith("for a base key", StringComparison.Ordinal) || s.StartsWith("Unexpected token [", StringComparison.Ordinal):
                return Expected("a key", AfterComment(at));
            case var s when s.EndsWith("(token: `closebracket`)", StringComparison.Ordinal):
                return MultiLineKey(at)
                    ?? (StartsWith("]]", at) ? Expected("the end of the line", at + 1) : Expected("']' to close the header", AfterComment(at)));
            case var s when s.EndsWith("(token: `closebracketdouble`)", StringComparison.Ordinal):
                return MultiLineKey(at) ?? Expected("']]' to close the header", AfterComment(at));
        }

        if (at == text.Length && document.Descendants().OfType<ArraySyntax>().LastOrDefault(a => a.CloseBracket is null) is { } open && open.Span.Start.Offset < at
            && !stumble.Contains("while parsing inline table.", StringComparison.Ordinal))
        {
            return (open.Span.Start.Offset, "the array is never closed");
        }

        return ExplainWord(stumble, at) ?? ExplainSeparator(stumble, at);
    }

    /// <summary>A word that is no value, at its start. Where something else was expected it is one only if it goes on from a value.</summary>
    private (int At, string Message)? ExplainWord(string stumble, int at)
    {
        var start = TomlBareWord.StartOf(text, at);
        var expectedValue = stumble.EndsWith("for a value", StringComparison.Ordinal);
        var parserStumbled = stumble.StartsWith("Unexpected token", StringComparison.Ordinal) || stumble.StartsWith("Missing a `,`", StringComparison.Ordinal);
        if (parserStumbled && (!TomlBareWord.IsPart(text, at) || (start == at && !expectedValue)))
        {
            return null;
        }

        var word = TomlBareWord.At(text, start);
        return word.IsEmpty ? null : (start, TomlBareWord.Explain(word));
    }

    private (int At, string Message) ExplainSeparator(string stumble, int at)
    {
        if (stumble.EndsWith("while expecting token `newline`", StringComparison.Ordinal))
        {
            return Expected("the end of the line", at);
        }

        if (stumble.StartsWith("Missing a `,`", StringComparison.Ordinal) || stumble.EndsWith("for an array", StringComparison.Ordinal))
        {
            return Expected("',' or ']' in the array", at);
        }

        if (stumble.Contains("while parsing inline table.", StringComparison.Ordinal))
        {
            var open = document.Descendants().OfType<InlineTableSyntax>().LastOrDefault(t => t.CloseBrace is null);
            var expectsKey = open?.Items.LastOrDefault() is not { Comma: null };
            return Expected(expectsKey ? "a key" : "',' or '}' in the inline table", AfterComment(at));
        }

        return Expected("a value", AfterComment(at));
    }

    private (int At, string Message) ExplainEscape(int at)
    {
        var backslash = text.LastIndexOf('\\', at - 1);
        var digits = text.AsSpan(backslash + 1) switch
        {
            ['x', ..] => 2,
            ['u', ..] => 4,
            ['U', ..] => 8,
            _ => 0,
        };
        if (digits == 0)
        {
            return (backslash, NoEscape(text, backslash));
        }

        var code = text.AsSpan(backslash + 2);
        return code.Length < digits || code[..digits].ContainsAnyExcept(TomlBareWord.HexDigits)
            ? (backslash, $"this escape needs exactly {digits} hexadecimal digits")
            : (backslash, "this escape names no Unicode character (surrogates and values above 10FFFF are none)");
    }

    /// <summary>Three quotes open nothing in a key: the parser takes the first two for an empty one.</summary>
    private (int At, string Message)? MultiLineKey(int at) =>
        at >= 2 && at < text.Length && text[at] is '"' or '\'' && text[at - 1] == text[at] && text[at - 2] == text[at]
            ? (at - 2, "a key cannot be a multi-line string")
            : null;

    private int StartOfString(int at) =>
        document.Tokens().OfType<SyntaxToken>().LastOrDefault(t => t.TokenKind.IsString() && t.Span.Start.Offset < at)?.Span.Start.Offset ?? at;

    /// <summary>At the end of a line with a comment the comment is what was found.</summary>
    private int AfterComment(int at)
    {
        if (at < text.Length && text[at] != '\n')
        {
            return at;
        }

        var last = document.Tokens().OfType<SyntaxToken>().LastOrDefault(t => t is not InvalidSyntaxToken && t.TokenKind is not TokenKind.NewLine && t.Span.End.Offset < at);
        var after = last is null ? at : last.Span.End.Offset + 1;
        while (after < at && text[after] is ' ' or '\t')
        {
            after++;
        }

        return after < at && text[after] == '#' ? after : at;
    }

    private bool StartsWith(string what, int at) => text.AsSpan(at).StartsWith(what, StringComparison.Ordinal);

    private (int At, string Message) Expected(string what, int at) => (at, $"expected {what}, found {Describe(text, at)}");

    private static string Describe(string text, int at)
    {
        if (at >= text.Length)
        {
            return "the end of the file";
        }

        _ = Rune.DecodeFromUtf16(text.AsSpan(at), out var rune, out _);
        return text[at] switch
        {
            '\n' => "the end of the line",
            '\'' => "a single quote",
            _ => $"'{rune}'",
        };
    }
}
