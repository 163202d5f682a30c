using System.Buffers;
using Synthwave.Api.Answers;
using Synthwave.Api.Routes;
using Synthwave.Chat.Cleaning;
using Synthwave.Chat.Events;
using Synthwave.Chat.Requests;
using Synthwave.Routing;
using Synthwave.Sse;
using Synthwave.Telemetry.Reports;

namespace Synthwave.Api.Dialects;

/// <summary><c>POST /v1/chat/completions</c>: what the gateway speaks inside, so bytes go through as they are.</summary>
internal sealed class ChatDialect : IDialect
{
    public RouteTraits Route { get; } = new() { RelaysBody = true, Dialect = "chat" };

    public DialectReading Read(ReadOnlyMemory<byte> body, GatewayRuntime runtime, string requestId) =>
        DialectReading.Of(ChatRequestReader.Read(body), runtime, static request => request.IncludeUsage ? ChatAnswerShape.WithUsage : ChatAnswerShape.Plain);
}

/// <summary>Chunks, the usage chunk when the client asked for one, <c>[DONE]</c>. Keeps nothing of a request.</summary>
internal sealed class ChatAnswerShape : AnswerShape
{
    private readonly bool _wantsUsage;

    private ChatAnswerShape(bool wantsUsage) => _wantsUsage = wantsUsage;

    public static ChatAnswerShape Plain { get; } = new(wantsUsage: false);

    public static ChatAnswerShape WithUsage { get; } = new(wantsUsage: true);

    public override ReadOnlyMemory<byte> Whole(ReadOnlyMemory<byte> completion, ReadOnlyMemory<byte> extension) =>
        extension.IsEmpty ? completion : CompletionEditor.WithExtension(completion, extension);

    public override void Write(in ChatStreamEvent answer, IBufferWriter<byte> output) => output.Write(answer.Raw.Span);

    // The extension rides on the usage chunk, else on a chunk of its own.
    public override void Close(AnswerStream stream, DispatchReport report, ReadOnlyMemory<byte> extension, IBufferWriter<byte> output)
    {
        if (_wantsUsage && report.TotalUsage() is { } usage)
        {
            var chunk = stream.UsageChunk is { } own && report.CallCount == 1
                ? own
                : (ReadOnlyMemory<byte>)new ChunkComposer(stream.Labels).Usage(usage.ToJson());
            SseFrame.Write((extension.IsEmpty ? chunk : CompletionEditor.WithExtension(chunk, extension)).Span, output);
        }
        else if (!extension.IsEmpty)
        {
            SseFrame.Write(new ChunkComposer(stream.Labels).Extension(extension.Span), output);
        }

        output.Write(SseFrame.Done.Span);
    }
}
