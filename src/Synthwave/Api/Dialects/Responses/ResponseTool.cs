namespace Synthwave.Api.Dialects.Responses;

/// <summary>The tools a client runs itself, by the kind of item that calls them. To a chat model each is a function.</summary>
internal enum ResponseToolKind
{
    Function,

    /// <summary>Takes free text: to a chat model a function with the one string <c>input</c>.</summary>
    Custom,
    LocalShell,
    Shell,
    ApplyPatch,

    /// <summary>Finds further tools: its outputs declare them.</summary>
    ToolSearch,
}

/// <summary>One tool as the client named it.</summary>
/// <param name="Kind">Of what kind its calls are.</param>
/// <param name="Namespace">The namespace it was declared in; null = none.</param>
/// <param name="Name">Within the namespace.</param>
internal sealed record ResponseTool(ResponseToolKind Kind, string? Namespace, string Name)
{
    /// <summary>What a chat model calls it.</summary>
    public string ChatName { get; init; } = Name;
}
