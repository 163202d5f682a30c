using Synthwave.Proof.Fuzz;
using Synthwave.TestKit;

namespace Synthwave.IntegrationTests.Hostile;

/// <summary>The readers of what comes from outside, for a moment: the proof takes as long as it is given.</summary>
public sealed class FuzzTests
{
    private const int Inputs = 1_500;

    [Theory]
    [InlineData("toml")]
    [InlineData("json")]
    [InlineData("sse")]
    [InlineData("http")]
    public void No_input_makes_a_reader_throw(string name) => Seeded.Run(1, random =>
    {
        var target = FuzzTargets.Open(name)!; // One of those above.
        using var owned = target as IDisposable;
        var run = new FuzzRun(target, (ulong)random.NextInt64());

        run.Run(() => run.Count < Inputs);

        run.Findings.Where(static f => !f.What.EndsWith(" s", StringComparison.Ordinal)).Select(static f => $"{f.What}\n{Convert.ToBase64String(f.Input)}").Should().BeEmpty();
        run.Said.Should().BeGreaterThan(10, "otherwise the corpus does not reach far");
    });

    [Fact]
    public void Every_target_has_a_corpus() =>
        FuzzTargets.Names.Should().AllSatisfy(n => FuzzCorpus.Of(n).Should().NotBeEmpty());
}
