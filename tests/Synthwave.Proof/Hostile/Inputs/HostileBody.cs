using System.IO.Compression;
using System.Text;

namespace Synthwave.Proof.Hostile.Inputs;

/// <summary>A request body as nobody should send it, with the headers that go with it.</summary>
/// <param name="Bytes">On the wire.</param>
/// <param name="Headers">Lines about the body, each with its end.</param>
/// <param name="What">How it was made, in a word or two.</param>
internal sealed record HostileBody(byte[] Bytes, string Headers, string What)
{
    /// <summary>Whether the prompt is as it was, so that the answer must name its number.</summary>
    public bool HasPrompt => What is "in order" or "member more" or "odd content type" or "gzip";

    private const string Json = "Content-Type: application/json\r\n";
    private const int BombBytes = 24 * 1024 * 1024;

    private static readonly Lazy<byte[]> Bomb = new(() => Packed(new byte[BombBytes], static s => new GZipStream(s, CompressionLevel.Fastest)));

    /// <summary>Another body in the place of <paramref name="good"/>, which is valid JSON.</summary>
    public static HostileBody Draw(Random random, byte[] good)
    {
        switch (random.Next(16))
        {
            case 0:
                return new(good, Json, "in order");
            case 1 or 2 or 3 or 4 or 5:
                return new(JsonPlaces.Replaced(random, good), Json, "odd value");
            case 6:
                var once = JsonPlaces.Replaced(random, good);
                return new(IsJson(once) ? JsonPlaces.Replaced(random, once) : once, Json, "two odd values");
            case 7 or 8:
                return new(JsonPlaces.WithMember(random, good), Json, "member more");
            case 9 or 10:
                return new(ByteDamage.Apply(random, good), Json, "damaged bytes");
            case 11:
                return new(OddValues.Draw(random), Json, "odd document");
            case 12:
                return new(Whole(random, good), Json, "odd encoding of text");
            case 13 or 14:
                return Encoded(random, good);
            default:
                return new(good, random.Pick(["Content-Type: text/plain\r\n", "Content-Type: \r\n", "Content-Type: application/json; charset=utf-16\r\n", "Content-Type: multipart/form-data; boundary=x\r\n", "Content-Type: application/x-www-form-urlencoded\r\n", "Content-Type: application/jsonx\r\n", ""]), "odd content type");
        }
    }

    /// <summary>A request with the body and its length.</summary>
    public byte[] Post(string path, string token) =>
        [.. Encoding.Latin1.GetBytes(FormattableString.Invariant($"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n{Headers}Content-Length: {Bytes.Length}\r\n\r\n")), .. Bytes];

    private static bool IsJson(byte[] bytes)
    {
        try
        {
            _ = JsonPlaces.Values(bytes).Count;
            return true;
        }
        catch (System.Text.Json.JsonException)
        {
            return false;
        }
    }

    private static byte[] Whole(Random random, byte[] good) => random.Next(8) switch
    {
        0 => [],
        1 => [0xef, 0xbb, 0xbf],
        2 => [0xef, 0xbb, 0xbf, .. good],
        3 => [0xef, 0xbb, 0xbf, 0xef, 0xbb, 0xbf, .. good],
        4 => Encoding.Unicode.GetBytes(Encoding.UTF8.GetString(good)),
        5 => [.. good, .. good],
        6 => [.. good, 0],
        _ => [.. Encoding.UTF8.GetBytes(new string(' ', 5_000)), .. good, .. "\r\n\t "u8],
    };

    private static HostileBody Encoded(Random random, byte[] good)
    {
        var gzip = Packed(good, static s => new GZipStream(s, CompressionLevel.Fastest));
        return random.Next(10) switch
        {
            0 => Of("gzip", gzip, "gzip"),
            1 => Of("gzip", Bomb.Value, "gzip bomb"),
            2 => Of("gzip", gzip[..random.Next(gzip.Length)], "gzip cut"),
            3 => Of("gzip", ByteDamage.Apply(random, gzip), "gzip damaged"),
            4 => Of("gzip, gzip", Packed(gzip, static s => new GZipStream(s, CompressionLevel.Fastest)), "gzip twice"),
            5 => Of("br", random.Once(2) ? ByteDamage.Apply(random, Packed(good, static s => new BrotliStream(s, CompressionLevel.Fastest))) : Packed(good, static s => new BrotliStream(s, CompressionLevel.Fastest)), "br"),
            6 => Of("deflate", random.Once(2) ? Packed(good, static s => new DeflateStream(s, CompressionLevel.Fastest)) : Packed(good, static s => new ZLibStream(s, CompressionLevel.Fastest)), "deflate"),
            7 => Of("zstd", [0x28, 0xb5, 0x2f, 0xfd, .. good], "zstd broken"),
            8 => Of(random.Pick(["identity", "compress", "", ",", "gzip,,", "identity, identity, identity, identity", "GZIP", "x-gzip", "\u00ff"]), gzip, "odd encoding"),
            _ => Of("gzip, br, zstd, deflate", gzip, "four encodings"),
        };
    }

    private static HostileBody Of(string encoding, byte[] bytes, string what) => new(bytes, $"{Json}Content-Encoding: {encoding}\r\n", what);

    private static byte[] Packed(byte[] bytes, Func<Stream, Stream> open)
    {
        using var output = new MemoryStream();
        using (var stream = open(output))
        {
            stream.Write(bytes);
        }

        return output.ToArray();
    }
}
