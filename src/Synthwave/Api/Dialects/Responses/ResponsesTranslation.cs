using System.Buffers;
using System.Text.Json;
using Synthwave.Chat;
using Synthwave.Json;

namespace Synthwave.Api.Dialects.Responses;

/// <summary>One Responses request on its way to a chat body. Used once.</summary>
/// <param name="root">The request, already checked for its model.</param>
/// <param name="previous">The conversation it continues; null = none.</param>
internal sealed class ResponsesTranslation(JsonElement root, ResponseTurn? previous)
{
    private readonly ArrayBufferWriter<byte> _output = new(1024);

    /// <summary>The chat body, once <see cref="Run"/> returned null.</summary>
    public ReadOnlyMemory<byte> Body => _output.WrittenMemory;

    public bool WantsLogProbabilities { get; private set; }

    private static ReadOnlySpan<byte> LogProbabilities => "message.output_text.logprobs"u8;

    /// <summary>Translates. Null = done, otherwise what is wrong with the request.</summary>
    public GatewayError? Run()
    {
        if (CheckFormat(out var format) is { } formatError)
        {
            return formatError;
        }

        using var json = JsonWriting.To(_output);
        json.WriteStartObject();
        json.WriteStartArray("messages"u8);
        var problem = WriteMessages(json);
        json.WriteEndArray();
        problem ??= ResponsesTools.Write(root, json);
        if (problem is not null)
        {
            return problem;
        }

        if (format.ValueKind is not JsonValueKind.Undefined)
        {
            WriteFormat(json, format);
        }

        WriteReasoning(json);
        foreach (var member in root.EnumerateObject())
        {
            WriteMember(json, member);
        }

        WriteLogProbabilities(json);
        json.WriteEndObject();
        return null;
    }

    /// <summary>This request's own input items, for the store.</summary>
    public ReadOnlyMemory<byte> OwnItems()
    {
        if (!root.Has("input"u8, out var input))
        {
            return default;
        }

        var raw = input.Raw();
        return input.ValueKind is JsonValueKind.Array ? raw[1..^1].Trim(" \t\r\n"u8).ToArray() : raw.ToArray();
    }

    private GatewayError? WriteMessages(Utf8JsonWriter json)
    {
        if (root.Has("instructions"u8, out var instructions))
        {
            if (instructions.ValueKind is not JsonValueKind.String)
            {
                return GatewayError.BadRequest("invalid_input", "instructions must be a string.", "instructions");
            }

            if (instructions.Raw().Length > 2)
            {
                json.WriteStartObject();
                json.WriteString("role"u8, "system"u8);
                json.WriteRaw("content"u8, instructions);
                json.WriteEndObject();
            }
        }

        var items = new ResponsesInput(json);
        return ReplayPrevious(items) ?? WriteInput(items) ?? items.End();
    }

    private GatewayError? ReplayPrevious(ResponsesInput items)
    {
        var turns = new Stack<ResponseTurn>();
        for (var turn = previous; turn is not null; turn = turn.Previous)
        {
            turns.Push(turn);
        }

        while (turns.TryPop(out var turn))
        {
            foreach (var part in (ReadOnlySpan<ReadOnlyMemory<byte>>)[turn.Input, turn.Output])
            {
                if (part.IsEmpty)
                {
                    continue;
                }

                using var document = JsonReading.Document((byte[])[(byte)'[', .. part.Span, (byte)']']);
                foreach (var item in document.RootElement.EnumerateArray())
                {
                    if (items.Add(item, "previous_response_id") is { } problem)
                    {
                        return problem;
                    }
                }
            }
        }

        return null;
    }

    private GatewayError? WriteInput(ResponsesInput items)
    {
        if (!root.Has("input"u8, out var input))
        {
            return null;
        }

        switch (input.ValueKind)
        {
            case JsonValueKind.String:
                return items.Add(input, "input");
            case JsonValueKind.Array:
                var position = 0;
                foreach (var item in input.EnumerateArray())
                {
                    if (items.Add(item, $"input[{position}]") is { } problem)
                    {
                        return problem;
                    }

                    position++;
                }

                return null;
            default:
                return GatewayError.BadRequest("invalid_input", "input must be a string or an array of items.", "input");
        }
    }

    private GatewayError? CheckFormat(out JsonElement format)
    {
        format = default;
        if (!root.Has("text"u8, out var text) || text.ValueKind is not JsonValueKind.Object
            || !text.Has("format"u8, out var given) || given.ValueKind is not JsonValueKind.Object || !given.Has("type"u8, out var type))
        {
            return null;
        }

        var kind = type.TryGetText(out var word) ? word : "";
        if (kind is "json_object" or "json_schema")
        {
            format = given;
        }

        return kind is "text" or "json_object" or "json_schema"
            ? null
            : new GatewayError(501, "unsupported_text_format", "text.format must be text, json_object or json_schema.") { Type = "invalid_request_error", Param = "text.format" };
    }

    private static void WriteFormat(Utf8JsonWriter json, JsonElement format)
    {
        json.WriteStartObject("response_format"u8);
        json.WriteRaw("type"u8, format.Get("type"u8));
        if (format.Get("type"u8).IsText("json_schema"u8))
        {
            json.WriteStartObject("json_schema"u8);
            foreach (var name in (ReadOnlySpan<string>)["name", "description", "schema", "strict"])
            {
                if (format.TryGet(name, out var value))
                {
                    json.WriteRaw(name, value);
                }
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private void WriteReasoning(Utf8JsonWriter json)
    {
        if (root.Has("reasoning"u8, JsonValueKind.Object, out var reasoning) && reasoning.Has("effort"u8, out var effort))
        {
            json.WriteRaw("reasoning_effort"u8, effort);
        }

        if (root.Has("text"u8, JsonValueKind.Object, out var text) && text.Has("verbosity"u8, out var verbosity))
        {
            json.WriteRaw("verbosity"u8, verbosity);
        }
    }

    // What both sides know goes through with its own name or a new one, what nobody here knows too; what only OpenAI's servers could do is only echoed.
    private static void WriteMember(Utf8JsonWriter json, JsonProperty member)
    {
        switch (member.NameText())
        {
            case "input" or "instructions" or "tools" or "tool_choice" or "text" or "reasoning" or "include" or "top_logprobs" or "messages" or "response_format"
                or "previous_response_id" or "background" or "conversation" or "store" or "metadata" or "truncation" or "service_tier" or "max_tool_calls"
                or "safety_identifier" or "prompt_cache_key" or "prompt_cache_retention" or "prompt" or "stream_options" or "max_tokens" or "max_completion_tokens":
                break;
            case "max_output_tokens":
                json.WriteRaw("max_tokens"u8, member.Value);
                break;
            default:
                json.WriteRaw(member);
                break;
        }
    }

    private void WriteLogProbabilities(Utf8JsonWriter json)
    {
        var count = root.Has("top_logprobs"u8, out var top) ? top : default;
        var asksByCount = count.ValueKind is JsonValueKind.Number && count.TryGetInt32(out var number) && number > 0;
        var asksByName = root.Has("include"u8, JsonValueKind.Array, out var include)
            && include.EnumerateArray().Any(static name => name.IsText(LogProbabilities));
        WantsLogProbabilities = asksByCount || asksByName;
        if (WantsLogProbabilities)
        {
            json.WriteBoolean("logprobs"u8, true);
        }

        if (asksByCount)
        {
            json.WriteRaw("top_logprobs"u8, count);
        }
    }
}
