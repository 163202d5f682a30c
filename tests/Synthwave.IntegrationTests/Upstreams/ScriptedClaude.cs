using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Synthwave.TestKit;

namespace Synthwave.IntegrationTests.Upstreams;

/// <summary>
/// An Anthropic model that says one message, whole or as its events, and a gateway in front of it: raw as <c>own</c>, in a cascade of two as <c>cascade</c>,
/// beside a chat model as <c>mixed</c>, and as both generators and synthesizer of <c>moa</c>.
/// </summary>
internal sealed class ScriptedClaude : IAsyncDisposable
{
    private readonly RawUpstream _upstream;

    private ScriptedClaude(RawUpstream upstream) => _upstream = upstream;

    public TestGateway Gateway { get; private set; } = null!; // Set before anybody gets it.

    /// <summary>What the model was sent.</summary>
    public ConcurrentQueue<(string Head, JsonElement Body)> Calls { get; } = [];

    /// <param name="message">What it says.</param>
    /// <param name="upstream">Further lines of its table.</param>
    /// <param name="streams">Whether it answers with events; null = where it is asked to.</param>
    public static async Task<ScriptedClaude> StartAsync(string message, string upstream = "", bool? streams = null)
    {
        ScriptedClaude? model = null;
        var server = new RawUpstream(async call =>
        {
            if (!call.Head.StartsWith("POST", StringComparison.Ordinal))
            {
                await call.SendAsync("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
                return;
            }

            var body = JsonElement.Parse(call.Body);
            model!.Calls.Enqueue((call.Head, body));
            var isStream = streams ?? (body.TryGetProperty("stream", out var stream) && stream.GetBoolean());
            var text = isStream ? StreamedMessage.Of(message) : message;
            await call.SendAsync($"HTTP/1.1 200 OK\r\nContent-Type: {(isStream ? "text/event-stream" : "application/json")}\r\nContent-Length: {text.Length}\r\n\r\n{text}");
        });
        model = new ScriptedClaude(server);
        var claude = $"model_id = \"claude\"\nbase_url = \"{server.BaseUrl}\"\nprotocol = \"anthropic\"\napi_key = \"k\"\ncontext = 8192\n{(upstream.Contains("max_output", StringComparison.Ordinal) ? "" : "max_output = 512\n")}retries = 0\n{upstream}\n";
        model.Gateway = await TestGateway.StartAsync(
            $"[upstreams.own]\n{claude}[upstreams.twin]\n{claude}[upstreams.chat]\nmodel_id = \"chat\"\nbase_url = \"http://127.0.0.1:9/v1\"\ncontext = 8192\nmax_output = 512\n"
            + "[profiles.cascade]\ntype = \"cascade\"\nupstreams = [\"own\", \"twin\"]\n[profiles.mixed]\ntype = \"cascade\"\nupstreams = [\"own\", \"chat\"]\n"
            + "[profiles.moa]\ntype = \"moa\"\ngenerators = [\"own\", \"twin\"]\nsynthesizer = \"own\"\n");
        return model;
    }

    public async Task<(HttpResponseMessage Response, JsonNode Message)> AskAsync(
        string model, bool stream, string members = "", Action<HttpRequestMessage>? edit = null, string messages = """[{"role":"user","content":"x"}]""")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/messages")
        {
            Content = new StringContent(
                $$"""{"model":"{{model}}","max_tokens":99,"stream":{{(stream ? "true" : "false")}},"messages":{{messages}}{{members}}}""", Encoding.UTF8, "application/json"),
        };
        edit?.Invoke(request);
        var response = await Gateway.Client.SendAsync(request);
        if (!stream || !response.IsSuccessStatusCode)
        {
            return (response, JsonNode.Parse(await response.Content.ReadAsStringAsync())!);
        }

        return (response, PutTogether(await SseCapture.ReadAsync(response)));
    }

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await _upstream.DisposeAsync();
    }

    /// <summary>The message as a client of the API puts it together: each block's deltas upon its start.</summary>
    public static JsonNode PutTogether(SseCapture stream)
    {
        JsonNode? message = null;
        var open = -1;
        var input = "";
        foreach (var arrival in stream.Events)
        {
            var item = JsonNode.Parse(arrival.Text)!;
            var content = message?["content"]!.AsArray();
            switch ((string)item["type"]!)
            {
                case "message_start":
                    message = item["message"]!.DeepClone();
                    break;
                case "content_block_start":
                    open.Should().Be(-1, "blocks follow one another");
                    open = (int)item["index"]!;
                    open.Should().Be(content!.Count);
                    content.Add(item["content_block"]!.DeepClone());
                    input = "";
                    break;
                case "content_block_delta":
                    ((int)item["index"]!).Should().Be(open);
                    input += TakeDelta(content![open]!.AsObject(), item["delta"]!.AsObject());
                    break;
                case "content_block_stop":
                    ((int)item["index"]!).Should().Be(open);
                    if (input.Length > 0)
                    {
                        content![open]!["input"] = JsonNode.Parse(input);
                    }

                    open = -1;
                    break;
                case "message_delta":
                    foreach (var (name, value) in item["delta"]!.AsObject().Concat(item.AsObject().Where(static m => m.Key is not ("type" or "delta" or "usage"))))
                    {
                        message![name] = value?.DeepClone();
                    }

                    foreach (var (name, value) in item["usage"]!.AsObject())
                    {
                        message!["usage"]![name] = value?.DeepClone();
                    }

                    break;
                case "error":
                    throw new InvalidOperationException(arrival.Text);
            }
        }

        return message ?? throw new InvalidOperationException("No message has begun.");
    }

    private static string TakeDelta(JsonObject block, JsonObject delta)
    {
        switch ((string)delta["type"]!)
        {
            case "text_delta":
                block["text"] = (string)block["text"]! + (string)delta["text"]!;
                break;
            case "thinking_delta":
                block["thinking"] = (string)block["thinking"]! + (string)delta["thinking"]!;
                break;
            case "signature_delta":
                block["signature"] = (string)delta["signature"]!;
                break;
            case "citations_delta":
                var citations = block["citations"] as JsonArray ?? [];
                block["citations"] = new JsonArray([.. citations.Select(static c => c!.DeepClone()), delta["citation"]!.DeepClone()]);
                break;
            case "compaction_delta":
                block["content"] = delta["content"]!.DeepClone();
                break;
            case "input_json_delta":
                return (string)delta["partial_json"]!;
            case var other:
                throw new InvalidOperationException($"An unexpected {other}.");
        }

        return "";
    }
}
