using System.Globalization;
using System.Text;
using Synthwave.Configuration.Schema;
using Synthwave.Configuration.Tables;

namespace Synthwave.IntegrationTests.Secrets;

/// <summary>
/// A configuration with a secret of its own in every place that may hold one, found by walking the schema: a key that is added to it later is in it. Written to a directory
/// that is removed on disposal.
/// </summary>
internal sealed class CanaryConfig : IDisposable
{
    /// <summary>What every secret here begins with, and nothing else does.</summary>
    public const string Call = "c4n4ry/";

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("canary");
    private readonly Dictionary<string, string> _variables = [];
    private readonly Dictionary<string, string> _byKey = [];
    private readonly List<string> _upstreams = [];

    /// <param name="origin">Where the upstreams are, <c>http://host:port</c>.</param>
    public CanaryConfig(string origin)
    {
        var toml = new StringBuilder("[server]\nlog_level = \"debug\"\nhealth_probe_interval_sec = 0.2\n");
        foreach (var key in ServerTable.Keys.Keys)
        {
            toml.Append(Line(key, "server", origin));
        }

        toml.Append("[features]\nvoting = true\n");
        foreach (var key in UpstreamTable.Keys.Keys)
        {
            if (Line(key, "upstream", origin) is { Length: > 0 } line)
            {
                toml.Append(Upstream($"u{_upstreams.Count}", key == UpstreamTable.BaseUrl ? line : $"base_url = \"{origin}/v1\"\n{line}"));
            }
        }

        toml.Append(Upstream("claude", $"base_url = \"{origin}/v1\"\nprotocol = \"anthropic\"\napi_key = \"{Canary("claude")}\"\n"));
        toml.Append(Upstream("eyes", $"base_url = \"{origin}/v1\"\nmodalities = [\"text\", \"image\", \"audio\"]\napi_key = \"{Canary("eyes")}\"\n"));
        var two = $"[\"{_upstreams[0]}\", \"{_upstreams[1]}\"]";
        toml.Append(CultureInfo.InvariantCulture, $"""
            [history]
            content = true
            [vision]
            endpoints = ["eyes"]
            two_stage = true
            [audio]
            endpoints = ["eyes"]
            [profiles.cascade]
            type = "cascade"
            upstreams = {two}
            [profiles.moa]
            type = "moa"
            generators = {two}
            synthesizer = "{_upstreams[2]}"
            [profiles.voting]
            type = "voting"
            upstreams = {two}

            """);
        Path = System.IO.Path.Combine(_directory.FullName, "meta-model.toml");
        File.WriteAllText(Path, toml.ToString());
    }

    public string Path { get; }

    public string? Variable(string name) => _variables.GetValueOrDefault(name);

    /// <summary>Names of the upstreams: one for every place in <c>[upstreams.x]</c>, <c>claude</c>, and <c>eyes</c>, which sees and hears.</summary>
    public IReadOnlyList<string> Upstreams => _upstreams;

    /// <summary>The secrets by where they are.</summary>
    public IReadOnlyDictionary<string, string> Secrets => _byKey;

    public void Dispose() => _directory.Delete(recursive: true);

    // A line that puts a secret there; empty = the key never holds one.
    private string Line(ConfigKey key, string table, string origin)
    {
        var place = $"{table}.{key.Name}";
        switch (key)
        {
            case SecretKey:
                return $"{key.Name} = \"{Canary(place)}\"\n";
            case SecretFileKey:
                var file = System.IO.Path.Combine(_directory.FullName, place);
                File.WriteAllText(file, Canary(place) + "\n");
                return $"{key.Name} = \"{file}\"\n";
            case HeadersKey:
                return $"{key.Name} = {{ x-canary = \"{Canary(place)}\", authorization = \"Bearer {Canary(place + ".scheme")}\" }}\n";
            case UrlKey when key == UpstreamTable.Proxy:
                return $"{key.Name} = \"{origin.Replace("://", $"://user:{Escaped(place)}@", StringComparison.Ordinal)}\"\n";
            case UrlKey:
                return $"{key.Name} = \"{origin.Replace("://", $"://user:{Escaped(place)}@", StringComparison.Ordinal)}/v1?api-key={Escaped(place + ".query")}\"\n";
            case HealthKey:
                return $"{key.Name} = \"/health?sig={Escaped(place)}\"\n";
            case TableKey { Schema: null }:
                return $"supports_thinking = true\n{key.Name} = {{ api_key = \"{Canary(place)}\", nested = {{ token = [\"{Canary(place + ".nested")}\"] }} }}\n";
            case TextKey when key.Name.EndsWith("_env", StringComparison.Ordinal):
                var variable = place.Replace('.', '_').ToUpperInvariant();
                _variables[variable] = Canary(place);
                return $"{key.Name} = \"{variable}\"\n";
            default:
                key.IsSecret.Should().BeFalse($"{place} holds a secret of a kind this test does not know yet");
                return "";
        }
    }

    private string Upstream(string name, string lines)
    {
        _upstreams.Add(name);
        var user = lines.Contains("basic_auth_pass", StringComparison.Ordinal) ? "basic_auth_user = \"gateway\"\n" : "";
        return $"[upstreams.{name}]\nmodel_id = \"m\"\ncontext = 32768\nmax_output = 512\nretries = 0\ncompletions = true\n{user}{lines}";
    }

    private string Canary(string place) => _byKey[place] = $"{Call}{place}+9=";

    private string Escaped(string place) => Uri.EscapeDataString(Canary(place));
}
