using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Synthwave.Chat;
using Synthwave.Configuration;

namespace Synthwave.Strategies.MixtureOfAgents;

/// <summary>The body of a call that works on drafts. Only what shapes the answer is carried over from the client; sampling belongs to the profile.</summary>
internal static class SynthesisBody
{
    private static readonly string[] Answer = ["response_format", "stop", "x_anthropic"];

    private static readonly string[] AnswerWithTools = [.. Answer, "tools", "tool_choice", "parallel_tool_calls"];

    /// <summary>For a call that writes the answer, with the client's caps lowered to what the synthesizer can write and its window leaves.</summary>
    public static ChatBody ForAnswer(MoaProfileConfig profile, UpstreamConfig synthesizer, SynthesisMessages prompt, ChatBody client, bool withTools) =>
        Write(profile, synthesizer, prompt, writer =>
        {
            foreach (var name in withTools ? AnswerWithTools : Answer)
            {
                Copy(writer, client, name);
            }

            WriteCap(writer, client, prompt.MaxOutput);
        });

    /// <summary>For a call whose answer nobody sees: nothing of the client's contract, and a cap of its own.</summary>
    public static ChatBody ForVerdict(MoaProfileConfig profile, UpstreamConfig synthesizer, SynthesisMessages prompt, ChatBody client) =>
        Write(profile, synthesizer, prompt, writer =>
        {
            writer.WriteNumber("max_tokens"u8, prompt.MaxOutput);
            if (client.TryGet("x_anthropic", out _))
            {
                // Its presence says that the messages may hold what only Anthropic's models know; its wishes are about the answer.
                writer.WriteStartObject("x_anthropic"u8);
                writer.WriteEndObject();
            }
        });

    private static ChatBody Write(MoaProfileConfig profile, UpstreamConfig synthesizer, SynthesisMessages prompt, Action<Utf8JsonWriter> writeMore)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            writer.WriteString("model"u8, synthesizer.ModelId);
            writer.WritePropertyName("messages"u8);
            writer.WriteRawValue(prompt.Messages.Span, skipInputValidation: true);
            writer.WriteNumber("temperature"u8, profile.SynthesizerTemperature);
            writeMore(writer);
            writer.WriteEndObject();
        }

        return ChatBody.FromJson(buffer.ToArray());
    }

    private static void Copy(Utf8JsonWriter writer, ChatBody body, string name)
    {
        if (body.TryGet(name, out var value) && !value.Span.SequenceEqual("null"u8))
        {
            writer.WritePropertyName(name);
            writer.WriteRawValue(value.Span, skipInputValidation: true);
        }
    }

    private static void WriteCap(Utf8JsonWriter writer, ChatBody body, int most)
    {
        var found = false;
        foreach (var name in (ReadOnlySpan<string>)["max_tokens", "max_completion_tokens"])
        {
            if (body.TryGet(name, out var value) && int.TryParse(Encoding.UTF8.GetString(value.Span).Trim('"'), out var asked))
            {
                writer.WriteNumber(name, Math.Min(asked, most));
                found = true;
            }
        }

        if (!found)
        {
            writer.WriteNumber("max_tokens"u8, most);
        }
    }
}
