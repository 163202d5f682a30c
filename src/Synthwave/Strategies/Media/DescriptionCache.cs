using System.Security.Cryptography;
using System.Text;

namespace Synthwave.Strategies.Media;

/// <summary>
/// Descriptions of images already described, by everything that decides them and by the client they are kept for. Bounded in bytes and
/// age, the longest unused go first. Outlives a reload. Thread-safe.
/// </summary>
internal sealed class DescriptionCache(TimeProvider time)
{
    /// <summary>What it takes where there is plenty, bytes.</summary>
    public const long MostBytes = 8L * 1024 * 1024;

    /// <summary>What an entry costs beside its texts, about.</summary>
    public const int EntryBytes = 256;

    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(6);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, LinkedListNode<Entry>> _byKey = new(StringComparer.Ordinal);
    private readonly LinkedList<Entry> _byUse = new();
    private long _limit = MostBytes;
    private long _bytes;

    /// <summary>Bytes; the longest unused beyond them are let go.</summary>
    public long Limit
    {
        get => Volatile.Read(ref _limit);
        set
        {
            lock (_gate)
            {
                _limit = value;
                Shrink();
            }
        }
    }

    /// <summary>A key made of parts that cannot run into one another.</summary>
    /// <param name="image">In one form, however it was sent.</param>
    /// <param name="settings">What else decides a description.</param>
    /// <param name="owner">Whom it is kept for; null = clients who show no credential.</param>
    public static string KeyOf(ReadOnlySpan<byte> image, ReadOnlySpan<byte> settings, string? owner)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(BitConverter.GetBytes(image.Length));
        hash.AppendData(image);
        hash.AppendData(BitConverter.GetBytes(settings.Length));
        hash.AppendData(settings);
        hash.AppendData(Encoding.UTF8.GetBytes(owner ?? ""));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    public string? Find(string key)
    {
        lock (_gate)
        {
            if (!_byKey.TryGetValue(key, out var node))
            {
                return null;
            }

            if (time.GetElapsedTime(node.Value.At) > Lifetime)
            {
                Drop(node);
                return null;
            }

            _byUse.Remove(node);
            _byUse.AddLast(node);
            return node.Value.Text;
        }
    }

    public void Keep(string key, string text)
    {
        lock (_gate)
        {
            if (_byKey.TryGetValue(key, out var old))
            {
                Drop(old);
            }

            var node = _byUse.AddLast(new Entry(key, text, time.GetTimestamp()));
            _byKey[key] = node;
            _bytes += node.Value.Bytes;
            Shrink();
        }
    }

    private void Shrink()
    {
        while (_bytes > _limit && _byUse.First is { } oldest)
        {
            Drop(oldest);
        }
    }

    private void Drop(LinkedListNode<Entry> node)
    {
        _byKey.Remove(node.Value.Key);
        _byUse.Remove(node);
        _bytes -= node.Value.Bytes;
    }

    private sealed record Entry(string Key, string Text, long At)
    {
        public long Bytes => EntryBytes + ((Key.Length + Text.Length) * sizeof(char));
    }
}
