using System.Globalization;
using System.Text.RegularExpressions;
using Xunit.Abstractions;

namespace Synthwave.ClientTests.Node;

/// <summary>Runs the scripts under <c>tests/clients</c>, each with Node's own test runner, against a gateway in this process.</summary>
public sealed partial class NodeClientTests(NodeGateway gateway, ITestOutputHelper output) : IClassFixture<NodeGateway>
{
    private static readonly TimeSpan LongestRun = TimeSpan.FromSeconds(60);

    public static TheoryData<string> Files => [.. NodeInstallation.TestFiles];

    [NodeTheory]
    [MemberData(nameof(Files))]
    public async Task Node_client_passes(string file)
    {
        var (exitCode, printed) = await NodeInstallation.RunAsync("node", ["--test", "--test-reporter=tap", file], LongestRun, gateway.Environment);

        output.WriteLine(printed);
        exitCode.Should().Be(0, "{0}", printed);
        Count("tests", printed).Should().BePositive("a file without tests proves nothing");
        Count("pass", printed).Should().Be(Count("tests", printed), "{0}", printed);
    }

    private static int Count(string what, string printed) =>
        int.Parse(Summary().Matches(printed).Single(m => m.Groups["what"].Value == what).Groups["count"].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex("^# (?<what>tests|pass) (?<count>[0-9]+)\r?$", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Summary();
}
