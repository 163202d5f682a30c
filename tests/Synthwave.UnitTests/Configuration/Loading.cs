using Synthwave.Configuration;
using Synthwave.Configuration.Loading;

namespace Synthwave.UnitTests.Configuration;

/// <summary>Loads configuration text the way tests need it: with an environment of their own, and with what was wrong in the failure.</summary>
internal static class Loading
{
    public const string FileName = "m.toml";

    /// <summary>Two upstreams that need nothing else, to start a file with.</summary>
    public const string TwoUpstreams = """
        [upstreams.a]
        model_id = "model-a"
        base_url = "http://a.test/v1"
        context = 8192
        max_output = 512

        [upstreams.b]
        model_id = "model-b"
        base_url = "http://b.test/v1"
        context = 16384
        max_output = 1024


        """;

    public static ConfigResult Load(string text, params (string Name, string Value)[] environment) =>
        ConfigLoader.Parse(text, FileName, name => environment.FirstOrDefault(v => v.Name == name).Value);

    public static GatewayConfig Valid(string text, params (string Name, string Value)[] environment)
    {
        var result = Load(text, environment);
        result.Errors.Should().BeEmpty();
        return result.Config!;
    }

    /// <summary>A configuration without even a warning.</summary>
    public static GatewayConfig Clean(string text, params (string Name, string Value)[] environment)
    {
        var result = Load(text, environment);
        result.Errors.Should().BeEmpty();
        result.Warnings.Should().BeEmpty();
        return result.Config!;
    }

    /// <summary>The only error of a text.</summary>
    public static ConfigProblem Error(string text, params (string Name, string Value)[] environment)
    {
        var result = Load(text, environment);
        result.Config.Should().BeNull();
        return result.Errors.Should().ContainSingle().Which;
    }

    /// <summary>The only warning of a text that loads.</summary>
    public static ConfigProblem Warning(string text, params (string Name, string Value)[] environment)
    {
        var result = Load(text, environment);
        result.Errors.Should().BeEmpty();
        return result.Warnings.Should().ContainSingle().Which;
    }
}
