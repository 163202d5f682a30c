using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Serialization;
using Synthwave.Providers;

namespace Synthwave.Commands;

/// <summary>A provider in a line.</summary>
/// <param name="Id">What the configuration calls it.</param>
/// <param name="Name">For people.</param>
/// <param name="BaseUrl">Where it is called; with the names of variables that are not set.</param>
/// <param name="Protocol">As the configuration's key.</param>
/// <param name="Billing"><c>metered</c>, <c>plan</c>, <c>free</c>, <c>local</c>.</param>
/// <param name="KeyVariables">Those that may hold its key, in order.</param>
/// <param name="KeySet">The one that does; null = none is set.</param>
/// <param name="KeyOptional">Whether calls without a key may be in order.</param>
/// <param name="Models">How many of its models are known.</param>
internal sealed record ProviderSummary(
    string Id, string Name, string BaseUrl, string Protocol, string Billing, ImmutableArray<string> KeyVariables, string? KeySet, bool KeyOptional, int Models);

/// <summary>All providers.</summary>
/// <param name="ModelsOf">The date of the list of models, <c>yyyy-MM-dd</c>.</param>
/// <param name="Providers">In the order in which they are tried.</param>
internal sealed record ProviderList(string ModelsOf, ImmutableArray<ProviderSummary> Providers);

/// <summary>A variable that may hold a key.</summary>
internal sealed record ProviderKey([property: JsonPropertyName("variable")] string Variable, [property: JsonPropertyName("set")] bool IsSet, [property: JsonPropertyName("providers")] ImmutableArray<string> Providers);

/// <summary>All of them.</summary>
internal sealed record ProviderKeys(ImmutableArray<ProviderKey> Keys);

/// <summary>All that is known of one provider.</summary>
internal sealed record ProviderDetail(
    ProviderSummary Summary,
    string? Extends,
    ImmutableArray<string> AlsoCalled,
    PresetBases Bases,
    PresetListing? Listing,
    string Auth,
    PresetIds? Ids,
    PresetQuirks Quirks,
    PresetUrls Urls,
    PresetQuota? Quota,
    PresetSource Source,
    ImmutableArray<CuratedModel> Models)
{
    public static ProviderDetail Of(Preset preset, ProviderSummary summary) => new(
        summary,
        preset.Extends,
        preset.AlsoCalled,
        preset.Bases,
        preset.Listing,
        SchemeWords(preset.Auth),
        preset.Ids,
        preset.Quirks,
        preset.Urls,
        preset.Quota,
        preset.Source,
        [.. CuratedModels.BuiltIn.At(preset.Id)]);

    /// <summary>The facts for people, by name; what is not known is left out.</summary>
    /// <param name="key">What is to be said of its key.</param>
    public IEnumerable<(string Name, string Value)> Lines(string key)
    {
        var facts = new (string Name, string? Value)[]
        {
            ("provider", $"{Summary.Id} ({Summary.Name})"),
            ("also called", AlsoCalled.IsEmpty ? null : string.Join(", ", AlsoCalled)),
            ("extends", Extends),
            ("chat", Bases.Chat),
            ("messages", Bases.Messages),
            ("responses", Bases.Responses),
            ("embeddings", Bases.Embeddings),
            ("list of models", Listing?.Url),
            ("key", key),
            ("key variables", string.Join(", ", Summary.KeyVariables)),
            ("shown as", Auth),
            ("ids", Ids?.Form),
            ("quirks", QuirkWords(Quirks)),
            ("billing", Summary.Billing),
            ("keys are made at", Urls.Console),
            ("credit", Urls.Billing),
            ("status", Urls.Status),
            ("quota", Quota is null ? null : string.Join(", ", new[] { Quota.Url, Quota.Header is { } header ? $"header {header}" : null }.OfType<string>())),
            ("models", Models.IsEmpty ? null : string.Join(", ", Models.Select(static m => m.Id))),
            ("source", $"{string.Join(", ", Source.From)}, {Source.Date}; confirmed: {string.Join(", ", Source.Confirmed)}"),
        };
        return facts.Where(static f => f.Value is not null).Select(static f => (f.Name, f.Value!));
    }

    /// <summary>The quirks as they would be written in the configuration; null = there are none.</summary>
    public static string? QuirkWords(PresetQuirks quirks)
    {
        var words = new[]
        {
            quirks.MaxTokensParam is { } limit ? $"max_tokens_param = {limit}" : null,
            quirks.DeveloperRole is { } role ? $"developer_role = {role}" : null,
            quirks.TextContent is { } content ? $"text_content = {content}" : null,
            quirks.DropParams is { } dropped ? $"drop_params = {string.Join(" ", dropped)}" : null,
            quirks.StreamUsage is { } usage ? string.Create(CultureInfo.InvariantCulture, $"stream_usage = {usage}").ToLowerInvariant() : null,
            quirks.SupportsFunctionCalling is { } calls ? string.Create(CultureInfo.InvariantCulture, $"supports_function_calling = {calls}").ToLowerInvariant() : null,
        }.OfType<string>().ToList();
        return words.Count == 0 ? null : string.Join("; ", words);
    }

    private static string SchemeWords(KeyScheme scheme) => scheme switch
    {
        KeyScheme.Bearer => "bearer",
        KeyScheme.XApiKey => "x-api-key",
        KeyScheme.ApiKey => "api-key",
        KeyScheme.Query => "query",
        _ => "none",
    };
}

/// <summary>The JSON of the verb. Members are only ever added.</summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true)]
[JsonSerializable(typeof(ProviderList))]
[JsonSerializable(typeof(ProviderKeys))]
[JsonSerializable(typeof(ProviderDetail))]
internal sealed partial class ProviderVerbJson : JsonSerializerContext;
