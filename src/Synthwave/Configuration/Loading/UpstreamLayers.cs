using Synthwave.Configuration.Schema;
using Synthwave.Configuration.Tables;
using Synthwave.Configuration.Toml;
using Synthwave.Providers;

namespace Synthwave.Configuration.Loading;

/// <summary>
/// Fills the tables of upstreams up with what is known of their providers and models, layer by layer: the upstream's own table, tables under <c>[providers]</c>, the preset,
/// the curated list. An upper layer wins. Nothing is asked of anybody.
/// </summary>
/// <param name="chains">The providers there are.</param>
/// <param name="environment">Reads an environment variable; null = not set.</param>
/// <param name="written">Where what is written in the file comes from.</param>
internal sealed class UpstreamLayers(ProviderChains chains, Func<string, string?> environment, ConfigOrigins written)
{
    private static readonly ConfigKey[] Credentials =
    [
        UpstreamTable.ApiKey, UpstreamTable.ApiKeyEnv, UpstreamTable.ApiKeyFile, UpstreamTable.ApiKeyFrom,
        UpstreamTable.BasicAuthUser, UpstreamTable.BasicAuthPass, UpstreamTable.BasicAuthPassEnv, UpstreamTable.BasicAuthPassFile,
    ];

    private readonly List<KeyValuePair<string, ConfigOrigin>> _origins = [];

    /// <summary>Where the values come from that were filled in so far, by dotted key.</summary>
    public IEnumerable<KeyValuePair<string, ConfigOrigin>> Origins => _origins;

    /// <summary>What the environment lacks for the upstreams that were filled up so far.</summary>
    public MissingVariables Missing { get; } = new();

    /// <summary>The table to read. What cannot be known is told as a problem at its place.</summary>
    /// <param name="upstream">The upstream's name.</param>
    /// <param name="section">Its table as it is written.</param>
    public FilledUpstream Fill(string upstream, SectionReader section)
    {
        if (section.Table.Find(UpstreamTable.Provider.Name) is not { Value: TomlString { Value: { Length: > 0 } name }, KeyPosition: var place })
        {
            return new(section);
        }

        if (chains.Of(name) is not { } chain)
        {
            section.Error(UpstreamTable.Provider, $"'{name}' is no known provider", chains.Suggest(name));
            return new(section);
        }

        var layers = new LayeredTable(section.Table, section.Path, PrefixedId(section, name, chain.Preset) is { } id ? (UpstreamTable.ModelId.Name, id) : null);
        var filled = section.Over(layers.Table);
        foreach (var (_, table) in chain.Tables)
        {
            var hasCredential = HasCredential(layers);
            foreach (var (key, at, value) in table.Table.Entries.Where(e => e.Key != ProviderTable.Extends.Name && ProviderTable.Keys.Find(e.Key) is not null && !(hasCredential && IsCredential(e.Key))))
            {
                layers.Add(key, value, at, inner => written.Of($"{table.Path}.{inner}"));
            }
        }

        var result = new FilledUpstream(filled);
        if (chain.Preset is { } preset)
        {
            result = AddPreset(new(upstream, filled, layers, name, preset, place), result);
        }
        else if (!layers.Has(UpstreamTable.BaseUrl.Name))
        {
            filled.Error(UpstreamTable.Provider, $"provider '{name}' has no base_url", $"add base_url to [{chain.Tables[^1].Section.Path}]");
        }

        var model = AddModel(layers, filled, chain);
        ReportUnknown(layers, filled, name, chain.Preset, model);
        _origins.AddRange(layers.Origins);
        return result;
    }

    private FilledUpstream AddPreset(Filling at, FilledUpstream result)
    {
        var (layers, filled, preset) = (at.Layers, at.Filled, at.Preset);
        var isAnthropic = layers.TextOf(UpstreamTable.Protocol.Name) is { } protocol ? protocol == "anthropic" : preset.IsAnthropic;
        var origin = new ConfigOrigin(OriginKind.Preset, preset.Id);
        foreach (var (key, value) in PresetFacts.Of(preset, isAnthropic, at.Place))
        {
            layers.Add(key.Name, value, at.Place, _ => origin);
        }

        var isElsewhere = layers.TextOf(UpstreamTable.BaseUrl.Name) is { } own && !preset.Owns(own);
        if (!layers.Has(UpstreamTable.BaseUrl.Name))
        {
            if (preset.BaseOf(isAnthropic) is not { } template)
            {
                filled.Error(layers.Has(UpstreamTable.Protocol.Name) ? UpstreamTable.Protocol : UpstreamTable.Provider, $"provider '{at.Name}' does not speak it", "write base_url too, or another protocol");
                return result with { LacksUrl = true };
            }

            var url = BaseTemplate.Fill(template, layers.TextOf(UpstreamTable.ModelId.Name) ?? "", environment);
            layers.Add(UpstreamTable.BaseUrl.Name, new TomlString(url.Url ?? template, at.Place), at.Place, _ => origin);
            if (url is { Url: null, Variable: { } variable })
            {
                Missing.AddOfUrl(at.Upstream, filled, at.Name, variable, url.IsUnusable);
                result = result with { LacksUrl = true };
            }
        }

        return AddKey(at, isElsewhere, origin, result);
    }

