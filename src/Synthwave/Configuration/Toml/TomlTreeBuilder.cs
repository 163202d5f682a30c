using System.Diagnostics.CodeAnalysis;
using Tomlyn.Syntax;

namespace Synthwave.Configuration.Toml;

/// <summary>
/// Turns a syntax tree without errors into a tree of values, and finds what grammar alone does not: names defined twice, nesting without
/// end, integers beyond 64 bits, line breaks in strings of one line. One builder builds one tree.
/// </summary>
internal sealed class TomlTreeBuilder
{
    public const int MaxDepth = 256;

    public static readonly string TooDeep = $"tables and arrays nest deeper than {MaxDepth} levels";

    private readonly string _text;
    private readonly TomlTable _root = new(TomlTableOrigin.Header, new TomlPosition(1, 1));
    private TomlError? _error;

    private TomlTreeBuilder(string text) => _text = text;

    private readonly record struct KeyPart(string Name, TomlPosition Position);

    /// <param name="document">A document without syntax errors.</param>
    /// <param name="text">The text it was parsed from.</param>
    /// <param name="root">The tree when the result is true.</param>
    /// <param name="error">The first error when it is false.</param>
    public static bool TryBuild(DocumentSyntax document, string text, [NotNullWhen(true)] out TomlTable? root, [NotNullWhen(false)] out TomlError? error)
    {
        var builder = new TomlTreeBuilder(text);
        root = builder.AddDocument(document) ? builder._root : null;
        error = builder._error;
        return root is not null;
    }

    private bool AddDocument(DocumentSyntax document) =>
        document.KeyValues.All(entry => AddEntry(_root, entry, depth: 0)) && document.Tables.All(AddSection);

    private bool AddSection(TableSyntaxBase section)
    {
        if (!TryKey(section.Name!, out var path)
            || !CheckDepth(path.Count, path[0].Position)
            || !FindParent(path, out var parent)
            || !OpenSection(parent, path[^1], ofArray: section is TableArraySyntax, out var table))
        {
            return false;
        }

        return section.Items.All(entry => AddEntry(table, entry, path.Count));
    }

    /// <summary>Walks a header to the table that holds its last part, creating what is not there.</summary>
    private bool FindParent(List<KeyPart> path, out TomlTable parent)
    {
        parent = _root;
        foreach (var part in path[..^1])
        {
            switch (parent.Find(part.Name)?.Value)
            {
                case null:
                    var created = new TomlTable(TomlTableOrigin.Implicit, part.Position);
                    parent.Add(part.Name, created, part.Position);
                    parent = created;
                    break;
                case TomlTable { Origin: not TomlTableOrigin.Inline } table:
                    parent = table;
                    break;
                case TomlArray { IsOfTables: true } array:
                    parent = (TomlTable)array.Items[^1];
                    break;
                case var other:
                    return FailDefined(part, other);
            }
        }

        return true;
    }

    private bool OpenSection(TomlTable parent, KeyPart name, bool ofArray, out TomlTable section)
    {
        section = new TomlTable(TomlTableOrigin.Header, name.Position);
        switch (parent.Find(name.Name)?.Value)
        {
            case null when ofArray:
                var array = new TomlArray(name.Position) { IsOfTables = true };
                array.Add(section);
                parent.Add(name.Name, array, name.Position);
                return true;
            case null:
                parent.Add(name.Name, section, name.Position);
                return true;
            case TomlArray { IsOfTables: true } tables when ofArray:
                tables.Add(section);
                return true;
            case TomlTable { Origin: TomlTableOrigin.Implicit } table when !ofArray:
                table.Define(name.Position);
                section = table;
                return true;
            case var existing:
                return FailDefined(name, existing);
        }
    }

    /// <summary><c>key = value</c>, in a section or in braces.</summary>
    private bool AddEntry(TomlTable target, KeyValueSyntax entry, int depth)
    {
        if (!TryKey(entry.Key!, out var path))
        {
            return false;
        }

        depth += path.Count - 1;
        if (!CheckDepth(depth, path[0].Position) || !TryValue(entry.Value!, depth, out var value))
        {
            return false;
        }

        foreach (var part in path[..^1])
        {
            switch (target.Find(part.Name)?.Value)
            {
                case null:
                    var created = new TomlTable(TomlTableOrigin.Dotted, part.Position);
                    target.Add(part.Name, created, part.Position);
                    target = created;
                    break;

                // A dotted table can only be met here within the section or braces that made it.
                case TomlTable { Origin: TomlTableOrigin.Dotted } table:
                    target = table;
                    break;
                case var other:
                    return FailDefined(part, other);
            }
        }

        if (target.Find(path[^1].Name) is { } existing)
        {
            return FailDefined(path[^1], existing.Value);
        }

        target.Add(path[^1].Name, value, path[^1].Position);
        return true;
    }

