using System.Text.Json;

namespace Synthwave.Proof.Hostile.Inputs;

/// <summary>Where the values and members of a JSON text stand, so that odd bytes can be put in their place.</summary>
internal static class JsonPlaces
{
    /// <summary>The range of every value, the whole text among them. The text is valid JSON.</summary>
    public static IReadOnlyList<Range> Values(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 1_000 });
        var open = new Stack<int>();
        var found = new List<Range>();
        while (reader.Read())
        {
            var start = (int)reader.TokenStartIndex;
            switch (reader.TokenType)
            {
                case JsonTokenType.StartArray or JsonTokenType.StartObject:
                    open.Push(start);
                    break;
                case JsonTokenType.EndArray or JsonTokenType.EndObject:
                    found.Add(open.Pop()..(int)reader.BytesConsumed);
                    break;
                case JsonTokenType.PropertyName:
                    break;
                default:
                    found.Add(start..(int)reader.BytesConsumed);
                    break;
            }
        }

        return found;
    }

    /// <summary>The text with one of its values replaced.</summary>
    public static byte[] Replaced(Random random, byte[] json)
    {
        var place = random.Pick(Values(json));
        return Spliced(json, place, OddValues.Draw(random));
    }

    /// <summary>The text with one of its objects given one more member, under a name that it may have already.</summary>
    public static byte[] WithMember(Random random, byte[] json)
    {
        Range[] objects = [.. Values(json).Where(r => json[r.Start.Value] == (byte)'{' && r.End.Value - r.Start.Value > 2)];
        var at = random.Pick(objects).Start.Value + 1;
        var name = random.Once(4) ? random.Pick<byte[]>(["\"\":"u8.ToArray(), "\"\\ud800\":"u8.ToArray(), "\"__proto__\":"u8.ToArray(), "\"x_meta_model\":"u8.ToArray(), "\"stream\":"u8.ToArray()]) : NameAt(json, at);
        return Spliced(json, at..at, [.. name, .. OddValues.Draw(random), (byte)',']);
    }

    public static byte[] Spliced(byte[] bytes, Range place, ReadOnlySpan<byte> with) => [.. bytes.AsSpan(..place.Start.Value), .. with, .. bytes.AsSpan(place.End.Value..)];

    private static byte[] NameAt(byte[] json, int at)
    {
        var end = json.AsSpan(at).IndexOf((byte)':');
        return json[at..(at + end + 1)];
    }
}
