using Synthwave.Configuration.Schema;
using Synthwave.Configuration.Toml;

namespace Synthwave.Configuration.Tables;

/// <summary><c>[providers.x]</c>: the keys of an upstream that are about its endpoint and not about its model.</summary>
internal static class ProviderTable
{
    private static readonly ConfigKey[] OfTheModel =
    [
        UpstreamTable.Provider, UpstreamTable.ModelId, UpstreamTable.Context, UpstreamTable.MaxOutput, UpstreamTable.ClampMaxTokens, UpstreamTable.Modalities,
        UpstreamTable.SupportsFunctionCalling, UpstreamTable.SupportsThinking, UpstreamTable.ChatTemplateKwargs, UpstreamTable.Price, UpstreamTable.Hedge,
    ];

    public static readonly TextKey Extends = new("extends", "a provider that tells what is not written here")
    {
        NotEmpty = true,
        WhenAbsent = "the known provider of the same name, if there is one",
        Details = "One that is known, or another of these tables.",
        Example = "\"vllm\"",
    };

    public static readonly Table<ProviderConfig> Keys = Declare();

    /// <summary>Reads a table.</summary>
    public static ProviderConfig Read(string name, SectionReader section)
    {
        section.RefuseUnknownKeys(Keys);
        return Keys.Read(section, Keys.Blank with { Name = name, Written = [.. section.Table.Entries.Select(static e => e.Key)] });
    }

    /// <summary>The keys that were written, as they would be written; what is secret is hidden.</summary>
    public static TomlTable Write(ProviderConfig provider) =>
        TomlTable.Of(Keys.Write(provider).Entries.Where(e => provider.Written.Contains(e.Key)).Select(static e => (e.Key, e.Value)));

    private static Table<ProviderConfig> Declare()
    {
        var keys = new Table<ProviderConfig>("[providers.…]", new ProviderConfig { Name = "", Common = UpstreamTable.Keys.Blank });
        keys.AddOptional(Extends, static p => p.Extends, static (p, v) => p with { Extends = v });
        keys.Lift(UpstreamTable.Keys, static k => !OfTheModel.Contains(k), static p => p.Common, static (p, v) => p with { Common = v });
        return keys;
    }
}
