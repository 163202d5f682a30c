using System.Text;
using Synthwave.Configuration.Toml;

namespace Synthwave.UnitTests.Configuration.Toml;

/// <summary>Documents nobody wrote: every failure names the seed that makes it again.</summary>
public sealed class TomlGeneratedTests
{
    private const int Cases = 1_500;

    [Fact]
    public void Any_tree_reads_back_as_it_was_written()
    {
        for (var seed = 0; seed < Cases; seed++)
        {
            var tree = new TomlTreeGenerator(new Random(seed)).Table(depth: 0);

            var text = TomlWriter.Write(tree);

            var read = TomlReader.TryRead(Encoding.UTF8.GetBytes(text), out var back, out var error);
            read.Should().BeTrue("seed {0} was refused: {1}\n{2}", seed, error, text);
            TomlTrees.Show(back!, sorted: true).Should().Be(TomlTrees.Show(tree, sorted: true), "seed {0} wrote\n{1}", seed, text);
        }
    }

    [Fact]
    public void Any_damage_gives_a_tree_or_an_error_inside_the_document()
    {
        for (var seed = 0; seed < Cases; seed++)
        {
            var random = new Random(seed);
            var bytes = Encoding.UTF8.GetBytes(TomlWriter.Write(new TomlTreeGenerator(random).Table(depth: 0)));
            for (var damage = 0; damage < 10; damage++)
            {
                bytes = Damage(bytes, random);

                if (!TomlReader.TryRead(bytes, out _, out var error))
                {
                    var lines = bytes.Count(b => b == '\n') + 1;
                    error.Message.Should().NotBeNullOrWhiteSpace();
                    error.Position.Line.Should().BeInRange(1, lines, "seed {0}, damage {1}", seed, damage);
                    error.Position.Column.Should().BeInRange(1, bytes.Length + 1, "seed {0}, damage {1}", seed, damage);
                }
            }
        }
    }

    [Theory]
    [InlineData("a = [", "1, ", "]")]
    [InlineData("a = {", "k# = 1, ", "z = 1}")]
    [InlineData("a = '''", "x\n", "'''")]
    [InlineData("a = \"\"\"", "\"\" \\\n", "\"\"\"")]
    [InlineData("", "[[a]]\n", "")]
    [InlineData("", "[a.k#]\n", "")]
    [InlineData("", "a.k# = 1\n", "")]
    [InlineData("a = 1 ", "#", "")]
    public void Large_documents_take_time_in_proportion(string head, string repeated, string tail)
    {
        // Quadratic reading of two million characters would take minutes and be noticed by everyone who runs this.
        var text = new StringBuilder(head);
        for (var i = 0; i < 200_000; i++)
        {
            text.Append(repeated.Length > 1 ? repeated.Replace("#", $"{i}", StringComparison.Ordinal) : repeated);
        }

        TomlTrees.Read(text.Append(tail).ToString()).Entries.Should().NotBeEmpty();
    }

    private static byte[] Damage(byte[] bytes, Random random)
    {
        ReadOnlySpan<byte> spice = "\"'[]{}=.,#\\\r\n\t -_+0123eExTZ:\0\u007F"u8;
        var at = random.Next(bytes.Length + 1);
        var one = random.Next(3) == 0 ? (byte)random.Next(256) : spice[random.Next(spice.Length)];
        return random.Next(4) switch
        {
            0 => [.. bytes[..at], one, .. bytes[at..]],
            1 => [.. bytes[..at], .. bytes[Math.Min(at + 1, bytes.Length)..]],
            2 => [.. bytes[..at], one, .. bytes[Math.Min(at + 1, bytes.Length)..]],
            _ => bytes[..at],
        };
    }
}
