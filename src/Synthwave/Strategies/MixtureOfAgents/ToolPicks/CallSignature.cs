using System.Collections.Immutable;
using System.Text;
using Synthwave.Chat.Tools;
using Synthwave.Json;

namespace Synthwave.Strategies.MixtureOfAgents.ToolPicks;

/// <summary>What makes two lists of calls the same: names and arguments, whatever their order, spelling and ids. Compared by value.</summary>
internal readonly record struct CallSignature
{
    private readonly string? _key;

    private CallSignature(string key) => _key = key;

    public static CallSignature Of(ImmutableArray<ToolCall> calls) => calls.IsEmpty
        ? default
        : new(string.Join('\u0001', calls.Select(static c => $"{c.Name}\0{c.ComparableArguments}").Order(StringComparer.Ordinal)));

    public bool IsEmpty => _key is null;

    /// <summary>The calls in their order as a list of name and canonical arguments, in ASCII.</summary>
    public static string Render(ImmutableArray<ToolCall> calls)
    {
        var text = new StringBuilder("[");
        for (var i = 0; i < calls.Length; i++)
        {
            text.Append(i == 0 ? "[" : ", [");
            CanonicalJson.WriteString(calls[i].Name, text);
            text.Append(", ");
            CanonicalJson.WriteString(calls[i].CanonicalArguments, text);
            text.Append(']');
        }

        return text.Append(']').ToString();
    }
}
