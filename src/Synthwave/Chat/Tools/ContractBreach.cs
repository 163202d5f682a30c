namespace Synthwave.Chat.Tools;

/// <summary>How an answer breaks what the request says about calls.</summary>
internal enum ContractBreach
{
    None,

    /// <summary>It calls a function nobody declared.</summary>
    UndeclaredTool,

    /// <summary><c>tool_choice: "required"</c> and no call.</summary>
    RequiredUnmet,

    /// <summary>A named <c>tool_choice</c>, and no call or one of another function.</summary>
    ChoiceUnmet,
}
