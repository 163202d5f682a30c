namespace Synthwave.Api;

/// <summary>One entry of the model list: a callable name and what it can do.</summary>
internal sealed record ListedModel
{
    public required string Id { get; init; }

    /// <summary>The profile this name is an alias of; null = the name is its own.</summary>
    public string? AliasOf { get; init; }

    /// <summary>Tokens.</summary>
    public required int MaxModelLength { get; init; }

    public bool FunctionCalling { get; init; }

    public bool Thinking { get; init; }

    public bool ReasoningVisible { get; init; }

    public bool Vision { get; init; }

    public bool Video { get; init; }

    public bool Audio { get; init; }

    public bool SupportsImageTools { get; init; }
}

/// <summary>The names of the configuration in force now.</summary>
internal interface IModelNames
{
    /// <summary>In listing order.</summary>
    IReadOnlyList<ListedModel> List();

    /// <summary>Any callable name, listed or not, resolved as a chat request's <c>model</c> is; the entry bears the name as asked for. Null = not callable.</summary>
    ListedModel? Find(string name);
}
