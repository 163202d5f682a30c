using System.Buffers;
using System.Text.Json;
using Synthwave.Api.Routes;
using Synthwave.Chat;
using Synthwave.Chat.Requests;
using Synthwave.Json;
using Synthwave.Routing;

namespace Synthwave.Api.Dialects.Completions;

/// <summary>
/// <c>POST /v1/completions</c>, OpenAI's legacy text completion: the prompt becomes one user message, every other member keeps its bytes. Members that
/// would change what a completion is are refused, not their harmless values, which many clients send by default; tools are left out, since nothing in
/// a legacy answer could carry a call.
/// </summary>
internal sealed class CompletionsDialect : IDialect
{
    public static RouteTraits Traits { get; } = new() { Dialect = "completions" };

    public RouteTraits Route => Traits;

    public DialectReading Read(ReadOnlyMemory<byte> body, GatewayRuntime runtime, string requestId)
    {
        if (runtime.Config.Upstreams.IsEmpty)
        {
            return DialectReading.NoUpstream;
        }

        using var document = DialectBody.Parse(body, out var error);
        if (document is null)
        {
            return error!;
        }

        var root = document.RootElement;
        error = CheckPrompt(root, out var prompt);
        error = RefuseUnsupported(root) ?? error ?? DialectModel.Check(root, runtime);
        return error ?? DialectReading.Of(
            ChatRequestReader.Read(Translate(root, prompt)), runtime, static request => new CompletionsShape(request.IncludeUsage));
    }

    /// <summary>Whether a request is refused for what it asks of a completion, which an endpoint that continues texts may give.</summary>
    public static bool IsBeyondChat(JsonElement root) =>
        CheckPrompt(root, out _) is not null || RefuseUnsupported(root) is { Param: not ("response_format" or "max_completion_tokens") };

    private static GatewayError? RefuseUnsupported(JsonElement root)
    {
        foreach (var (name, isHarmless) in (ReadOnlySpan<(string, Func<JsonElement, bool>)>)
        [
            ("echo", static v => v.ValueKind is JsonValueKind.False),
            ("suffix", static v => v.TryGetText(out var text) && text.Length == 0),
            ("best_of", static v => v.ValueKind is JsonValueKind.Number && v.TryGetInt32(out var count) && count == 1),
            ("logprobs", static v => v.ValueKind is JsonValueKind.False),
            ("response_format", static v => v.Has("type"u8, out var type) && type.TryGetText(out var text) && text == "text"),
            ("max_completion_tokens", static _ => false),
            ("n", static v => v.ValueKind is JsonValueKind.Number && v.TryGetInt32(out var count) && count == 1),
        ])
        {
            if (root.Find(name) is { } value && !isHarmless(value))
            {
                return Unsupported(name, $"{name} is not supported on this endpoint. Leave it out, or use /v1/chat/completions.");
            }
        }

        return null;
    }

    private static GatewayError? CheckPrompt(JsonElement root, out JsonElement prompt)
    {
        if (!root.Has("prompt"u8, out prompt))
        {
            return GatewayError.BadRequest("invalid_request", "prompt is required: the text to complete.");
        }

        if (prompt.ValueKind is JsonValueKind.Array && prompt.GetArrayLength() == 1)
        {
            prompt = prompt[0];
        }

        if (prompt.ValueKind is not JsonValueKind.String)
        {
            return Unsupported("prompt", "prompt must be one string: one completion is given per request.");
        }

        return prompt.TryGetText(out var text) && MiddleMarkers.AreIn(text)
            ? GatewayError.BadRequest(
                "unsupported_fill_in_the_middle", "The prompt asks to fill in the middle of a text, which a chat model cannot. Ask for an upstream that continues texts (completions = true).", "prompt")
            : null;
    }

    private static GatewayError Unsupported(string param, string message) =>
        new(501, "unsupported_legacy_param", message) { Type = "invalid_request_error", Param = param };

    private static ReadOnlyMemory<byte> Translate(JsonElement root, JsonElement prompt)
    {
        var output = new ArrayBufferWriter<byte>(root.Raw().Length + 64);
        using (var json = JsonWriting.To(output))
        {
            json.WriteStartObject();
            foreach (var member in root.EnumerateObject())
            {
                if (!IsTranslated(member))
                {
                    json.WriteRaw(member);
                }
            }

            json.WriteStartArray("messages"u8);
            json.WriteStartObject();
            json.WriteString("role"u8, "user"u8);
            json.WriteRaw("content"u8, prompt);
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return output.WrittenMemory;
    }

    private static bool IsTranslated(JsonProperty member) => member.NameText() is
        "prompt" or "messages" or "echo" or "suffix" or "best_of" or "logprobs" or "response_format" or "max_completion_tokens"
        or "tools" or "tool_choice" or "parallel_tool_calls" or "functions" or "function_call";
}
