using System.Security.Cryptography;

namespace Synthwave.Chat;

/// <summary>Unguessable lower-case hexadecimal digits, for ids and fences. Thread-safe.</summary>
internal static class RandomHex
{
    // Asking the system's generator costs more than the digits: it is asked for many at once.
    private const int Reserve = 1024;

    [ThreadStatic]
    private static byte[]? _random;

    [ThreadStatic]
    private static int _used;

    /// <summary><paramref name="prefix"/> and <paramref name="digits"/> digits, an even number of at most 64.</summary>
    public static string New(int digits, string prefix = "") => string.Create(prefix.Length + digits, prefix, static (target, prefix) =>
    {
        prefix.CopyTo(target);
        var hex = target[prefix.Length..];
        Convert.TryToHexStringLower(Next(hex.Length / 2), hex, out _);
    });

    private static ReadOnlySpan<byte> Next(int count)
    {
        if (_random is not { } random || _used + count > Reserve)
        {
            RandomNumberGenerator.Fill(random = _random ??= new byte[Reserve]);
            _used = 0;
        }

        return random.AsSpan((_used += count) - count, count);
    }
}
