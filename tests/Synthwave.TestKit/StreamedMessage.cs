using System.Text;
using System.Text.Json.Nodes;

namespace Synthwave.TestKit;

/// <summary>A message of Anthropic's API as its events: what its servers say late comes late, texts and inputs in two pieces.</summary>
public static class StreamedMessage
{
    /// <summary>The events of a stream that says the message.</summary>
    /// <param name="json">A message of the API.</param>
    public static string Of(string json)
    {
        var message = JsonNode.Parse(json)!.AsObject();
        var events = new StringBuilder();
        var start = message.DeepClone().AsObject();
        (start["content"], start["stop_reason"]) = (new JsonArray(), null);
        start.Remove("container");
        start.Remove("stop_details");
        start.Remove("context_management");
        var usage = start["usage"]!.AsObject();
        usage.Remove("server_tool_use");
        Send(new JsonObject { ["type"] = "message_start", ["message"] = start });
        var index = 0;
        foreach (var block in message["content"]!.AsArray())
        {
            SendBlock(block!.DeepClone().AsObject(), index++);
        }

        var end = new JsonObject { ["type"] = "message_delta", ["delta"] = new JsonObject { ["stop_reason"] = message["stop_reason"]?.DeepClone(), ["stop_sequence"] = null }, ["usage"] = new JsonObject() };
        foreach (var name in (string[])["container", "stop_details"])
        {
            if (message.ContainsKey(name))
            {
                end["delta"]![name] = message[name]?.DeepClone();
            }
        }

        if (message.ContainsKey("context_management"))
        {
            end["context_management"] = message["context_management"]!.DeepClone();
        }

        foreach (var name in (string[])["output_tokens", "server_tool_use"])
        {
            if (message["usage"]!.AsObject().ContainsKey(name))
            {
                end["usage"]![name] = message["usage"]![name]!.DeepClone();
            }
        }

        Send(end);
        Send(new JsonObject { ["type"] = "message_stop" });
        return events.ToString();

        void SendBlock(JsonObject block, int at)
        {
            List<JsonObject> deltas = [];
            switch ((string)block["type"]!)
            {
                case "text":
                    var text = (string)block["text"]!;
                    block["text"] = "";
                    deltas.AddRange([new() { ["type"] = "text_delta", ["text"] = text[..(text.Length / 2)] }, new() { ["type"] = "text_delta", ["text"] = text[(text.Length / 2)..] }]);
                    if (block.ContainsKey("citations"))
                    {
                        deltas.AddRange(block["citations"]!.AsArray().Select(static c => new JsonObject { ["type"] = "citations_delta", ["citation"] = c!.DeepClone() }));
                        block["citations"] = new JsonArray();
                    }

                    break;
                case "thinking":
                    deltas.Add(new() { ["type"] = "thinking_delta", ["thinking"] = (string)block["thinking"]! });
                    deltas.Add(new() { ["type"] = "signature_delta", ["signature"] = (string)block["signature"]! });
                    (block["thinking"], block["signature"]) = ("", "");
                    break;
                case "compaction":
                    deltas.Add(new() { ["type"] = "compaction_delta", ["content"] = block["content"]!.DeepClone() });
                    block["content"] = null;
                    break;
                case var kind when kind.EndsWith("tool_use", StringComparison.Ordinal):
                    var input = block["input"]!.ToJsonString();
                    deltas.AddRange(input == "{}"
                        ? [new() { ["type"] = "input_json_delta", ["partial_json"] = "" }]
                        : new JsonObject[] { new() { ["type"] = "input_json_delta", ["partial_json"] = input[..3] }, new() { ["type"] = "input_json_delta", ["partial_json"] = input[3..] } });
                    block["input"] = new JsonObject();
                    break;
            }

            Send(new JsonObject { ["type"] = "content_block_start", ["index"] = at, ["content_block"] = block });
            foreach (var delta in deltas)
            {
                Send(new JsonObject { ["type"] = "content_block_delta", ["index"] = at, ["delta"] = delta });
            }

            Send(new JsonObject { ["type"] = "content_block_stop", ["index"] = at });
        }

        void Send(JsonObject item) => events.Append("event: ").Append((string)item["type"]!).Append("\ndata: ").Append(item.ToJsonString()).Append("\n\n");
    }
}
