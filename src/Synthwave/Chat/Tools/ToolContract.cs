using System.Collections.Immutable;
using Synthwave.Chat.Bodies;
using Synthwave.Chat.Requests;

namespace Synthwave.Chat.Tools;

/// <summary>
/// What a request says about calls: which functions there are, whether one has to or may be called, how many at a time, and in which of the two forms the
/// client reads them. The declared names are read when first asked for. Immutable.
/// </summary>
internal sealed class ToolContract
{
    private readonly Lazy<DeclaredTools> _declared;

    private ToolContract(ToolChoice choice, string? forcedTool, bool allowsParallel, bool isLegacy, Lazy<DeclaredTools> declared)
    {
        Choice = choice;
        ForcedTool = forcedTool;
        AllowsParallel = allowsParallel;
        IsLegacy = isLegacy;
        _declared = declared;
    }

    /// <summary>No function is declared: whatever is called was not asked for.</summary>
    public static ToolContract WithoutTools { get; } = new(ToolChoice.None, null, allowsParallel: true, isLegacy: false, new(DeclaredTools.None));

    /// <summary><c>None</c>, <c>Auto</c>, <c>Required</c> or <c>Specific</c>; never absent.</summary>
    public ToolChoice Choice { get; }

    public string? ForcedTool { get; }

    /// <summary>Several calls at once are welcome. The older form has room for one.</summary>
    public bool AllowsParallel { get; }

    /// <summary>The client sent <c>functions</c> and reads <c>function_call</c>.</summary>
    public bool IsLegacy { get; }

    public DeclaredTools Declared => _declared.Value;

    /// <summary>Whether an answer has to call something.</summary>
    public bool DemandsCall => Choice is ToolChoice.Required or ToolChoice.Specific;

    /// <summary>Nothing can be called, and nothing demanded, where nothing is declared.</summary>
    public static ToolContract Of(ChatRequest request) => !request.HasTools
        ? WithoutTools
        : new(
            request.ToolChoice is ToolChoice.Absent ? ToolChoice.Auto : request.ToolChoice,
            request.ForcedTool,
            request.ParallelToolCalls && !request.UsesLegacyFunctions,
            request.UsesLegacyFunctions,
            new(() => ReadTools(request.Body)));

    /// <summary>For tests and for contracts that do not come from a request.</summary>
    public static ToolContract Of(ToolChoice choice, DeclaredTools declared, string? forcedTool = null, bool allowsParallel = true, bool isLegacy = false) =>
        new(choice, forcedTool, allowsParallel && !isLegacy, isLegacy, new(declared));

    /// <summary>What is left of <paramref name="calls"/> once too many of them, or unwanted ones, are gone.</summary>
    public ImmutableArray<ToolCall> Trim(ImmutableArray<ToolCall> calls) => Choice is ToolChoice.None ? [] : AllowsParallel || calls.Length <= 1 ? calls : [calls[0]];

    /// <summary>Whether trimmed calls are what was asked for.</summary>
    public ContractBreach Judge(ImmutableArray<ToolCall> calls)
    {
        if (calls.Any(c => !Declared.Contains(c.Name)))
        {
            return ContractBreach.UndeclaredTool;
        }

        return Choice switch
        {
            ToolChoice.Required when calls.IsEmpty => ContractBreach.RequiredUnmet,
            ToolChoice.Specific when calls.IsEmpty || calls.Any(c => c.Name != ForcedTool) => ContractBreach.ChoiceUnmet,
            _ => ContractBreach.None,
        };
    }

    /// <summary>The finish reason that fits an answer with or without calls; the model's own (<c>length</c>, <c>content_filter</c>) stays.</summary>
    public string? FinishReason(string? given, bool hasCalls) => given switch
    {
        "stop" or "tool_calls" or "function_call" when hasCalls => IsLegacy ? "function_call" : "tool_calls",
        "tool_calls" or "function_call" => "stop",
        _ => given,
    };

    private static DeclaredTools ReadTools(ChatBody body) => body.TryGet("tools", out var tools) ? DeclaredTools.Read(tools) : DeclaredTools.None;
}
