using System.Text.Json.Serialization;

namespace Synthwave.Providers;

/// <summary><c>models.json</c>.</summary>
/// <param name="Version">Of its form.</param>
/// <param name="Date">When it was last looked through, <c>yyyy-MM-dd</c>.</param>
/// <param name="Models">One for each model at each provider.</param>
internal sealed record CuratedFile(int Version, string Date, IReadOnlyList<CuratedModel> Models);

/// <summary>What is known of one model at one provider. Null = unknown, never zero.</summary>
internal sealed record CuratedModel
{
    /// <summary>The preset's id.</summary>
    public required string Provider { get; init; }

    /// <summary>What the provider calls the model, as it is sent.</summary>
    public required string Id { get; init; }

    /// <summary>Whose model it is and what they call it, <c>vendor/name</c>: the same for the same weights anywhere.</summary>
    public string? Model { get; init; }

    /// <summary>Context window, tokens.</summary>
    public int? Context { get; init; }

    /// <summary>Largest completion, tokens.</summary>
    public int? MaxOutput { get; init; }

    /// <summary>What it reads: <c>text</c>, <c>image</c>, <c>video</c>, <c>audio</c>, <c>file</c>.</summary>
    public IReadOnlyList<string>? Input { get; init; }

    /// <summary>Whether it calls functions.</summary>
    public bool? Tools { get; init; }

    /// <summary>Whether it thinks before it answers.</summary>
    public bool? Reasoning { get; init; }

    /// <summary>Whether it keeps to a JSON schema.</summary>
    public bool? Structured { get; init; }

    /// <summary>This provider's own price, never one of the vendor's that it only passes on.</summary>
    public CuratedPrice? Price { get; init; }

    public required ModelLifecycle Lifecycle { get; init; }

    /// <summary>Who says so.</summary>
    public required string Source { get; init; }

    /// <summary>When it was read, <c>yyyy-MM-dd</c>.</summary>
    public required string Date { get; init; }
}

/// <summary>USD per million tokens.</summary>
internal sealed record CuratedPrice
{
    [JsonNumberHandling(JsonNumberHandling.AllowReadingFromString)]
    public required decimal Input { get; init; }

    [JsonNumberHandling(JsonNumberHandling.AllowReadingFromString)]
    public required decimal Output { get; init; }

    /// <summary>Of input read from the provider's cache; null = unknown.</summary>
    [JsonNumberHandling(JsonNumberHandling.AllowReadingFromString)]
    public decimal? Cached { get; init; }
}

/// <summary>Where a model stands between its announcement and its end.</summary>
internal enum ModelLifecycle
{
    [JsonStringEnumMemberName("current")]
    Current,

    /// <summary>May change or go without notice.</summary>
    [JsonStringEnumMemberName("preview")]
    Preview,

    /// <summary>Its end is announced.</summary>
    [JsonStringEnumMemberName("deprecated")]
    Deprecated,
}
