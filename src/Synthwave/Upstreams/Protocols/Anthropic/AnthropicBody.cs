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
    private const int LeastBudget = 1024;
    private const int MostCacheMarks = 4;

    private readonly ChatBody _body;
    private readonly UpstreamConfig _config;
    private readonly AnthropicOptions _options;
    private readonly AnthropicMessages _messages;
    private readonly ArrayBufferWriter<byte> _output = new(1024);
    private readonly HashSet<string> _written = new(StringComparer.Ordinal);

    // The client's own, from a request of this API; undefined = there are none, or they do not count.
    private JsonElement _ownTools;
    private JsonElement _ownChoice;

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
        _messages = new AnthropicMessages();
    }

    /// <summary>Null = something in the messages cannot be said in this protocol.</summary>
    public ChatBody? Build(bool stream)
    {
        using var messages = Read("messages");
        if (messages?.RootElement.ValueKind is JsonValueKind.Array && !_messages.TryRead(messages.RootElement))
        {
            return null;
        }

        using var tools = Read("tools");
        using var choice = Read("tool_choice");
        using var extension = Read("x_anthropic");
        var extra = extension?.RootElement.ValueKind is JsonValueKind.Object ? extension.RootElement : default;
        _ownTools = !_config.RequestOverrides.Any(static o => o.Key is "tools") && extra.Find(AnthropicHead.ToolsMember) is { ValueKind: JsonValueKind.Array } list ? list : default;
        _ownChoice = _ownTools.ValueKind is JsonValueKind.Array && extra.Find(AnthropicHead.ToolChoiceMember) is { ValueKind: JsonValueKind.Object } own ? own : default;
        var maxTokens = MaxTokens();
        var thinking = Thinking(extra, IsForced(choice?.RootElement ?? default), ref maxTokens);
        var marks = _options.PromptCache is "auto" ? MostCacheMarks - ClientMarks() : 0;

        _output.Write("{"u8);
        Member("model", JsonText.Quote(_config.ModelId));
        Member("max_tokens", Encoding.ASCII.GetBytes(maxTokens.ToString(CultureInfo.InvariantCulture)));
        if (WriteTools(tools?.RootElement ?? default, choice?.RootElement ?? default, marks > 0))
        {
            marks--;
        }

        if (_messages.HasSystem)
        {
            Begin("system");
            _messages.WriteSystem(_output, marks > 0);
            marks--;
        }

        Begin("messages");
        _messages.Turns.Write(_output, keepsThinking: thinking is not null, marksCache: marks > 0);
        if (thinking is not null)
        {
            Member("thinking", thinking);
        }
        else if (_options.Thinking is null && extra.Has("thinking"u8, JsonValueKind.Object, out var wish) && wish.Is("type"u8, "disabled"u8))
        {
            Member("thinking", wish.Raw());
        }

        WriteOutputConfig(extra, thinking);
        WriteSampling(thinking is not null, extra);
        WriteStop();
        if (stream)
        {
            Member("stream", "true"u8);
        }

        WriteRest(extra, thinking is not null);
        _output.Write("}"u8);
        return ChatBody.TryFromJson(_output.WrittenMemory);
    }

    private JsonDocument? Read(string name) => _body.TryGet(name, out var json) ? JsonReading.Document(json) : null;

    private void Begin(string name)
    {
        _output.Write(_written.Count > 0 ? ",\""u8 : "\""u8);
        _written.Add(name);
        JsonText.Escape(name, _output);
        _output.Write("\":"u8);
    }

    private void Member(string name, ReadOnlySpan<byte> json)
    {
        if (!_options.DropParams.Contains(name) || name is "model" or "messages" or "max_tokens")
        {
            Begin(name);
            _output.Write(json);
        }
    }

    private int MaxTokens()
    {
        var asked = Number("max_tokens") ?? Number("max_completion_tokens") ?? _config.MaxOutput;
        return Math.Max(1, _config.ClampMaxTokens ? Math.Min(asked, _config.MaxOutput) : asked);

        int? Number(string name) => _body.TryGet(name, out var json) && int.TryParse(json.Span, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value > 0
            ? value
            : null;
    }

    /// <summary>
    /// The <c>thinking</c> to send; null = none. The operator's setting rules, else the client's wish. The API refuses it beside a demanded tool call, after words
    /// put into the model's mouth, and in a tool loop whose thinking is not at hand: then the call is made without.
    /// </summary>
    private byte[]? Thinking(JsonElement extra, bool isForced, ref int maxTokens)
    {
        var wish = extra.Has("thinking"u8, JsonValueKind.Object, out var found) ? found : default;
        var isWanted = wish.ValueKind is JsonValueKind.Object && !wish.Is("type"u8, "disabled"u8);
        var isAdaptive = _options.Thinking is "adaptive" || (_options.Thinking is null && isWanted && !wish.Is("type"u8, "enabled"u8));
        if (!(_options.Thinking is "adaptive" or "enabled" || (_options.Thinking is null && isWanted))
            || isForced || _messages.Turns.EndsWithAssistant || (!isAdaptive && _messages.Turns.ContinuesWithoutThinking))
        {
            return null;
        }

        if (_options.Thinking is null)
        {
            if (wish.Has("budget_tokens"u8, JsonValueKind.Number, out var asked) && asked.TryGetInt32(out var tokens) && maxTokens <= tokens)
            {
                maxTokens = Math.Max(maxTokens, Math.Min(tokens + LeastBudget, Math.Max(_config.MaxOutput, tokens + 1)));
            }

            return wish.Raw().ToArray();
        }

        if (isAdaptive)
        {
            return "{\"type\":\"adaptive\"}"u8.ToArray();
        }

        // Within what the model can write, with room left for the answer.
        var budget = _options.BudgetTokens ?? EffortBudget() ?? Math.Max(LeastBudget, maxTokens / 2);
        budget = Math.Max(LeastBudget, Math.Min(budget, _config.MaxOutput - LeastBudget));
        maxTokens = maxTokens > budget ? maxTokens : budget + LeastBudget;
        return Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{{\"type\":\"enabled\",\"budget_tokens\":{budget}}}"));
    }

    private int? EffortBudget() => Effort() switch
    {
        "low" => 2048,
        "medium" => 8192,
        "high" => 16_384,
        "xhigh" => 32_768,
        _ => null,
    };

    // As a chat client wishes it.
    private string? Effort() => _body.TryGet("reasoning_effort", out var json) && json.Length > 2 && json.Span[0] == '"' ? JsonText.Unescape(json.Span[1..^1]) : null;

    private bool IsForced(JsonElement choice) => _ownChoice.ValueKind is JsonValueKind.Object ? _ownChoice.Is("type"u8, "any"u8) || _ownChoice.Is("type"u8, "tool"u8)
        : choice.ValueKind is JsonValueKind.Object || choice.IsText("required"u8);

    private bool WriteTools(JsonElement tools, JsonElement choice, bool marksCache)
    {
        var list = new List<byte[]>();
        if (_ownTools.ValueKind is JsonValueKind.Array)
        {
            list.AddRange(_ownTools.EnumerateArray().Where(static t => t.ValueKind is JsonValueKind.Object && t.GetPropertyCount() > 0).Select(static t => t.Raw().ToArray()));
        }
        else if (tools.ValueKind is JsonValueKind.Array)
        {
            foreach (var tool in tools.EnumerateArray())
            {
                if (tool.Has("function"u8, JsonValueKind.Object, out var function)
                    && function.TryGet("name"u8, out var name) && !name.RawText().IsEmpty)
                {
                    list.Add(Tool(tool, function, name));
                }
            }
        }

        if (list.Count == 0)
        {
            return false;
        }

        Begin("tools");
        for (var i = 0; i < list.Count; i++)
        {
            _output.Write(i == 0 ? "["u8 : ","u8);
            if (marksCache && i == list.Count - 1 && list[i].AsSpan().IndexOf("\"cache_control\""u8) < 0)
            {
                _output.Write(list[i].AsSpan(..^1), ",\"cache_control\":{\"type\":\"ephemeral\"}"u8, "}"u8);
            }
            else
            {
                _output.Write(list[i]);
            }
        }

        _output.Write("]"u8);
        WriteChoice(choice);
        return true;
    }

    private static byte[] Tool(JsonElement tool, JsonElement function, JsonElement name)
    {
        var block = new ArrayBufferWriter<byte>(256);
        block.Write("{\"name\":"u8);
        block.Write(name.Raw());
        if (function.Has("description"u8, out var description) && !description.RawText().IsEmpty)
        {
            block.Write(",\"description\":"u8);
            block.Write(description.Raw());
        }

        var hasSchema = function.Has("parameters"u8, JsonValueKind.Object, out var schema) && schema.GetPropertyCount() > 0;
        block.Write(",\"input_schema\":"u8);
        block.Write(hasSchema ? schema.Raw() : "{\"type\":\"object\",\"properties\":{}}"u8);
        if (function.Has("strict"u8, JsonValueKind.True, out var strict))
        {
            block.Write(",\"strict\":true"u8);
        }

        if (tool.Has("cache_control"u8, out var cache) || function.Has("cache_control"u8, out cache))
        {
            block.Write(",\"cache_control\":"u8);
            block.Write(cache.Raw());
        }

        block.Write("}"u8);
        return block.WrittenSpan.ToArray();
    }

    // The tools stay although none may be called: the history may hold calls of theirs, and the cache holds their texts.
    private void WriteChoice(JsonElement choice)
    {
        if (_ownTools.ValueKind is JsonValueKind.Array)
        {
            if (_ownChoice.ValueKind is JsonValueKind.Object)
            {
                Member("tool_choice", _ownChoice.Raw());
            }

            return;
        }

        var isSingle = _body.TryGet("parallel_tool_calls", out var parallel) && parallel.Span.SequenceEqual("false"u8);
        var isNone = choice.IsText("none"u8);
        var type = choice.ValueKind switch
        {
            JsonValueKind.String when isNone => "{\"type\":\"none\""u8,
            JsonValueKind.String when choice.IsText("required"u8) => "{\"type\":\"any\""u8,
            JsonValueKind.String when choice.IsText("auto"u8) => "{\"type\":\"auto\""u8,
            JsonValueKind.Object when choice.Has("function"u8, JsonValueKind.Object, out var function)
                && function.TryGet("name"u8, out var name) => (byte[])[.. "{\"type\":\"tool\",\"name\":"u8, .. name.Raw()],
            _ => isSingle ? "{\"type\":\"auto\""u8 : default,
        };
        if (!type.IsEmpty)
        {
            Begin("tool_choice");
            _output.Write(type, isSingle && !isNone ? ",\"disable_parallel_tool_use\":true"u8 : default, "}"u8);
        }
    }

    private void WriteOutputConfig(JsonElement extra, byte[]? thinking)
    {
        var given = extra.Has("output_config"u8, JsonValueKind.Object, out var config) ? config : default;
        var isAdaptive = thinking is not null && thinking.AsSpan().IndexOf("\"adaptive\""u8) > 0;
        var effort = isAdaptive && _options.Thinking is "adaptive" ? _options.Effort ?? (Effort() is "low" or "medium" or "high" or "xhigh" or "max" ? Effort() : null) : null;
        using var format = Read("response_format");
        var schema = format?.RootElement is { ValueKind: JsonValueKind.Object } root && root.Has("json_schema"u8, JsonValueKind.Object, out var wrapped) && wrapped.Has("schema"u8, out var found) ? found : default;
        if (effort is null && schema.ValueKind is JsonValueKind.Undefined && given.ValueKind is JsonValueKind.Undefined)
        {
            return;
        }

        Begin("output_config");
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
        for (var i = 0; i < list.Count; i++)
        {
            if (i == 0)
            {
                Begin("stop_sequences");
            }

            _output.Write(i == 0 ? "["u8 : ","u8, list[i], i == list.Count - 1 ? "]"u8 : default);
        }
    }

    private void WriteRest(JsonElement extra, bool thinks)
    {
        if (extra.ValueKind is JsonValueKind.Object)
        {
            foreach (var member in extra.EnumerateObject())
            {
                if (member.TryGetName(out var name) && !_written.Contains(name) && !(name is "thinking" or "output_format" or "stream" or AnthropicHead.BetasMember or AnthropicHead.BetaMember or AnthropicHead.ToolsMember or AnthropicHead.ToolChoiceMember or AnthropicHead.OwnAnswerMember or AnthropicHead.VersionMember || (name is "top_k" or "top_p" && thinks)))
                {
                    Member(name, member.Value.Raw());
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

    // What a chat body calls by these names has been translated, or has no counterpart.
    private static bool IsOfChat(string name) => name is "model" or "messages" or "max_tokens" or "max_completion_tokens" or "temperature" or "top_p" or "stop" or "tools"
        or "tool_choice" or "parallel_tool_calls" or "functions" or "function_call" or "response_format" or "reasoning_effort" or "verbosity" or "stream" or "stream_options"
        or "seed" or "n" or "user" or "presence_penalty" or "frequency_penalty" or "logit_bias" or "logprobs" or "top_logprobs" or "chat_template_kwargs" or "modalities"
        or "audio" or "prediction" or "store" or "x_meta_model" or "x_anthropic";

    private int ClientMarks()
    {
        var count = 0;
        foreach (var name in (ReadOnlySpan<string>)["messages", _ownTools.ValueKind is JsonValueKind.Array ? "x_anthropic" : "tools"])
        {
            if (_body.TryGet(name, out var json))
            {
                for (var rest = json.Span; rest.IndexOf("\"cache_control\""u8) is >= 0 and var at; rest = rest[(at + 1)..])
                {
                    count++;
                }
            }
        }

        return count;
    }
}
