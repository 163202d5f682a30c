using System.Buffers;
using System.Text.Json;

namespace Synthwave.Json;

/// <summary>Replacements in one JSON document, applied in one copy: every byte they do not name stays as it is. Reusable after <see cref="Clear"/>.</summary>
internal sealed class JsonEdits
{
    private readonly List<Edit> _edits = [];

    public bool IsEmpty => _edits.Count == 0;

    /// <summary>The object with a top-level member set: in place where it stands, else appended. Of a repeated name the last is replaced.</summary>
    public static ReadOnlyMemory<byte> WithMember(ReadOnlyMemory<byte> json, ReadOnlySpan<byte> name, ReadOnlyMemory<byte> value)
    {
        var edits = new JsonEdits();
        edits.SetMember(json.Span, name, value);
        var output = new ArrayBufferWriter<byte>(json.Length + name.Length + value.Length + 4);
        edits.Apply(json.Span, output);
        return output.WrittenMemory;
    }

    /// <summary>The value of a top-level member, the last one of that name; absent = none. <paramref name="end"/> is where the closing brace lies.</summary>
    public static ByteRange FindMember(ReadOnlySpan<byte> json, ReadOnlySpan<byte> name, out int end)
    {
        var reader = JsonReading.ReaderAt(json);
        ByteRange found = default;
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            var isWanted = reader.TextIs(name);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            found = isWanted ? new(start, (int)reader.BytesConsumed - start) : found;
        }

        end = (int)reader.TokenStartIndex;
        return found;
    }

    public void Clear() => _edits.Clear();

    /// <summary>Edits must not overlap; several insertions at one place keep their order and come before what is replaced there.</summary>
    public void Replace(int start, int length, ReadOnlyMemory<byte> text)
    {
        var at = _edits.Count;
        while (at > 0 && (_edits[at - 1].Start > start || (length == 0 && _edits[at - 1] is { Length: > 0 } other && other.Start == start)))
        {
            at--;
        }

        _edits.Insert(at, new Edit(start, length, text));
    }

    /// <summary>Replaces a range and whatever was to be replaced within it.</summary>
    public void ReplaceWithin(ByteRange range, ReadOnlyMemory<byte> text)
    {
        _edits.RemoveAll(edit => edit.Start >= range.Start && edit.Start + edit.Length <= range.End && edit.Length > 0);
        Replace(range.Start, range.Length, text);
    }

    public void Insert(int at, ReadOnlyMemory<byte> text) => Replace(at, 0, text);

    /// <summary>Sets a top-level member of the document, which is an object.</summary>
    public void SetMember(ReadOnlySpan<byte> json, ReadOnlySpan<byte> name, ReadOnlyMemory<byte> value)
    {
        var current = FindMember(json, name, out var end);
        if (current.IsPresent)
        {
            Replace(current.Start, current.Length, value);
        }
        else
        {
            AppendMember(json, end, name, value);
        }
    }

    /// <summary>Puts a member behind the others of an object, or behind what was inserted there before.</summary>
    /// <param name="json">The document.</param>
    /// <param name="end">Where the object's closing brace lies.</param>
    /// <param name="name">As it stands between quotes.</param>
    /// <param name="value">A JSON value.</param>
    public void AppendMember(ReadOnlySpan<byte> json, int end, ReadOnlySpan<byte> name, ReadOnlyMemory<byte> value)
    {
        var isFirst = json[..end].TrimEnd(" \t\r\n"u8)[^1] == '{';
        Insert(end, Name(isFirst ? default : ","u8, name));
        Insert(end, value);
    }

    /// <summary>Puts a member before the others of an object.</summary>
    /// <param name="start">Where the object's opening brace lies.</param>
    /// <param name="name">As it stands between quotes.</param>
    /// <param name="value">A JSON value.</param>
    /// <param name="isAlone">Whether nothing will follow it.</param>
    public void PrependMember(int start, ReadOnlySpan<byte> name, ReadOnlyMemory<byte> value, bool isAlone)
    {
        Insert(start + 1, Name(default, name));
        Insert(start + 1, value);
        if (!isAlone)
        {
            Insert(start + 1, ","u8.ToArray());
        }
    }

    /// <summary>
    /// Removes members of an object, every one of a repeated name, together with the commas that belonged to them. Returns how many members stay.
    /// </summary>
    /// <param name="json">The document.</param>
    /// <param name="target">The object within it, braces included.</param>
    /// <param name="names">What is to go.</param>
    public int CutMembers(ReadOnlySpan<byte> json, ByteRange target, ReadOnlySpan<string> names)
    {
        var reader = JsonReading.ReaderAt(target.In(json));
        var kept = 0;
        var runStart = -1;
        var lastKeptEnd = -1;
        var end = 0;
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            var nameStart = (int)reader.TokenStartIndex;
            var cut = IsNamed(ref reader, names);
            if (cut)
            {
                runStart = runStart < 0 ? nameStart : runStart;
            }
            else
            {
                CloseRun(runStart, nameStart);
                runStart = -1;
                kept++;
            }

            reader.Read();
            reader.Skip();
            end = (int)reader.BytesConsumed;
            lastKeptEnd = cut ? lastKeptEnd : end;
        }

        // A run at the end takes the comma before it, one that is the whole object has none.
        CloseRun(runStart < 0 || lastKeptEnd < 0 ? runStart : lastKeptEnd, end);
        return kept;

        void CloseRun(int from, int to)
        {
            if (from >= 0)
            {
                Replace(target.Start + from, to - from, default);
            }
        }
    }

    /// <summary>Removes one member, given from its name to the end of its value.</summary>
    public void CutMember(ReadOnlySpan<byte> json, ByteRange member)
    {
        var after = member.End;
        while (json[after] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
        {
            after++;
        }

        var start = member.Start;
        if (json[after] == ',')
        {
            after++;
        }
        else
        {
            after = member.End;
            var before = start - 1;
            while (json[before] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
            {
                before--;
            }

            start = json[before] == ',' ? before : start;
        }

        Replace(start, after - start, default);
    }

    /// <summary>Writes the edited document and forgets the edits.</summary>
    public void Apply(ReadOnlySpan<byte> json, IBufferWriter<byte> output)
    {
        var position = 0;
        foreach (var edit in _edits)
        {
            output.Write(json[position..edit.Start]);
            output.Write(edit.Text.Span);
            position = edit.Start + edit.Length;
        }

        output.Write(json[position..]);
        _edits.Clear();
    }

    private static byte[] Name(ReadOnlySpan<byte> separator, ReadOnlySpan<byte> name) => [.. separator, (byte)'"', .. name, .. "\":"u8];

    private static bool IsNamed(ref Utf8JsonReader reader, ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (reader.TextIs(name))
            {
                return true;
            }
        }

        return false;
    }

    private readonly record struct Edit(int Start, int Length, ReadOnlyMemory<byte> Text);
}