    /// <summary>The variable of the key, unless somebody said anything of a key, or the call goes elsewhere than to the provider.</summary>
    private FilledUpstream AddKey(Filling at, bool isElsewhere, ConfigOrigin origin, FilledUpstream result)
    {
        var (layers, preset) = (at.Layers, at.Preset);
        if (HasCredential(layers) || layers.TextOf(UpstreamTable.Auth.Name) == "none" || preset.Keys.IsEmpty)
        {
            return result;
        }

        var set = preset.Keys.FirstOrDefault(k => !string.IsNullOrWhiteSpace(environment(k)));
        if (isElsewhere)
        {
            if (set is not null || !preset.IsKeyOptional)
            {
                at.Filled.Warn(UpstreamTable.BaseUrl, $"the key of provider '{at.Name}' is not sent there: it is not its own host", $"write api_key_env = \"{set ?? preset.Keys[0]}\" if it is meant, or api_key_env with another variable");
            }

            return result;
        }

        if (set is null && preset.IsKeyOptional)
        {
            return result;
        }

        layers.Add(UpstreamTable.ApiKeyEnv.Name, new TomlString(set ?? preset.Keys[0], at.Place), at.Place, _ => origin);
        if (set is null)
        {
            Missing.AddOfKey(at.Upstream, at.Filled, at.Name, preset);
        }

        return result with { HasKnownKey = true };
    }

    // Open models are often named as their makers do. Null = the id is right as it is, or nobody can tell.
    private static string? PrefixedId(SectionReader section, string name, Preset? preset)
    {
        if (preset?.Ids?.Prefix is not { } prefix || section.Table.Find(UpstreamTable.ModelId.Name)?.Value is not TomlString { Value: var id }
            || id.StartsWith(prefix, StringComparison.Ordinal) || Known(preset, id) is not null || Known(preset, prefix + id) is null)
        {
            return null;
        }

        section.Warn(UpstreamTable.ModelId, $"lacks the '{prefix}' that ids of open models begin with at '{name}'; it is taken with it", $"write model_id = \"{prefix}{id}\"");
        return prefix + id;
    }

    private static CuratedModel? AddModel(LayeredTable layers, SectionReader filled, ProviderChain chain)
    {
        if (chain.Preset is not { } preset || layers.TextOf(UpstreamTable.ModelId.Name) is not { } id || Known(preset, id) is not { } model)
        {
            return null;
        }

        // Whoever sits between the provider and us may have a price of his own.
        model = chain.Tables.Count == 0 ? model : model with { Price = null };
        var origin = new ConfigOrigin(OriginKind.CuratedList, CuratedModels.BuiltIn.Date[..7]);
        var context = (layers.Table.Find(UpstreamTable.Context.Name)?.Value as TomlInteger)?.Value;
        var place = filled.PositionOf(UpstreamTable.ModelId);
        foreach (var (key, value) in PresetFacts.Of(model, context, place))
        {
            // A price is one thing: half of it from here and half from there would be nobody's.
            if (key != UpstreamTable.Price || !layers.Has(key.Name))
            {
                layers.Add(key.Name, value, place, _ => origin);
            }
        }

        return model;
    }

    private static void ReportUnknown(LayeredTable layers, SectionReader filled, string name, Preset? preset, CuratedModel? model)
    {
        ConfigKey[] unknown = [.. new ConfigKey[] { UpstreamTable.Context, UpstreamTable.MaxOutput }.Where(k => !layers.Has(k.Name))];
        if (unknown.Length == 0 || layers.TextOf(UpstreamTable.ModelId.Name) is not { Length: > 0 } id)
        {
            return;
        }

        var near = model is null && preset is not null ? Suggestion.For(id, CuratedModels.BuiltIn.At(preset.Id).Select(static m => m.Id)) : null;
        var words = string.Join(" and ", unknown.Select(static k => k.Name));
        filled.ErrorAt(
            filled.PositionOf(UpstreamTable.ModelId),
            filled.PathOf(unknown[0]),
            $"{words} of the model '{id}' at '{name}' {(unknown.Length == 1 ? "is" : "are")} not known",
            $"{(near is null ? "" : $"{near} Otherwise ")}add {string.Join(" and ", unknown.Select(static k => $"{k.Name} = TOKENS"))} to [{filled.Path}]");
    }

    private static CuratedModel? Known(Preset preset, string id) => CuratedModels.BuiltIn.Find(preset, id, PresetCatalog.BuiltIn);

    private static bool HasCredential(LayeredTable layers) => Array.Exists(Credentials, k => layers.Has(k.Name));

    private static bool IsCredential(string key) => Array.Exists(Credentials, k => k.Name == key);

    /// <summary>One upstream at work.</summary>
    /// <param name="Upstream">Its name.</param>
    /// <param name="Filled">Its table, filled up.</param>
    /// <param name="Layers">What is in it.</param>
    /// <param name="Name">What it calls its provider.</param>
    /// <param name="Preset">What is known of the provider.</param>
    /// <param name="Place">Where it names it: the key's place, since the value may be the environment's.</param>
    private sealed record Filling(string Upstream, SectionReader Filled, LayeredTable Layers, string Name, Preset Preset, TomlPosition Place);
}
