using Synthwave.Configuration.Schema;
using Synthwave.Configuration.Tables;
using Synthwave.Configuration.Toml;
using Synthwave.Providers;

namespace Synthwave.Configuration.Loading;

/// <summary>Presets and curated models in the words of an upstream's table. Pure.</summary>
internal static class PresetFacts
{
    /// <summary>What an endpoint of the provider wants: keys and values, without its address and its key.</summary>
    public static IEnumerable<(ConfigKey Key, TomlValue Value)> Of(Preset preset, bool isAnthropic, TomlPosition at)
    {
        if (isAnthropic)
        {
            yield return (UpstreamTable.Protocol, new TomlString("anthropic", at));
        }

        var usual = isAnthropic ? KeyScheme.XApiKey : KeyScheme.Bearer;
        if (preset.AuthOf(isAnthropic) is { } auth && auth != usual)
        {
            yield return (UpstreamTable.Auth, At(UpstreamTable.Auth.Write(auth), at));
        }

        if (preset.Health != "models")
        {
            yield return (UpstreamTable.Health, new TomlString(preset.Health, at));
        }

        if (preset.Quirks.StreamUsage is { } usage)
        {
            yield return (UpstreamTable.StreamUsage, new TomlBoolean(usage, at));
        }

        if (preset.Quirks.SupportsFunctionCalling is { } calls)
        {
            yield return (UpstreamTable.SupportsFunctionCalling, new TomlBoolean(calls, at));
        }

        if (!isAnthropic && Options(preset.Quirks, at) is { Entries.Count: > 0 } options)
        {
            yield return (UpstreamTable.OpenAi, options);
        }
    }

    /// <summary>What the model can do and costs; what is not known is left out.</summary>
    /// <param name="model">As it is at the provider.</param>
    /// <param name="context">The window that counts, tokens; null = the model's own.</param>
    /// <param name="at">The place of whatever names the model.</param>
    public static IEnumerable<(ConfigKey Key, TomlValue Value)> Of(CuratedModel model, long? context, TomlPosition at)
    {
        if (model.Context is { } window)
        {
            yield return (UpstreamTable.Context, new TomlInteger(window, at));
        }

        if (model.MaxOutput is { } longest)
        {
            // No limit but the window is written as the whole window, which would leave no room for a question.
            var room = context ?? model.Context ?? long.MaxValue;
            yield return (UpstreamTable.MaxOutput, new TomlInteger(longest < room ? longest : Math.Max(1, room / 2), at));
        }

        if (model.Input is { } inputs)
        {
            var list = new TomlArray(at);
            foreach (var input in inputs)
            {
                list.Add(new TomlString(input, at));
            }

            yield return (UpstreamTable.Modalities, list);
        }

        if (model.Tools is { } tools)
        {
            yield return (UpstreamTable.SupportsFunctionCalling, new TomlBoolean(tools, at));
        }

        if (model.Price is { } price)
        {
            var table = new TomlTable(TomlTableOrigin.Header, at);
            table.Add(UpstreamOptionTables.InputPrice.Name, At(UpstreamOptionTables.InputPrice.Write(price.Input), at), at);
            table.Add(UpstreamOptionTables.OutputPrice.Name, At(UpstreamOptionTables.OutputPrice.Write(price.Output), at), at);
            if (price.Cached is { } cached)
            {
                table.Add(UpstreamOptionTables.CachedInputPrice.Name, At(UpstreamOptionTables.CachedInputPrice.Write(cached), at), at);
            }

            yield return (UpstreamTable.Price, table);
        }
    }

    private static TomlTable Options(PresetQuirks quirks, TomlPosition at)
    {
        var options = new TomlTable(TomlTableOrigin.Header, at);
        Add(UpstreamOptionTables.MaxTokensParam, quirks.MaxTokensParam);
        Add(UpstreamOptionTables.DeveloperRole, quirks.DeveloperRole);
        Add(UpstreamOptionTables.TextContent, quirks.TextContent);
        if (quirks.DropParams is { } dropped)
        {
            var list = new TomlArray(at);
            foreach (var name in dropped)
            {
                list.Add(new TomlString(name, at));
            }

            options.Add(UpstreamOptionTables.OpenAiDropParams.Name, list, at);
        }

        return options;

        void Add(ConfigKey key, string? value)
        {
            if (value is not null)
            {
                options.Add(key.Name, new TomlString(value, at), at);
            }
        }
    }

    private static TomlValue At(TomlValue value, TomlPosition at) => value switch
    {
        TomlString text => new TomlString(text.Value, at),
        TomlFloat number => new TomlFloat(number.Value, at),
        _ => value,
    };
}
