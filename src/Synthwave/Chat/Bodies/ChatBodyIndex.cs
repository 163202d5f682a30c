using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json;
using Synthwave.Json;

namespace Synthwave.Chat.Bodies;

/// <summary>Where a top-level member of a body lies, as offsets into the document.</summary>
/// <param name="NameStart">The quote that opens the name.</param>
/// <param name="NameLength">Bytes between the name's quotes.</param>
/// <param name="NameIsEscaped">Whether the name contains escapes.</param>
/// <param name="ValueStart">First byte of the value.</param>
/// <param name="ValueEnd">Behind the last byte of the value.</param>
internal readonly record struct BodyMember(int NameStart, int NameLength, bool NameIsEscaped, int ValueStart, int ValueEnd)
{
    public ReadOnlySpan<byte> NameIn(ReadOnlySpan<byte> document) => document.Slice(NameStart + 1, NameLength);

    public ReadOnlyMemory<byte> ValueIn(ReadOnlyMemory<byte> document) => document[ValueStart..ValueEnd];
}

/// <summary>The top-level members of a JSON object in document order, names unique once unescaped. Immutable.</summary>
/// <param name="contentStart">Behind the brace that opens the object.</param>
/// <param name="members">Owned by the index from here on.</param>
internal sealed class ChatBodyIndex(int contentStart, BodyMember[] members)
{
    /// <summary>Behind the opening brace.</summary>
    public int ContentStart { get; } = contentStart;

    public ReadOnlySpan<BodyMember> Members => members;

    /// <summary>Position of the member with this unescaped name, -1 = none.</summary>
    public int Find(ReadOnlySpan<byte> document, ReadOnlySpan<byte> name)
    {
        for (var at = 0; at < members.Length; at++)
        {
            ref readonly var member = ref members[at];
            var raw = member.NameIn(document);
            if (JsonText.Matches(raw, member.NameIsEscaped, name))
            {
                return at;
            }
        }

        return -1;
    }

    /// <summary>Indexes an object. Throws <see cref="JsonException"/> when the document is not one object with unique, decodable names.</summary>
    public static ChatBodyIndex Of(ReadOnlySpan<byte> document)
    {
        var reader = JsonReading.Reader(document);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("The document is not a JSON object.");
        }

        var builder = new Builder(document, (int)reader.BytesConsumed);
        try
        {
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var nameStart = (int)reader.TokenStartIndex;
                var nameLength = reader.ValueSpan.Length;
                var isEscaped = reader.ValueIsEscaped;
                reader.Read();
                var valueStart = (int)reader.TokenStartIndex;
                reader.Skip();
                if (builder.Add(new BodyMember(nameStart, nameLength, isEscaped, valueStart, (int)reader.BytesConsumed)) != NameVerdict.Unique)
                {
                    throw new JsonException("A member name stands twice or cannot be decoded.");
                }
            }

