using System.Text;
using Synthwave.Chat.Bodies;
using Synthwave.Json;

namespace Synthwave.Upstreams.Protocols.Anthropic;

/// <summary>What of a chat call is not among what an Anthropic model is sent, found by comparing the two.</summary>
internal static class AnthropicOmissions
{
    public static IReadOnlyList<string> Find(ChatBody asked, ChatBody sent)
    {
        List<string>? names = null;
        foreach (var name in asked.Names())
        {
            if (asked.TryGet(name, out var json) && !IsSaid(name, json.Span, sent))
            {
                (names ??= []).Add(name);
            }
        }

        // A sampling limit of the API's own that its thinking does not go with, and thinking that does not go with the conversation.
        if (asked.TryGet("x_anthropic", out var extension) && extension.Span is [(byte)'{', ..])
        {
            foreach (var name in (ReadOnlySpan<string>)["top_k", "thinking"])
            {
                if (JsonEdits.FindMember(extension.Span, Encoding.ASCII.GetBytes(name), out _) is { IsPresent: true } wish && !sent.TryGet(name, out _) && !wish.In(extension.Span).SequenceEqual("null"u8)
                    && !(name is "thinking" && Is(wish.In(extension.Span), "disabled"u8)))
                {
                    (names ??= []).Add(name);
                }
            }
        }

        return names ?? (IReadOnlyList<string>)[];
    }

    private static bool IsSaid(string name, ReadOnlySpan<byte> json, ChatBody sent)
    {
        if (json.SequenceEqual("null"u8) || IsQuiet(name))
        {
            return true;
        }

        switch (name)
        {
            case "model" or "messages" or "max_tokens" or "max_completion_tokens" or "stream":
                return true;
            case "functions":
                return sent.TryGet("tools", out _);
            case "tool_choice" or "function_call":
                return sent.TryGet("tool_choice", out _) || json.SequenceEqual("\"auto\""u8);
            case "parallel_tool_calls":
                return !json.SequenceEqual("false"u8) || (sent.TryGet("tool_choice", out var choice)
                    && (choice.Span.IndexOf("\"disable_parallel_tool_use\""u8) >= 0 || choice.Span.IndexOf("\"none\""u8) >= 0));
            case "stop":
                return sent.TryGet("stop_sequences", out _) || json.SequenceEqual("[]"u8);
            case "n":
                return json.SequenceEqual("1"u8);
            case "logprobs":
                return json.SequenceEqual("false"u8);
            case "presence_penalty" or "frequency_penalty":
                return json.SequenceEqual("0"u8) || json.SequenceEqual("0.0"u8);
            case "response_format":
                return Is(json, "text"u8) || (sent.TryGet("output_config", out var config) && config.Span.IndexOf("\"json_schema\""u8) >= 0);
            case "reasoning_effort":
                return json.SequenceEqual("\"none\""u8) || sent.TryGet("thinking", out _) || (sent.TryGet("output_config", out var output) && output.Span.IndexOf("\"effort\""u8) >= 0);
            default:
                return sent.TryGet(name, out _);
        }
    }

    private static bool Is(ReadOnlySpan<byte> json, ReadOnlySpan<byte> type) => json is [(byte)'{', ..] && JsonReading.Element(json).Is("type"u8, type);

    // The gateway's own, what is about a stream's form, and what an answer does not depend on.
    private static bool IsQuiet(string name) => name is "x_meta_model" or "x_anthropic" or "stream_options" or "user" or "metadata" or "safety_identifier" or "prompt_cache_key"
        or "prompt_cache_retention" or "store";
}
