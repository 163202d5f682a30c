using System.Buffers;
using Synthwave.Api.Answers;
using Synthwave.Chat.Cleaning;
using Synthwave.Chat.Events;
using Synthwave.Telemetry.Reports;

namespace Synthwave.Api.Dialects.Completions;

/// <summary>Tells an upstream's text completions as they came.</summary>
internal sealed class RelayedShape : AnswerShape
{
    private readonly CompletionsShape _own = new(wantsUsage: false);

    public override ReadOnlyMemory<byte> Whole(ReadOnlyMemory<byte> completion, ReadOnlyMemory<byte> extension) =>
        extension.IsEmpty ? completion : CompletionEditor.WithExtension(completion, extension);

    public override void Write(in ChatStreamEvent answer, IBufferWriter<byte> output) => output.Write(answer.Raw.Span);

    public override void Close(AnswerStream stream, DispatchReport report, ReadOnlyMemory<byte> extension, IBufferWriter<byte> output) => _own.Close(stream, report, extension, output);
}
