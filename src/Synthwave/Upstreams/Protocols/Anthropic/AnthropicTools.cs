using System.Buffers;
using System.Text.Json;
using Synthwave.Json;

namespace Synthwave.Upstreams.Protocols.Anthropic;

/// <summary>The tools of one call and the choice among them, in the API's words. Immutable.</summary>
internal sealed class AnthropicTools
{
    private readonly List<byte[]> _tools;

    private AnthropicTools(List<byte[]> tools, byte[]? choice) => (_tools, Choice) = (tools, choice);

    /// <summary>The <c>tool_choice</c>; null = the model chooses.</summary>
    public byte[]? Choice { get; }

    public bool IsEmpty => _tools.Count == 0;

    /// <summary>Some call is demanded, which the API does not take beside thinking.</summary>
    public bool IsForced => Choice is { } choice && JsonReading.Element(choice) is var wish && (wish.Is("type"u8, "any"u8) || wish.Is("type"u8, "tool"u8));

    /// <summary>The definitions, each an object.</summary>
    public IReadOnlyList<byte[]> Definitions => _tools;

    /// <summary>The client's own, from a request of this API.</summary>
    /// <param name="tools">Its <c>tools</c>.</param>
    /// <param name="choice">Its <c>tool_choice</c>; undefined = none.</param>
    public static AnthropicTools OfOwn(JsonElement tools, JsonElement choice)
    {
        List<byte[]> list = [.. tools.EnumerateArray().Where(static t => t.ValueKind is JsonValueKind.Object && t.GetPropertyCount() > 0).Select(static t => t.Raw().ToArray())];
        return new(list, list.Count > 0 && choice.ValueKind is JsonValueKind.Object ? choice.Raw().ToArray() : null);
    }

    /// <summary>A chat's. The tools stay although none may be called: the history may hold calls of theirs, and the cache holds their texts.</summary>
    /// <param name="tools">Its <c>tools</c>; undefined = none.</param>
    /// <param name="choice">Its <c>tool_choice</c>; undefined = none.</param>
    /// <param name="isSingle">One call at a time.</param>
    public static AnthropicTools OfChat(JsonElement tools, JsonElement choice, bool isSingle)
    {
        var list = new List<byte[]>();
        foreach (var tool in tools.ValueKind is JsonValueKind.Array ? tools.EnumerateArray() : default)
        {
            if (tool.Has("function"u8, JsonValueKind.Object, out var function) && function.TryGet("name"u8, out var name) && !name.RawText().IsEmpty)
            {
                list.Add(Tool(tool, function, name));
            }
        }

        return new(list, list.Count > 0 ? ChoiceOf(choice, isSingle) : null);
    }

    /// <summary>
    /// For a conversation with calls whose tools are not given, as a synthesizer or a summary has it: many servers of the API refuse calls in the history of a
    /// request that defines no tools. Always the same, since a prompt's cache begins with it, and not to be called.
    /// </summary>
    public static AnthropicTools StandIn { get; } = new(
        ["{\"name\":\"none\",\"description\":\"No tool can be called.\",\"input_schema\":{\"type\":\"object\",\"properties\":{}}}"u8.ToArray()],
        "{\"type\":\"none\"}"u8.ToArray());

    /// <summary>Writes the array. With <paramref name="marksCache"/> the last one becomes a cache breakpoint.</summary>
    public void Write(IBufferWriter<byte> output, bool marksCache)
    {
        for (var i = 0; i < _tools.Count; i++)
        {
            output.Write(i == 0 ? "["u8 : ","u8);
            if (marksCache && i == _tools.Count - 1)
            {
                CacheMarks.WriteMarked(_tools[i], output);
            }
            else
            {
                output.Write(_tools[i]);
            }
        }

        output.Write("]"u8);
    }

    private static byte[] Tool(JsonElement tool, JsonElement function, JsonElement name)
    {
        var block = new ArrayBufferWriter<byte>(256);
        block.Write("{\"name\":"u8);
        block.Write(name.Raw());
        if (function.Has("description"u8, out var description) && !description.RawText().IsEmpty)
        {
            block.Write(",\"description\":"u8);
            block.Write(description.Raw());
        }

        block.Write(",\"input_schema\":"u8);
        WriteSchema(function, block);
        if (function.Has("strict"u8, JsonValueKind.True, out _))
        {
            block.Write(",\"strict\":true"u8);
        }

        if (tool.Has("cache_control"u8, out var cache) || function.Has("cache_control"u8, out cache))
        {
            block.Write(",\"cache_control\":"u8);
            block.Write(cache.Raw());
        }

        block.Write("}"u8);
        return block.WrittenSpan.ToArray();
    }

    // The API wants the type said, which others take for granted.
    private static void WriteSchema(JsonElement function, ArrayBufferWriter<byte> block)
    {
        if (!function.Has("parameters"u8, JsonValueKind.Object, out var schema) || schema.GetPropertyCount() == 0)
        {
            block.Write("{\"type\":\"object\",\"properties\":{}}"u8);
        }
        else if (schema.Has("type"u8, out _))
        {
            block.Write(schema.Raw());
        }
        else
        {
            block.Write(JsonEdits.WithMember(schema.Raw().ToArray(), "type"u8, "\"object\""u8.ToArray()).Span);
        }
    }

    private static byte[]? ChoiceOf(JsonElement choice, bool isSingle)
    {
        var isNone = choice.IsText("none"u8);
        var type = choice.ValueKind switch
        {
            JsonValueKind.String when isNone => "{\"type\":\"none\""u8,
            JsonValueKind.String when choice.IsText("required"u8) => "{\"type\":\"any\""u8,
            JsonValueKind.String when choice.IsText("auto"u8) => "{\"type\":\"auto\""u8,
            JsonValueKind.Object when choice.Has("function"u8, JsonValueKind.Object, out var function)
                && function.TryGet("name"u8, out var name) => (byte[])[.. "{\"type\":\"tool\",\"name\":"u8, .. name.Raw()],
            _ => isSingle ? "{\"type\":\"auto\""u8 : default,
        };
        return type.IsEmpty ? null : [.. type, .. isSingle && !isNone ? ",\"disable_parallel_tool_use\":true"u8 : default, (byte)'}'];
    }
}
