using System.Buffers;
using System.Text;
using System.Text.Json;
using Synthwave.Chat.Bodies;
using Synthwave.Configuration;
using Synthwave.Json;
using Synthwave.Upstreams.Learned;
using Synthwave.Upstreams.Protocols.History;

namespace Synthwave.Upstreams.Protocols.OpenAi;

/// <summary>
/// Fits a body to one upstream: overrides, model, reasoning options, template switches, message order, stream members, in this order. Idempotent.
/// What is not named here is carried as it came.
/// </summary>
internal static class OpenAiBody
{
    private const string MaxTokens = "max_tokens";
    private const string MaxCompletionTokens = "max_completion_tokens";

    private static readonly ReadOnlyMemory<byte> True = "true"u8.ToArray();
    private static readonly ReadOnlyMemory<byte> UsageOptions = "{\"include_usage\":true}"u8.ToArray();

    /// <param name="body">The call's.</param>
    /// <param name="stream">Ask for a stream.</param>
    /// <param name="config">The upstream.</param>
    /// <param name="memory">What is remembered of its reasoning; null = nothing.</param>
    /// <param name="owner">Whose part of it; null = that of clients who show no credential.</param>
    public static ChatBody Prepare(ChatBody body, bool stream, UpstreamConfig config, ThinkingMemory? memory = null, string? owner = null)
    {
        body = ForeignMembers.Strip(body.Without("x_meta_model"), config.SupportsThinking);

        // Before a text is changed: what is remembered may be found by what the client wrote.
        if (body.TryGet("messages", out var history) && Mend(history, config, memory, owner) is { } mended)
        {
            body = body.With("messages", mended);
        }

        foreach (var (name, json) in config.RequestOverrides)
        {
            // Whether a reply is streamed is decided by who called, and a reply of the other kind would be taken for a fault.
            if (name is not ("stream" or "x_meta_model"))
            {
                body = body.With(name, Encoding.UTF8.GetBytes(json));
            }
        }

        body = body.With("model", JsonText.Quote(config.ModelId));
        if (config.OpenAi is { } options)
        {
            body = Apply(options, body);
        }

        body = config is { SupportsThinking: true, ChatTemplateKwargsJson: { } kwargs }
            ? body.With("chat_template_kwargs", Encoding.UTF8.GetBytes(kwargs))
            : body.Without("chat_template_kwargs");
        if (config.RequiresLeadingSystemOnly && body.TryGet("messages", out var messages) && SystemMessages.Demote(messages) is { } demoted)
        {
            body = body.With("messages", demoted);
        }

        return stream ? AskForStream(body, config) : body.Without("stream").Without("stream_options");
    }

    private static ReadOnlyMemory<byte>? Mend(ReadOnlyMemory<byte> messages, UpstreamConfig config, ThinkingMemory? memory, string? owner)
    {
        var hasDialectMember = ReturnedReasoning.MayHoldDialectMember(messages.Span);
        if ((!hasDialectMember && !HistoryMending.MayHaveCalls(messages.Span)) || HistoryIndex.Read(messages) is not { } history)
        {
            return null;
        }

        var returned = memory is not null && (hasDialectMember || memory.MemberFor(owner) is not null || !memory.IsEmpty) ? new ReturnedReasoning(history, memory, owner) : null;
        return HistoryMending.Apply(history, config.ToolImages is not ToolImagePlace.Tool, returned is null ? null : returned.Edit);
    }

    private static ChatBody Apply(OpenAiOptions options, ChatBody body)
    {
        if (options.ReasoningEffort is { } effort)
        {
            body = body.With("reasoning_effort", JsonText.Quote(effort));
        }

        if (options.MaxTokensParamIsExplicit)
        {
            var (from, to) = options.MaxTokensParam == MaxCompletionTokens ? (MaxTokens, MaxCompletionTokens) : (MaxCompletionTokens, MaxTokens);
            if (body.TryGet(from, out var cap))
            {
                body = body.With(to, cap).Without(from);
            }
        }

        if (options.DeveloperRole is "system" && body.TryGet("messages", out var messages) && DeveloperMessages.ToSystem(messages) is { } renamed)
        {
            body = body.With("messages", renamed);
        }

        if (options.TextContent is "string" && body.TryGet("messages", out var listed) && TextContents.ToStrings(listed) is { } joined)
        {
            body = body.With("messages", joined);
        }

        foreach (var name in options.DropParams)
        {
            // A call without these two is no call.
            if (name is not ("model" or "messages"))
            {
                body = body.Without(name);
            }
        }

        return body;
    }

    private static ChatBody AskForStream(ChatBody body, UpstreamConfig config)
    {
        body = body.With("stream", True);
        var isDropped = config.OpenAi?.DropParams.Contains("stream_options") ?? false;
        return config.StreamUsage && !isDropped ? body.With("stream_options", WithUsage(body)) : body;
    }

    // The client's other options stay; whatever it said about usage becomes a yes.
    private static ReadOnlyMemory<byte> WithUsage(ChatBody body)
    {
        if (!body.TryGet("stream_options", out var json))
        {
            return UsageOptions;
        }

        using var options = JsonReading.Document(json);
        if (options.RootElement.ValueKind != JsonValueKind.Object)
        {
            return UsageOptions;
        }

        var output = new ArrayBufferWriter<byte>(json.Length + 32);
        using (var writer = JsonWriting.To(output))
        {
            writer.WriteStartObject();
            foreach (var member in options.RootElement.EnumerateObject())
            {
                if (!member.IsNamed("include_usage"u8))
                {
                    writer.WriteRaw(member);
                }
            }

            writer.WriteBoolean("include_usage"u8, true);
            writer.WriteEndObject();
        }

        return output.WrittenMemory;
    }
}
