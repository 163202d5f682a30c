using System.Text;
using System.Text.Json;
using Synthwave.TestKit;

namespace Synthwave.Proof.Wire;

/// <summary>What a client has after folding an answer as strictly as the official SDKs' types say.</summary>
/// <param name="Text">The content, all of it.</param>
/// <param name="Calls">Names and arguments, whole.</param>
/// <param name="Finish">Null where the answer ended in an error.</param>
/// <param name="Error">Code of the typed error; null = none.</param>
/// <param name="Problem">What no SDK would accept; null = nothing.</param>
internal sealed record ClientFold(string Text, IReadOnlyList<WireCall> Calls, string? Finish, string? Error, string? Problem)
{
    private static readonly string[] Reasons = ["stop", "length", "tool_calls", "content_filter", "function_call"];

    /// <summary>Folds a response. <paramref name="usage"/>: whether the client asked for usage in its stream.</summary>
    public static async Task<ClientFold> ReadAsync(HttpResponseMessage response, bool streamed, bool usage)
    {
        if (!response.IsSuccessStatusCode || !streamed)
        {
            var body = await response.Content.ReadAsStringAsync();
            var fold = OfJson(response.IsSuccessStatusCode, body);
            return fold.Problem is { } problem ? fold with { Problem = $"{problem}\n{(int)response.StatusCode} {body}" } : fold;
        }

        var type = response.Content.Headers.ContentType?.MediaType;
        var capture = await SseCapture.ReadAsync(response);
        var result = type is "text/event-stream" ? new StreamFold(usage).Read(capture) : Wrong($"content type {type}");
        return result.Problem is { } found ? result with { Problem = $"{found}\n{capture}" } : result;
    }

    private static ClientFold Wrong(string problem) => new("", [], null, null, problem);

    private static ClientFold OfJson(bool isSuccess, string body)
    {
        JsonElement root;
        try
        {
            root = Parse(body);
        }
        catch (JsonException e)
        {
            return Wrong($"no JSON: {e.Message}");
        }

        if (!isSuccess)
        {
            return Code(root) is { } code ? new("", [], null, code, null) : Wrong("no typed error");
        }

        if (Frame(root, "chat.completion") is { } problem)
        {
            return Wrong(problem);
        }

        var choices = root.GetProperty("choices");
        if (choices.GetArrayLength() != 1 || !IsIndex(choices[0], 0) || !choices[0].TryGetProperty("message", out var message))
        {
            return Wrong("choices");
        }

        var finish = choices[0].TryGetProperty("finish_reason", out var reason) && reason.ValueKind is JsonValueKind.String ? reason.GetString() : null;
        var content = message.TryGetProperty("content", out var text) ? text : default;
        var calls = new List<WireCall>();
        foreach (var call in message.TryGetProperty("tool_calls", out var list) && list.ValueKind is JsonValueKind.Array ? list.EnumerateArray() : default)
        {
            if (!(Member(call, "id") is { Length: > 0 } id && Member(call, "type") is "function" && call.TryGetProperty("function", out var function) && Member(function, "name") is { } name && Member(function, "arguments") is { } arguments))
            {
                return Wrong("a call is not whole");
            }

            calls.Add(new WireCall(id, name, arguments));
        }

        return new ClientFold(content.ValueKind is JsonValueKind.String ? content.GetString()! : "", calls, finish, null, null)
        {
            Problem = !Reasons.Contains(finish) ? $"finish reason {reason}"
                : Member(message, "role") is not "assistant" ? "role"
                : content.ValueKind is not (JsonValueKind.String or JsonValueKind.Null) ? $"content is {content.ValueKind}"
                : root.TryGetProperty("usage", out var usage) && !IsUsage(usage) ? "usage"
                : Repeated(calls),
        };
    }

    // This platform's reader throws on a member name that is half a surrogate pair; other clients' take it.
    private static JsonElement Parse(string json) => JsonElement.Parse(json.Replace("\\ud800half", "half", StringComparison.Ordinal));

    private static string? Repeated(List<WireCall> calls) => calls.DistinctBy(c => c.Id).Count() < calls.Count ? "two calls with one id" : null;

    private static string? Code(JsonElement root) =>
        root.ValueKind is JsonValueKind.Object && root.TryGetProperty("error", out var error) && Member(error, "message") is { Length: > 0 } && Member(error, "type") is { } type ? Member(error, "code") ?? type : null;

    private static string? Frame(JsonElement root, string kind) =>
        root.ValueKind is not JsonValueKind.Object ? "no object"
        : Member(root, "id") is not { Length: > 0 } ? "id"
        : Member(root, "object") != kind ? "object"
        : Member(root, "model") is not { Length: > 0 } ? "model"
        : !(root.TryGetProperty("created", out var created) && created.ValueKind is JsonValueKind.Number) ? "created"
        : !(root.TryGetProperty("choices", out var choices) && choices.ValueKind is JsonValueKind.Array) ? "choices"
        : null;

    private static bool IsIndex(JsonElement node, int wanted) => node.ValueKind is JsonValueKind.Object && node.TryGetProperty("index", out var index) && index.ValueKind is JsonValueKind.Number && index.GetInt32() == wanted;

