using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Synthwave.UnitTests.Chat.Compaction;

/// <summary>Writes conversations for tests. Messages are separated by a comma and a line break, so that copied neighbours can be told from composed ones.</summary>
internal sealed class Talk
{
    private readonly List<string> _messages = [];

    public int Count => _messages.Count;

    public IReadOnlyList<string> Messages => _messages;

    public byte[] Json => Encoding.UTF8.GetBytes($"[{string.Join(",\n", _messages)}]");

    public Talk Say(string role, string content) => Add($"{{\"role\":\"{role}\",\"content\":{JsonSerializer.Serialize(content)}}}");

    public Talk Turn(string question, string answer) => Say("user", question).Say("assistant", answer);

    public Talk Call(params string[] ids) => CallWith("{\"path\":\"a\"}", ids);

    public Talk CallWith(string arguments, params string[] ids) => Add(
        $"{{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{string.Join(',', ids.Select(id => $"{{\"id\":\"{id}\",\"type\":\"function\",\"function\":{{\"name\":\"read\",\"arguments\":{JsonSerializer.Serialize(arguments)}}}}}"))}]}}");

    public Talk Result(string id, string content) => Add($"{{\"role\":\"tool\",\"tool_call_id\":\"{id}\",\"content\":{JsonSerializer.Serialize(content)}}}");

    public Talk Add(string message)
    {
        _messages.Add(message);
        return this;
    }

    /// <summary>A text of exactly so many ASCII bytes whose start and end are known.</summary>
    public static string Text(int bytes, string name = "t") => $"{name}<" + new string('x', bytes - (2 * name.Length) - 2) + $">{name}";

    public static JsonNode[] Parse(ReadOnlyMemory<byte> messages) => [.. JsonNode.Parse(messages.Span)!.AsArray().Select(m => m!)];

    public static string Content(JsonNode message) => message["content"] is JsonValue value ? value.GetValue<string>() : message["content"]!.ToJsonString();
}
