using System.Buffers;
using System.Text;
using System.Text.Json;
using Synthwave.Json;

namespace Synthwave.Api.Dialects.Responses;

/// <summary>Tells a stored response again as events, with the numbers it was told with.</summary>
internal static class ResponseReplay
{
    /// <summary>Writes the events in pieces: whoever asks for the next one may let those before leave first. What is yielded says nothing.</summary>
    /// <param name="stored">The response.</param>
    /// <param name="startingAfter">Events up to this number are left out; the last one is always told.</param>
    /// <param name="output">Takes the events.</param>
    public static IEnumerable<int> Write(StoredResponse stored, int startingAfter, IBufferWriter<byte> output)
    {
        var whole = stored.Whole();
        using var document = JsonReading.Document(whole);
        var root = document.RootElement;
        var given = root.Get("output"u8).EnumerateArray().ToArray();
        var items = new ResponseItems(stored.Id, static _ => null, sealsReasoning: false, summarizesReasoning: false);
        var events = new ResponseEvents(items) { SkipTo = startingAfter };
        var begun = Begun(whole);
        events.Tell("response.created", begun.Span, output);
        events.Tell("response.in_progress", begun.Span, output);
        var texts = new ReadOnlyMemory<byte>[given.Length];
        foreach (var (position, length) in stored.Steps.All)
        {
            if (length == 0)
            {
                var item = events.Start(ItemOf(given[position], position), output);
                texts[position] = TextOf(given[position], item);
                item.Append(item.HasDeltas ? default : texts[position].Span);
            }
            else if (items.All[position] is { HasDeltas: true } item)
            {
                events.Append(item, texts[position].Span.Slice((int)item.Text.Length, length), default, output);
            }

            yield return position;
        }

        var status = root.Get("status"u8).Text();
        foreach (var position in events.FinishAll(status is "completed" ? "stop" : "length", output))
        {
            yield return position;
        }

        events.TellLast($"response.{status}", whole.Span, output);
    }

    private static ReadOnlyMemory<byte> Begun(ReadOnlyMemory<byte> response)
    {
        var edits = new JsonEdits();
        edits.SetMember(response.Span, "status"u8, "\"in_progress\""u8.ToArray());
        edits.SetMember(response.Span, "output"u8, "[]"u8.ToArray());
        edits.SetMember(response.Span, "output_text"u8, "\"\""u8.ToArray());
        edits.SetMember(response.Span, "usage"u8, "null"u8.ToArray());
        edits.SetMember(response.Span, "incomplete_details"u8, "null"u8.ToArray());
        edits.CutMembers(response.Span, new ByteRange(0, response.Length), ["x_meta_model"]);
        var output = new ArrayBufferWriter<byte>(1024);
        edits.Apply(response.Span, output);
        return output.WrittenMemory;
    }

    private static ResponseItem ItemOf(JsonElement given, int position)
    {
        var type = given.Get("type"u8).Text();
        var part = PartOf(given);
        return new(type switch { "message" => ResponseItemKind.Message, "reasoning" => ResponseItemKind.Reasoning, _ => ResponseItemKind.Call }, position)
        {
            Id = given.Get("id"u8).Text(),
            IsRefusal = part.Is("type"u8, "refusal"u8),
            IsSealed = given.Has("encrypted_content"u8, out _),
            IsSummary = given.Has("summary"u8, JsonValueKind.Array, out var summary) && summary.GetArrayLength() > 0,
            CallId = given.TryGet("call_id"u8, out var callId) ? callId.RawText().ToArray() : default,
            Name = given.TryGet("name"u8, out var name) ? name.RawText().ToArray() : default,
            Namespace = given.FindText("namespace"),
            Tool = type switch
            {
                "custom_tool_call" => ResponseToolKind.Custom,
                "local_shell_call" => ResponseToolKind.LocalShell,
                "shell_call" => ResponseToolKind.Shell,
                "apply_patch_call" => ResponseToolKind.ApplyPatch,
                "tool_search_call" => ResponseToolKind.ToolSearch,
                _ => ResponseToolKind.Function,
            },
            LogProbabilities = LogProbabilitiesOf(part),
        };
    }

    // The text an item was built of, still escaped. An action reads the same whether a model wrote it or it has been told before.
    private static ReadOnlyMemory<byte> TextOf(JsonElement given, ResponseItem item)
    {
        if (item.Kind is not ResponseItemKind.Call)
        {
            var part = PartOf(given);
            return part.Get(item.IsRefusal ? "refusal"u8 : "text"u8).RawText().ToArray();
        }

        if (item.HasDeltas)
        {
            return given.Get(item.Tool is ResponseToolKind.Custom ? "input"u8 : "arguments"u8).RawText().ToArray();
        }

        var output = new ArrayBufferWriter<byte>(256);
        JsonText.Escape(Encoding.UTF8.GetString(given.Get(ClientActions.MemberOf(item.Tool)).Raw()), output);
        return output.WrittenMemory;
    }

    private static JsonElement PartOf(JsonElement given) =>
        given.Has("content"u8, JsonValueKind.Array, out var content) && content.GetArrayLength() > 0 ? content[0]
        : given.Has("summary"u8, JsonValueKind.Array, out var summary) && summary.GetArrayLength() > 0 ? summary[0]
        : default;

    private static ArrayBufferWriter<byte>? LogProbabilitiesOf(JsonElement part)
    {
        if (!part.Has("logprobs"u8, JsonValueKind.Array, out var found) || found.GetArrayLength() == 0)
        {
            return null;
        }

        var output = new ArrayBufferWriter<byte>(found.Raw().Length);
        output.Write(found.Raw()[1..^1]);
        return output;
    }
}
