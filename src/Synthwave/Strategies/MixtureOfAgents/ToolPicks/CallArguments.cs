using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Synthwave.Chat.Tools;
using Synthwave.Json;

namespace Synthwave.Strategies.MixtureOfAgents.ToolPicks;

/// <summary>What calls say, argument by argument, for comparing calls that are not the same.</summary>
internal static class CallArguments
{
    /// <summary>One entry for each function called and one for each of its arguments, numbers by value; of arguments that are no object, one for the text.</summary>
    public static HashSet<string> Of(ImmutableArray<ToolCall> calls)
    {
        var said = new HashSet<string>(StringComparer.Ordinal);
        foreach (var call in calls)
        {
            said.Add(call.Name);
            if (!call.HasValidArguments || !TryAddArguments(call, said))
            {
                said.Add($"{call.Name}\0{call.Arguments}");
            }
        }

        return said;
    }

    // By its raw text, which is canonical: a name may be no valid Unicode, a number may be beyond what JSON can spell.
    private static bool TryAddArguments(ToolCall call, HashSet<string> said)
    {
        var json = Encoding.UTF8.GetBytes(call.ComparableArguments);
        var reader = JsonReading.Reader(json);
        try
        {
            reader.Read();
            while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
            {
                var start = (int)reader.TokenStartIndex;
                reader.Read();
                reader.Skip();
                said.Add($"{call.Name}\0{Encoding.UTF8.GetString(json.AsSpan(start..(int)reader.BytesConsumed))}");
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Jaccard index, 0–1: what both say over all that either says.</summary>
    public static double Similarity(HashSet<string> left, HashSet<string> right)
    {
        var shared = left.Count(right.Contains);
        return (double)shared / (left.Count + right.Count - shared);
    }
}
