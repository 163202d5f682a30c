using System.Security.Cryptography;

namespace Synthwave.Telemetry;

/// <summary>Request ids are ours: unguessable, and never taken from a client.</summary>
internal static class RequestIds
{
    private const int Bytes = 12;

    // Asking the system's generator costs more than the id: it is asked for many ids at once.
    private const int Reserve = 64 * Bytes;

    [ThreadStatic]
    private static byte[]? _random;

    [ThreadStatic]
    private static int _used;

    /// <summary>
    /// <c>metamodel-</c> and 24 lower-case hexadecimal digits; <c>resp_</c> and so many for a path of the Responses API, whose response goes by the same id.
    /// </summary>
    public static string For(string path) => New(path.StartsWith("/v1/responses", StringComparison.Ordinal) ? "resp_" : "metamodel-");

    /// <summary><paramref name="prefix"/> and 24 lower-case hexadecimal digits.</summary>
    public static string New(string prefix) => string.Create(prefix.Length + (Bytes * 2), prefix, static (target, prefix) =>
    {
        prefix.CopyTo(target);
        Convert.TryToHexStringLower(Next(), target[prefix.Length..], out _);
    });

    private static ReadOnlySpan<byte> Next()
    {
        if (_random is not { } random || _used == Reserve)
        {
            RandomNumberGenerator.Fill(random = _random ??= new byte[Reserve]);
            _used = 0;
        }

        return random.AsSpan((_used += Bytes) - Bytes, Bytes);
    }
}
