using System.Collections.Immutable;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Synthwave.Chat;
using Synthwave.Configuration;
using Synthwave.Telemetry;
using Synthwave.Upstreams;

namespace Synthwave.Strategies.MixtureOfAgents;

/// <summary>Lets the synthesizer write one answer from the drafts, streamed when the client streams.</summary>
internal sealed class MergeSynthesis(MoaProfileConfig profile, IUpstream synthesizer, Func<string> nonce)
{
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(1);

    /// <summary>Kept back from the drafts: <c>synth_timeout_secs</c>, else a quarter of what remains; at least a second, at most half.</summary>
    public TimeSpan ReservedTime(Dispatch dispatch)
    {
        var remaining = dispatch.Deadline.Remaining;
        var wanted = profile.SynthTimeout ?? remaining / 4;
        wanted = wanted < Least ? Least : wanted;
        return wanted > remaining / 2 ? remaining / 2 : wanted;
    }

    /// <summary>A synthesis, or nothing: <see cref="Synthesis.NoTime"/> when not even a second is left, otherwise the call's fault is in the report.</summary>
    public async Task<Synthesis> RunAsync(ChatBody body, ImmutableArray<Draft> drafts, Dispatch dispatch, CancellationToken cancellationToken)
    {
        if (dispatch.Deadline.Remaining < Least)
        {
            return new(null, NoTime: true);
        }

        body.TryGet("messages", out var messages);
        if (new SynthesisPrompt(profile, synthesizer, dispatch).Compose(messages, drafts.Select(d => d.Text), nonce()) is not { } prompt)
        {
            return new(null, NoTime: false);
        }

        var call = new UpstreamCall
        {
            Body = Compose(body, prompt),
            PromptTokens = prompt.PromptTokens,
            Role = CallRole.Synthesizer,
            Deadline = dispatch.Deadline,
            Stream = dispatch.Request.Stream,
            MayRetry = true,
            IsLastChance = false,
        };

        // A synthesis is never rescued: reasoning that became no answer is a failed synthesis, and the drafts are better.
        var policy = dispatch.PolicyFor(synthesizer.Config, profile.ExposeReasoning, rescue: false);
        var attempt = await AnswerCall.RunAsync(synthesizer, call, policy, acceptBlank: false, dispatch, cancellationToken);
        return new(attempt.Reply, NoTime: false);
    }

    // Only what shapes the answer is carried over; sampling belongs to the profile.
    private ChatBody Compose(ChatBody body, SynthesisMessages prompt)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            writer.WriteString("model"u8, synthesizer.Config.ModelId);
            writer.WritePropertyName("messages"u8);
            writer.WriteRawValue(prompt.Messages.Span, skipInputValidation: true);
            writer.WriteNumber("temperature"u8, profile.SynthesizerTemperature);
            Copy(writer, body, "response_format");
            Copy(writer, body, "stop");
            WriteCap(writer, body, prompt.MaxOutput);
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

/// <summary>The synthesizer's answer, or null.</summary>
internal readonly record struct Synthesis(ChatReply? Reply, bool NoTime);