    private bool TryKey(KeySyntax key, out List<KeyPart> path)
    {
        path = [];
        foreach (var part in key.DotKeys.Select(d => d.Key).Prepend(key.Key))
        {
            if (part is StringValueSyntax quoted && !CheckLineBreak(quoted))
            {
                return false;
            }

            path.Add(new KeyPart(part is StringValueSyntax text ? text.Value! : ((BareKeySyntax)part!).Key!.Text!, PositionOf(part)));
        }

        return true;
    }

    private bool TryValue(ValueSyntax syntax, int depth, [NotNullWhen(true)] out TomlValue? value)
    {
        var position = PositionOf(syntax);
        value = syntax switch
        {
            StringValueSyntax text when CheckLineBreak(text) => new TomlString(text.Value!, position),
            IntegerValueSyntax integer when CheckInteger(integer) => new TomlInteger(integer.Value, position),
            FloatValueSyntax number => new TomlFloat(number.Value, position),
            BooleanValueSyntax boolean => new TomlBoolean(boolean.Value, position),
            DateTimeValueSyntax time => Time(time, position),
            ArraySyntax array when CheckDepth(depth + 1, position) => Array(array, depth + 1, position),
            InlineTableSyntax table when CheckDepth(depth + 1, position) => InlineTable(table, depth + 1, position),
            _ => null, // Refused by one of the checks above.
        };
        return value is not null;
    }

    private TomlArray? Array(ArraySyntax syntax, int depth, TomlPosition position)
    {
        var array = new TomlArray(position);
        foreach (var item in syntax.Items)
        {
            // A comma after the last item, or no item at all, leaves an empty one behind.
            if (item.Value is null)
            {
                continue;
            }

            if (!TryValue(item.Value, depth, out var value))
            {
                return null;
            }

            array.Add(value);
        }

        return array;
    }

    private TomlTable? InlineTable(InlineTableSyntax syntax, int depth, TomlPosition position)
    {
        var table = new TomlTable(TomlTableOrigin.Inline, position);
        return syntax.Items.All(item => AddEntry(table, item.KeyValue!, depth)) ? table : null;
    }

    /// <summary>As RFC 3339 writes it: a capital T and Z, and seconds.</summary>
    private static TomlTime Time(DateTimeValueSyntax syntax, TomlPosition position)
    {
        var text = syntax.Token!.Text!.ToUpperInvariant();
        var (kind, timeAt) = syntax.Token.TokenKind switch
        {
            TokenKind.LocalDate => (TomlTimeKind.LocalDate, -1),
            TokenKind.LocalTime => (TomlTimeKind.LocalTime, 0),
            TokenKind.LocalDateTime => (TomlTimeKind.LocalDateTime, 11),
            _ => (TomlTimeKind.OffsetDateTime, 11),
        };
        if (timeAt > 0)
        {
            text = $"{text[..10]}T{text[11..]}";
        }

        var seconds = timeAt + "00:00".Length;
        if (timeAt >= 0 && (seconds == text.Length || text[seconds] != ':'))
        {
            text = text.Insert(seconds, ":00");
        }

        return new TomlTime(kind, text, position);
    }

    /// <summary>A backslash before a line break joins lines in multi-line strings only.</summary>
    private bool CheckLineBreak(StringValueSyntax syntax)
    {
        if (syntax.Token is not { TokenKind: TokenKind.String, Text: { } text } || text.IndexOf('\n', StringComparison.Ordinal) is not (>= 0 and var lineBreak))
        {
            return true;
        }

        var backslash = syntax.Span.Start.Offset + text.LastIndexOf('\\', lineBreak);
        return Fail(TomlPosition.Of(_text, backslash), TomlSyntaxFault.NoEscape(_text, backslash));
    }

    /// <summary>Digits of the other bases fill all 64 bits and would come out negative.</summary>
    private bool CheckInteger(IntegerValueSyntax syntax) =>
        syntax is not { Value: < 0, Token.TokenKind: TokenKind.IntegerHexa or TokenKind.IntegerOctal or TokenKind.IntegerBinary }
        || Fail(PositionOf(syntax), TomlBareWord.OutOfRange);

    private bool CheckDepth(int depth, TomlPosition position) => depth <= MaxDepth || Fail(position, TooDeep);

    private bool FailDefined(KeyPart part, TomlValue existing)
    {
        var name = part.Name.Length <= 60 ? part.Name : part.Name[..60] + "…";
        var what = existing switch
        {
            TomlTable { Origin: TomlTableOrigin.Inline } => "an inline table, which nothing can be added to,",
            TomlTable { Origin: TomlTableOrigin.Dotted } => "a table by dotted keys, which defines it completely,",
            TomlArray { IsOfTables: true } => "an array of tables",
            _ => existing.TypeName,
        };
        return Fail(part.Position, $"'{name}' is already defined as {what} at line {existing.Position.Line}, column {existing.Position.Column}");
    }

    private bool Fail(TomlPosition position, string message)
    {
        _error ??= new TomlError(position, message);
        return false;
    }

    private static TomlPosition PositionOf(SyntaxNode node) => new(node.Span.Start.Line + 1, node.Span.Start.Column + 1);
}
