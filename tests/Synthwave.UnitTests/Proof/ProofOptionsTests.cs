using Synthwave.Proof;

namespace Synthwave.UnitTests.Proof;

public sealed class ProofOptionsTests
{
    [Fact]
    public void Every_switch_is_read()
    {
        var options = ProofOptions.Parse(["hostile", "--sweep", "bodies", "--input", "4711", "--count", "9", "--seed", "5", "--minutes", "0.5", "--target", "json", "--quick"]);

        options.Should().Be(new ProofOptions("hostile", 9, Quick: true, 5) { Sweep = "bodies", Input = 4711, Minutes = 0.5, Target = "json" });
    }

    [Theory]
    [InlineData("hostile", "--input", "x")]
    [InlineData("soak", "--minutes", "0")]
    [InlineData("soak", "--minutes", "-1")]
    [InlineData("fuzz", "--target")]
    public void What_makes_no_sense_is_refused(params string[] arguments) =>
        ProofOptions.Parse(arguments).Should().BeNull();
}
