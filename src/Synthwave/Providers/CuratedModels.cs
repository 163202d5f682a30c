using System.Collections.Frozen;
using System.Collections.Immutable;
using Synthwave.Json;

namespace Synthwave.Providers;

/// <summary>The models that are known, by provider. Immutable, safe to share between threads.</summary>
internal sealed class CuratedModels
{
    private const int FormVersion = 1;

    private static readonly Lazy<CuratedModels> OfTheProgram = new(static () => Read(EmbeddedFile.Read("Synthwave.Providers.models.json")));

    private readonly FrozenDictionary<(string Provider, string Id), CuratedModel> _byName;
    private readonly ILookup<string, CuratedModel> _byProvider;

    private CuratedModels(CuratedFile file, FrozenDictionary<(string Provider, string Id), CuratedModel> byName)
    {
        Date = file.Date;
        All = [.. file.Models];
        _byName = byName;
        _byProvider = file.Models.ToLookup(static m => m.Provider, StringComparer.Ordinal);
    }

    /// <summary>Those that the program brings along.</summary>
    public static CuratedModels BuiltIn => OfTheProgram.Value;

    /// <summary>When the list was last looked through, <c>yyyy-MM-dd</c>.</summary>
    public string Date { get; }

    public ImmutableArray<CuratedModel> All { get; }

    /// <summary>All models of a provider, by the preset's id.</summary>
    public IEnumerable<CuratedModel> At(string provider) => _byProvider[provider];

    /// <summary>
    /// A model at a provider, by the exact id that is sent; null = not known. Where a preset has no list of its own, the preset it extends tells what the model can do, but
    /// not what it costs: the same weights have another price in another region.
    /// </summary>
    public CuratedModel? Find(Preset preset, string id, PresetCatalog presets)
    {
        if (_byName.GetValueOrDefault((preset.Id, id)) is { } own)
        {
            return own;
        }

        for (var above = preset.Extends; above is not null; above = presets.Find(above)?.Extends)
        {
            if (_byName.GetValueOrDefault((above, id)) is { } model)
            {
                return model with { Price = null };
            }
        }

        return null;
    }

    /// <summary>Reads a list.</summary>
    /// <exception cref="InvalidDataException">It is none: not JSON of this form, or a model twice.</exception>
    public static CuratedModels Read(ReadOnlySpan<byte> json)
    {
        if (JsonTyped.TryRead(json, ProvidersJson.Default.CuratedFile) is not { Version: FormVersion } file)
        {
            throw new InvalidDataException($"The list of models is not of form {FormVersion}.");
        }

        var byName = new Dictionary<(string, string), CuratedModel>();
        foreach (var model in file.Models)
        {
            if (!byName.TryAdd((model.Provider, model.Id), model))
            {
                throw new InvalidDataException($"The model '{model.Id}' is there twice for '{model.Provider}'.");
            }
        }

        return new CuratedModels(file, byName.ToFrozenDictionary());
    }
}
