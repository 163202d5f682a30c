using System.Buffers;
using System.Text.Json;
using Synthwave.Json;

namespace Synthwave.Chat.Events;

/// <summary>Replacements in one JSON document, applied in one copy: every byte they do not name stays as it is. Reusable after <see cref="Clear"/>.</summary>
internal sealed class ChunkEdits
{
    private readonly List<Edit> _edits = [];

    public bool IsEmpty => _edits.Count == 0;

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

    /// <summary>
    /// Removes members of an object, every one of a repeated name, together with the commas that belonged to them. Returns how many members stay.
    /// </summary>
    /// <param name="json">The document.</param>
    /// <param name="target">The object within it, braces included.</param>
    /// <param name="names">What is to go.</param>
    public int CutMembers(ReadOnlySpan<byte> json, ByteRange target, ReadOnlySpan<string> names)
    {
        var reader = new Utf8JsonReader(target.In(json));
        reader.Read();
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
