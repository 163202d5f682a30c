using System.Text.Json;
using Synthwave.Json;

namespace Synthwave.Api.Dialects.Messages;

/// <summary>
/// What system messages within a conversation change about its tools. A chat has one list for all turns, so what counts is how it stands at the end.
/// </summary>
internal sealed class ToolChanges
{
    private static readonly ToolChanges None = new();

    private readonly List<JsonElement> _added = [];
    private readonly HashSet<string> _removed = new(StringComparer.Ordinal);

    /// <summary>Definitions of tools that came later, in their order.</summary>
    public IReadOnlyList<JsonElement> Added => _added;

    /// <summary>Names of tools that are no longer there.</summary>
    public IReadOnlySet<string> Removed => _removed;

    public static ToolChanges Read(JsonElement root)
    {
        if (!root.Has("messages"u8, JsonValueKind.Array, out var messages))
        {
            return None;
        }

        var changes = new ToolChanges();
        foreach (var message in messages.EnumerateArray())
        {
            if (message.Is("role"u8, "system"u8) && message.Has("content"u8, JsonValueKind.Array, out var blocks))
            {
                changes.Take(blocks);
            }
        }

        return changes;
    }

    private void Take(JsonElement blocks)
    {
        foreach (var block in blocks.EnumerateArray())
        {
            if (!block.Has("tool"u8, JsonValueKind.Object, out var tool))
            {
                continue;
            }

            if (block.Is("type"u8, "tool_addition"u8))
            {
                if (tool.Has("definition"u8, JsonValueKind.Object, out var definition))
                {
                    _added.Add(definition);
                    tool = definition;
                }

                _removed.Remove(tool.FindText("name") ?? "");
            }
            else if (block.Is("type"u8, "tool_removal"u8) && tool.FindText("name") is { } name)
            {
                _removed.Add(name);
            }
        }
    }
}
