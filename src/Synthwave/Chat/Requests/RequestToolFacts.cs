using Synthwave.Json;

namespace Synthwave.Chat.Requests;

/// <summary>What the tool members of a request say, before legacy members are promoted.</summary>
internal sealed class RequestToolFacts
{
    public ToolMember AllowedTools { get; set; }

    public ToolMember Tools { get; set; }

    public ToolMember Functions { get; set; }

    public ToolMember ToolChoice { get; set; }

    public ToolMember FunctionCall { get; set; }

    /// <summary>Explicit null: sent by some clients, refused by some upstreams.</summary>
    public bool ParallelIsNull { get; set; }

    public bool Parallel { get; set; } = true;

    public int FunctionCount { get; set; }

    /// <summary>At least one tool is declared, in either form.</summary>
    public bool HasTools => Tools.IsGiven || Functions.IsGiven;

    /// <summary>The first entry of <c>tools</c> that is malformed; null = none is.</summary>
    public int? MalformedTool { get; set; }

    /// <summary>The first entry of <c>tools</c> of a kind only its upstream knows; null = all are functions.</summary>
    public int? ForeignTool { get; set; }

    public ToolSelector Choice { get; set; }

    public ToolSelector LegacyChoice { get; set; }
}

/// <summary>Presence of a member and where its value lies in the document.</summary>
/// <param name="State">Whether it carries anything.</param>
/// <param name="Value">The value, brackets or quotes included; absent when the member is.</param>
internal readonly record struct ToolMember(ToolMemberState State, ByteRange Value)
{
    public bool IsGiven => State == ToolMemberState.Given;
}

internal enum ToolMemberState
{
    Missing,
    Null,

    /// <summary>An array without elements: treated as absent where the field is a list.</summary>
    Empty,
    Given,
}

internal enum ToolProblem
{
    None,

    /// <summary>No <c>type</c>, or no <c>function</c> object behind <c>"type": "function"</c>.</summary>
    Malformed,

    /// <summary>Of a kind the gateway does not know, and an upstream may.</summary>
    Foreign,
}

/// <summary>A <c>tool_choice</c> or <c>function_call</c> value as written.</summary>
/// <param name="Mode">What it selects; <see cref="ToolChoice.Absent"/> when <paramref name="Problem"/> says why not.</param>
/// <param name="Name">The forced function's name, still escaped, between its quotes.</param>
/// <param name="NameIsEscaped">Whether the name contains escapes.</param>
/// <param name="Problem">Why it selects nothing.</param>
internal readonly record struct ToolSelector(ToolChoice Mode, ByteRange Name, bool NameIsEscaped, ToolProblem Problem)
{
    /// <summary>A word, not an object.</summary>
    public bool IsText { get; init; }
}
