using Synthwave.Configuration.Toml;

namespace Synthwave.UnitTests.Configuration.Toml;

/// <summary>Random trees with every kind of value, odd keys and odd strings among them.</summary>
internal sealed class TomlTreeGenerator(Random random)
{
    private static readonly string[] Times =
    [
        "1979-05-27T07:32:00Z", "1979-05-27T00:32:00.999999-07:00", "1979-05-27T07:32:00", "0001-01-01", "2024-02-29", "23:59:59.5",
    ];

    private static readonly TomlTimeKind[] TimeKinds =
    [
        TomlTimeKind.OffsetDateTime, TomlTimeKind.OffsetDateTime, TomlTimeKind.LocalDateTime, TomlTimeKind.LocalDate, TomlTimeKind.LocalDate, TomlTimeKind.LocalTime,
    ];

    private static readonly double[] OddFloats =
        [0, -0.0, 1e16, -1e-7, double.MaxValue, double.Epsilon, double.PositiveInfinity, double.NegativeInfinity, double.NaN, 0.1, 1d / 3];

    private static readonly string[] Scraps =
        ["", "a", "\"", "\\", "'", "'''", "\"\"\"", "\n", "\r\n", "\t", "\0", "\u007F", "é", "😀", "#", "=", "[", ".", " ", "\uFEFF", "key", "\\u0041", "\uFFFF"];

    public TomlTable Table(int depth, TomlTableOrigin origin = TomlTableOrigin.Header)
    {
        var table = new TomlTable(origin);
        for (var i = random.Next(depth == 0 ? 6 : 4); i > 0; i--)
        {
            var key = random.Next(2) == 0 ? Scraps[random.Next(Scraps.Length)] : Text();
            if (table.Find(key) is null)
            {
                table.Add(key, Value(depth + 1, inline: origin == TomlTableOrigin.Inline));
            }
        }

        return table;
    }

    private TomlValue Value(int depth, bool inline)
    {
        switch (random.Next(depth > 4 ? 5 : 9))
        {
            case 0:
                return new TomlString(Text());
            case 1:
                return new TomlInteger(random.Next(3) == 0 ? random.NextInt64(long.MinValue, long.MaxValue) : random.Next(-10, 10));
            case 2:
                return new TomlFloat(random.Next(2) == 0 ? OddFloats[random.Next(OddFloats.Length)] : random.NextDouble() * random.Next());
            case 3:
                return new TomlBoolean(random.Next(2) == 0);
            case 4:
                var time = random.Next(Times.Length);
                return new TomlTime(TimeKinds[time], Times[time]);
            case 5 or 6:
                return Array(depth, inline);
            default:
                return Table(depth, inline || random.Next(2) == 0 ? TomlTableOrigin.Inline : TomlTableOrigin.Header);
        }
    }

    private TomlArray Array(int depth, bool inline)
    {
        var array = new TomlArray();
        var ofTables = random.Next(2) == 0;
        for (var i = random.Next(4); i > 0; i--)
        {
            array.Add(ofTables ? Table(depth + 1, inline ? TomlTableOrigin.Inline : TomlTableOrigin.Header) : Value(depth + 1, inline: true));
        }

        return array;
    }

    private string Text() => string.Concat(Enumerable.Range(0, random.Next(5)).Select(_ => Scraps[random.Next(Scraps.Length)]));
}
