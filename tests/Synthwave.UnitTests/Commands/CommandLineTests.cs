using Synthwave.Commands;

namespace Synthwave.UnitTests.Commands;

public class CommandLineTests
{
    [Theory]
    [InlineData("serve --port abc", "--port must be a whole number from 0 to 65535; found 'abc'.")]
    [InlineData("--port 65536", "--port must be a whole number from 0 to 65535; found '65536'.")]
    [InlineData("serve --port 99999999999999999999", "--port must be a whole number from 0 to 65535; found '99999999999999999999'.")]
    [InlineData("serve --port 80.5", "--port must be a whole number from 0 to 65535; found '80.5'.")]
    [InlineData("demo --port 0", "--port must be a whole number from 1 to 65535; found '0'.")]
    [InlineData("ping --port x", "--port must be a whole number from 1 to 65535; found 'x'.")]
    [InlineData("simulate --config a.toml --port -1", "--port must be a whole number from 0 to 65535; found '-1'.")]
    public void A_port_that_is_none_is_named_in_words(string arguments, string error) =>
        CommandLine.Build().Parse(arguments).Errors.Select(e => e.Message).Should().Equal(error);

    [Theory]
    [InlineData("serve --port 0")]
    [InlineData("serve --port 8400")]
    [InlineData("demo")]
    [InlineData("demo --port 65535")]
    [InlineData("ping")]
    public void A_port_in_range_is_taken(string arguments) => CommandLine.Build().Parse(arguments).Errors.Should().BeEmpty();
}
