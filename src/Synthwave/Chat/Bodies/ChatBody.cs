using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Synthwave.Json;

namespace Synthwave.Chat.Bodies;

/// <summary>
/// A chat request body: the original bytes and an overlay of top-level members set or removed. Immutable; every edit gives a new value that
/// shares the bytes. Untouched members keep their bytes, order and spacing. Safe to share between threads.
/// </summary>
/// <remarks>
/// Values handed to an edit must be valid JSON and must not change afterwards: they are kept, not copied. Rendering costs as many slices as there
/// are edits, whatever the number of members.
/// </remarks>
internal sealed class ChatBody
{
    // An appended value up to this size is copied behind its name, larger ones stay where they are.
    private const int InlineValueLimit = 512;

    private readonly ReadOnlyMemory<byte> _original;
    private readonly ChatBodyIndex _index;

    // In-place edits by position of their member, then appended members in the order they came.
    private readonly ImmutableArray<Edit> _edits;

    // Written at most a few times with equal content; a reference write is atomic.
    private ReadOnlyMemory<byte>[]? _segments;

    /// <summary>Wraps a document together with its index.</summary>
    public ChatBody(ReadOnlyMemory<byte> original, ChatBodyIndex index)
        : this(original, index, [])
    {
    }

    private ChatBody(ReadOnlyMemory<byte> original, ChatBodyIndex index, ImmutableArray<Edit> edits)
    {
        _original = original;
        _index = index;
        _edits = edits;
    }

    private enum EditKind
    {
        /// <summary>The original value stays; only leading messages are inserted.</summary>
        Prefix,
        Set,
        Remove,
    }

    /// <summary>Length of the edited document, bytes.</summary>
    public long Length
    {
        get
        {
            long length = 0;
            foreach (var segment in Segments)
            {
                length += segment.Length;
            }

            return length;
        }
    }

    /// <summary>The edited document as slices of the original and of the edits, in order.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Segments => _segments ??= Render();

    /// <summary>Bytes of the document that are no part of <paramref name="other"/>: what was written anew for it.</summary>
    public long BytesBeside(ChatBody other)
    {
        long bytes = 0;
        foreach (var segment in Segments)
        {
            bytes += other.Segments.Any(s => IsOfOneArray(s, segment)) ? 0 : segment.Length;
        }

        return bytes;
    }

    private static bool IsOfOneArray(ReadOnlyMemory<byte> one, ReadOnlyMemory<byte> other) =>
        MemoryMarshal.TryGetArray(one, out var first) && MemoryMarshal.TryGetArray(other, out var second) && ReferenceEquals(first.Array, second.Array);

    /// <summary>Wraps a JSON object we wrote ourselves. Throws <see cref="JsonException"/> when it is none.</summary>
    public static ChatBody FromJson(ReadOnlyMemory<byte> json) => new(json, ChatBodyIndex.Of(json.Span));

