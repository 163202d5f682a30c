using System.Buffers;
using System.Text;
using System.Text.Json;
using Synthwave.Chat;
using Synthwave.Chat.Reasoning;
using Synthwave.Json;

namespace Synthwave.Api.Dialects.Responses;

/// <summary>
/// Items → messages. A model's text and the calls after it become one assistant message, as chat templates and hosted APIs want it, with the reasoning that
/// stood before them as a dialect's reasoning member. What says nothing to a chat model is left out and named: a conversation comes again each turn, so that
/// only a broken message or function call is refused.
/// </summary>
/// <param name="json">Stands within the array of messages.</param>
/// <param name="tools">Of the request.</param>
/// <param name="ignored">Takes what is left out.</param>
internal sealed class ResponsesInput(Utf8JsonWriter json, ResponseTools tools, IgnoredNames ignored)
{
    private readonly ResponsesContent _parts = new(ignored);
    private readonly ArrayBufferWriter<byte> _content = new();
    private readonly ArrayBufferWriter<byte> _calls = new();
    private readonly ArrayBufferWriter<byte> _reasoning = new();
    private readonly ArrayBufferWriter<byte> _nextReasoning = new();
    private bool _isAssistantOpen;

    /// <summary>Takes the next item. Null = fine, otherwise what is wrong.</summary>
    public GatewayError? Add(in InputItem entry)
    {
        var item = entry.Json;
        if (item.ValueKind is JsonValueKind.String)
        {
            EndTurn();
            WriteMessage("user", item.Raw());
            return null;
        }

        if (item.ValueKind is not JsonValueKind.Object)
        {
            return Bad("invalid_input_item", "An item must be an object or a string.", entry.Path);
        }

        var kind = "message";
        if (item.Has("type"u8, out var type) && !type.TryGetText(out kind))
        {
            ignored.Add("input");
            return null;
        }

        switch (kind)
        {
            case "message":
                return AddMessage(item, entry);
            case "function_call":
                return AddFunctionCall(item, entry);
            case "function_call_output":
                return AddFunctionOutput(item, entry);
            case "reasoning":
                AddReasoning(item);
                return null;
            case "agent_message":
                AddAgentMessage(item);
                return null;
            case "additional_tools":
                return null;
            default:
                AddOther(kind, item);
                return null;
        }
    }

    /// <summary>Writes what is still held back.</summary>
    public void End()
    {
        if (!_isAssistantOpen)
        {
            return;
        }

        json.WriteStartObject();
        json.WriteString("role"u8, "assistant"u8);
        json.WritePropertyName("content"u8);
        json.WriteRawValue(_content.WrittenCount > 0 ? _content.WrittenSpan : "null"u8, skipInputValidation: true);
        if (_reasoning.WrittenCount > 0)
        {
            json.WritePropertyName(ReasoningMembers.OfDialect);
            json.WriteRawValue((byte[])[(byte)'"', .. _reasoning.WrittenSpan, (byte)'"'], skipInputValidation: true);
        }

        if (_calls.WrittenCount > 0)
        {
            json.WriteRaw("tool_calls"u8, (byte[])[(byte)'[', .. _calls.WrittenSpan, (byte)']']);
        }

        json.WriteEndObject();
        _content.ResetWrittenCount();
        _reasoning.ResetWrittenCount();
        _calls.ResetWrittenCount();
        _isAssistantOpen = false;
    }

    // Reasoning belongs to what the model said next, and to nothing else.
    private void EndTurn()
    {
        End();
        _nextReasoning.ResetWrittenCount();
    }

    private void Open()
    {
        _isAssistantOpen = true;
        AppendLine(_reasoning, _nextReasoning.WrittenSpan);
        _nextReasoning.ResetWrittenCount();
    }

    private void WriteMessage(string role, ReadOnlySpan<byte> content)
    {
        json.WriteStartObject();
        json.WriteString("role"u8, role);
        json.WriteRaw("content"u8, content);
        json.WriteEndObject();
    }

    private void WriteToolMessage(ReadOnlySpan<byte> id, ReadOnlySpan<byte> content)
    {
        EndTurn();
        json.WriteStartObject();
        json.WriteString("role"u8, "tool"u8);
        json.WriteRaw("tool_call_id"u8, id);
        json.WriteRaw("content"u8, content);
        json.WriteEndObject();
    }

    private GatewayError? AddMessage(JsonElement item, in InputItem entry)
    {
        var role = "user";
        if (item.Has("role"u8, out var given) && (!given.TryGetText(out role) || role is not ("system" or "user" or "assistant" or "developer")))
        {
            return Bad("invalid_role", "role must be system, developer, user or assistant.", entry.Path + ".role");
        }

        End();
        if (_parts.WriteMessage(item, _content, entry) is { } problem)
        {
            return problem;
        }

        // Nothing of it can be told.
        if (_content.WrittenCount == 0)
        {
            return null;
        }

        if (role is "assistant")
        {
            Open();
            return null;
        }

        _nextReasoning.ResetWrittenCount();

        // The word for it that every chat server knows, and that of the instructions before it.
        WriteMessage(role is "developer" ? "system" : role, _content.WrittenSpan);
        _content.ResetWrittenCount();
        return null;
    }

