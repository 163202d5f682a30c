using System.Text;
using Synthwave.Chat.Bodies;
using Synthwave.Configuration;
using Synthwave.Json;

namespace Synthwave.Strategies.MixtureOfAgents;

/// <summary>The body of a call that works on drafts. Only what shapes the answer is carried over from the client; sampling belongs to the profile.</summary>
internal static class SynthesisBody
{
    private static readonly ChatBody Empty = ChatBody.FromJson("{}"u8.ToArray());

    private static readonly string[] Answer = ["response_format", "stop", "x_anthropic"];

    private static readonly string[] AnswerWithTools = [.. Answer, "tools", "tool_choice", "parallel_tool_calls"];

    /// <summary>For a call that writes the answer, with the client's caps lowered to what the synthesizer can write and its window leaves.</summary>
    public static ChatBody ForAnswer(MoaProfileConfig profile, UpstreamConfig synthesizer, SynthesisMessages prompt, ChatBody client, bool withTools)
    {
        var body = Start(profile, synthesizer, prompt);
        foreach (var name in withTools ? AnswerWithTools : Answer)
        {
            if (client.TryGet(name, out var value) && !value.Span.SequenceEqual("null"u8))
            {
                body = body.With(name, value);
            }
        }

        return WithCap(body, client, prompt.MaxOutput);
    }

    /// <summary>For a call whose answer nobody sees: nothing of the client's contract, and a cap of its own.</summary>
    public static ChatBody ForVerdict(MoaProfileConfig profile, UpstreamConfig synthesizer, SynthesisMessages prompt, ChatBody client)
    {
        var body = Start(profile, synthesizer, prompt).WithNumber("max_tokens", prompt.MaxOutput);

        // Its presence says that the messages may hold what only Anthropic's models know; its wishes are about the answer.
        return client.TryGet("x_anthropic", out _) ? body.With("x_anthropic", "{}"u8.ToArray()) : body;
    }

    private static ChatBody Start(MoaProfileConfig profile, UpstreamConfig synthesizer, SynthesisMessages prompt) => Empty
        .With("model", JsonText.Quote(synthesizer.ModelId))
        .With("messages", prompt.Messages)
        .WithNumber("temperature", profile.SynthesizerTemperature);

    private static ChatBody WithCap(ChatBody body, ChatBody client, int most)
    {
        var capped = body;
        foreach (var name in (ReadOnlySpan<string>)["max_tokens", "max_completion_tokens"])
        {
            if (client.TryGet(name, out var value) && int.TryParse(Encoding.UTF8.GetString(value.Span).Trim('"'), out var asked))
            {
                capped = capped.WithNumber(name, Math.Min(asked, most));
            }
        }

        return capped == body ? body.WithNumber("max_tokens", most) : capped;
    }
}
