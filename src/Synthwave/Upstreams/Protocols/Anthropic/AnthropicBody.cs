using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Synthwave.Chat.Bodies;
using Synthwave.Chat.Requests;
using Synthwave.Configuration;
using Synthwave.Json;
using Synthwave.Upstreams.Learned;
using Synthwave.Upstreams.Protocols.History;

namespace Synthwave.Upstreams.Protocols.Anthropic;

/// <summary>
/// A chat body → a Messages body. Only what the API knows is sent; of the rest, <c>x_anthropic</c> and overrides with names of the API go as they are. A
/// wish for JSON without a schema has no counterpart and is left to the prompt. Used once.
/// </summary>
internal sealed class AnthropicBody
{
    private readonly ChatBody _body;
    private readonly UpstreamConfig _config;
    private readonly AnthropicOptions _options;
    private readonly AnthropicMessages _messages = new();
    private readonly ArrayBufferWriter<byte> _output = new(1024);
    private readonly HashSet<string> _written = new(StringComparer.Ordinal);

    /// <param name="body">The call's.</param>
    /// <param name="config">The upstream.</param>
    /// <param name="memory">What is remembered of its thinking.</param>
    /// <param name="owner">Whose part of it; null = that of clients who show no credential.</param>
    public AnthropicBody(ChatBody body, UpstreamConfig config, ThinkingMemory memory, string? owner = null)
    {
        foreach (var (name, json) in config.RequestOverrides)
        {
            if (name is not ("stream" or "x_meta_model" or "messages" or "model"))
            {
                body = body.With(name, Encoding.UTF8.GetBytes(json));
            }
        }

        if (body.TryGet("messages", out var messages) && HistoryMending.MayHaveCalls(messages.Span) && HistoryIndex.Read(messages) is { } history
            && HistoryMending.Apply(history, config.ToolImages is ToolImagePlace.User, memory.IsEmpty ? null : new ReturnedThinking(history, memory, owner).Edit) is { } mended)
        {
            body = body.With("messages", mended);
        }

        _body = body;
        _config = config;
        _options = config.Anthropic ?? new AnthropicOptions();
    }

    /// <summary>Null = something in the messages cannot be said in this protocol.</summary>
    public ChatBody? Build(bool stream)
    {
        using var messages = Read("messages");
        if (messages?.RootElement.ValueKind is JsonValueKind.Array && !_messages.TryRead(messages.RootElement))
        {
            return null;
        }

        using var extension = Read("x_anthropic");
        var extra = extension?.RootElement.ValueKind is JsonValueKind.Object ? extension.RootElement : default;
        var tools = Tools(extra);
        var thinking = AnthropicThinking.Of(_body, extra.Has("thinking"u8, JsonValueKind.Object, out var wish) ? wish : default, _config, _messages.Turns, tools.IsForced);
        var marks = FreeMarks(tools, extra);

        _output.Write("{"u8);
        Member("model", JsonText.Quote(_config.ModelId));
        Member("max_tokens", Encoding.ASCII.GetBytes(thinking.MaxTokens.ToString(CultureInfo.InvariantCulture)));
        if (!tools.IsEmpty && TryBegin("tools"))
        {
            tools.Write(_output, marks-- > 0);
            if (tools.Choice is { } choice)
            {
                Member("tool_choice", choice);
            }
        }

        if (_messages.HasSystem && TryBegin("system"))
        {
            _messages.WriteSystem(_output, marks-- > 0);
        }

        TryBegin("messages");
        _messages.Turns.Write(_output, keepsThinking: thinking.Wish is not null, marksCache: marks > 0);
        if (thinking.Wish is not null)
        {
            Member("thinking", thinking.Wish);
        }
        else if (_options.Thinking is null && wish.Is("type"u8, "disabled"u8))
        {
            Member("thinking", wish.Raw());
        }

        WriteOutputConfig(extra, thinking);
        WriteSampling(thinking.Wish is not null, extra);
        WriteStop();
        if (stream)
        {
            Member("stream", "true"u8);
        }

        WriteRest(extra, thinking.Wish is not null);
        _output.Write("}"u8);
        return ChatBody.TryFromJson(_output.WrittenMemory);
    }

