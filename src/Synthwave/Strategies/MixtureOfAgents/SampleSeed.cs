using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Synthwave.Chat.Bodies;

namespace Synthwave.Strategies.MixtureOfAgents;

/// <summary>Distinct seeds for several samples of one upstream: counted on from the client's seed, or from one drawn for the request.</summary>
internal static class SampleSeed
{
    /// <param name="body">The generator's body.</param>
    /// <param name="sample">Counted from 0: the first sample keeps the client's seed.</param>
    /// <param name="nonce">Drawn for the request.</param>
    public static ChatBody Apply(ChatBody body, int sample, string nonce)
    {
        long first = Drawn(nonce);
        if (body.TryGet("seed", out var value) && !value.Span.SequenceEqual("null"u8))
        {
            // No integer: the upstream will say what it thinks of it.
            if (sample == 0 || !long.TryParse(value.Span, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out first))
            {
                return body;
            }
        }

        var seed = first > long.MaxValue - sample ? first - sample : first + sample;
        return body.With("seed", Encoding.UTF8.GetBytes(seed.ToString(CultureInfo.InvariantCulture)));
    }

    // Thirty bits: every server's integer holds them.
    private static int Drawn(string nonce) => BinaryPrimitives.ReadInt32LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(nonce))) & 0x3FFF_FFFF;
}
