using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Tomlyn;
using Tomlyn.Parsing;

namespace Synthwave.Configuration.Toml;

/// <summary>
/// Reads a TOML 1.1 document into a tree with positions. An invalid document gives its first error with its place; input of any kind
/// never throws. Tomlyn parses; what it leaves open is decided here: forbidden characters, and the words of messages, which never
/// repeat a value, since a value may be a secret.
/// </summary>
internal static class TomlReader
{
    /// <summary>How deep tables and arrays may nest, headers and dotted keys included.</summary>
    public const int MaxDepth = TomlTreeBuilder.MaxDepth;

    // The document itself is a level of its own there.
    private static readonly TomlSerializerOptions Options = new() { MaxDepth = MaxDepth + 1 };

    // No TOML document holds these, wherever they stand; a carriage return only before a line feed.
    private static readonly SearchValues<char> Controls =
        SearchValues.Create(['\u007F', .. Enumerable.Range(0, ' ').Select(c => (char)c).Where(c => c is not ('\t' or '\n'))]);

    /// <summary>Reads a UTF-8 document, with or without byte order mark.</summary>
    public static bool TryRead(ReadOnlySpan<byte> utf8, [NotNullWhen(true)] out TomlTable? root, [NotNullWhen(false)] out TomlError? error)
    {
        root = null;
        if (utf8.StartsWith("\uFEFF"u8))
        {
            utf8 = utf8[3..];
        }

        if (!Utf8.IsValid(utf8))
        {
            error = new TomlError(FirstInvalidByte(utf8), "the file is not valid UTF-8 here");
            return false;
        }

        var text = Encoding.UTF8.GetString(utf8);
        if (ForbiddenCharacter(text) is { } forbidden)
        {
            error = forbidden;
            return false;
        }

        // Strings hold one kind of line end, whatever the file's is; no place moves, since the carriage return ends its line.
        text = text.Replace("\r\n", "\n", StringComparison.Ordinal);
        try
        {
            // A line end after the last line: Tomlyn throws where an escape is cut off by the end of the file.
            var document = SyntaxParser.Parse(text + "\n", Options, validate: false);
            if (!document.HasErrors)
            {
                return TomlTreeBuilder.TryBuild(document, text, out root, out error);
            }

            error = new TomlSyntaxFault(document, text).Explain();
        }
        catch (TomlException)
        {
            // Thrown for too deep a nesting only; everything else is a diagnostic of the document.
            error = new TomlError(PlaceTooDeep(text), TomlTreeBuilder.TooDeep);
        }

        return false;
    }

    /// <summary>The syntax parser does not say where it was too deep; the pull parser does.</summary>
    private static TomlPosition PlaceTooDeep(string text)
    {
        var parser = TomlParser.Create(text, new TomlParserOptions { Mode = TomlParserMode.Tolerant }, Options);
        try
        {
            while (parser.MoveNext())
            {
            }
        }
        catch (TomlException e) when (e is { Line: > 0 and var line, Column: > 0 and var column })
        {
            return new TomlPosition(line, column);
        }

        return new TomlPosition(1, 1);
    }

    private static TomlError? ForbiddenCharacter(string text)
    {
        for (var start = 0; text.AsSpan(start).IndexOfAny(Controls) is >= 0 and var offset; start += offset + 1)
        {
            var index = start + offset;
            if (text[index] != '\r')
            {
                var code = ((int)text[index]).ToString("X4", CultureInfo.InvariantCulture);
                return new TomlError(TomlPosition.Of(text, index), $"the control character U+{code} is not allowed here");
            }

            if (index + 1 == text.Length || text[index + 1] != '\n')
            {
                return new TomlError(TomlPosition.Of(text, index), "a carriage return must be followed by a line feed");
            }
        }

        return null;
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
