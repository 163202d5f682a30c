using Synthwave.Configuration.Toml;

namespace Synthwave.Configuration.Schema;

/// <summary>The path of a file that holds a secret. The path is no secret.</summary>
internal sealed class SecretFileKey(string name, string meaning) : ConfigKey<SecretFile>(name, meaning)
{
    public override string Expects => "the path of a file";

    public override bool TryRead(TomlValue value, out SecretFile result, ref string? doubt)
    {
        result = new SecretFile((value as TomlString)?.Value ?? "");
        return result.Path.Length > 0;
    }

    public override TomlValue Write(SecretFile value) => new TomlString(value.Path);
}
