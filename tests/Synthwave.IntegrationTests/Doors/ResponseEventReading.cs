using System.Text.Json;
using Synthwave.TestKit;

namespace Synthwave.IntegrationTests.Doors;

/// <summary>Reads the events of a streamed response as its clients do.</summary>
internal static class ResponseEventReading
{
    public static List<JsonElement> ResponseEvents(this SseCapture stream)
    {
        stream.Broken.Should().BeNull();
        stream.Events.Should().OnlyContain(e => e.Json.GetProperty("type").GetString() == e.Event);
        List<JsonElement> events = [.. stream.Chunks];
        events.Select(e => e.At("sequence_number").GetInt32()).Should().BeInAscendingOrder().And.OnlyHaveUniqueItems();
        return events;
    }

    public static string Type(this JsonElement e) => e.GetProperty("type").GetString()!;

    /// <summary>
    /// The items as a client builds them up: announced in order, each delta added to its own, each finished once. What deltas said must be what the finished item says.
    /// </summary>
    public static List<JsonElement> Assemble(this IReadOnlyList<JsonElement> events)
    {
        var texts = new List<string>();
        var done = new Dictionary<int, JsonElement>();
        foreach (var e in events)
        {
            switch (e.Type())
            {
                case "response.output_item.added":
                    e.At("output_index").GetInt32().Should().Be(texts.Count, "clients count items as they are announced");
                    texts.Add("");
                    break;
                case "response.output_text.delta" or "response.reasoning_text.delta" or "response.reasoning_summary_text.delta" or "response.refusal.delta"
                    or "response.function_call_arguments.delta" or "response.custom_tool_call_input.delta":
                    texts[e.At("output_index").GetInt32()] += e.At("delta").GetString();
                    break;
                case "response.output_item.done":
                    done.Add(e.At("output_index").GetInt32(), e.At("item"));
                    break;
            }
        }

        for (var i = 0; i < texts.Count; i++)
        {
            texts[i].Should().Be(TextOf(done[i]));
        }

        return [.. Enumerable.Range(0, texts.Count).Select(i => done[i])];
    }

    private static string TextOf(JsonElement item) => item.Type() switch
    {
        "function_call" => item.At("arguments").GetString()!,
        "custom_tool_call" => item.At("input").GetString()!,
        "message" => item.At("content[0]").TryGetProperty("text", out var text) ? text.GetString()! : item.At("content[0].refusal").GetString()!,
        "reasoning" when item.At("summary").GetArrayLength() > 0 => item.At("summary[0].text").GetString()!,
        "reasoning" => item.At("content[0].text").GetString()!,
        _ => "",
    };
}
