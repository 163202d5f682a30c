using System.Globalization;
using System.Text;
using System.Text.Json.Serialization.Metadata;
using Spectre.Console;
using Synthwave.Configuration.Schema;
using Synthwave.Json;
using Synthwave.Providers;

namespace Synthwave.Commands;

/// <summary><c>synthwave providers</c>: which providers are known, what is known of one, and which of their keys are set. No key is shown; nobody is asked.</summary>
/// <param name="environment">Reads a variable; null or empty = not set.</param>
/// <param name="console">Where people read of one provider.</param>
/// <param name="output">Where lists and JSON go: the same place, without a form.</param>
/// <param name="error">What went wrong.</param>
internal sealed class ProvidersCommand(Func<string, string?> environment, IAnsiConsole console, TextWriter output, TextWriter error)
{
    /// <summary>All of them, one a line. Exit code 0.</summary>
    public async Task<int> ListAsync(bool json)
    {
        if (json)
        {
            return await WriteAsync(new ProviderList(CuratedModels.BuiltIn.Date, [.. PresetCatalog.BuiltIn.All.Select(Summary)]), ProviderVerbJson.Default.ProviderList);
        }

        await WriteColumnsAsync(
            ["PROVIDER", "NAME", "KEY", "BILLING", "MODELS", "ADDRESS"],
            PresetCatalog.BuiltIn.All.Select(Summary).Select(static p => (string[])[p.Id, p.Name, KeyWords(p), p.Billing, p.Models == 0 ? "–" : p.Models.ToString(CultureInfo.InvariantCulture), p.BaseUrl]));
        return ExitCodes.Ok;
    }

    /// <summary>All that is known of one. Exit code 0; 1 when nobody knows it.</summary>
    public async Task<int> ShowAsync(string id, bool json)
    {
        if (PresetCatalog.BuiltIn.Find(id) is not { } preset)
        {
            var near = PresetCatalog.BuiltIn.Called(id)?.Id ?? Suggestion.Nearest(id, PresetCatalog.BuiltIn.All.Select(static p => p.Id));
            await error.WriteLineAsync($"synthwave: '{id}' is no known provider{(near is null ? "; 'synthwave providers' lists those that are" : $"; did you mean '{near}'?")}");
            return ExitCodes.Failed;
        }

        var detail = ProviderDetail.Of(preset, Summary(preset));
        if (json)
        {
            return await WriteAsync(detail, ProviderVerbJson.Default.ProviderDetail);
        }

        var grid = new Grid().AddColumn(new GridColumn().NoWrap().PadRight(3)).AddColumn();
        foreach (var (name, value) in detail.Lines(KeyWords(detail.Summary)))
        {
            grid.AddRow(Cell(name), Cell(value));
        }

        console.Write(grid);
        console.WriteLine();
        console.Write(new Text($"""
            [upstreams.NAME]
            provider = "{preset.Id}"
            model_id = "{CuratedModels.BuiltIn.At(preset.Id).FirstOrDefault()?.Id ?? "MODEL"}"

            """));
        return ExitCodes.Ok;
    }

    /// <summary>The variables that may hold keys, those that are set first. Exit code 0.</summary>
    public async Task<int> KeysAsync(bool json)
    {
        var keys = PresetCatalog.BuiltIn.All.SelectMany(static p => p.Keys.Select(k => (Key: k, p.Id))).GroupBy(static k => k.Key, static k => k.Id)
            .Select(g => new ProviderKey(g.Key, IsSet(g.Key), [.. g])).OrderByDescending(static k => k.IsSet).ToList();
        if (json)
        {
            return await WriteAsync(new ProviderKeys([.. keys]), ProviderVerbJson.Default.ProviderKeys);
        }

        await WriteColumnsAsync(["VARIABLE", "SET", "PROVIDERS"], keys.Select(static k => (string[])[k.Variable, k.IsSet ? "yes" : "no", string.Join(", ", k.Providers)]));
        return ExitCodes.Ok;
    }

    // As wide as it is, so that a line stays one where other programs read it.
    private Task WriteColumnsAsync(string[] titles, IEnumerable<string[]> lines)
    {
        var rows = lines.Prepend(titles).ToList();
        var widths = titles.Select((_, c) => rows.Max(r => r[c].Length)).ToArray();
        return output.WriteAsync(string.Concat(rows.Select(r => string.Join("  ", r.Select((cell, c) => cell.PadRight(widths[c]))).TrimEnd() + "\n")));
    }

    private static Text Cell(string text) => new(text);

    private static string KeyWords(ProviderSummary provider) => provider switch
    {
        { KeySet: { } set } => $"in {set}",
        { KeyOptional: true } => "not needed",
        _ => $"set {provider.KeyVariables[0]}",
    };

    private ProviderSummary Summary(Preset preset)
    {
        var template = preset.BaseOf(preset.IsAnthropic)!; // A preset speaks its own protocol.
        return new(
            preset.Id,
            preset.Name,
            BaseTemplate.Fill(template, "MODEL", environment).Url ?? template,
            preset.IsAnthropic ? "anthropic" : "openai",
            preset.Billing.ToString().ToLowerInvariant(),
            preset.Keys,
            preset.Keys.FirstOrDefault(IsSet),
            preset.IsKeyOptional,
            CuratedModels.BuiltIn.At(preset.Id).Count());
    }

    private bool IsSet(string variable) => !string.IsNullOrWhiteSpace(environment(variable));

    private async Task<int> WriteAsync<T>(T value, JsonTypeInfo<T> type)
    {
        await output.WriteLineAsync(Encoding.UTF8.GetString(JsonTyped.Write(value, type)));
        return ExitCodes.Ok;
    }
}
