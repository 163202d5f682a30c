using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Synthwave.TestKit;

namespace Synthwave.ClientTests.Node;

/// <summary>
/// An Anthropic model with tools of its servers: its first turn pauses in a search, the second tells what was found and calls the client's tool from a
/// container, the third answers.
/// </summary>
internal sealed class SearchingClaude
{
    private const string Pause = """
        {"type":"text","text":"Searching."},{"type":"server_tool_use","id":"srvtoolu_1","name":"web_search","input":{"query":"weather"}}
        """;

    private const string Call = """
        {"type":"web_search_tool_result","tool_use_id":"srvtoolu_1","content":[{"type":"web_search_result","url":"https://e.example","title":"E","encrypted_content":"abc","page_age":null}]},
        {"type":"text","text":"Clouds, they say.","citations":[{"type":"web_search_result_location","cited_text":"clouds","url":"https://e.example","title":"E","encrypted_index":"i1"}]},
        {"type":"tool_use","id":"toolu_1","name":"weather","input":{"city":"Bergen"},"caller":{"type":"code_execution_20250825","tool_id":"srvtoolu_1"}}
        """;

    private readonly ConcurrentQueue<string> _calls = [];

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/claude/v1/messages", AnswerAsync);
        routes.MapGet("/claude/calls", http => http.Response.WriteAsync($"[{string.Join(',', _calls)}]", http.RequestAborted));
    }

    private async Task AnswerAsync(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body);
        var text = await reader.ReadToEndAsync(http.RequestAborted);
        _calls.Enqueue(text);
        var body = JsonElement.Parse(text);
        var message = Reply(body.GetProperty("messages"));
        var isStream = body.TryGetProperty("stream", out var stream) && stream.GetBoolean();
        http.Response.ContentType = isStream ? "text/event-stream" : "application/json";
        await http.Response.WriteAsync(isStream ? StreamedMessage.Of(message) : message, http.RequestAborted);
    }

    private static string Reply(JsonElement messages)
    {
        var last = messages[messages.GetArrayLength() - 1];
        var (content, reason) = last.GetRawText().Contains("tool_result", StringComparison.Ordinal) && last.GetProperty("role").GetString() == "user" ? ("""{"type":"text","text":"It rains."}""", "end_turn")
            : last.GetProperty("role").GetString() == "assistant" ? (Call, "tool_use")
            : (Pause, "pause_turn");
        return new JsonObject
        {
            ["id"] = "msg_1",
            ["type"] = "message",
            ["role"] = "assistant",
            ["model"] = "claude",
            ["content"] = JsonNode.Parse($"[{content}]"),
            ["stop_reason"] = reason,
            ["stop_sequence"] = null,
            ["stop_details"] = null,
            ["container"] = new JsonObject { ["id"] = "container_1", ["expires_at"] = "2030-01-01T00:00:00Z" },
            ["usage"] = JsonNode.Parse("""{"input_tokens":5,"output_tokens":3,"service_tier":"priority","cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":0},"server_tool_use":{"web_search_requests":1,"web_fetch_requests":0}}"""),
        }.ToJsonString();
    }
}
