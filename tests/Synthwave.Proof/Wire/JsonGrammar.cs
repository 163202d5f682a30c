using System.Text.Json.Nodes;

namespace Synthwave.Proof.Wire;

/// <summary>An answer as one JSON completion.</summary>
internal static class JsonGrammar
{
    /// <summary>JSON text. <paramref name="failure"/> is a finish reason that says that the call failed.</summary>
    public static string Write(Random random, WireAnswer answer, string? failure)
    {
        var style = new WireStyle(random);
        var message = new JsonObject();
        AddRole(message, style.Role);
        AddText(message, style, answer);
        if (!answer.Calls.IsEmpty)
        {
            message["tool_calls"] = Calls(random, answer);
        }

        if (random.Next(4) == 0)
        {
            message["refusal"] = null;
        }

        var choice = new JsonObject { ["index"] = 0, ["message"] = message, ["finish_reason"] = failure ?? style.Finish(answer, mayBeMissing: true) ?? (random.Next(2) == 0 ? "" : null) };
        var usage = random.Next(3);
        if (usage == 1 && failure is null)
        {
            choice["usage"] = style.Usage();
        }

        var completion = style.Frame("chat.completion", choice);
        if (usage == 2)
        {
            completion["usage"] = failure is null ? style.Usage() : null;
        }

        return $"{(random.Next(10) == 0 ? "\n \n" : "")}{WireStyle.Text(completion)}{(random.Next(10) == 0 ? "\n" : "")}";
    }

    private static void AddRole(JsonObject message, RoleStyle style)
    {
        if (style is not RoleStyle.Missing)
        {
            message["role"] = style switch { RoleStyle.Empty => "", RoleStyle.Null => null, _ => "assistant" };
        }
    }

    private static void AddText(JsonObject message, WireStyle style, WireAnswer answer)
    {
        var text = answer.Text;
        var thought = answer.Reasoning;
        message["content"] = (style.Thought, thought) switch
        {
            (_, "") => text.Length == 0 ? null : style.Content(text),
            (ThoughtStyle.Tags, _) => style.Content($"<think>{thought}</think>\n\n{text}"),
            (ThoughtStyle.Parts, _) => new JsonArray(
                new JsonObject { ["type"] = "thinking", ["thinking"] = new JsonArray(new JsonObject { ["type"] = "text", ["text"] = thought }) }, new JsonObject { ["type"] = "text", ["text"] = text }),
            _ => style.Content(text),
        };
        if (thought.Length > 0 && style.Thought is ThoughtStyle.Reasoning or ThoughtStyle.ReasoningContent)
        {
            message[style.Thought is ThoughtStyle.Reasoning ? "reasoning" : "reasoning_content"] = thought;
        }
    }

    private static JsonArray Calls(Random random, WireAnswer answer)
    {
        var ids = random.Next(6);
        var calls = new JsonArray();
        foreach (var (number, call) in answer.Calls.Index())
        {
            var node = new JsonObject { ["type"] = "function", ["function"] = new JsonObject { ["name"] = call.Name, ["arguments"] = call.Arguments } };
            switch (ids)
            {
                case 0:
                    break;
                case 1:
                    node["id"] = "call_1";
                    break;
                case 2:
                    node["id"] = "";
                    break;
                default:
                    node["id"] = call.Id;
                    node["index"] = number;
                    break;
            }

            calls.Add(node);
        }

        return calls;
    }
}
