using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Synthwave.Configuration.Toml;

/// <summary>
/// Reads a TOML 1.0 document into a tree with positions, in one pass and linear time. An invalid document gives the first error with its
/// place; input of any kind never throws. One reader reads one document.
/// </summary>
internal sealed class TomlReader
{
    /// <summary>How deep tables and arrays may nest, headers and dotted keys included.</summary>
    public const int MaxDepth = 256;

    private static readonly SearchValues<char> BareKey =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    private static readonly SearchValues<char> BareValue =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+.:");

    private readonly TomlScanner _scanner;
    private readonly TomlText _strings;
    private readonly TomlTable _root = new(TomlTableOrigin.Header, new TomlPosition(1, 1));
    private TomlTable _section;
    private int _sectionDepth;

    private TomlReader(TomlScanner scanner)
    {
        _scanner = scanner;
        _strings = new TomlText(scanner);
        _section = _root;
    }

    private readonly record struct KeyPart(string Name, TomlPosition Position);

    /// <summary>Reads a UTF-8 document, with or without byte order mark.</summary>
    public static bool TryRead(ReadOnlySpan<byte> utf8, [NotNullWhen(true)] out TomlTable? root, [NotNullWhen(false)] out TomlError? error)
    {
        root = null;
        if (!TomlScanner.TryOpen(utf8, out var scanner, out error))
        {
            return false;
        }

        var reader = new TomlReader(scanner);
        if (reader.ReadDocument())
        {
            root = reader._root;
            return true;
        }

        error = scanner.Error!; // Every false of the productions was made by TomlScanner.Fail.
        return false;
    }

    private bool ReadDocument()
    {
        while (true)
        {
            if (!_scanner.SkipBlanksAndLines())
            {
                return false;
            }

            if (_scanner.Current == TomlScanner.End)
            {
                return true;
            }

            var read = _scanner.Current == '[' ? ReadHeader() : ReadEntry(_section, _sectionDepth);
            if (!read || !_scanner.TakeEndOfStatement())
            {
                return false;
            }
        }
    }

