using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using Synthwave.Chat;
using Synthwave.Json;

namespace Synthwave.Api.Dialects.Responses;

/// <summary>One Responses request on its way to a chat body. Used once.</summary>
/// <param name="root">The request, already checked for its model.</param>
/// <param name="history">Its conversation, read.</param>
internal sealed class ResponsesTranslation(JsonElement root, ResponsesHistory history)
{
    private readonly ArrayBufferWriter<byte> _output = new(1024);
    private readonly IgnoredNames _ignored = new();

    /// <summary>The chat body, once <see cref="Run"/> returned null.</summary>
    public ReadOnlyMemory<byte> Body => _output.WrittenMemory;

    /// <summary>What the request asks of its answer, then too.</summary>
    public ResponseWishes Wishes { get; private set; } = ResponseWishes.None;

    /// <summary>What of the request was left out.</summary>
    public ImmutableArray<string> Ignored => _ignored.ToImmutable();

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
        var (tools, toolsError) = ResponseTools.Read(root, history.Items, _ignored);
        var problem = WriteMessages(tools, json);
        json.WriteEndArray();
        problem ??= toolsError ?? ResponsesTools.Write(root, tools, json);
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

        WriteIncluded(tools, json);
        json.WriteEndObject();
        return null;
    }

    private GatewayError? WriteMessages(ResponseTools tools, Utf8JsonWriter json)
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

        var messages = new ResponsesInput(json, tools, _ignored);
        foreach (var item in history.Items)
        {
            if (messages.Add(item) is { } problem)
            {
                return problem;
            }
        }

        messages.End();
        return null;
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

    // "auto", "concise" and "detailed" are one here: it is what the upstream gave. The second name is the first's older one.
    private bool WantsSummary() => root.Has("reasoning"u8, JsonValueKind.Object, out var reasoning)
        && (reasoning.Has("summary"u8, JsonValueKind.String, out var wish) || reasoning.Has("generate_summary"u8, JsonValueKind.String, out wish))
        && !wish.RawText().IsEmpty && !wish.IsText("none"u8);

    // What the chat API knows goes on, and what its servers have in common beside it; what this door answers for itself is done with; the rest is named.
    private void WriteMember(Utf8JsonWriter json, JsonProperty member)
    {
        var name = member.NameText();
        switch (name)
        {
            case "model" or "stream" or "x_meta_model"
                or "temperature" or "top_p" or "frequency_penalty" or "presence_penalty" or "logit_bias" or "seed" or "stop" or "n" or "user"
                or "audio" or "modalities" or "prediction" or "web_search_options"
                or "service_tier" or "safety_identifier" or "prompt_cache_key" or "prompt_cache_retention" or "prompt_cache_options" or "moderation"
                or "top_k" or "min_p" or "repetition_penalty" or "chat_template_kwargs":
                json.WriteRaw(member);
                break;
            case "max_output_tokens":
                json.WriteRaw("max_tokens"u8, member.Value);
                break;
            case "input" or "instructions" or "tools" or "tool_choice" or "parallel_tool_calls" or "text" or "reasoning" or "include" or "top_logprobs"
                or "previous_response_id" or "background" or "conversation" or "prompt" or "store" or "metadata" or "stream_options":
                break;
            case "truncation" when !member.Value.IsText("auto"u8):
                break;
            default:
                if (member.Value.ValueKind is not JsonValueKind.Null)
                {
                    _ignored.Add(name);
                }

                break;
        }
    }

    private void WriteIncluded(ResponseTools tools, Utf8JsonWriter json)
    {
        var count = root.Has("top_logprobs"u8, out var top) ? top : default;
        var asksByCount = count.ValueKind is JsonValueKind.Number && count.TryGetInt32(out var number) && number > 0;
        var included = root.Has("include"u8, JsonValueKind.Array, out var include) ? include : default;
        var wantsLogProbabilities = asksByCount || Includes("message.output_text.logprobs"u8);
        Wishes = new(tools.ByChatName, wantsLogProbabilities, Includes("reasoning.encrypted_content"u8), WantsSummary());
        if (wantsLogProbabilities)
        {
            json.WriteBoolean("logprobs"u8, true);
        }

        if (asksByCount)
        {
            json.WriteRaw("top_logprobs"u8, count);
        }

        bool Includes(ReadOnlySpan<byte> what)
        {
            if (included.ValueKind is JsonValueKind.Array)
            {
                foreach (var name in included.EnumerateArray())
                {
                    if (name.IsText(what))
                    {
                        return true;
                    }
                }
            }

            return false;
        }
    }
}
