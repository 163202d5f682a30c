namespace Synthwave.Providers;

/// <summary>Where the API of each kind starts; a path such as <c>/chat/completions</c> is appended. Texts may hold variables, see <see cref="BaseTemplate"/>.</summary>
internal sealed record PresetBases
{
    /// <summary>OpenAI's chat completions; null = the provider has none.</summary>
    public string? Chat { get; init; }

    /// <summary>Anthropic's messages, with the version segment; null = the provider has none.</summary>
    public string? Messages { get; init; }

    /// <summary>OpenAI's responses; null = the provider has none.</summary>
    public string? Responses { get; init; }

    /// <summary>OpenAI's embeddings; null = the provider has none.</summary>
    public string? Embeddings { get; init; }
}

/// <summary>Where the provider lists its models.</summary>
/// <param name="Url">The whole address.</param>
/// <param name="Form">How the list is written: <c>openai</c>, or another form's name.</param>
internal sealed record PresetListing(string Url, string Form);

/// <summary>How the provider writes the ids of models.</summary>
/// <param name="Form">Examples, for people.</param>
/// <param name="Prefix">What open models' ids begin with although their own names do not; null = nothing.</param>
internal sealed record PresetIds(string Form, string? Prefix = null);

/// <summary>What the provider's endpoint wants otherwise than most. Names and values are those of the configuration's keys; null = nothing.</summary>
internal sealed record PresetQuirks
{
    /// <summary><c>max_tokens</c> or <c>max_completion_tokens</c>.</summary>
    public string? MaxTokensParam { get; init; }

    /// <summary>Body members that are refused.</summary>
    public IReadOnlyList<string>? DropParams { get; init; }

    /// <summary><c>keep</c> or <c>system</c>.</summary>
    public string? DeveloperRole { get; init; }

    /// <summary><c>keep</c> or <c>string</c>.</summary>
    public string? TextContent { get; init; }

    public bool? StreamUsage { get; init; }

    public bool? SupportsFunctionCalling { get; init; }
}

/// <summary>Pages for people.</summary>
internal sealed record PresetUrls
{
    /// <summary>Where keys are made.</summary>
    public string? Console { get; init; }

    /// <summary>Where money is put in.</summary>
    public string? Billing { get; init; }

    /// <summary>Whether it works today.</summary>
    public string? Status { get; init; }
}

/// <summary>Where the provider says what is left of an allowance or a balance.</summary>
internal sealed record PresetQuota
{
    /// <summary>An address to ask, with the key; null = none.</summary>
    public string? Url { get; init; }

    /// <summary>A header of every answer; null = none.</summary>
    public string? Header { get; init; }
}

/// <summary>Where the facts of a preset are from.</summary>
/// <param name="From">Who says so.</param>
/// <param name="Date">When it was read, <c>yyyy-MM-dd</c>.</param>
/// <param name="Confirmed">Which of the facts somebody says; the others are usual and untried.</param>
internal sealed record PresetSource(IReadOnlyList<string> From, string Date, IReadOnlyList<string> Confirmed);