    private JsonDocument? Read(string name) => _body.TryGet(name, out var json) ? JsonReading.Document(json) : null;

    /// <summary>False = the operator says that the endpoint does not know the member.</summary>
    private bool TryBegin(string name)
    {
        if (_options.DropParams.Contains(name) && name is not ("model" or "messages" or "max_tokens"))
        {
            return false;
        }

        _output.Write(_written.Count > 0 ? ",\""u8 : "\""u8);
        _written.Add(name);
        JsonText.Escape(name, _output);
        _output.Write("\":"u8);
        return true;
    }

    private void Member(string name, ReadOnlySpan<byte> json)
    {
        if (TryBegin(name))
        {
            _output.Write(json);
        }
    }

    private AnthropicTools Tools(JsonElement extra)
    {
        if (!_config.RequestOverrides.Any(static o => o.Key is "tools") && extra.Find(AnthropicHead.ToolsMember) is { ValueKind: JsonValueKind.Array } own)
        {
            return AnthropicTools.OfOwn(own, extra.Find(AnthropicHead.ToolChoiceMember) ?? default);
        }

        using var tools = Read("tools");
        using var choice = Read("tool_choice");
        var isSingle = _body.TryGet("parallel_tool_calls", out var parallel) && parallel.Span.SequenceEqual("false"u8);
        var chat = AnthropicTools.OfChat(tools?.RootElement ?? default, choice?.RootElement ?? default, isSingle);

        // A client of the API itself is to be answered as it would be without a gateway.
        return chat.IsEmpty && _messages.Turns.HasCalls && extra.Find(AnthropicHead.OwnAnswerMember) is null ? AnthropicTools.StandIn : chat;
    }

    // How many marks may be set beside those of the client's.
    private int FreeMarks(AnthropicTools tools, JsonElement extra)
    {
        if (_options.PromptCache is not "auto")
        {
            return 0;
        }

        var left = CacheMarks.Most - (extra.Has("cache_control"u8, out _) ? 1 : 0);
        foreach (var block in tools.Definitions.Concat(_messages.Blocks))
        {
            if (CacheMarks.HasLong(block))
            {
                return 0;
            }

            left -= CacheMarks.CountIn(block);
        }

        return left;
    }

    private void WriteOutputConfig(JsonElement extra, AnthropicThinking thinking)
    {
        var given = extra.Has("output_config"u8, JsonValueKind.Object, out var config) ? config : default;
        var wished = AnthropicThinking.EffortOf(_body) is "low" or "medium" or "high" or "xhigh" or "max" ? AnthropicThinking.EffortOf(_body) : null;
        var effort = thinking.IsAdaptive && _options.Thinking is "adaptive" ? _options.Effort ?? wished : null;
        using var format = Read("response_format");
        var schema = format?.RootElement is { ValueKind: JsonValueKind.Object } root && root.Has("json_schema"u8, JsonValueKind.Object, out var wrapped) && wrapped.Has("schema"u8, out var found) ? found : default;
        if (effort is null && schema.ValueKind is JsonValueKind.Undefined && given.ValueKind is JsonValueKind.Undefined)
        {
            return;
        }

        if (!TryBegin("output_config"))
        {
            return;
        }

        var separator = "{"u8;
        if (effort is not null)
        {
            _output.Write(separator, "\"effort\":"u8, JsonText.Quote(effort));
            separator = ","u8;
        }

        if (schema.ValueKind is not JsonValueKind.Undefined)
        {
            _output.Write(separator, "\"format\":{\"type\":\"json_schema\",\"schema\":"u8, schema.Raw());
            _output.Write("}"u8);
            separator = ","u8;
        }

        if (given.ValueKind is JsonValueKind.Object)
        {
            foreach (var member in given.EnumerateObject())
            {
                if (!(member.IsNamed("format"u8) && schema.ValueKind is not JsonValueKind.Undefined) && !(member.IsNamed("effort"u8) && effort is not null))
                {
                    _output.Write(separator);
                    _output.WriteName(member);
                    _output.Write(member.Value.Raw());
                    separator = ","u8;
                }
            }
        }

        _output.Write(separator[0] == '{' ? "{}"u8 : "}"u8);
    }

