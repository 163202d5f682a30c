using System.Text.Json.Nodes;
using Synthwave.Commands;
using Synthwave.Commands.Live;
using Synthwave.Providers;

namespace Synthwave.UnitTests.Commands;

public sealed class ProvidersCommandTests : IDisposable
{
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();

    [Fact]
    public async Task The_list_names_every_provider_and_whether_its_key_is_set_and_shows_none()
    {
        (await Verb(("GOOGLE_API_KEY", "sesame"), ("AZURE_RESOURCE_NAME", "res")).ListAsync(json: false)).Should().Be(0);

        var lines = _output.ToString().Split('\n');
        PresetCatalog.BuiltIn.All.Should().OnlyContain(p => lines.Any(l => l.StartsWith(p.Id + " ", StringComparison.Ordinal)));
        lines.Single(l => l.StartsWith("gemini ", StringComparison.Ordinal)).Should().Contain("in GOOGLE_API_KEY").And.Contain("metered");
        lines.Single(l => l.StartsWith("openai ", StringComparison.Ordinal)).Should().Contain("set OPENAI_API_KEY");
        lines.Single(l => l.StartsWith("ollama ", StringComparison.Ordinal)).Should().Contain("not needed");
        _output.ToString().Should().NotContain("sesame");
    }

    [Fact]
    public async Task The_list_is_json_for_programs()
    {
        await Verb(("OPENAI_API_KEY", "sesame")).ListAsync(json: true);

        var openai = JsonNode.Parse(_output.ToString())!["providers"]!.AsArray().Single(p => p!["id"]!.GetValue<string>() == "openai")!;
        openai["base_url"]!.GetValue<string>().Should().Be("https://api.openai.com/v1");
        openai["key_set"]!.GetValue<string>().Should().Be("OPENAI_API_KEY");
        openai["key_variables"]!.AsArray().Should().ContainSingle();
        openai["models"]!.GetValue<int>().Should().BeGreaterThan(10);
        _output.ToString().Should().NotContain("sesame");
    }

    [Fact]
    public async Task One_provider_is_told_in_full()
    {
        (await Verb().ShowAsync("synthetic", json: false)).Should().Be(0);

        _output.ToString().Should().ContainAll(
            "https://api.synthetic.new/openai/v1", "https://api.synthetic.new/anthropic/v1", "SYNTHETIC_API_KEY", "max_tokens_param = max_tokens", "header x-synthetic-quotas", "confirmed:", "provider = \"synthetic\"");
    }

    [Fact]
    public async Task One_provider_is_json_for_programs()
    {
        await Verb().ShowAsync("azure", json: true);

        var azure = JsonNode.Parse(_output.ToString())!;
        azure["auth"]!.GetValue<string>().Should().Be("api-key");
        azure["summary"]!["key_set"].Should().BeNull();
        azure["bases"]!["chat"]!.GetValue<string>().Should().Contain("${AZURE_RESOURCE_NAME}");
    }

    [Theory]
    [InlineData("zai", "did you mean 'zhipu-intl'?")]
    [InlineData("opnai", "did you mean 'openai'?")]
    [InlineData("nobody-at-all", "'synthwave providers' lists those that are")]
    public async Task A_provider_that_nobody_knows_is_an_error_with_the_likely_name(string id, string hint)
    {
        (await Verb().ShowAsync(id, json: false)).Should().Be(1);

        _error.ToString().Should().StartWith($"synthwave: '{id}' is no known provider").And.Contain(hint);
        _output.ToString().Should().BeEmpty();
    }

    [Fact]
    public async Task Keys_are_listed_by_variable_those_that_are_set_first()
    {
        await Verb(("MOONSHOT_API_KEY", "sesame")).KeysAsync(json: false);
        _output.ToString().Split('\n')[1].Should().StartWith("MOONSHOT_API_KEY").And.Contain("yes").And.Contain("moonshot, moonshot-cn");

        _output.GetStringBuilder().Clear();
        await Verb(("MOONSHOT_API_KEY", "sesame")).KeysAsync(json: true);
        var first = JsonNode.Parse(_output.ToString())!["keys"]![0]!;
        first["variable"]!.GetValue<string>().Should().Be("MOONSHOT_API_KEY");
        first["set"]!.GetValue<bool>().Should().BeTrue();
        first["providers"]!.AsArray().Select(p => p!.GetValue<string>()).Should().Equal("moonshot", "moonshot-cn");
    }

    [Theory]
    [InlineData("providers")]
    [InlineData("providers --json")]
    [InlineData("providers list")]
    [InlineData("providers list --json")]
    [InlineData("providers show openai --json")]
    [InlineData("providers keys")]
    public void The_verb_is_there(string arguments) => CommandLine.Build().Parse(arguments).Errors.Should().BeEmpty();

    public void Dispose()
    {
        _output.Dispose();
        _error.Dispose();
    }

    private ProvidersCommand Verb(params (string Name, string Value)[] environment)
    {
        var console = Terminal.Over(_output, isDrawn: false);
        console.Profile.Width = 120;
        return new(name => environment.FirstOrDefault(e => e.Name == name).Value, console, _output, _error);
    }
}
