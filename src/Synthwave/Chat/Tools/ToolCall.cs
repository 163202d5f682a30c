using System.Text.Json;
using Synthwave.Json;

namespace Synthwave.Chat.Tools;

/// <summary>A function call an answer makes, brought into one form: a name, an id, arguments as text.</summary>
/// <param name="Id">Never empty, unique within its message.</param>
/// <param name="Name">The declared name where it resolves to one, else as written without marks.</param>
/// <param name="Arguments">JSON text; what the model wrote where that is none.</param>
/// <param name="Source">The call as the model wrote it, for its further members; undefined for a call in the older form.</param>
internal sealed record ToolCall(string Id, string Name, string Arguments, JsonElement Source)
{
    private readonly string? _comparable = CanonicalJson.TryParse(Arguments, NumberForm.ByValue);

    /// <summary>Whether the arguments are a JSON object.</summary>
    public bool HasValidArguments => _comparable is ['{', ..];

    /// <summary>Equal for calls that mean the same.</summary>
    public string ComparableArguments => _comparable ?? Arguments;

    /// <summary>The form that draft lengths and hashes are taken of.</summary>
    public string CanonicalArguments => CanonicalJson.OfArguments(Arguments, NumberForm.Typed);
}
