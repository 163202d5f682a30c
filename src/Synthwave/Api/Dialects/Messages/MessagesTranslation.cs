using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Synthwave.Chat;
using Synthwave.Chat.Requests;
using Synthwave.Json;

namespace Synthwave.Api.Dialects.Messages;

/// <summary>One Messages request on its way to a chat body. Used once.</summary>
/// <param name="root">The request, already checked for its model.</param>
/// <param name="head">What its head says to Anthropic.</param>
/// <param name="scope">Whom it goes to.</param>
internal sealed class MessagesTranslation(JsonElement root, AnthropicHead head, MessagesScope scope)
{
    private readonly ArrayBufferWriter<byte> _output = new(1024);

    /// <summary>The chat body, once <see cref="Run"/> returned null.</summary>
    public ReadOnlyMemory<byte> Body => _output.WrittenMemory;

    /// <summary>The ids of the conversation's calls.</summary>
    public MessageCallIds Ids { get; } = new();

    /// <summary>The client asked for thinking.</summary>
    public bool WantsReasoning { get; private set; }

    /// <summary>Translates. Null = done, otherwise what is wrong with the request.</summary>
    public GatewayError? Run()
    {
        if (MessagesThread.Check(root, scope) is { } refusal)
        {
            return refusal;
        }

        using var json = JsonWriting.To(_output);
        json.WriteStartObject();
        json.WriteStartArray("messages"u8);
        if ((new MessagesSystem(scope).Write(root, json) ?? WriteMessages(json)) is { } problem)
        {
            return problem;
        }

        json.WriteEndArray();
        if (new MessagesTools(root, scope).Write(json) is { } toolProblem)
        {
            return toolProblem;
        }

        WriteFormat(json);
        foreach (var member in root.EnumerateObject())
        {
            WriteKnown(json, member);
        }

        WriteOwn(json);
        json.WriteEndObject();
        WantsReasoning = root.Has("thinking"u8, JsonValueKind.Object, out var thinking)
            && thinking.Has("type"u8, out var type) && type.TryGetText(out var mode) && mode is not "disabled";
        return null;
    }

    // What only Anthropic's models are given.
    private void WriteOwn(Utf8JsonWriter json)
    {
        json.WriteStartObject("x_anthropic"u8);
        foreach (var member in root.EnumerateObject())
        {
            var name = member.NameText();
            if (IsTranslated(name) || member.Value.ValueKind is JsonValueKind.Null)
            {
                continue;
            }

            if (name is "container" or "mcp_servers")
            {
                // They belong to tools that run on Anthropic's servers, and stay where those do.
                scope.LeaveOut(name);
                if (!scope.IsOwn)
                {
                    continue;
                }
            }
            else if (!IsQuiet(name))
            {
                scope.LeaveOutMember(name);
            }

            json.WriteRaw(member);
        }

        json.WriteBoolean(scope.IsOwn ? AnthropicHead.OwnAnswerMember : AnthropicHead.OwnEndMember, true);
        if (scope.IsOwn)
        {
            foreach (var (name, own) in (ReadOnlySpan<(string, string)>)[("tools", AnthropicHead.ToolsMember), ("tool_choice", AnthropicHead.ToolChoiceMember)])
            {
                if (root.Find(name) is { } member)
                {
                    json.WriteRaw(own, member);
                }
            }
        }

        if (!head.Betas.IsEmpty)
        {
            json.WriteStartArray(AnthropicHead.BetasMember);
            foreach (var beta in head.Betas)
            {
                json.WriteStringValue(beta);
            }

            json.WriteEndArray();
        }

        if (head.Version is not null && scope.IsOwn)
        {
            json.WriteString(AnthropicHead.VersionMember, head.Version);
        }

        if (head.IsBeta)
        {
            json.WriteBoolean(AnthropicHead.BetaMember, true);
        }

        json.WriteEndObject();
    }

    private GatewayError? WriteMessages(Utf8JsonWriter json)
    {
        if (!root.Has("messages"u8, out var messages) || messages.ValueKind is not JsonValueKind.Array)
        {
            return GatewayError.BadRequest("invalid_request", "messages is required: an array of at least one message.", "messages");
        }

        var content = new MessagesContent(scope, Ids, json);
        var position = 0;
        foreach (var message in messages.EnumerateArray())
        {
            if (content.Write(message, string.Create(CultureInfo.InvariantCulture, $"messages[{position++}]")) is { } problem)
            {
                return problem;
            }
        }

        return null;
    }

    private void WriteFormat(Utf8JsonWriter json)
    {
        var format = root.Has("output_config"u8, JsonValueKind.Object, out var config) && config.Has("format"u8, out var inner) ? inner
            : root.Has("output_format"u8, out var outer) ? outer
            : default;
        if (format.ValueKind is not JsonValueKind.Object || !format.Has("schema"u8, out var schema))
        {
            return;
        }

        json.WriteStartObject("response_format"u8);
        json.WriteString("type"u8, "json_schema"u8);
        json.WriteStartObject("json_schema"u8);
        json.WriteString("name"u8, "answer"u8);
        json.WriteRaw("schema"u8, schema);
        json.WriteBoolean("strict"u8, true);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteKnown(Utf8JsonWriter json, JsonProperty member)
    {
        switch (member.NameText())
        {
            case "model" or "max_tokens" or "stream" or "temperature" or "top_p" or "x_meta_model":
                json.WriteRaw(member);
                break;
            case "stop_sequences" when member.Value.ValueKind is not JsonValueKind.Array || member.Value.GetArrayLength() > 0:
                json.WriteRaw("stop"u8, member.Value);
                break;
        }
    }

    private static bool IsTranslated(string name) => name is "model" or "messages" or "system" or "max_tokens" or "stream" or "temperature" or "top_p" or "stop_sequences"
        or "tools" or "tool_choice" or "x_meta_model" or "thread" || AnthropicHead.IsOurs(name);

    // They have a counterpart in chat, or nothing is missed where they are not told.
    private static bool IsQuiet(string name) => name is "thinking" or "output_config" or "output_format" or "metadata" or "cache_control";
}
