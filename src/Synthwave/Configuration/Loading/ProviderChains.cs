using Synthwave.Configuration.Schema;
using Synthwave.Configuration.Tables;
using Synthwave.Providers;

namespace Synthwave.Configuration.Loading;

/// <summary>What stands behind a provider's name: tables of the file, each before the one it extends, and at the end a preset or nothing.</summary>
internal sealed record ProviderChain(IReadOnlyList<LoadedProvider> Tables, Preset? Preset);

/// <summary>The providers that an upstream can name.</summary>
internal sealed class ProviderChains(IReadOnlyList<LoadedProvider> tables)
{
    private readonly Dictionary<string, LoadedProvider> _tables = tables.ToDictionary(static t => t.Config.Name, StringComparer.Ordinal);

    /// <summary>Null = nobody knows such a provider.</summary>
    public ProviderChain? Of(string name)
    {
        var own = new List<LoadedProvider>();
        var at = name;
        while (_tables.TryGetValue(at, out var table) && !own.Contains(table))
        {
            own.Add(table);
            if ((table.Config.Extends ?? at) == at)
            {
                break;
            }

            at = table.Config.Extends!;
        }

        var preset = PresetCatalog.BuiltIn.Find(at);
        return own.Count == 0 && preset is null ? null : new(own, preset);
    }

    /// <summary>Refuses tables that extend what is not there, or each other in a circle.</summary>
    public void Check()
    {
        foreach (var (config, section) in tables)
        {
            if (config.Extends is not { } extended)
            {
                continue;
            }

            if (PresetCatalog.BuiltIn.Find(extended) is null && (extended == config.Name || !_tables.ContainsKey(extended)))
            {
                section.Error(ProviderTable.Extends, $"'{extended}' is no known provider", Suggest(extended));
            }
            else if (extended != config.Name && IsInCircle(config.Name))
            {
                section.Error(ProviderTable.Extends, $"provider '{config.Name}' extends itself by way of '{extended}'", "let one of them extend a known provider, or none");
            }
        }
    }

    /// <summary>The name that was probably meant; null = nothing is near.</summary>
    public string? Suggest(string name)
    {
        if (PresetCatalog.BuiltIn.Called(name) is { } known)
        {
            return $"did you mean \"{known.Id}\"?";
        }

        var ids = PresetCatalog.BuiltIn.All.Select(static p => p.Id);
        return Suggestion.For(name, _tables.Keys.Concat(ids)) ?? "synthwave providers lists those that are known; any other needs a table [providers.…] with base_url";
    }

    private bool IsInCircle(string name)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var at = name;
        while (_tables.TryGetValue(at, out var table) && table.Config.Extends is { } next && next != at && seen.Add(at))
        {
            at = next;
            if (at == name)
            {
                return true;
            }
        }

        return false;
    }
}
