using System.Text.Json;
using Synthwave.Commands;

namespace Synthwave.UnitTests.Commands;

public class TokenCommandTests
{
    [Fact]
    public async Task A_token_is_long_new_every_time_and_safe_in_a_shell()
    {
        var (first, second) = (await TextAsync(tokenOnly: true), await TextAsync(tokenOnly: true));

        first.Trim().Should().MatchRegex("^[A-Za-z0-9]{43}$").And.NotBe(second.Trim());
    }

    [Fact]
    public async Task On_a_terminal_two_lines_say_how_to_use_it()
    {
        var lines = (await TextAsync()).Split('\n').Select(static l => l.Trim()).ToList();

        lines.Should().Contain($"export SYNTHWAVE_TOKEN={lines[0]}").And.Contain("bearer_token_env = \"SYNTHWAVE_TOKEN\"");
    }

    [Fact]
    public async Task Json_holds_the_same()
    {
        var root = JsonDocument.Parse(await TextAsync(json: true)).RootElement;

        root.GetProperty("token").GetString().Should().HaveLength(43);
        root.GetProperty("variable").GetString().Should().Be("SYNTHWAVE_TOKEN");
        root.GetProperty("setting").GetString().Should().Be("bearer_token_env = \"SYNTHWAVE_TOKEN\"");
    }

    private static async Task<string> TextAsync(bool json = false, bool tokenOnly = false)
    {
        var output = new StringWriter();
        (await TokenCommand.RunAsync(json, tokenOnly, output)).Should().Be(0);
        return output.ToString();
    }
}
