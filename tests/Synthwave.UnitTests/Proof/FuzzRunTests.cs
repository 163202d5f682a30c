using Synthwave.Proof.Fuzz;

namespace Synthwave.UnitTests.Proof;

public sealed class FuzzRunTests
{
    [Fact]
    public void What_a_reader_throws_is_found_with_its_smallest_input()
    {
        var run = new FuzzRun(new Picky(), seed: 7);

        run.Run(() => run.Count < 2_000);

        var finding = run.Findings.Should().ContainSingle().Subject;
        finding.What.Should().Contain("FormatException");
        finding.Input.Should().Contain((byte)'!');
        finding.Input.Length.Should().BeLessThan(40);
    }

    [Fact]
    public void The_same_seed_makes_the_same_inputs()
    {
        byte[][] Inputs()
        {
            var target = new Picky { Throws = false };
            var run = new FuzzRun(target, seed: 7);
            run.Run(() => run.Count < 100);
            return [.. target.Seen];
        }

        Inputs().Should().BeEquivalentTo(Inputs(), options => options.WithStrictOrdering());
    }

    /// <summary>Cannot stand an exclamation mark.</summary>
    private sealed class Picky : IFuzzTarget
    {
        public bool Throws { get; init; } = true;

        public List<byte[]> Seen { get; } = [];

        public string Name => "json";

        public IReadOnlyList<string> Words => ["!", "ok"];

        public string Read(byte[] input)
        {
            Seen.Add(input);
            return Throws && input.Contains((byte)'!') ? throw new FormatException("!") : "fine";
        }
    }
}