            // The end of the document, or the reader's complaint about what follows the object.
            reader.Read();
            return builder.Build();
        }
        finally
        {
            builder.Dispose();
        }
    }

    internal enum NameVerdict { Unique, Duplicate, Undecodable }

    /// <summary>
    /// Collects members in document order and notices repeated names, in linear time for any number of them: the hash is keyed per process, so
    /// that collisions cannot be prepared. Works in pooled arrays; dispose it.
    /// </summary>
    internal ref struct Builder(ReadOnlySpan<byte> document, int contentStart)
    {
        private const int LinearLimit = 32;

        private readonly ReadOnlySpan<byte> _document = document;
        private BodyMember[] _members = ArrayPool<BodyMember>.Shared.Rent(LinearLimit);
        private int[] _hashes = ArrayPool<int>.Shared.Rent(LinearLimit);

        // Open addressing, position + 1 of the member; null while a scan over the hashes is cheaper.
        private int[]? _slots;
        private int _slotMask;
        private int _count;

        public NameVerdict Add(in BodyMember member)
        {
            var raw = member.NameIn(_document);
            return member.NameIsEscaped ? AddEscaped(member, raw) : AddDecoded(member, raw);
        }

        public readonly ChatBodyIndex Build() => new(contentStart, _members.AsSpan(0, _count).ToArray());

        public readonly void Dispose()
        {
            ArrayPool<BodyMember>.Shared.Return(_members);
            ArrayPool<int>.Shared.Return(_hashes);
            if (_slots is not null)
            {
                ArrayPool<int>.Shared.Return(_slots);
            }
        }

        private NameVerdict AddEscaped(in BodyMember member, ReadOnlySpan<byte> raw)
        {
            var buffer = ArrayPool<byte>.Shared.Rent(raw.Length);
            var verdict = JsonText.TryDecode(raw, buffer, out var written)
                ? AddDecoded(member, buffer.AsSpan(0, written))
                : NameVerdict.Undecodable;
            ArrayPool<byte>.Shared.Return(buffer);
            return verdict;
        }

        private NameVerdict AddDecoded(in BodyMember member, ReadOnlySpan<byte> name)
        {
            var hash = Hash(name);
            if (_slots is null ? IsAmongFew(hash, name) : IsInTable(hash, name))
            {
                return NameVerdict.Duplicate;
            }

            if (_count == _members.Length || _count == _hashes.Length)
            {
                Grow(ref _members);
                Grow(ref _hashes);
            }

            _members[_count] = member;
            _hashes[_count] = hash;
            _count++;
            Enter();
            return NameVerdict.Unique;
        }

        private readonly bool IsAmongFew(int hash, ReadOnlySpan<byte> name)
        {
            var from = 0;
            while (_hashes.AsSpan(from, _count - from).IndexOf(hash) is >= 0 and var offset)
            {
                if (IsNamed(from + offset, name))
                {
                    return true;
                }

                from += offset + 1;
            }

            return false;
        }

        private readonly bool IsInTable(int hash, ReadOnlySpan<byte> name)
        {
            for (var slot = hash & _slotMask; _slots![slot] is > 0 and var entry; slot = (slot + 1) & _slotMask)
            {
                if (_hashes[entry - 1] == hash && IsNamed(entry - 1, name))
                {
                    return true;
                }
            }

            return false;
        }

        private readonly bool IsNamed(int position, ReadOnlySpan<byte> name)
        {
            var raw = _members[position].NameIn(_document);
            return JsonText.Matches(raw, _members[position].NameIsEscaped, name);
        }

        private void Enter()
        {
            if (_count <= LinearLimit)
            {
                return;
            }

            if (_slots is null || _count * 2L > _slotMask)
            {
                Rehash();
            }
            else
            {
                Place(_count - 1);
            }
        }

        private void Rehash()
        {
            if (_slots is not null)
            {
                ArrayPool<int>.Shared.Return(_slots);
            }

            var size = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)_count * 4);
            _slots = ArrayPool<int>.Shared.Rent(size);
            _slots.AsSpan(0, size).Clear();
            _slotMask = size - 1;
            for (var position = 0; position < _count; position++)
            {
                Place(position);
            }
        }

        private readonly void Place(int position)
        {
            var slot = _hashes[position] & _slotMask;
            while (_slots![slot] != 0)
            {
                slot = (slot + 1) & _slotMask;
            }

            _slots[slot] = position + 1;
        }

        private static void Grow<T>(ref T[] array)
        {
            var larger = ArrayPool<T>.Shared.Rent(array.Length * 2);
            array.CopyTo(larger, 0);
            ArrayPool<T>.Shared.Return(array);
            array = larger;
        }

        // string.GetHashCode is Marvin with a random key; an odd last byte is folded in by hand.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static int Hash(ReadOnlySpan<byte> name)
        {
            var hash = string.GetHashCode(MemoryMarshal.Cast<byte, char>(name));
            return (name.Length & 1) == 0 ? hash : hash ^ ((name[^1] + 1) * unchecked((int)0x9E3779B1));
        }
    }
}
