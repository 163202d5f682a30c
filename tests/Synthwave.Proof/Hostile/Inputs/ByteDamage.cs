namespace Synthwave.Proof.Hostile.Inputs;

/// <summary>What a bad line or a bad friend does to bytes: some changed, put in, taken out, said twice, or the end missing.</summary>
internal static class ByteDamage
{
    private static readonly byte[] Telling = [0, (byte)'\r', (byte)'\n', (byte)'"', (byte)'\\', (byte)'{', (byte)'}', (byte)'[', (byte)']', (byte)':', (byte)',', (byte)' ', (byte)'0', (byte)'-', 0x7f, 0x80, 0xbf, 0xc2, 0xe2, 0xed, 0xef, 0xf0, 0xff];

    public static byte[] Apply(Random random, byte[] bytes)
    {
        for (var times = random.Once(3) ? random.Next(1, 12) : 1; times > 0; times--)
        {
            bytes = Once(random, bytes);
        }

        return bytes;
    }

    private static byte[] Once(Random random, byte[] bytes)
    {
        if (bytes.Length == 0)
        {
            return [random.Pick(Telling)];
        }

        var at = random.Next(bytes.Length);
        var to = Math.Min(bytes.Length, at + 1 + random.Next(random.Once(4) ? 200 : 4));
        switch (random.Next(7))
        {
            case 0:
                byte[] changed = [.. bytes];
                changed[at] = random.Pick(Telling);
                return changed;
            case 1:
                byte[] flipped = [.. bytes];
                flipped[at] ^= (byte)(1 << random.Next(8));
                return flipped;
            case 2:
                return JsonPlaces.Spliced(bytes, at..at, [random.Pick(Telling)]);
            case 3:
                return JsonPlaces.Spliced(bytes, at..to, []);
            case 4:
                return JsonPlaces.Spliced(bytes, at..at, bytes.AsSpan(at..to));
            case 5:
                return bytes[..at];
            default:
                return JsonPlaces.Spliced(bytes, at..at, OddValues.Invalid(random));
        }
    }
}
