using System.Collections.Frozen;
using System.Collections.Immutable;
using Synthwave.Json;

namespace Synthwave.Providers;

/// <summary>The providers that are known. Immutable, safe to share between threads.</summary>
internal sealed class PresetCatalog
{
    private const int FormVersion = 1;

    private static readonly Lazy<PresetCatalog> OfTheProgram = new(static () => Read(EmbeddedFile.Read("Synthwave.Providers.presets.json")));

    private readonly FrozenDictionary<string, Preset> _byId;

    private PresetCatalog(ImmutableArray<Preset> all)
    {
        All = all;
        _byId = all.ToFrozenDictionary(static p => p.Id, StringComparer.Ordinal);
    }

    /// <summary>Those that the program brings along.</summary>
    public static PresetCatalog BuiltIn => OfTheProgram.Value;

    /// <summary>In the order of the file.</summary>
    public ImmutableArray<Preset> All { get; }

    /// <summary>By its id, exactly; null = not known.</summary>
    public Preset? Find(string id) => _byId.GetValueOrDefault(id);

    /// <summary>By a name that others give it, whatever the case; null = nobody calls one so.</summary>
    public Preset? Called(string name) => All.FirstOrDefault(p => p.AlsoCalled.Contains(name, StringComparer.OrdinalIgnoreCase) || string.Equals(p.Id, name, StringComparison.OrdinalIgnoreCase));

    /// <summary>Reads a file of presets.</summary>
    /// <exception cref="InvalidDataException">It is none: not JSON of this form, an id twice, or one that extends what does not stand before it.</exception>
    public static PresetCatalog Read(ReadOnlySpan<byte> json)
    {
        if (JsonTyped.TryRead(json, ProvidersJson.Default.PresetFile) is not { Version: FormVersion } file)
        {
            throw new InvalidDataException($"The list of providers is not of form {FormVersion}.");
        }

        var byId = new Dictionary<string, Preset>(StringComparer.Ordinal);
        var all = ImmutableArray.CreateBuilder<Preset>(file.Presets.Count);
        foreach (var entry in file.Presets)
        {
            Preset? above = null;
            if (entry.Extends is { } name && !byId.TryGetValue(name, out above))
            {
                throw new InvalidDataException($"The provider '{entry.Id}' extends '{name}', which does not stand before it.");
            }

            var preset = Preset.Of(entry, above);
            if (!byId.TryAdd(preset.Id, preset))
            {
                throw new InvalidDataException($"The provider '{entry.Id}' is there twice.");
            }

            all.Add(preset);
        }

        return new PresetCatalog(all.ToImmutable());
    }
}
