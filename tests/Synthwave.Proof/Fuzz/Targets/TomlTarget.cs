using System.Text;
using Synthwave.Configuration.Loading;
using Synthwave.Configuration.Toml;

namespace Synthwave.Proof.Fuzz.Targets;

/// <summary>A configuration file: read, bound and judged; one that is valid is written as <c>check --effective</c> does, which must be TOML again.</summary>
internal sealed class TomlTarget : IFuzzTarget
{
    public string Name => "toml";

    public IReadOnlyList<string> Words { get; } =
    [
        "[server]\n", "[upstreams.a]\n", "[[upstreams]]\n", "[profiles.p]\n", "[upstreams.a.tls]\n", "[upstreams.a.anthropic]\n", "[features]\n", "[vision]\n", "\n", "=", ".", "\"", "'", "\"\"\"", "'''", "#", "[", "]", "{", "}", ",", "true", "false", "inf", "nan", "1_000", "0x1f", "0b1",
        "1e9999", "1979-05-27T07:32:00Z", "07:32:00", "${", "${A:-b}", "$$", "\\u0000", "\\U00110000", "\\ud800", "\\e", "\\x41", "\u0000", "\u0085", "base_url = \"http://127.0.0.1:1/v1\"\n", "context = 1\n", "price = { input = 1 }\n", "type = \"moa\"\n", "upstreams = [\"a\"]\n", "headers = { x = \"y\" }\n",
        "max_body_mb = ", "request_overrides = ", "quorum = ", "port = ", "host = ", "bearer_token = ",
    ];

    public string Read(byte[] input)
    {
        var result = ConfigLoader.Parse(input, null, static name => name.StartsWith('E') ? null : "value");
        if (result.Config is not { } config)
        {
            return string.Join('|', result.Errors.Take(3).Select(static e => Outcome.Shape(e.Message)));
        }

        var written = EffectiveConfigWriter.Write(config);
        return TomlReader.TryRead(Encoding.UTF8.GetBytes(written), out _, out var error)
            ? $"valid {config.Upstreams.Length} {config.Profiles.Length} {Outcome.Shape(string.Join('|', result.Warnings.Take(3).Select(static w => w.Message)))}"
            : throw new InvalidOperationException($"What was written is no TOML: {error.Message}\n{written}");
    }
}
