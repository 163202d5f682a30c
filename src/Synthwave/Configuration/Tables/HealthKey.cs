using Synthwave.Configuration.Schema;
using Synthwave.Configuration.Toml;

namespace Synthwave.Configuration.Tables;

/// <summary>How an endpoint is asked whether it is up: by its list of models, not at all, or by a path.</summary>
internal sealed class HealthKey(string name, string meaning) : ConfigKey<string>(name, meaning)
{
    public override string Expects => "\"models\", \"none\" or a path like \"/health\"";

    public override bool TryRead(TomlValue value, out string result, ref string? doubt)
    {
        result = (value as TomlString)?.Value ?? "";
        return result is "models" or "none" || (result.StartsWith('/') && result.All(static c => c is > ' ' and <= '~' and not '#'));
    }

    public override TomlValue Write(string value) => new TomlString(Mask.Url(value));
}
