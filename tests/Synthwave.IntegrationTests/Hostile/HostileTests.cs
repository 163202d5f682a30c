using System.Globalization;
using Synthwave.IntegrationTests.BadDays;
using Synthwave.Proof;
using Synthwave.Proof.Hostile;
using Synthwave.TestKit;

namespace Synthwave.IntegrationTests.Hostile;

/// <summary>A few hundred inputs of the hostile proof, other ones in each run: the proof itself takes a hundred thousand.</summary>
[Collection(nameof(Alone))]
public sealed class HostileTests
{
    [Theory]
    [InlineData("bodies", 1_500)]
    [InlineData("heads", 600)]
    [InlineData("replies", 400)]
    [InlineData("cuts", 300)]
    [InlineData("floods", 60)]
    [InlineData("reloads", 120)]
    [InlineData("stops", 2)]
    public async Task Every_input_ends_as_it_may(string sweep, int inputs)
    {
        var seed = Environment.GetEnvironmentVariable(Seeded.Variable) is { Length: > 0 } text ? ulong.Parse(text, CultureInfo.InvariantCulture) : (ulong)Random.Shared.Next();
        await using var output = new StringWriter(CultureInfo.InvariantCulture);

        var bounds = await HostileProof.RunAsync(new ProofOptions("hostile", inputs, Quick: false, seed) { Sweep = sweep }, output, isAlone: false);

        bounds.Where(b => !b.Holds).Should().BeEmpty("with {0}={1}:\n{2}", Seeded.Variable, seed, output);
    }
}
