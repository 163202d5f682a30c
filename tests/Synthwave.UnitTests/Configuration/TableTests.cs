using Synthwave.Configuration;
using Synthwave.Configuration.Schema;
using Synthwave.Configuration.Toml;
using Synthwave.UnitTests.Configuration.Toml;

namespace Synthwave.UnitTests.Configuration;

/// <summary>A declaration is all a key needs: it is read, written, defaulted and refused by it.</summary>
public sealed class TableTests
{
    private static readonly Table<Lamp> Inner = new("[lamp.….shade]", new Lamp());

    private static readonly Table<Lamp> Keys = Declare();

    private sealed record Lamp
    {
        public int Watts { get; init; } = 40;

        public string? Color { get; init; }

        public Lamp? Shade { get; init; }
    }

    [Fact]
    public void A_declared_key_is_read()
    {
        var (lamp, problems) = Read("watts = 60\ncolor = 'red'\nshade = { watts = 1 }");

        lamp.Should().Be(new Lamp { Watts = 60, Color = "red", Shade = new Lamp { Watts = 1 } });
        problems.Should().BeEmpty();
    }

    [Fact]
    public void What_is_not_written_is_as_in_the_blank_record()
    {
        Read("color = 'red'").Lamp.Should().Be(new Lamp { Color = "red" });
    }

    [Fact]
    public void A_refused_value_leaves_the_record_as_it_is_and_breaks_the_table_around_it()
    {
        var section = Section("color = 'red'\nshade = { watts = 0 }", out var problems);

        Keys.Read(section, Keys.Blank).Shade.Should().Be(new Lamp());
        section.IsBroken.Should().BeTrue();
        problems.All().Should().ContainSingle().Which.ToString().Should().Be("lamp.toml:2:19 desk.shade.watts: must be an integer of at least 1; found 0 (its power)");
    }

    [Fact]
    public void A_required_key_is_asked_for()
    {
        Read("watts = 60").Problems.Should().ContainSingle().Which.Message.Should().Be("is required: a string");
    }

    [Fact]
    public void Writing_leaves_out_what_is_off()
    {
        TomlWriter.Write(Keys.Write(new Lamp { Color = "red" })).Should().Be("watts = 40\ncolor = \"red\"\n");
        TomlWriter.Write(Keys.Write(new Lamp { Shade = new Lamp() })).Should().Be("watts = 40\n\n[shade]\nwatts = 40\n");
    }

    [Fact]
    public void A_default_is_what_the_blank_record_would_write()
    {
        TomlWriter.Inline(Keys.DefaultOf(Keys.Find("watts")!)!).Should().Be("40");
        Keys.DefaultOf(Keys.Find("color")!).Should().BeNull();
        Keys.DefaultOf(Keys.Find("shade")!).Should().BeNull();
    }

    private static Table<Lamp> Declare()
    {
        Inner.Add(new IntegerKey("watts", "its power", 1), l => l.Watts, (l, v) => l with { Watts = v });
        var keys = new Table<Lamp>("[lamp.…]", new Lamp());
        keys.Add(new IntegerKey("watts", "its power", 1), l => l.Watts, (l, v) => l with { Watts = v });
        keys.AddOptional(new TextKey("color", "its color") { IsRequired = true }, l => l.Color, (l, v) => l with { Color = v });
        keys.Add(new TableKey("shade", "a smaller one", Inner), Inner, l => l.Shade, (l, v) => l with { Shade = v });
        return keys;
    }

    private static (Lamp Lamp, IReadOnlyList<ConfigProblem> Problems) Read(string text)
    {
        var lamp = Keys.Read(Section(text, out var problems), Keys.Blank);
        return (lamp, problems.All());
    }

    private static SectionReader Section(string text, out ProblemList problems)
    {
        problems = new ProblemList("lamp.toml");
        return new SectionReader(TomlTrees.Read(text), "desk", problems);
    }
}