    private GatewayError? AddFunctionCall(JsonElement item, in InputItem entry)
    {
        if (!HistoryCalls.TryGetId(item, out var id) || !item.Has("name"u8, out var name) || name.ValueKind is not JsonValueKind.String)
        {
            return Bad("invalid_function_call", "A function_call needs a call_id and a name.", entry.Path);
        }

        var chatName = tools.ChatNameOf(ResponseToolKind.Function, item.FindText("namespace"), name.Text());
        var arguments = !item.Has("arguments"u8, out var given) ? "\"\""u8
            : given.ValueKind is JsonValueKind.String ? given.Raw()
            : JsonText.Quote(Encoding.UTF8.GetString(given.Raw()));
        AddCall(id.Raw(), JsonText.Quote(chatName), arguments);
        return null;
    }

    private void AddCall(ReadOnlySpan<byte> id, ReadOnlySpan<byte> name, ReadOnlySpan<byte> arguments)
    {
        Open();
        _calls.Write(_calls.WrittenCount > 0 ? ","u8 : default, "{\"id\":"u8, id);
        _calls.Write(",\"type\":\"function\",\"function\":{\"name\":"u8, name, ",\"arguments\":"u8);
        _calls.Write(arguments, "}}"u8, default);
    }

    private GatewayError? AddFunctionOutput(JsonElement item, in InputItem entry)
    {
        if (!HistoryCalls.TryGetId(item, out var id))
        {
            return Bad("missing_call_id", "A function_call_output needs the call_id of its call.", entry.Path + ".call_id");
        }

        if (!item.Has("output"u8, out var output) || output.ValueKind is not (JsonValueKind.String or JsonValueKind.Array))
        {
            return Bad("invalid_function_call_output", "output must be a string or an array of parts.", entry.Path + ".output");
        }

        if (output.ValueKind is JsonValueKind.String)
        {
            WriteToolMessage(id.Raw(), output.Raw());
            return null;
        }

        var content = new ArrayBufferWriter<byte>(256);
        if (_parts.WriteOutput(output, content) is var (member, rule))
        {
            return Bad("invalid_function_call_output", rule, $"{entry.Path}.output{member}");
        }

        WriteToolMessage(id.Raw(), content.WrittenSpan);
        return null;
    }

    // The text itself where it was given, else what this gateway has sealed, else its own summary, which is the text. Another's summary is not what the model thought.
    private void AddReasoning(JsonElement item)
    {
        var isTold = false;
        if (item.Has("content"u8, JsonValueKind.Array, out var parts))
        {
            foreach (var part in parts.EnumerateArray())
            {
                if ((part.Is("type"u8, "reasoning_text"u8) || part.Is("type"u8, "text"u8)) && part.Has("text"u8, JsonValueKind.String, out var text))
                {
                    AppendLine(_nextReasoning, text.RawText());
                    isTold = true;
                }
            }
        }

        if (!isTold && item.Has("encrypted_content"u8, JsonValueKind.String, out var content) && SealedReasoning.TryOpen(content.RawText(), out var opened))
        {
            AppendLine(_nextReasoning, opened);
            isTold = true;
        }

        if (!isTold && item.FindText("id") is { } id && ItemIds.TryParse(id, out _, out _) && item.Has("summary"u8, JsonValueKind.Array, out var summary))
        {
            foreach (var part in summary.EnumerateArray())
            {
                AppendLine(_nextReasoning, part.Is("type"u8, "summary_text"u8) && part.TryGet("text"u8, out var text) ? text.RawText() : default);
            }
        }
    }

    // What another agent tells this one.
    private void AddAgentMessage(JsonElement item)
    {
        var content = new ArrayBufferWriter<byte>(256);
        if (_parts.WriteMessage(item, content, default) is null && content.WrittenCount > 2)
        {
            EndTurn();
            WriteMessage("user", content.WrittenSpan);
        }
        else
        {
            ignored.Add("agent_message");
        }
    }

    private void AddOther(string kind, JsonElement item)
    {
        if (HistoryCalls.ReadCall(kind, item, tools) is { } call)
        {
            AddCall(call.Id.Span, call.Name.Span, call.Arguments.Span);
            if (!call.Output.IsEmpty)
            {
                WriteToolMessage(call.Id.Span, call.Output.Span);
            }

            return;
        }

        var output = new ArrayBufferWriter<byte>(256);
        if (HistoryCalls.TryGetId(item, out var id) && (kind is not "tool_search_output" || item.Has("call_id"u8, out _))
            && HistoryCalls.TryWriteOutput(kind, item, tools, _parts, output))
        {
            WriteToolMessage(id.Raw(), output.WrittenSpan);
        }
        else
        {
            ignored.Add(kind);
        }
    }

    private static void AppendLine(ArrayBufferWriter<byte> target, ReadOnlySpan<byte> text)
    {
        target.Write(target.WrittenCount > 0 && !text.IsEmpty ? "\\n"u8 : default);
        target.Write(text);
    }

    private static GatewayError Bad(string code, string message, string param) => GatewayError.BadRequest(code, message, param);
}
