using System.Security.Cryptography;

namespace Synthwave.Telemetry;

/// <summary>Request ids are ours: unguessable, and never taken from a client.</summary>
internal static class RequestIds
{
    private const int Bytes = 12;

    /// <summary><c>metamodel-</c> and 24 lower-case hexadecimal digits.</summary>
    public static string New() => New("metamodel-");

    /// <summary><paramref name="prefix"/> and 24 lower-case hexadecimal digits.</summary>
    public static string New(string prefix) => string.Create(prefix.Length + (Bytes * 2), prefix, static (target, prefix) =>
    {
        Span<byte> random = stackalloc byte[Bytes];
        RandomNumberGenerator.Fill(random);
        prefix.CopyTo(target);
        Convert.TryToHexStringLower(random, target[prefix.Length..], out _);
    });
}
