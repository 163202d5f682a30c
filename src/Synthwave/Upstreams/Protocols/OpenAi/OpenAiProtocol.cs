using System.Net.Http.Headers;
using Synthwave.Chat.Bodies;
using Synthwave.Chat.Completions;
using Synthwave.Configuration;
using Synthwave.Providers;
using Synthwave.Upstreams.Connections;
using Synthwave.Upstreams.Faults;
using Synthwave.Upstreams.Learned;

namespace Synthwave.Upstreams.Protocols.OpenAi;

/// <summary>
/// OpenAI's chat completions, as OpenAI and every compatible server speak it. What it remembers, the reasoning beside tool calls, belongs to the upstream.
/// </summary>
/// <param name="labels">What replies are given that lack them.</param>
/// <param name="memory">The upstream's; null = nothing is to be remembered.</param>
internal sealed class OpenAiProtocol(AnswerLabels labels, ThinkingMemory? memory = null) : IUpstreamProtocol
{
    public string CallPath => "/chat/completions";

    public string CompletionsPath => "/completions";

    public string EmbeddingsPath => "/embeddings";

    public string CatalogCursor => "after";

    public void Authorize(HttpRequestHeaders headers, UpstreamConfig config, UpstreamSecrets secrets) => secrets.Show(headers, config.Auth ?? KeyScheme.Bearer);

    public ChatBody? Prepare(ChatBody body, bool stream, UpstreamConfig config, string? owner = null) =>
        ForeignMembers.IsUnsayable(body) ? null : OpenAiBody.Prepare(body, stream, config, memory, owner);

    public IReadOnlyList<string> LeavesOut(ChatBody asked, ChatBody sent, UpstreamConfig config)
    {
        const string Template = "chat_template_kwargs";
        List<string>? names = null;
        if (asked.TryGet(Template, out var kwargs) && !kwargs.Span.SequenceEqual("null"u8) && !sent.TryGet(Template, out _))
        {
            names = [Template];
        }

        foreach (var name in config.OpenAi is { } options ? options.DropParams : [])
        {
            if (name is not ("stream" or "stream_options" or Template) && asked.TryGet(name, out var value) && !value.Span.SequenceEqual("null"u8) && !sent.TryGet(name, out _))
            {
                (names ??= []).Add(name);
            }
        }

        return names ?? (IReadOnlyList<string>)[];
    }

    public ProtocolReply ReadReply(int status, ReadOnlyMemory<byte> body, Asking asked = default)
    {
        // Some servers begin their JSON with a byte order mark, which JSON does not allow.
        if (body.Span.StartsWith("\uFEFF"u8))
        {
            body = body[3..];
        }

        if (CompletionReader.Read(body) is { Messages.Count: > 0 } completion)
        {
            if (memory is not null)
            {
                CallReasoning.Keep(completion, memory, asked);
            }

            if (FinishReasons.IsFailure(completion.FinishReason))
            {
                return new ProtocolReply(new FaultedUpstreamReply(OpenAiErrors.ReadEvent(body) with { Status = status }))
                {
                    Model = completion.ModelName,
                    Usage = completion.Usage,
                    FinishReason = completion.FinishReason,
                };
            }

            completion = Mended(completion);
            return new ProtocolReply(new CompleteUpstreamReply(status, completion.Json) { Completion = completion })
            {
                Model = completion.ModelName,
                Usage = completion.Usage,
                FinishReason = completion.FinishReason,
            };
        }

        // An error under a 200 has lost its status on the way: only its words tell what it is.
        var fault = OpenAiErrors.ReadEvent(body, UpstreamFaultKind.Malformed);
        return new ProtocolReply(new FaultedUpstreamReply(fault with { Status = fault.Status ?? status }));
    }

    private Completion Mended(Completion completion)
    {
        var json = completion.Json;
        return completion.IsInForm && completion.Messages.All(m => IsInForm(m, json.Span)) ? completion
            : CompletionReader.Read(AnswerMending.Completion(json, labels)) ?? throw new InvalidOperationException("A mended completion must stay valid JSON.");
    }

    private static bool IsInForm(CompletionMessage message, ReadOnlySpan<byte> json) =>
        message.HasRole && FinishReasons.IsKnown(message.FinishReason.In(json)) && !message.Content.In(json).StartsWith("["u8);

    public UpstreamFault ReadError(int status, ReadOnlyMemory<byte> body, Asking asked = default) =>
        OpenAiErrors.Read(status, body) with { IsAboutReasoning = status is 400 or 422 && memory is not null && Learn(memory, body.Span, asked) };

    private static bool Learn(ThinkingMemory memory, ReadOnlySpan<byte> error, Asking asked)
    {
        // A history that another process made, or this one before its start: nothing has shown yet that the upstream gives its reasoning.
        if (ReasoningRefusal.IsOfAbsence(error))
        {
            memory.NoteMember(ReasoningRefusal.Wanted);
            return true;
        }

        if (memory.MemberFor(asked.Owner) is not { } member || !ReasoningRefusal.IsOf(member, error) || ReasoningRefusal.MayBeOfClient(member, asked.Conversation))
        {
            return false;
        }

        memory.Refuse(asked.Owner);
        return true;
    }

    public UpstreamFault ReadErrorEvent(ReadOnlyMemory<byte> data) => OpenAiErrors.ReadEvent(data);

    public ProtocolEvents ReadEvents(Stream body, Asking asked = default) =>
        new OpenAiEvents(body, memory is null ? null : new StreamedReasoning(memory, asked), asked.Conversation is null ? null : labels);
}
