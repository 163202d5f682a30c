using System.Buffers;
using Synthwave.Chat.Bodies;
using Synthwave.Configuration;
using Synthwave.Json;

namespace Synthwave.Strategies.Voting;

/// <summary>
/// What a voter is asked: the conversation, the profile's temperature and limit, and of the client's other members only those that cannot blank or
/// disguise a vote. A <c>stop</c>, <c>n</c>, <c>logprobs</c>, tools or a response format would.
/// </summary>
internal static class VoterBody
{
    private static readonly string[] Forwarded =
    [
        "messages", "seed", "top_p", "top_k", "min_p", "user", "safety_identifier", "prompt_cache_key", "service_tier", "reasoning_effort",
        "chat_template_kwargs",
    ];

    public static ChatBody Of(ChatBody body, VotingProfileConfig profile)
    {
        var output = new ArrayBufferWriter<byte>(512);
        using (var json = JsonWriting.To(output))
        {
            json.WriteStartObject();
            foreach (var name in Forwarded)
            {
                if (body.TryGet(name, out var value))
                {
                    json.WritePropertyName(name);
                    json.WriteRawValue(value.Span, skipInputValidation: true);
                }
            }

            if (body.TryGet("x_anthropic", out _))
            {
                // Its presence says that the messages may hold what only Anthropic's models know; its wishes are about an answer.
                json.WriteStartObject("x_anthropic"u8);
                json.WriteEndObject();
            }

            json.WriteNumber("temperature"u8, profile.Temperature);
            json.WriteNumber("max_tokens"u8, profile.MaxTokens);
            json.WriteEndObject();
        }

        return ChatBody.FromJson(output.WrittenMemory);
    }
}