    private static bool IsUsage(JsonElement usage) =>
        usage.ValueKind is JsonValueKind.Object && usage.TryGetProperty("prompt_tokens", out var prompt) && prompt.ValueKind is JsonValueKind.Number
        && usage.TryGetProperty("completion_tokens", out var completion) && completion.ValueKind is JsonValueKind.Number && usage.TryGetProperty("total_tokens", out _);

    private static string? Member(JsonElement node, string name) =>
        node.ValueKind is JsonValueKind.Object && node.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;

    /// <summary>Folds a stream chunk by chunk.</summary>
    private sealed class StreamFold(bool wantsUsage)
    {
        private readonly StringBuilder _text = new();
        private readonly List<(string Id, string Name, StringBuilder Arguments)> _calls = [];
        private bool _hasRole;
        private bool _hasUsage;
        private string? _finish;
        private string? _error;
        private string? _problem;

        public ClientFold Read(SseCapture capture)
        {
            _problem = capture.Broken is { } broken ? $"the body broke off: {broken.Message}" : capture.Remainder.Length > 0 ? "bytes after the last event" : null;
            foreach (var sent in capture.Events.Where(e => e.Text is not "[DONE]"))
            {
                Add(Parse(sent.Text));
            }

            _problem ??= _error is not null ? capture.Done ? "an error event and [DONE]" : null
                : !capture.Done ? "neither an error event nor [DONE]"
                : _finish is null ? "[DONE] without a finish reason"
                : capture.Events.Count(e => e.Text is "[DONE]") > 1 ? "[DONE] twice"
                : null;
            var calls = _calls.ConvertAll(c => new WireCall(c.Id, c.Name, c.Arguments.ToString()));
            return new(_text.ToString(), calls, _finish, _error, _problem ?? Repeated(calls));
        }

        private void Add(JsonElement chunk)
        {
            if (_error is not null || _hasUsage)
            {
                _problem ??= "something behind the end";
            }

            if (chunk.ValueKind is JsonValueKind.Object && chunk.TryGetProperty("error", out _))
            {
                _error = Code(chunk);
                _problem ??= _error is null ? "an error without a type" : null;
                return;
            }

            _problem ??= Frame(chunk, "chat.completion.chunk");
            if (_problem is not null)
            {
                return;
            }

            var choices = chunk.GetProperty("choices");
            if (chunk.TryGetProperty("usage", out var usage) && usage.ValueKind is not JsonValueKind.Null)
            {
                _hasUsage = true;
                _problem ??= !wantsUsage ? "usage that nobody asked for" : choices.GetArrayLength() > 0 ? "usage beside a choice" : !IsUsage(usage) ? "usage" : null;
            }

            foreach (var choice in choices.EnumerateArray())
            {
                AddChoice(choice);
            }
        }

        private void AddChoice(JsonElement choice)
        {
            if (!IsIndex(choice, 0) || !choice.TryGetProperty("delta", out var delta) || delta.ValueKind is not JsonValueKind.Object)
            {
                _problem ??= "a choice without index or delta";
                return;
            }

            // The SDKs' types allow null.
            if (delta.TryGetProperty("role", out var role) && !(_hasRole && role.ValueKind is JsonValueKind.Null))
            {
                _problem ??= Member(delta, "role") is "assistant" ? null : $"role {role}";
            }

            _problem ??= _hasRole || Member(delta, "role") is "assistant" ? null : "the first delta has no role";
            _hasRole = true;
            if (delta.TryGetProperty("content", out var content) && content.ValueKind is not JsonValueKind.Null)
            {
                _problem ??= content.ValueKind is JsonValueKind.String ? null : $"content is {content.ValueKind}";
                _problem ??= _finish is not null && Member(delta, "content") is not "" ? "content behind the finish" : null;
                _text.Append(Member(delta, "content"));
            }

            foreach (var call in delta.TryGetProperty("tool_calls", out var calls) && calls.ValueKind is JsonValueKind.Array ? calls.EnumerateArray() : default)
            {
                _problem ??= _finish is not null ? "a call behind the finish" : AddCall(call);
            }

            if (choice.TryGetProperty("finish_reason", out var finish) && finish.ValueKind is not JsonValueKind.Null)
            {
                _problem ??= _finish is not null ? "two finish reasons" : Reasons.Contains(Member(choice, "finish_reason")) ? null : $"finish reason {finish}";
                _finish = Member(choice, "finish_reason");
            }
        }

        // As the SDKs do: by index; the first delta of an index has id and name, later ones only add arguments.
        private string? AddCall(JsonElement call)
        {
            if (!(call.TryGetProperty("index", out var at) && at.ValueKind is JsonValueKind.Number && at.GetInt32() is var index && index >= 0 && index <= _calls.Count))
            {
                return $"call index {at}";
            }

            var function = call.TryGetProperty("function", out var found) ? found : default;
            if (index == _calls.Count)
            {
                if (!(Member(call, "id") is { Length: > 0 } id && Member(call, "type") is "function" && Member(function, "name") is { Length: > 0 } name))
                {
                    return "the head of a call has no id, type or name";
                }

                _calls.Add((id, name, new StringBuilder()));
            }
            else if (Member(call, "id") is { } again && again != _calls[index].Id || Member(function, "name") is { Length: > 0 } other && other != _calls[index].Name)
            {
                return "a later delta changes id or name";
            }

            _calls[index].Arguments.Append(Member(function, "arguments"));
            return null;
        }
    }
}
