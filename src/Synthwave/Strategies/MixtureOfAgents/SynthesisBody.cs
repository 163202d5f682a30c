using Synthwave.Chat.Bodies;
using Synthwave.Configuration;
using Synthwave.Json;

namespace Synthwave.Strategies.MixtureOfAgents;

/// <summary>
/// The body of a call that works on drafts. What shapes the answer is carried over from the client, and what says how much to think, for whom and in which tier;
/// sampling belongs to the profile.
/// </summary>
internal static class SynthesisBody
{
    private static readonly ChatBody Empty = ChatBody.FromJson("{}"u8.ToArray());

    // Without the effort a model thinks until the client's limit is used up, and every synthesis is lost.
    private static readonly string[] Manner =
        ["reasoning_effort", "verbosity", "service_tier", "safety_identifier", "user", "prompt_cache_key", "chat_template_kwargs"];

    private static readonly string[] Answer = ["response_format", "stop", "x_anthropic"];

    private static readonly string[] AnswerWithTools = [.. Answer, "tools", "tool_choice", "parallel_tool_calls"];

    /// <summary>For a call that writes the answer, with the client's caps lowered to what the synthesizer can write and its window leaves.</summary>
    public static ChatBody ForAnswer(MoaProfileConfig profile, UpstreamConfig synthesizer, SynthesisMessages prompt, ChatBody client, bool withTools)
    {
        var body = Carry(withTools ? AnswerWithTools : Answer, client, Start(profile, synthesizer, prompt, client));
        return WithCap(body, client, prompt.MaxOutput);
    }

    /// <summary>For a call whose answer nobody sees: nothing of the client's contract, and a cap of its own.</summary>
    public static ChatBody ForVerdict(MoaProfileConfig profile, UpstreamConfig synthesizer, SynthesisMessages prompt, ChatBody client)
    {
        var body = Start(profile, synthesizer, prompt, client).WithNumber("max_tokens", prompt.MaxOutput);

        // Its presence says that the messages may hold what only Anthropic's models know; its wishes are about the answer.
        return client.TryGet("x_anthropic", out _) ? body.With("x_anthropic", "{}"u8.ToArray()) : body;
    }

    private static ChatBody Start(MoaProfileConfig profile, UpstreamConfig synthesizer, SynthesisMessages prompt, ChatBody client) => Carry(Manner, client, Empty
        .With("model", JsonText.Quote(synthesizer.ModelId))
        .With("messages", prompt.Messages)
        .WithNumber("temperature", profile.SynthesizerTemperature));

    private static ChatBody Carry(string[] names, ChatBody client, ChatBody body)
    {
        foreach (var name in names)
        {
            if (client.TryGet(name, out var value) && !value.Span.SequenceEqual("null"u8))
            {
                body = body.With(name, value);
            }
        }

        return body;
    }

    private static ChatBody WithCap(ChatBody body, ChatBody client, int most)
    {
        var capped = body;
        foreach (var name in (ReadOnlySpan<string>)["max_tokens", "max_completion_tokens"])
        {
            if (client.TryGet(name, out var value) && !value.Span.SequenceEqual("null"u8))
            {
                capped = capped.WithNumber(name, most);
            }
        }

        return capped == body ? body.WithNumber("max_tokens", most) : capped;
    }
}