    /// <summary>The same where what it was made of may nest too deeply, or name a member twice; null = it does.</summary>
    public static ChatBody? TryFromJson(ReadOnlyMemory<byte> json)
    {
        try
        {
            return FromJson(json);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The effective raw JSON value of a top-level member, after edits. With a messages prefix, <c>messages</c> is materialised.</summary>
    public bool TryGet(string name, out ReadOnlyMemory<byte> value)
    {
        var position = Find(name);
        var slot = FindEdit(name, position);
        if (slot < 0)
        {
            value = position < 0 ? default : _index.Members[position].ValueIn(_original);
            return position >= 0;
        }

        var edit = _edits[slot];
        value = edit.Kind switch
        {
            EditKind.Remove => default,
            EditKind.Set when edit.Leading.IsEmpty => edit.Value,
            EditKind.Set => Join(edit.Leading, edit.Value),
            _ => Join(edit.Leading, _index.Members[position].ValueIn(_original)),
        };
        return edit.Kind != EditKind.Remove;
    }

    /// <summary>The names of the top-level members, after edits.</summary>
    public IReadOnlyList<string> Names()
    {
        var names = new List<string>(_index.Members.Length + _edits.Length);
        for (var position = 0; position < _index.Members.Length; position++)
        {
            var member = _index.Members[position];
            if (!_edits.Any(e => e.Position == position && e.Kind is EditKind.Remove))
            {
                names.Add(JsonText.Unescape(member.NameIn(_original.Span)));
            }
        }

        names.AddRange(_edits.Where(static e => e.IsAppended && e.Kind is not EditKind.Remove).Select(static e => e.Name));
        return names;
    }

    /// <summary>Sets a member to a raw JSON value: in place where it stands or stood, else appended.</summary>
    public ChatBody With(string name, ReadOnlyMemory<byte> json)
    {
        if (json.IsEmpty)
        {
            throw new ArgumentException("An empty buffer is not a JSON value.", nameof(json));
        }

        return Apply(name, Find(name), EditKind.Set, json, default);
    }

    public ChatBody Without(string name)
    {
        var position = Find(name);
        if (position >= 0)
        {
            return Apply(name, position, EditKind.Remove, default, default);
        }

        var slot = FindEdit(name, position);
        return slot < 0 ? this : new ChatBody(_original, _index, _edits.RemoveAt(slot));
    }

    /// <summary>
    /// Inserts message objects (comma-separated JSON, no brackets) before the first element of <c>messages</c>, without copying it. A body
    /// without messages gets them. Throws <see cref="InvalidOperationException"/> when <c>messages</c> is not an array.
    /// </summary>
    public ChatBody WithLeadingMessages(ReadOnlyMemory<byte> messages)
    {
        const string Name = "messages";
        if (messages.IsEmpty)
        {
            return this;
        }

        var position = Find(Name);
        var slot = FindEdit(Name, position);
        var edit = slot < 0 ? default : _edits[slot];
        if (slot < 0 ? position < 0 : edit.Kind == EditKind.Remove)
        {
            return Apply(Name, position, EditKind.Set, Concat("["u8, messages.Span, "]"u8), default);
        }

        var array = edit.Kind == EditKind.Set ? edit.Value : _index.Members[position].ValueIn(_original);
        if (array.Span[0] != '[')
        {
            throw new InvalidOperationException("Messages can only be put before the elements of an array.");
        }

        var needsComma = !edit.Leading.IsEmpty || !IsEmptyArray(array.Span);
        var leading = Concat(messages.Span, needsComma ? ","u8 : default, edit.Leading.Span);
        return Apply(Name, position, edit.Kind, edit.Value, leading);
    }

    /// <summary>
    /// A hash of the document this body was made of, edits apart: equal for all bodies made of one, within this process. Reads the whole document.
    /// </summary>
    public int Fingerprint()
    {
        var hash = new HashCode();
        hash.AddBytes(_original.Span);
        return hash.ToHashCode();
    }

    public byte[] ToArray()
    {
        var segments = Segments;
        var buffer = new byte[Length];
        var at = 0;
        foreach (var segment in segments)
        {
            segment.Span.CopyTo(buffer.AsSpan(at));
            at += segment.Length;
        }

        return buffer;
    }

    private static bool IsEmptyArray(ReadOnlySpan<byte> array) => array[1..].TrimStart(" \t\r\n"u8)[0] == ']';

    private static byte[] Join(ReadOnlyMemory<byte> leading, ReadOnlyMemory<byte> array) => Concat("["u8, leading.Span, array.Span[1..]);

    private static byte[] Concat(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ReadOnlySpan<byte> third)
    {
        var buffer = new byte[first.Length + second.Length + third.Length];
        first.CopyTo(buffer);
        second.CopyTo(buffer.AsSpan(first.Length));
        third.CopyTo(buffer.AsSpan(first.Length + second.Length));
        return buffer;
    }

    private ChatBody Apply(string name, int position, EditKind kind, ReadOnlyMemory<byte> value, ReadOnlyMemory<byte> leading)
    {
        var edit = new Edit(name, position < 0 ? int.MaxValue : position, kind, value, leading);
        var slot = FindEdit(name, position);
        if (slot >= 0)
        {
            return new ChatBody(_original, _index, _edits.SetItem(slot, edit));
        }

        var before = 0;
        while (before < _edits.Length && _edits[before].Position <= edit.Position)
        {
            before++;
        }

        return new ChatBody(_original, _index, _edits.Insert(before, edit));
    }

    private int Find(string name)
    {
        var maxLength = Encoding.UTF8.GetMaxByteCount(name.Length);
        Span<byte> utf8 = maxLength <= 256 ? stackalloc byte[256] : new byte[maxLength];
        return _index.Find(_original.Span, utf8[..Encoding.UTF8.GetBytes(name, utf8)]);
    }

    private int FindEdit(string name, int position)
    {
        for (var slot = 0; slot < _edits.Length; slot++)
        {
            if (position >= 0 ? _edits[slot].Position == position : _edits[slot].IsAppended && _edits[slot].Name == name)
            {
                return slot;
            }
        }

        return -1;
    }

    private ReadOnlyMemory<byte>[] Render()
    {
        if (_edits.IsEmpty)
        {
            return [_original];
        }

        var segments = new List<ReadOnlyMemory<byte>>((_edits.Length * 3) + 2);
        var members = _index.Members;
        var copied = 0;
        var removed = 0;
        var removedAtStart = 0;
        foreach (var edit in _edits)
        {
            if (edit.IsAppended)
            {
                break;
            }

            var member = members[edit.Position];
            switch (edit.Kind)
            {
                case EditKind.Remove when edit.Position == removedAtStart:
                    // Nothing before it is left: its separator is the one that follows.
                    removedAtStart++;
                    removed++;
                    Copy(segments, copied, member.NameStart);
                    copied = edit.Position + 1 < members.Length ? members[edit.Position + 1].NameStart : member.ValueEnd;
                    break;
                case EditKind.Remove:
                    removed++;
                    Copy(segments, copied, members[edit.Position - 1].ValueEnd);
                    copied = member.ValueEnd;
                    break;
                case EditKind.Set:
                    Copy(segments, copied, member.ValueStart);
                    AddValue(segments, edit);
                    copied = member.ValueEnd;
                    break;
                default:
                    Copy(segments, copied, member.ValueStart + 1);
                    segments.Add(edit.Leading);
                    copied = member.ValueStart + 1;
                    break;
            }
        }

        if (_edits[^1].IsAppended)
        {
            var end = members.IsEmpty ? _index.ContentStart : members[^1].ValueEnd;
            Copy(segments, copied, end);
            copied = end;
            Append(segments, needsComma: removed < members.Length);
        }

        Copy(segments, copied, _original.Length);
        return [.. segments];
    }

    private void Copy(List<ReadOnlyMemory<byte>> segments, int start, int end)
    {
        if (end > start)
        {
            segments.Add(_original[start..end]);
        }
    }

    private void Append(List<ReadOnlyMemory<byte>> segments, bool needsComma)
    {
        foreach (var edit in _edits)
        {
            if (!edit.IsAppended)
            {
                continue;
            }

            var name = JsonText.Quote(edit.Name);
            var isInline = edit.Leading.IsEmpty && edit.Value.Length <= InlineValueLimit;
            var text = new byte[(needsComma ? 1 : 0) + name.Length + 1 + (isInline ? edit.Value.Length : 0)];
            var at = 0;
            if (needsComma)
            {
                text[at++] = (byte)',';
            }

            name.CopyTo(text.AsSpan(at));
            at += name.Length;
            text[at++] = (byte)':';
            if (isInline)
            {
                edit.Value.Span.CopyTo(text.AsSpan(at));
            }

            segments.Add(text);
            if (!isInline)
            {
                AddValue(segments, edit);
            }

            needsComma = true;
        }
    }

    private static void AddValue(List<ReadOnlyMemory<byte>> segments, in Edit edit)
    {
        if (edit.Leading.IsEmpty)
        {
            segments.Add(edit.Value);
            return;
        }

        segments.Add(edit.Value[..1]);
        segments.Add(edit.Leading);
        segments.Add(edit.Value[1..]);
    }

    /// <summary>One edited member. <paramref name="Leading"/> goes behind the opening bracket of the value, its own comma included.</summary>
    private readonly record struct Edit(
        string Name, int Position, EditKind Kind, ReadOnlyMemory<byte> Value, ReadOnlyMemory<byte> Leading)
    {
        /// <summary>The document has no such member.</summary>
        public bool IsAppended => Position == int.MaxValue;
    }
}