    private bool ReadHeader()
    {
        var ofArray = _scanner.PeekAt(1) == '[';
        _scanner.Advance(ofArray ? 2 : 1);
        _scanner.SkipBlanks();
        if (!ReadKey(out var path))
        {
            return false;
        }

        if (_scanner.Current != ']' || (ofArray && _scanner.PeekAt(1) != ']'))
        {
            return _scanner.Fail($"expected '{(ofArray ? "]]" : "]")}' to close the header, found {_scanner.DescribeCurrent()}");
        }

        _scanner.Advance(ofArray ? 2 : 1);
        _sectionDepth = path.Count;
        return CheckDepth(path.Count, path[0].Position) && FindParent(path, out var parent) && OpenSection(parent, path[^1], ofArray);
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

    private bool OpenSection(TomlTable parent, KeyPart name, bool ofArray)
    {
        var existing = parent.Find(name.Name)?.Value;
        switch (existing)
        {
            case null when ofArray:
                var array = new TomlArray(name.Position) { IsOfTables = true };
                parent.Add(name.Name, array, name.Position);
                return AppendSection(array, name);
            case null:
                _section = new TomlTable(TomlTableOrigin.Header, name.Position);
                parent.Add(name.Name, _section, name.Position);
                return true;
            case TomlArray { IsOfTables: true } tables when ofArray:
                return AppendSection(tables, name);
            case TomlTable { Origin: TomlTableOrigin.Implicit } table when !ofArray:
                table.Define(name.Position);
                _section = table;
                return true;
            default:
                return FailDefined(name, existing);
        }
    }

    private bool AppendSection(TomlArray array, KeyPart name)
    {
        _section = new TomlTable(TomlTableOrigin.Header, name.Position);
        array.Add(_section);
        return true;
    }

    /// <summary><c>key = value</c>, in a section or in braces.</summary>
    private bool ReadEntry(TomlTable target, int depth)
    {
        if (!ReadKey(out var path))
        {
            return false;
        }

        if (_scanner.Current != '=')
        {
            return _scanner.Fail($"expected '=' after the key, found {_scanner.DescribeCurrent()}");
        }

        _scanner.Advance();
        _scanner.SkipBlanks();
        depth += path.Count - 1;
        if (!CheckDepth(depth, path[0].Position) || !ReadValue(depth, out var value))
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

    /// <summary>A bare, quoted or dotted key and the blanks after it.</summary>
    private bool ReadKey(out List<KeyPart> path)
    {
        path = [];
        while (true)
        {
            var position = _scanner.Position;
            string name;
            if (_scanner.Current is '"' or '\'')
            {
                if (!_strings.TryRead(allowMultiline: false, out name))
                {
                    return false;
                }
            }
            else
            {
                name = _scanner.TakeAnyOf(BareKey).ToString();
                if (name.Length == 0)
                {
                    return _scanner.Fail($"expected a key, found {_scanner.DescribeCurrent()}");
                }
            }

            path.Add(new KeyPart(name, position));
            _scanner.SkipBlanks();
            if (_scanner.Current != '.')
            {
                return true;
            }

            _scanner.Advance();
            _scanner.SkipBlanks();
        }
    }

    private bool ReadValue(int depth, [NotNullWhen(true)] out TomlValue? value)
    {
        var position = _scanner.Position;
        value = null;
        switch (_scanner.Current)
        {
            case '"' or '\'':
                value = _strings.TryRead(allowMultiline: true, out var text) ? new TomlString(text, position) : null;
                break;
            case '[':
                value = CheckDepth(depth + 1, position) ? ReadArray(depth + 1, position) : null;
                break;
            case '{':
                value = CheckDepth(depth + 1, position) ? ReadInlineTable(depth + 1, position) : null;
                break;
            default:
                value = ReadBareValue(position);
                break;
        }

        return value is not null;
    }

    private TomlValue? ReadBareValue(TomlPosition position)
    {
        var start = _scanner.Index;
        var token = _scanner.TakeAnyOf(BareValue);
        if (token.IsEmpty)
        {
            _scanner.Fail($"expected a value, found {_scanner.DescribeCurrent()}");
            return null;
        }

        if (TomlTimeText.IsDateOnly(token) && _scanner.Current == ' ' && _scanner.PeekAt(1) is >= '0' and <= '9')
        {
            _scanner.Advance();
            _scanner.TakeAnyOf(BareValue);
            token = _scanner.Since(start);
        }

        var value = TomlBareValue.Read(token, position, out var reason);
        if (value is null)
        {
            _scanner.Fail(position, reason);
        }

        return value;
    }

    private TomlArray? ReadArray(int depth, TomlPosition position)
    {
        var array = new TomlArray(position);
        _scanner.Advance();
        while (true)
        {
            if (!_scanner.SkipBlanksAndLines())
            {
                return null;
            }

            if (_scanner.Current == ']')
            {
                _scanner.Advance();
                return array;
            }

            if (_scanner.Current == TomlScanner.End)
            {
                _scanner.Fail(position, "the array is never closed");
                return null;
            }

            if (!ReadValue(depth, out var item) || !_scanner.SkipBlanksAndLines())
            {
                return null;
            }

            array.Add(item);
            if (_scanner.Current == ',')
            {
                _scanner.Advance();
            }
            else if (_scanner.Current is not (']' or TomlScanner.End))
            {
                _scanner.Fail($"expected ',' or ']' in the array, found {_scanner.DescribeCurrent()}");
                return null;
            }
        }
    }

    private TomlTable? ReadInlineTable(int depth, TomlPosition position)
    {
        var table = new TomlTable(TomlTableOrigin.Inline, position);
        _scanner.Advance();
        _scanner.SkipBlanks();
        if (_scanner.Current == '}')
        {
            _scanner.Advance();
            return table;
        }

        while (true)
        {
            if (!ReadEntry(table, depth))
            {
                return null;
            }

            _scanner.SkipBlanks();
            switch (_scanner.Current)
            {
                case '}':
                    _scanner.Advance();
                    return table;
                case ',':
                    _scanner.Advance();
                    _scanner.SkipBlanks();
                    if (_scanner.Current == '}')
                    {
                        _scanner.Fail("an inline table has no comma after its last entry");
                        return null;
                    }

                    break;
                case '\r' or '\n' or '#':
                    _scanner.Fail("an inline table stands on one line, without comments");
                    return null;
                default:
                    _scanner.Fail($"expected ',' or '}}' in the inline table, found {_scanner.DescribeCurrent()}");
                    return null;
            }
        }
    }

    private bool CheckDepth(int depth, TomlPosition position) =>
        depth <= MaxDepth || _scanner.Fail(position, $"tables and arrays nest deeper than {MaxDepth} levels");

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
        return _scanner.Fail(part.Position, $"'{name}' is already defined as {what} at line {existing.Position.Line}, column {existing.Position.Column}");
    }
}