    // One of the two at most, and no temperature above what the API knows; beside thinking neither.
    private void WriteSampling(bool thinks, JsonElement extra)
    {
        if (thinks)
        {
            return;
        }

        if (_body.TryGet("temperature", out var json) && double.TryParse(json.Span, CultureInfo.InvariantCulture, out var temperature))
        {
            Member("temperature", temperature > 1 ? "1"u8 : json.Span);
        }
        else if (_body.TryGet("top_p", out json) && double.TryParse(json.Span, CultureInfo.InvariantCulture, out _))
        {
            Member("top_p", json.Span);
        }

        if (extra.Has("top_k"u8, out var topK))
        {
            Member("top_k", topK.Raw());
        }
    }

    private void WriteStop()
    {
        using var stop = Read("stop");
        List<byte[]> list = stop?.RootElement switch
        {
            { ValueKind: JsonValueKind.String } one => [one.Raw().ToArray()],
            { ValueKind: JsonValueKind.Array } many => [.. many.EnumerateArray().Where(s => s.ValueKind is JsonValueKind.String).Select(s => s.Raw().ToArray())],
            _ => [],
        };

        // The API takes no sequence of white space only.
        list.RemoveAll(static s => JsonText.IsBlank(s.AsSpan(1..^1)));
        if (list.Count > 0 && TryBegin("stop_sequences"))
        {
            for (var i = 0; i < list.Count; i++)
            {
                _output.Write(i == 0 ? "["u8 : ","u8, list[i], default);
            }

            _output.Write("]"u8);
        }
    }

    private void WriteRest(JsonElement extra, bool thinks)
    {
        if (extra.ValueKind is JsonValueKind.Object)
        {
            foreach (var member in extra.EnumerateObject())
            {
                if (!member.TryGetName(out var name) || _written.Contains(name) || AnthropicHead.IsOurs(name) || name is "thinking" or "output_format" or "stream" || (name is "top_k" or "top_p" && thinks))
                {
                    continue;
                }

                if (name is not "context_management" || thinks)
                {
                    Member(name, member.Value.Raw());
                }
                else if (WithoutThoughts(member.Value) is { } management)
                {
                    Member(name, management);
                }
            }
        }

        foreach (var (name, json) in _config.RequestOverrides)
        {
            if (!IsOfChat(name) && !_written.Contains(name) && !(name is "top_k" && thinks))
            {
                Member(name, Encoding.UTF8.GetBytes(json));
            }
        }
    }

    // How thoughts are cleared is refused where there are to be none. Null = nothing else is said.
    private static byte[]? WithoutThoughts(JsonElement management)
    {
        if (!management.Has("edits"u8, JsonValueKind.Array, out var edits) || !edits.EnumerateArray().Any(IsOfThoughts))
        {
            return management.Raw().ToArray();
        }

        List<string> others = [.. edits.EnumerateArray().Where(static e => !IsOfThoughts(e)).Select(static e => e.GetRawText())];
        return others.Count == 0 && management.GetPropertyCount() == 1
            ? null
            : JsonEdits.WithMember(management.Raw().ToArray(), "edits"u8, Encoding.UTF8.GetBytes($"[{string.Join(',', others)}]")).ToArray();
    }

    private static bool IsOfThoughts(JsonElement edit) => edit.FindText("type")?.StartsWith("clear_thinking", StringComparison.Ordinal) is true;

    // What a chat body calls by these names has been translated, or has no counterpart.
    private static bool IsOfChat(string name) => name is "model" or "messages" or "max_tokens" or "max_completion_tokens" or "temperature" or "top_p" or "stop" or "tools"
        or "tool_choice" or "parallel_tool_calls" or "functions" or "function_call" or "response_format" or "reasoning_effort" or "verbosity" or "stream" or "stream_options"
        or "seed" or "n" or "user" or "presence_penalty" or "frequency_penalty" or "logit_bias" or "logprobs" or "top_logprobs" or "chat_template_kwargs" or "modalities"
        or "audio" or "prediction" or "store" or "x_meta_model" or "x_anthropic";
}
